//! The lines of a receipt.

use std::collections::BTreeMap;

use crate::dialect::Family;
use crate::map::Mapper;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::receipt::{Head, Item, Line, Lines, Modifier, Rank, Ranked};
use crate::record::{Object, Rejection};
use crate::shape::{Field, List};
use crate::value::{Reader, Spot};

/// The name of a line that sold an amount and no dish.
const CUSTOM: &str = "(nominal bebas)";

impl Mapper<'_, '_, '_> {
    pub(super) fn lines(&mut self, head: &mut Head, rank: Rank) -> Result<Lines, Rejection> {
        if self.dialect.is_rows() {
            return self.row(head, rank);
        }
        let list = match self.dialect.family() {
            Family::Moka => "checkouts",
            _ => "lines",
        };
        let mut lines = Vec::new();
        for (index, object) in self.object.list(List::Lines).iter().enumerate() {
            let mut notes = Vec::new();
            let mut reader = Reader {
                place: Spot::Entry(list, index),
                notes: &mut notes,
            };
            lines.push(line(&mut reader, object, self.dialect.family())?);
            self.reader.notes.append(&mut notes);
        }
        Ok(if lines.is_empty() {
            Lines::Missing
        } else {
            Lines::Whole(Ranked { rank, value: lines })
        })
    }

    /// A record that is a product of a receipt: one line, under the product's name.
    fn row(&mut self, head: &mut Head, rank: Rank) -> Result<Lines, Rejection> {
        let mut line = line(&mut self.reader, self.object, self.dialect.family())?;
        if line.item.name == CUSTOM && self.dialect.family() == Family::MajooRows {
            return Ok(Lines::Missing);
        }
        if self.dialect.family() == Family::Flat && line.gross.is_zero() {
            // The total is the receipt's; which dish cost how much, the seven fields don't tell.
            line.rating = self.report()?.and_then(|report| report.stars);
            self.reader.notes.push("LINE_AMOUNT_UNKNOWN");
        }
        let key = [
            Some(line.item.name.as_str()),
            line.item.variant.as_deref(),
            line.item.sku.as_deref(),
        ];
        let key = key.map(Option::unwrap_or_default).join("\u{1f}");
        // A product's own figures leave the receipt's total as it is.
        head.gross = None;
        head.net = None;
        Ok(Lines::Rows(BTreeMap::from([(
            key,
            Ranked {
                rank,
                value: vec![line],
            },
        )])))
    }
}

fn line(reader: &mut Reader<'_>, object: &Object<'_>, family: Family) -> Result<Line, Rejection> {
    let name = reader.label(object, Field::Name)?;
    let custom = reader
        .money(object, Field::Custom)?
        .is_some_and(|amount| !amount.is_zero());
    let qty = reader.quantity(object, Field::Qty)?.unwrap_or(Quantity::ONE);
    let unit_price = reader.money(object, Field::UnitPrice)?;
    let rows = matches!(family, Family::MajooRows | Family::Flat);
    let gross = if rows {
        None
    } else {
        reader.money(object, Field::Gross)?
    };
    let gross = match (gross, unit_price) {
        (Some(gross), _) => gross,
        (None, Some(price)) => times(price, qty).ok_or_else(|| out_of_range(reader))?,
        (None, None) => Money::ZERO,
    };
    let discount = reader.money(object, Field::Discount)?.unwrap_or_default();
    let net = match reader.money(object, Field::Net)? {
        Some(net) if !rows => net,
        _ => gross.checked_sub(discount).ok_or_else(|| out_of_range(reader))?,
    };
    let mut item = Item {
        name: name.clone().unwrap_or_else(|| CUSTOM.to_owned()),
        variant: reader.label(object, Field::Variant)?,
        category: reader.label(object, Field::Category)?,
        menu_id: reader.label(object, Field::MenuId)?,
        variant_id: reader.label(object, Field::VariantId)?,
        sku: reader.label(object, Field::Sku)?,
        rateable: false,
    };
    let named =
        name.is_some() && (family != Family::Moka || item.menu_id.is_some() || item.variant_id.is_some());
    item.rateable = named && !custom && object.raw(Field::Rateable).is_none_or(|(_, raw)| raw != "false");
    if !named || custom {
        reader.notes.push("CUSTOM_AMOUNT");
    }
    let mut modifiers = modifiers(reader, object)?;
    if family == Family::MajooRows && modifiers.len() == 1 && item.variant.is_none() {
        item.variant = modifiers.pop().map(|variant| variant.name);
    }
    let stars = if rows {
        None
    } else {
        reader.quantity(object, Field::Rating)?
    };
    let rating = stars.and_then(|stars| u8::try_from(stars.raw() / Quantity::ONE.raw()).ok());
    Ok(Line {
        item,
        qty,
        refunded_qty: reader.quantity(object, Field::RefundedQty)?.unwrap_or_default(),
        gross,
        net,
        voided: reader.flag(object, Field::Deleted)?,
        rating: rating.filter(|stars| (1..=5).contains(stars)),
        modifiers,
    })
}

fn modifiers(reader: &mut Reader<'_>, line: &Object<'_>) -> Result<Vec<Modifier>, Rejection> {
    let mut modifiers = Vec::new();
    for (index, object) in line.list(List::Modifiers).iter().enumerate() {
        let place = reader.place.entry("modifiers", index);
        let mut reader = Reader {
            place,
            notes: &mut *reader.notes,
        };
        let Some(name) = reader.label(object, Field::Name)? else {
            continue;
        };
        modifiers.push(Modifier {
            group: reader.label(object, Field::Group)?,
            name,
            qty: reader.quantity(object, Field::Qty)?.unwrap_or(Quantity::ONE),
            price: reader.money(object, Field::UnitPrice)?.unwrap_or_default(),
        });
    }
    Ok(modifiers)
}

fn out_of_range(reader: &Reader<'_>) -> Rejection {
    reader.reject(
        "MONEY_OUT_OF_RANGE",
        "price",
        "price times quantity is out of range",
    )
}

/// A price times a quantity, rounded half to even where a fraction of a piece makes it necessary.
fn times(price: Money, qty: Quantity) -> Option<Money> {
    let unit = i128::from(Quantity::ONE.raw());
    let product = i128::from(price.raw()).checked_mul(i128::from(qty.raw()))?;
    let (whole, rest) = (product.div_euclid(unit), product.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0);
    i64::try_from(whole + i128::from(up)).ok().map(Money::from_raw)
}
