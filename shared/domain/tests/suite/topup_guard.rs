//! What stands against an order, and how one is taken.

use std::collections::BTreeSet;

use crate::topup_world::{
    Counter, DEST, HOUR, MINUTE, NOON, REFID, SECOND, after, being_sent, partner, product, reply, rupiah,
    success,
};
use domain::topup::destination::Destination;
use domain::topup::event::What;
use domain::topup::guard::{Refusal, check, is_hopeless, is_still_sold, may_send};
use domain::topup::intake::taken;
use domain::topup::number::Operator;
use domain::topup::order::Order;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::reply::{Failure, Outcome};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;

/// 23:26 in Jakarta.
const CLOSED: i64 = NOON + 11 * HOUR + 26 * MINUTE;

fn refusals(change: impl FnOnce(&mut Counter)) -> Vec<Refusal> {
    let mut counter = Counter::default();
    change(&mut counter);
    check(&counter.wish())
}

#[test]
fn nothing_stands_against_an_ordinary_order() {
    assert_eq!(refusals(|_| {}), []);
}

#[test]
fn a_product_has_to_be_sold_allowed_and_worth_its_price() {
    let off = [Refusal::ProductOff];
    assert_eq!(refusals(|to| to.product.active = false), off);
    assert_eq!(refusals(|to| to.product.breaker.code_unknown = true), off);
    assert_eq!(refusals(|to| to.product.cost = Rupiah::ZERO), off);
    assert_eq!(refusals(|to| to.product.price = rupiah(-500)), off);
    let only = |code: &str| Some(BTreeSet::from([code.to_owned()]));
    assert_eq!(
        refusals(|to| to.partner.products = only("S20")),
        [Refusal::ProductNotAllowed]
    );
    assert_eq!(refusals(|to| to.partner.products = only("S10")), []);
    let price = rupiah(11_000);
    assert_eq!(
        refusals(|to| to.max_price = Some(rupiah(10_999))),
        [Refusal::PriceHigher { price }]
    );
    assert_eq!(refusals(|to| to.max_price = Some(price)), []);
}

#[test]
fn a_product_that_is_down_or_costs_otherwise_is_refused() {
    let until_ms = NOON + MINUTE;
    let down = Breaker {
        downs: 3,
        until_ms: Some(until_ms),
        ..Breaker::default()
    };
    assert_eq!(
        refusals(|to| to.product.breaker = down),
        [Refusal::ProductDown { until_ms }]
    );
    let over = |to: &mut Counter| {
        to.product.breaker = down;
        to.now_ms = until_ms;
    };
    assert_eq!(refusals(over), []);
    assert_eq!(
        refusals(|to| to.product.breaker.price_differs = true),
        [Refusal::ProductPriceDiffers]
    );
}

#[test]
fn what_people_stopped_and_what_costs_more_than_it_brings_is_not_bought_any_more() {
    let order = being_sent().order;
    let sold = |product: Product, partner: Option<Partner>| is_still_sold(&order, &product, partner.as_ref());
    assert!(sold(product(), Some(partner())));
    let stopped = Partner {
        active: false,
        ..partner()
    };
    assert!(!sold(product(), Some(stopped)) && !sold(product(), None));
    let off = Product {
        active: false,
        ..product()
    };
    assert!(!sold(off, Some(partner())));
    // One that is sold below its cost on purpose is bought.
    let given_away = Order {
        price: rupiah(9_000),
        ..order.clone()
    };
    assert!(is_still_sold(&given_away, &product(), Some(&partner())));
    for (more, expected) in [(0, true), (1, false)] {
        let dearer = Product {
            cost: rupiah(order.price.get() + more),
            ..product()
        };
        assert_eq!(sold(dearer, Some(partner())), expected);
    }
}

#[test]
fn a_number_near_its_block_is_left_alone() {
    assert_eq!(
        refusals(|to| to.destination.blocked = true),
        [Refusal::DestinationBlocked]
    );
    let failures = |count| {
        move |to: &mut Counter| {
            to.destination.failures = count;
            to.destination.failed_ms = NOON - HOUR;
        }
    };
    assert_eq!(refusals(failures(3)), []);
    let until_ms = Some(NOON + 23 * HOUR);
    assert_eq!(refusals(failures(4)), [Refusal::DestinationFailing { until_ms }]);
    let tomorrow = |to: &mut Counter| {
        failures(4)(to);
        to.now_ms = NOON + 23 * HOUR;
    };
    assert_eq!(refusals(tomorrow), []);
}

