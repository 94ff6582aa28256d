//! Receipts and answers for tests of what is made of them.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;

use domain::feedback::{Answer, DishKey, Said};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::TimeQuality;

/// 28 October 2025, 19:30 in Jakarta.
pub(crate) const SOLD: i64 = 1_761_654_600_000;

pub(crate) fn dish(menu: &str, variant: &str) -> DishKey {
    DishKey {
        menu: menu.to_owned(),
        variant: variant.to_owned(),
    }
}

pub(crate) fn rupiah(amount: i64) -> Money {
    Money::from_rupiah(amount).unwrap()
}

pub(crate) fn pieces(pieces: i64) -> Quantity {
    Quantity::from_pieces(pieces).unwrap()
}

/// A line of some pieces at ten thousand rupiah each.
pub(crate) fn line(menu: &str, variant: &str, qty: i64) -> Line {
    Line {
        item: Item {
            name: menu.to_owned(),
            variant: (!variant.is_empty()).then(|| variant.to_owned()),
            category: Some("Makanan".to_owned()),
            rateable: true,
            ..Item::default()
        },
        qty: pieces(qty),
        refunded_qty: Quantity::ZERO,
        gross: rupiah(10_000 * qty),
        net: rupiah(10_000 * qty),
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    }
}

/// A paid receipt of these lines.
pub(crate) fn paid(lines: Vec<Line>) -> Receipt {
    let total = domain::money::sum(lines.iter().filter(|line| !line.voided).map(|line| line.net));
    let head = Head {
        number: None,
        at_ms: SOLD,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: None,
        table: None,
        method: None,
        gross: None,
        net: None,
        service: None,
        tax: None,
        rounding: None,
        total,
        refunded: Money::ZERO,
    };
    let rank = Rank::default();
    Receipt {
        head: Some(Ranked { rank, value: head }),
        lines: if lines.is_empty() {
            Lines::Missing
        } else {
            Lines::Whole(Ranked { rank, value: lines })
        },
        refunds: BTreeMap::new(),
    }
}

/// The receipt with its head changed.
pub(crate) fn with_head(mut receipt: Receipt, change: impl FnOnce(&mut Head)) -> Receipt {
    change(&mut receipt.head.as_mut().unwrap().value);
    receipt
}

pub(crate) fn answer(native: &str) -> Answer {
    let place = ReceiptId {
        outlet: "moka-100818".to_owned(),
        date: "2025-10-28".parse().unwrap(),
        native: native.to_owned(),
    };
    Answer::new(place, None, SOLD)
}

/// An overall rating and ratings of dishes without variant, said a while after the sale.
pub(crate) fn said(minutes: i64, overall: u8, dishes: &[(&str, u8)]) -> Said {
    let at_ms = SOLD + minutes * 60_000;
    Said {
        at_ms,
        told_ms: at_ms,
        overall: Some(overall),
        dishes: dishes
            .iter()
            .map(|(menu, stars)| (dish(menu, ""), *stars))
            .collect(),
        ..Said::default()
    }
}

/// What an export of some revision says.
pub(crate) fn told(revision: i64, dishes: &[(&str, u8)], comment: Option<&str>) -> Said {
    Said {
        told_ms: SOLD + revision,
        overall: None,
        comment: comment.map(str::to_owned),
        ..said(0, 1, dishes)
    }
}
