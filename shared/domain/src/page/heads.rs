//! The columns of receipt heads.

use serde::{Deserialize, Serialize};

use super::PageError;
use super::column::{Dictionary, Millis, Scaled, Texts};
use crate::money::Money;
use crate::receipt::{Head, Lines, OrderType, Rank, Ranked, Receipt, Status};
use crate::when::TimeQuality;

/// Which of a head's amounts are told, a bit each.
const AMOUNTS: usize = 6;

#[derive(Serialize, Deserialize)]
pub(super) struct Heads {
    present: Dictionary<bool>,
    /// What is alike from receipt to receipt.
    traits: Dictionary<Traits>,
    numbers: Texts,
    at: Millis,
    /// Revised so long after the sale.
    revised: Millis,
    customers: Dictionary<Option<String>>,
    amounts: [Scaled; AMOUNTS],
    refunded: Scaled,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Traits {
    authority: u8,
    quality: TimeQuality,
    status: u8,
    order_type: u8,
    table: Option<String>,
    method: Option<String>,
    told: [bool; AMOUNTS],
}

const STATUSES: [Status; 3] = [Status::Unpaid, Status::Paid, Status::Voided];
const ORDER_TYPES: [OrderType; 5] = [
    OrderType::DineIn,
    OrderType::Takeaway,
    OrderType::Delivery,
    OrderType::Online,
    OrderType::Other,
];

fn position<T: PartialEq>(of: &[T], value: &T) -> u8 {
    of.iter()
        .position(|known| known == value)
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or_default()
}

fn at<T: Copy>(of: &[T], index: u8) -> Result<T, PageError> {
    of.get(usize::from(index))
        .copied()
        .ok_or(PageError::Damaged("an unknown state"))
}

/// Sums of a receipt's lines, from which its amounts rarely stray.
fn line_sums(lines: &Lines) -> (i64, i64) {
    lines.sold().fold((0_i64, 0_i64), |(gross, net), line| {
        (
            gross.wrapping_add(line.gross.raw()),
            net.wrapping_add(line.net.raw()),
        )
    })
}

/// What an amount is expected to be, given those before it: only the difference is written.
fn expected(index: usize, lines: (i64, i64), amounts: &[Option<Money>; AMOUNTS]) -> i64 {
    let raw = |at: usize| amounts.get(at).copied().flatten().unwrap_or_default().raw();
    match index {
        0 => lines.0,
        1 => lines.1,
        // total = net + service + tax + rounding
        5 => (1..5).fold(0_i64, |sum, at| sum.wrapping_add(raw(at))),
        _ => 0,
    }
}

fn amounts(head: &Head) -> [Option<Money>; AMOUNTS] {
    [
        head.gross,
        head.net,
        head.service,
        head.tax,
        head.rounding,
        head.total,
    ]
}

impl Heads {
    pub(super) fn of<'a>(receipts: impl Iterator<Item = &'a Receipt> + Clone) -> Self {
        let told = receipts
            .clone()
            .filter_map(|receipt| Some((receipt.head.as_ref()?, &receipt.lines)));
        let present: Vec<bool> = receipts.map(|receipt| receipt.head.is_some()).collect();
        let traits: Vec<Traits> = told.clone().map(|(head, _)| Traits::of(head)).collect();
        let customers: Vec<Option<String>> = told
            .clone()
            .map(|(head, _)| head.value.customer.clone())
            .collect();
        let residual = |index: usize| {
            Scaled::of(told.clone().map(move |(head, lines)| {
                let amounts = amounts(&head.value);
                let amount = amounts.get(index).copied().flatten();
                amount.map_or(0, |amount| {
                    amount
                        .raw()
                        .wrapping_sub(expected(index, line_sums(lines), &amounts))
                })
            }))
        };
        Self {
            present: Dictionary::of(present.iter()),
            traits: Dictionary::of(traits.iter()),
            numbers: Texts::of(told.clone().map(|(head, _)| head.value.number.as_deref())),
            at: Millis::of(told.clone().map(|(head, _)| head.value.at_ms)),
            revised: Millis::of(
                told.clone()
                    .map(|(head, _)| head.rank.revised_ms.wrapping_sub(head.value.at_ms)),
            ),
            customers: Dictionary::of(customers.iter()),
            amounts: [
                residual(0),
                residual(1),
                residual(2),
                residual(3),
                residual(4),
                residual(5),
            ],
            refunded: Scaled::of(told.map(|(head, _)| head.value.refunded.raw())),
        }
    }