#[test]
fn orders_that_are_open_for_other_products_count_as_if_they_failed() {
    let open = |failures, products: &[&str]| {
        let mut destination = Destination::default();
        for (number, product) in products.iter().enumerate() {
            destination = destination.opened(&format!("01J{number}"), product);
        }
        destination.failures = failures;
        destination.failed_ms = NOON - HOUR;
        refusals(|to| to.destination = destination)
    };
    // Until those have ended, which may be sooner than any time that could be told.
    let failing = [Refusal::DestinationFailing { until_ms: None }];
    assert_eq!(open(3, &[]), []);
    assert_eq!(open(3, &["S20"]), failing);
    assert_eq!(open(2, &["S20"]), []);
    assert_eq!(open(0, &["S20", "S25", "S50"]), []);
    assert_eq!(open(0, &["S20", "S25", "S50", "S100"]), failing);
}

#[test]
fn no_order_is_sent_that_may_come_to_be_the_fifth_failure() {
    let mut destination = Destination::default().opened("A", "S10").opened("B", "S20");
    destination.failures = 2;
    destination.failed_ms = NOON - HOUR;
    for refid in ["A", "B"] {
        assert!(may_send(&destination, refid, NOON), "{refid}");
    }
    // Whoever came later waits, and whoever came first does not wait for it.
    destination.failures = 3;
    assert!(may_send(&destination, "A", NOON) && !may_send(&destination, "B", NOON));
    assert!(!is_hopeless(&destination, NOON));
    assert!(may_send(&destination, "B", NOON + 23 * HOUR), "a day later");
    // The first one is over: another failure, or a delivery.
    let order = being_sent().order;
    let first = domain::topup::order::Order {
        refid: "A".to_owned(),
        ..order
    };
    let failed = destination.ended(&first, false, NOON).failed(NOON);
    assert!(!may_send(&failed, "B", NOON) && is_hopeless(&failed, NOON));
    let delivered = destination.ended(&first, true, NOON);
    assert!(may_send(&delivered, "B", NOON));
    let blocked = delivered.blocked(NOON);
    assert!(!may_send(&blocked, "B", NOON) && is_hopeless(&blocked, NOON));
}

#[test]
fn a_number_that_is_certainly_another_operators_is_refused_unless_the_partner_knows_better() {
    let found = Operator::Indosat;
    let expected = Operator::Telkomsel;
    let indosat = |to: &mut Counter| to.dest = "081512345678".to_owned();
    assert_eq!(refusals(indosat), [Refusal::OperatorDiffers { expected, found }]);
    let forced = |to: &mut Counter| {
        indosat(to);
        to.force_operator = true;
    };
    assert_eq!(refusals(forced), []);
    let meter = |to: &mut Counter| {
        to.dest = "08151234567".to_owned();
        to.product.kind = Kind::Pln;
    };
    assert_eq!(refusals(meter), []);
}

#[test]
fn the_same_is_not_ordered_twice_at_once_nor_right_after() {
    let open = |to: &mut Counter| to.destination = Destination::default().opened("01JOTHER", "S10");
    let refid = "01JOTHER".to_owned();
    assert_eq!(refusals(open), [Refusal::AlreadyOpen { refid }]);
    let other = |to: &mut Counter| to.destination = Destination::default().opened("01JOTHER", "S20");
    assert_eq!(refusals(other), []);
    // Two minutes after a failure.
    let around = being_sent();
    let failed = after(
        &around,
        &reply(&around, Outcome::Failed(Failure::NotProcessable), NOON),
    );
    let at = |destination: &Destination, now_ms, repeatable| {
        refusals(|to| {
            to.destination = destination.clone();
            to.product.repeatable = repeatable;
            to.now_ms = now_ms;
        })
    };
    let until_ms = NOON + 2 * MINUTE;
    let again = at(&failed.destination, until_ms - 1, true);
    assert_eq!(again, [Refusal::Cooling { until_ms }]);
    assert_eq!(at(&failed.destination, until_ms, false), []);
    // The day of a delivery, unless the supplier is known to do it twice.
    let delivered = after(&around, &reply(&around, success(), NOON + SECOND)).destination;
    let until_ms = NOON + 12 * HOUR;
    assert_eq!(
        at(&delivered, NOON + 11 * HOUR, false),
        [Refusal::Cooling { until_ms }]
    );
    assert_eq!(at(&delivered, NOON + 11 * HOUR, true), []);
    assert_eq!(at(&delivered, NOON + 13 * HOUR, false), []);
}

