//! The columns of receipt lines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::column::{Dictionary, Millis, Scaled};
use super::{PageError, small};
use crate::money::Money;
use crate::quantity::Quantity;
use crate::receipt::{Item, Line, Lines, Modifier, Rank, Ranked, Receipt};

#[derive(Serialize, Deserialize)]
pub(super) struct LineColumns {
    /// 0: missing, 1: rows, 2: whole; by receipt.
    forms: Vec<u8>,
    /// Groups a receipt's rows fall into; a whole is one group.
    groups: Vec<u32>,
    group_keys: Dictionary<String>,
    group_authority: Dictionary<u8>,
    /// Against the receipt's head: nearly always nothing.
    group_revised: Millis,
    group_sizes: Vec<u32>,
    items: Dictionary<Item>,
    modifiers: Dictionary<Vec<Modifier>>,
    qty: Scaled,
    refunded_qty: Scaled,
    /// Against the item's usual price.
    gross: Scaled,
    /// What was taken off: `gross - net`.
    discount: Scaled,
    marks: Vec<u8>,
}

const VOIDED: u8 = 0b1000;

struct Group<'a> {
    key: String,
    rank: Rank,
    base_ms: i64,
    lines: &'a [Line],
}

/// The moment against which a receipt's line groups tell their revision.
fn base_ms(receipt: &Receipt) -> i64 {
    receipt.head.as_ref().map_or(0, |head| head.rank.revised_ms)
}

fn groups(receipt: &Receipt) -> Vec<Group<'_>> {
    let base_ms = base_ms(receipt);
    match &receipt.lines {
        Lines::Missing => Vec::new(),
        Lines::Whole(all) => vec![Group {
            key: String::new(),
            rank: all.rank,
            base_ms,
            lines: &all.value,
        }],
        Lines::Rows(rows) => rows
            .iter()
            .map(|(key, group)| Group {
                key: key.clone(),
                rank: group.rank,
                base_ms,
                lines: &group.value,
            })
            .collect(),
    }
}

/// The price of one as a line tells it, where that is exact.
fn unit_price(line: &Line) -> Option<i64> {
    let wide = i128::from(line.gross.raw()).checked_mul(i128::from(Quantity::ONE.raw()))?;
    let qty = i128::from(line.qty.raw());
    if qty == 0 || wide % qty != 0 {
        None
    } else {
        i64::try_from(wide / qty).ok()
    }
}

/// What a line of `qty` is expected to cost at `unit`.
fn expected_gross(unit: i64, qty: i64) -> i64 {
    let wide = i128::from(unit).wrapping_mul(i128::from(qty)) / i128::from(Quantity::ONE.raw());
    i64::try_from(wide).unwrap_or_default()
}

/// Each item's usual price: that of the first line that sold it. Follows from the lines before, so
/// it is not written.
#[derive(Default)]
struct UsualPrices(Vec<Option<i64>>);

impl UsualPrices {
    fn expect(&self, item: usize, qty: i64) -> i64 {
        self.0
            .get(item)
            .copied()
            .flatten()
            .map_or(0, |unit| expected_gross(unit, qty))
    }

    fn learn(&mut self, item: usize, line: &Line) {
        if self.0.len() <= item {
            self.0.resize(item.saturating_add(1), None);
        }
        if let Some(slot) = self.0.get_mut(item)
            && slot.is_none()
        {
            *slot = unit_price(line);
        }
    }
}