    pub(super) fn all(&self, lines: &[Lines]) -> Result<Vec<Option<Ranked<Head>>>, PageError> {
        let present = self.present.all()?;
        let with_head = lines
            .iter()
            .zip(&present)
            .filter(|(_, present)| **present)
            .map(|(lines, _)| lines);
        let (numbers, at, revised) = (self.numbers.all()?, self.at.all()?, self.revised.all()?);
        let (traits, customers, refunded) = (self.traits.all()?, self.customers.all()?, self.refunded.all()?);
        let residuals = self
            .amounts
            .iter()
            .map(Scaled::all)
            .collect::<Result<Vec<_>, _>>()?;
        let rows = traits
            .into_iter()
            .zip(numbers)
            .zip(at)
            .zip(revised)
            .zip(customers)
            .zip(refunded)
            .zip(with_head);
        let mut heads = Vec::new();
        for (row, ((((((traits, number), at_ms), revised), customer), refunded), lines)) in rows.enumerate() {
            let mut head = traits.head(number, at_ms, customer, Money::from_raw(refunded))?;
            let told = read_amounts(row, &residuals, &traits.told, line_sums(lines))?;
            [
                head.gross,
                head.net,
                head.service,
                head.tax,
                head.rounding,
                head.total,
            ] = told;
            let rank = Rank {
                authority: traits.authority,
                revised_ms: revised.wrapping_add(at_ms),
            };
            heads.push(Ranked { rank, value: head });
        }
        let mut heads = heads.into_iter();
        let placed: Vec<_> = present
            .iter()
            .map(|present| present.then(|| heads.next()).flatten())
            .collect();
        let complete = placed
            .iter()
            .zip(&present)
            .all(|(head, present)| head.is_some() == *present);
        if complete {
            Ok(placed)
        } else {
            Err(PageError::Damaged("heads cut short"))
        }
    }
}

fn read_amounts(
    row: usize,
    residuals: &[Vec<i64>],
    told: &[bool; AMOUNTS],
    lines: (i64, i64),
) -> Result<[Option<Money>; AMOUNTS], PageError> {
    let mut amounts = [None; AMOUNTS];
    for (index, _) in told.iter().enumerate().filter(|(_, told)| **told) {
        let residual = residuals.get(index).and_then(|column| column.get(row));
        let residual = residual.ok_or(PageError::Damaged("amounts cut short"))?;
        let raw = expected(index, lines, &amounts).wrapping_add(*residual);
        if let Some(amount) = amounts.get_mut(index) {
            *amount = Some(Money::from_raw(raw));
        }
    }
    Ok(amounts)
}

impl Traits {
    fn of(head: &Ranked<Head>) -> Self {
        Self {
            authority: head.rank.authority,
            quality: head.value.quality,
            status: position(&STATUSES, &head.value.status),
            order_type: position(&ORDER_TYPES, &head.value.order_type),
            table: head.value.table.clone(),
            method: head.value.method.clone(),
            told: amounts(&head.value).map(|amount| amount.is_some()),
        }
    }

    fn head(
        &self,
        number: Option<String>,
        at_ms: i64,
        customer: Option<String>,
        refunded: Money,
    ) -> Result<Head, PageError> {
        Ok(Head {
            number,
            at_ms,
            quality: self.quality,
            status: at(&STATUSES, self.status)?,
            order_type: at(&ORDER_TYPES, self.order_type)?,
            customer,
            table: self.table.clone(),
            method: self.method.clone(),
            gross: None,
            net: None,
            service: None,
            tax: None,
            rounding: None,
            total: None,
            refunded,
        })
    }
}