#[test]
fn during_the_cutoff_an_order_is_refused_or_held() {
    let until_ms = CLOSED + 69 * MINUTE;
    assert_eq!(refusals(|to| to.now_ms = CLOSED), [Refusal::Cutoff { until_ms }]);
    let mut counter = Counter {
        now_ms: CLOSED,
        ..Counter::default()
    };
    counter.partner.cutoff = CutoffChoice::Hold;
    assert_eq!(check(&counter.wish()), []);
    let order = counter.taken().order;
    assert_eq!((order.holds, order.next_ms), (true, Some(until_ms)));
}

#[test]
fn caps_and_the_deposit_are_kept() {
    let until_ms = Some(NOON + 12 * HOUR);
    let left = |left| Refusal::CapReached {
        left: rupiah(left),
        until_ms,
    };
    assert_eq!(refusals(|to| to.used_today = 989_000), []);
    assert_eq!(refusals(|to| to.used_today = 989_001), [left(10_999)]);
    assert_eq!(refusals(|to| to.used_today = 2_000_000), [left(0)]);
    // No day has room for it.
    let never = Refusal::CapReached {
        left: rupiah(10_999),
        until_ms: None,
    };
    assert_eq!(refusals(|to| to.partner.daily_cap = rupiah(10_999)), [never]);
    assert_eq!(refusals(|to| to.waiting = 489_900), []);
    assert_eq!(refusals(|to| to.waiting = 489_901), [Refusal::BalanceLow]);
    assert_eq!(refusals(|to| to.deposit_min = rupiah(489_900)), []);
    assert_eq!(
        refusals(|to| to.deposit_min = rupiah(489_901)),
        [Refusal::BalanceLow]
    );
    // Before any balance is known, orders find it out.
    let unknown = |to: &mut Counter| to.books = domain::topup::books::Books::default();
    assert_eq!(refusals(unknown), []);
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_what_stays_wrong_first() {
    let codes: Vec<_> = refusals(|to| {
        to.product.active = false;
        to.partner.products = Some(BTreeSet::new());
        to.max_price = Some(rupiah(1));
        to.destination = Destination::default().opened("A", "S10").blocked(NOON);
        to.dest = "081512345678".to_owned();
        to.used_today = 2_000_000;
        to.waiting = 2_000_000;
        to.product.breaker.price_differs = true;
        to.now_ms = CLOSED;
    })
    .iter()
    .map(Refusal::code)
    .collect();
    let expected = [
        "TOPUP_PRODUCT_OFF",
        "TOPUP_PRODUCT_NOT_ALLOWED",
        "TOPUP_PRICE_HIGHER",
        "TOPUP_DESTINATION_BLOCKED",
        "TOPUP_OPERATOR_DIFFERS",
        "TOPUP_ALREADY_OPEN",
        "TOPUP_CUTOFF",
        "TOPUP_PRODUCT_PRICE_DIFFERS",
        "TOPUP_CAP_REACHED",
        "TOPUP_BALANCE_LOW",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn an_order_is_taken_with_all_that_follows() {
    let counter = Counter::default();
    let reference = Some("kasir 3".to_owned());
    let correlation = Some("corr".to_owned());
    let change = taken(
        &counter.wish(),
        REFID.to_owned(),
        reference.clone(),
        correlation.clone(),
    );
    let order = &change.order;
    assert_eq!((order.state, order.version, order.events), (State::New, 1, 1));
    assert_eq!((order.refid.as_str(), order.dest.as_str()), (REFID, DEST));
    assert_eq!((order.price, order.cost), (rupiah(11_000), rupiah(10_100)));
    assert_eq!((order.next_ms, order.holds), (Some(NOON), false));
    assert_eq!((&order.reference, &order.correlation), (&reference, &correlation));
    assert_eq!((change.event.what, change.event.number), (What::Taken, 1));
    assert_eq!(change.waiting, 10_100);
    assert_eq!(
        (change.day.totals.taken.orders, change.day.totals.taken.rupiah),
        (1, 11_000)
    );
    let destination = change.destination.unwrap();
    assert_eq!(destination.open, [(REFID.to_owned(), "S10".to_owned())]);
    assert_eq!(destination.version, 1);
    assert_eq!((change.product, change.books, change.webhook), (None, None, None));
}

#[test]
fn the_first_order_after_a_pause_tries_the_product() {
    let mut counter = Counter::default();
    counter.product.breaker = Breaker {
        downs: 3,
        until_ms: Some(NOON),
        ..Breaker::default()
    };
    let product = counter.taken().product;
    assert_eq!(product.version, counter.product.version + 1);
    let until_ms = NOON + 2 * MINUTE;
    counter.product = product;
    counter.dest = "081399998888".to_owned();
    assert_eq!(check(&counter.wish()), [Refusal::ProductDown { until_ms }]);
}
