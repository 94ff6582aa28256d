//! What is charged otherwise than the catalogue has it.

use crate::topup_world::{MINUTE, NOON, RESEND, asked, duplicate, reply_to, rupiah, unknown};
use domain::topup::alert::AlertKind;
use domain::topup::change::{Around, Change};
use domain::topup::reply::{Balance, DuplicateStatus, Reply};
use domain::topup::step::{Answer, answered};

fn kinds(change: &Change) -> Vec<AlertKind> {
    change.alerts.iter().map(|alert| alert.kind).collect()
}

#[test]
fn a_delivery_that_is_told_without_a_price_stops_a_product_that_cost_more() {
    let told = |around: &Around, left| {
        let around = asked(around, NOON + MINUTE);
        let reply = Reply {
            balance: Balance::Left(rupiah(left)),
            ..reply_to(&around, duplicate(DuplicateStatus::Success))
        };
        answered(&around, &Answer::Reply(reply), None, &RESEND, NOON + MINUTE)
    };
    let stops = |change: &Change| {
        let product = change.product.as_ref();
        product.is_some_and(|product| product.breaker.price_differs)
    };
    let change = told(&unknown(), 480_000);
    assert_eq!(
        kinds(&change),
        [AlertKind::BalanceDiffers, AlertKind::PriceDiffers]
    );
    assert!(stops(&change));
    assert_eq!(change.entry.unwrap().unrecorded, rupiah(9_900));
    let change = told(&unknown(), 489_900);
    assert!(kinds(&change).is_empty() && !stops(&change));
    // The catalogue has the new price by now: what is missing is accounted for.
    let mut around = unknown();
    around.product.cost = rupiah(20_000);
    assert!(!stops(&told(&around, 480_000)));
    // It may be what another one was charged.
    let mut around = unknown();
    around
        .books
        .open
        .insert("01J0000000000000000B".to_owned(), rupiah(5_000));
    let change = told(&around, 480_000);
    assert_eq!(
        (kinds(&change), stops(&change)),
        (vec![AlertKind::BalanceDiffers], false)
    );
}
