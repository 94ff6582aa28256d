//! Receipts: merging is a join, pages give back what they were given, figures add up.

use std::collections::BTreeMap;

use crate::receipt_support::{receipt, receipts};
use domain::figures::of_receipt;
use domain::money::Money;
use domain::page::{Receipts, pack, unpack};
use domain::receipt::{Fate, Line, Lines, Rank, Ranked, Receipt};
use domain::summary::DaySummary;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_page_gives_back_what_it_was_given(receipts in receipts()) {
        let bytes = pack(&receipts).unwrap();
        prop_assert_eq!(unpack(&bytes).unwrap(), receipts);
    }

    #[test]
    fn damaged_pages_are_refused_without_panic(receipts in receipts(), at: prop::sample::Index, to: u8) {
        let mut bytes = pack(&receipts).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = to;
        // Whatever comes of it, it is an answer.
        let _answer: Result<Receipts, _> = unpack(&bytes);
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = bytes;
        bytes.insert(0, 1);
        prop_assert!(unpack(&bytes).is_err());
    }

    /// Revisions of one receipt, each with content of its own, in any order and any number of times.
    #[test]
    fn any_order_and_repetition_of_tellings_ends_the_same(
        tellings in prop::collection::vec(receipt(), 1..5),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        shuffled in Just(()).prop_perturb(|(), mut rng| rng.random::<u64>()),
    ) {
        let tellings = distinct_revisions(tellings);
        let straight = told(tellings.iter());
        let mut mixed: Vec<&Receipt> = tellings.iter().collect();
        mixed.extend(order.iter().map(|index| &tellings[index.index(tellings.len())]));
        let length = mixed.len();
        mixed.rotate_left(usize::try_from(shuffled % length as u64).unwrap());
        mixed.reverse();
        prop_assert_eq!(told(mixed.into_iter()), straight);
    }

    #[test]
    fn telling_the_same_again_is_unchanged(telling in receipt()) {
        let mut known = Receipt::default();
        known.join(telling.clone());
        let before = known.clone();
        prop_assert_eq!(known.join(telling), Fate::Unchanged);
        prop_assert_eq!(known, before);
    }

    #[test]
    fn a_day_is_the_sum_of_its_sales(receipts in receipts()) {
        let day = DaySummary::of(receipts.values()).unwrap();
        let all = || receipts.values().map(|receipt| of_receipt(receipt).unwrap());
        let sum = |amount: fn(&domain::figures::Figures) -> Money| domain::money::sum(all().map(|f| amount(&f))).unwrap();
        prop_assert_eq!(day.figures.net, sum(|f| f.net));
        prop_assert_eq!(day.figures.refunded, sum(|f| f.refunded));
        prop_assert_eq!(day.figures.discount, day.figures.gross.checked_sub(day.figures.net).unwrap());
        let heads = receipts.values().filter(|receipt| receipt.head.is_some()).count();
        prop_assert_eq!((day.receipts + day.voided + day.unpaid) as usize, heads);
    }
}

/// Makes revisions differ: a source never gives one revision two contents, nor one content two revisions.
fn distinct_revisions(mut tellings: Vec<Receipt>) -> Vec<Receipt> {
    for (revision, telling) in (0..).zip(&mut tellings) {
        let rank = |rank: &mut Rank| rank.revised_ms = 1_700_000_000_000 + revision;
        if let Some(head) = &mut telling.head {
            rank(&mut head.rank);
            head.value.at_ms = 1_700_000_000_000 + revision;
        }
        let mark = |group: &mut Ranked<Vec<Line>>| {
            rank(&mut group.rank);
            group.value[0].gross = Money::from_raw(revision);
        };
        match &mut telling.lines {
            Lines::Missing => {}
            Lines::Whole(group) => mark(group),
            Lines::Rows(rows) => rows.values_mut().for_each(mark),
        }
        for refund in telling.refunds.values_mut() {
            refund.rank.revised_ms = 1_700_000_000_000 + revision;
            refund.value.at_ms = revision;
        }
    }
    tellings
}

fn told<'a>(tellings: impl Iterator<Item = &'a Receipt>) -> Receipt {
    let mut receipt = Receipt::default();
    for telling in tellings {
        receipt.join(telling.clone());
    }
    receipt
}

#[test]
fn equal_pages_are_equal_bytes() {
    let mut first = Receipts::new();
    first.insert("b".to_owned(), Receipt::default());
    first.insert("a".to_owned(), Receipt::default());
    let second: Receipts = first.clone().into_iter().rev().collect();
    assert_eq!(pack(&first).unwrap(), pack(&second).unwrap());
    assert_ne!(pack(&first).unwrap(), pack(&BTreeMap::new()).unwrap());
}

#[test]
fn a_page_of_another_format_is_refused() {
    let mut bytes = pack(&Receipts::new()).unwrap();
    bytes[0] = 99;
    assert!(matches!(
        unpack(&bytes),
        Err(domain::page::PageError::UnknownFormat(99))
    ));
}
