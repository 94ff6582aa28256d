//! Receipts: merging is a join, pages give back what they were given, figures add up.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use domain::figures::of_receipt;
use domain::money::Money;
use domain::page::{Receipts, pack, unpack};
use domain::quantity::Quantity;
use domain::receipt::{
    Fate, Head, Item, Line, Lines, Modifier, OrderType, Rank, Ranked, Receipt, Refund, Status,
};
use domain::summary::DaySummary;
use domain::when::TimeQuality;
use proptest::prelude::*;

fn money() -> impl Strategy<Value = Money> {
    prop_oneof![
        (0_i64..2_000_000).prop_map(|rupiah| Money::from_raw(rupiah * 10_000)),
        (-20_000_000_000_i64..20_000_000_000).prop_map(Money::from_raw),
        Just(Money::ZERO),
    ]
}

fn label() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[A-Za-z é\u{1f35c}]{0,12}")
}

fn quantity() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (1_i64..5).prop_map(|n| Quantity::from_raw(n * 10_000)),
        (-30_000_i64..90_000).prop_map(Quantity::from_raw)
    ]
}

prop_compose! {
    fn item()(n in 0..6_u8, variant in label(), menu_id in label(), sku in label(), rateable: bool) -> Item {
        Item { name: format!("Menu {n}"), variant, menu_id, sku, rateable, ..Item::default() }
    }
}

prop_compose! {
    fn modifier()(group in label(), name in "[a-z]{1,5}", qty in quantity(), price in money()) -> Modifier {
        Modifier { group, name, qty, price }
    }
}

prop_compose! {
    fn line()(
        item in item(), qty in quantity(), refunded_qty in quantity(), gross in money(), net in money(), voided: bool,
        rating in proptest::option::of(1_u8..=5), modifiers in prop::collection::vec(modifier(), 0..3),
    ) -> Line {
        Line { item, qty, refunded_qty, gross, net, voided, rating, modifiers }
    }
}

prop_compose! {
    fn rank()(authority in 0_u8..3, revised_ms in 1_700_000_000_000_i64..1_700_000_100_000) -> Rank {
        Rank { authority, revised_ms }
    }
}

fn lines() -> impl Strategy<Value = Lines> {
    let group =
        || (rank(), prop::collection::vec(line(), 1..4)).prop_map(|(rank, value)| Ranked { rank, value });
    prop_oneof![
        Just(Lines::Missing),
        group().prop_map(Lines::Whole),
        prop::collection::btree_map("[a-c]", group(), 1..3).prop_map(Lines::Rows),
    ]
}

prop_compose! {
    fn head()(
        number in label(), at_ms in 1_700_000_000_000_i64..1_700_090_000_000,
        status in prop_oneof![Just(Status::Paid), Just(Status::Unpaid), Just(Status::Voided)],
        order_type in prop_oneof![Just(OrderType::DineIn), Just(OrderType::Online), Just(OrderType::Other)],
        customer in proptest::option::of("OYAKO_MOKA_[1-4]"), table in label(),
        amounts in prop::array::uniform6(proptest::option::of(money())),
        refunded in (0_i64..50_000).prop_map(Money::from_raw),
    ) -> Head {
        let [gross, net, service, tax, rounding, total] = amounts;
        Head {
            number, at_ms, quality: TimeQuality::Offset, status, order_type, customer, table, method: None,
            gross, net, service, tax, rounding, total, refunded,
        }
    }
}

prop_compose! {
    fn receipt()(
        head in proptest::option::of((rank(), head())), lines in lines(),
        refunds in prop::collection::btree_map("[a-z]{3}", (rank(), 0_i64..90_000), 0..3),
    ) -> Receipt {
        let refund = |(rank, amount)| Ranked { rank, value: Refund { at_ms: 5, amount: Money::from_raw(amount) } };
        Receipt {
            head: head.map(|(rank, value)| Ranked { rank, value }),
            lines,
            refunds: refunds.into_iter().map(|(id, told)| (id, refund(told))).collect(),
        }
    }
}

fn receipts() -> impl Strategy<Value = Receipts> {
    let id = prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "INV/[0-9]{4}",
        "[A-Z0-9é-]{1,40}"
    ];
    prop::collection::btree_map(id, receipt(), 0..25)
}

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