impl LineColumns {
    pub(super) fn of<'a>(receipts: impl Iterator<Item = &'a Receipt> + Clone) -> Self {
        let groups: Vec<Vec<Group<'a>>> = receipts.clone().map(groups).collect();
        let flat = || groups.iter().flatten();
        let lines = || flat().flat_map(|group| group.lines);
        let items = Dictionary::of(lines().map(|line| &line.item));
        let mut prices = UsualPrices::default();
        let gross: Vec<i64> = lines()
            .zip(items.indexes())
            .map(|(line, item)| {
                let residual = line.gross.raw().wrapping_sub(prices.expect(item, line.qty.raw()));
                prices.learn(item, line);
                residual
            })
            .collect();
        let keys: Vec<String> = flat().map(|group| group.key.clone()).collect();
        let authority: Vec<u8> = flat().map(|group| group.rank.authority).collect();
        Self {
            forms: receipts.map(|receipt| form(&receipt.lines)).collect(),
            groups: groups.iter().map(|groups| small(groups.len())).collect(),
            group_keys: Dictionary::of(keys.iter()),
            group_authority: Dictionary::of(authority.iter()),
            group_revised: Millis::of(flat().map(|group| group.rank.revised_ms.wrapping_sub(group.base_ms))),
            group_sizes: flat().map(|group| small(group.lines.len())).collect(),
            modifiers: Dictionary::of(lines().map(|line| &line.modifiers)),
            qty: Scaled::of(lines().map(|line| line.qty.raw())),
            refunded_qty: Scaled::of(lines().map(|line| line.refunded_qty.raw())),
            gross: Scaled::of(gross.into_iter()),
            discount: Scaled::of(lines().map(|line| line.gross.raw().wrapping_sub(line.net.raw()))),
            marks: lines().map(mark).collect(),
            items,
        }
    }

    /// The lines of `count` receipts, with revisions still told against each receipt's head.
    pub(super) fn all(&self, count: usize) -> Result<Vec<Lines>, PageError> {
        if self.forms.len() != count || self.groups.len() != count {
            return Err(PageError::Damaged("lines cut short"));
        }
        let mut lines = self.lines()?.into_iter();
        let (keys, authority, revised) = (
            self.group_keys.all()?,
            self.group_authority.all()?,
            self.group_revised.all()?,
        );
        let mut groups = keys
            .into_iter()
            .zip(authority)
            .zip(revised)
            .zip(&self.group_sizes);
        let mut next_group = || -> Result<(String, Ranked<Vec<Line>>), PageError> {
            let (((key, authority), revised_ms), size) =
                groups.next().ok_or(PageError::Damaged("line groups cut short"))?;
            let size = usize::try_from(*size).map_err(|_| PageError::Damaged("a group too large"))?;
            let value: Vec<Line> = lines.by_ref().take(size).collect();
            if value.len() != size {
                return Err(PageError::Damaged("lines cut short"));
            }
            Ok((
                key,
                Ranked {
                    rank: Rank {
                        authority,
                        revised_ms,
                    },
                    value,
                },
            ))
        };
        let mut all = Vec::with_capacity(count);
        for (form, groups) in self.forms.iter().zip(&self.groups) {
            all.push(match form {
                0 => Lines::Missing,
                1 => Lines::Rows(
                    (0..*groups)
                        .map(|_| next_group())
                        .collect::<Result<BTreeMap<_, _>, _>>()?,
                ),
                _ => Lines::Whole(next_group()?.1),
            });
        }
        Ok(all)
    }

    fn lines(&self) -> Result<Vec<Line>, PageError> {
        let (items, modifiers, qty) = (self.items.all()?, self.modifiers.all()?, self.qty.all()?);
        let (refunded, gross, discount) = (self.refunded_qty.all()?, self.gross.all()?, self.discount.all()?);
        let rows = items
            .into_iter()
            .zip(modifiers)
            .zip(qty)
            .zip(refunded)
            .zip(gross)
            .zip(discount);
        let mut prices = UsualPrices::default();
        let mut lines = Vec::with_capacity(self.marks.len());
        for ((row, mark), index) in rows.zip(&self.marks).zip(self.items.indexes()) {
            let (((((item, modifiers), qty), refunded), gross), discount) = row;
            let gross = gross.wrapping_add(prices.expect(index, qty));
            let line = Line {
                item,
                qty: Quantity::from_raw(qty),
                refunded_qty: Quantity::from_raw(refunded),
                gross: Money::from_raw(gross),
                net: Money::from_raw(gross.wrapping_sub(discount)),
                voided: mark & VOIDED != 0,
                rating: Some(mark & !VOIDED).filter(|stars| *stars > 0),
                modifiers,
            };
            prices.learn(index, &line);
            lines.push(line);
        }
        Ok(lines)
    }
}

/// Makes the revisions of a receipt's lines whole again, once its head is known.
pub(super) fn settle(receipt: &mut Receipt) {
    let base_ms = base_ms(receipt);
    let shift = |group: &mut Ranked<Vec<Line>>| {
        group.rank.revised_ms = group.rank.revised_ms.wrapping_add(base_ms);
    };
    match &mut receipt.lines {
        Lines::Missing => {}
        Lines::Whole(all) => shift(all),
        Lines::Rows(rows) => rows.values_mut().for_each(shift),
    }
}

fn form(lines: &Lines) -> u8 {
    match lines {
        Lines::Missing => 0,
        Lines::Rows(_) => 1,
        Lines::Whole(_) => 2,
    }
}

fn mark(line: &Line) -> u8 {
    line.rating.unwrap_or_default() | if line.voided { VOIDED } else { 0 }
}
