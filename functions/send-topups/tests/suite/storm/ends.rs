//! What has to be so when a storm is over.

use std::collections::BTreeSet;

use super::{BY_HAND, CALM_MS, FORGED, Storm, lanes};
use crate::support::front::TOKEN;
use crate::support::{MINUTE_MS, PARTNER, PASSWORD, PIN, Shop, WEBHOOK_KEY};
use domain::topup::order::Order;
use domain::topup::partner::Totals;
use domain::topup::reply::Failure;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::window::{open_ms, wib_date};
use sims::kios::Status;
use testkit::log::Lines;
use testkit::search::{Texts, found_in};

/// The longest that an order is open after it was sent: twenty minutes, until the next run, and for as long as the few
/// requests take that are made before it is that order's turn.
const OPEN_MS: i64 = 23 * MINUTE_MS;
/// Failures in a row at which the supplier blocks a number.
const BLOCKS: usize = 5;

/// One order: what is said of it is true, or a person looks.
pub(super) async fn ended_well(shop: &Shop, order: &Order, seed: u64) {
    let refid = &order.refid;
    let what = format!("seed {seed}, {refid}: {:?}", order.state);
    let transactions = shop.kios.transactions();
    let own: Vec<_> = transactions.iter().filter(|one| one.refid == *refid).collect();
    assert!(own.len() <= 1, "{what}: {own:?}");
    assert!(shop.kios.purchases(refid) <= 1, "{what}");
    let bought = own.iter().any(|one| one.status == Status::Delivered);
    match order.state {
        State::Success => assert!(bought, "{what}, and was not"),
        // Whatever is reported of it: this supplier does not take back what it said for certain.
        State::Failed => assert!(!bought, "{what}, and was delivered: {order:?}"),
        State::Manual => assert!(shop.is_alerted("manual_needed", refid).await, "{what}"),
        _ => panic!("{what} is no end"),
    }
    if let Some(sent_ms) = order.sent_ms {
        let took_ms = order.state_ms - sent_ms;
        assert!(took_ms <= OPEN_MS, "{what} after {took_ms} ms");
    }
    // What waits when the supplier closes waits on when it is open again.
    let took_ms = open_ms(order.accepted_ms, order.state_ms);
    assert!(took_ms <= CALM_MS, "{what}, {took_ms} ms after it was taken");
    assert_eq!(order.next_ms, None, "{what}");
    let events = shop.events(order).await;
    let numbers: Vec<u32> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=order.events).collect::<Vec<_>>(), "{what}");
}

/// What was bought was ordered, each order by a request of its own, or made by hand.
pub(super) fn nothing_else_was_bought(storm: &Storm, seed: u64) {
    let orders: BTreeSet<&String> = storm.orders.iter().collect();
    assert_eq!(orders.len(), storm.orders.len(), "seed {seed}");
    for one in storm.shop.kios.transactions() {
        let is_ordered = orders.contains(&one.refid) || one.refid.starts_with(BY_HAND);
        assert!(is_ordered, "seed {seed}: {one:?}");
    }
}

/// A number that is shared fails less often than it takes to have it blocked.
pub(super) fn numbers_are_spared(shop: &Shop, orders: &[Order], seed: u64) {
    let transactions = shop.kios.transactions();
    for order in orders {
        let failed = transactions.iter().filter(|one| {
            one.dest == order.dest
                && matches!(
                    one.status,
                    Status::Failed(
                        Failure::NotProcessable
                            | Failure::CancelledByProvider
                            | Failure::BadNumber
                            | Failure::NumberExpired
                            | Failure::NumberInactive
                    )
                )
        });
        let ours = failed
            .filter(|one| orders.iter().any(|order| order.refid == one.refid))
            .count();
        assert!(ours < BLOCKS, "seed {seed}: {ours} failures of {}", order.dest);
    }
}

/// What is counted for the partner's days is what its orders come to.
pub(super) async fn totals_agree(shop: &Shop, orders: &[Order], seed: u64) {
    let dates: BTreeSet<_> = orders.iter().map(|order| wib_date(order.accepted_ms)).collect();
    for date in dates {
        let sum = |of: &dyn Fn(&Order) -> bool| {
            let of: Vec<_> = orders
                .iter()
                .filter(|order| wib_date(order.accepted_ms) == date && of(order))
                .collect();
            Totals {
                orders: i64::try_from(of.len()).unwrap(),
                rupiah: of.iter().map(|order| order.price.get()).sum(),
            }
        };
        let is = |state: State| move |order: &Order| order.state == state;
        let day = shop.topups.day(PARTNER, date).await.unwrap();
        let counted = (day.taken, day.delivered, day.failed, day.reversed);
        let wanted = (
            sum(&|_| true),
            sum(&is(State::Success)),
            sum(&is(State::Failed)),
            Totals::default(),
        );
        assert_eq!(counted, wanted, "seed {seed}, {date}");
    }
    assert_eq!(shop.topups.waiting().await.unwrap(), 0, "seed {seed}");
}

/// The books say what the supplier says, and every rupiah that went out is an order's.
pub(super) async fn books_agree(shop: &Shop, orders: &[Order], seed: u64) {
    let books = shop.topups.books().await.unwrap();
    assert_eq!(
        books.balance.map(Rupiah::get),
        Some(shop.kios.balance()),
        "seed {seed}"
    );
    let charged: i64 = orders
        .iter()
        .filter_map(|order| order.charged)
        .map(Rupiah::get)
        .sum();
    assert_eq!(books.charged.get(), charged, "seed {seed}");
    let for_people = orders.iter().filter(|order| order.state == State::Manual);
    let mut open: Vec<_> = for_people.map(|order| order.refid.clone()).collect();
    open.sort();
    assert_eq!(books.open.into_keys().collect::<Vec<_>>(), open, "seed {seed}");
    let mut entries = Vec::new();
    let dates: BTreeSet<_> = orders.iter().map(|order| wib_date(order.accepted_ms)).collect();
    for date in dates {
        entries.extend(shop.topups.entries(date, None, 10_000).await.unwrap());
    }
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=books.entries).collect::<Vec<_>>(), "seed {seed}");
    // Over two lanes answers overtake each other, and the balance in one may be older than the one before.
    if lanes(seed) == 1 {
        let moved: Vec<_> = entries
            .iter()
            .filter(|entry| entry.unrecorded != Rupiah::ZERO || entry.paid_in != Rupiah::ZERO)
            .collect();
        assert!(moved.is_empty(), "seed {seed}: {moved:?}");
    }
}

/// Neither secrets nor numbers anywhere but in the order itself, and in what its partner is told.
pub(super) async fn nothing_leaked(storm: &Storm, orders: &[Order], lines: &Lines, seed: u64) {
    let mut all: Texts = storm.shop.everything_else().await;
    let log = lines.text();
    // Of each function something was heard.
    for said in ["\"topup\"", "\"topup.taken\"", "\"report.taken\"", "\"webhook\""] {
        assert!(log.contains(said), "seed {seed}: {said} was not logged");
    }
    all.insert("log".to_owned(), log);
    all.insert("metrics".to_owned(), storm.shop.output.text());
    let (_, api_secret) = domain::api_key::parse(&storm.front.api_key).unwrap();
    let known = [
        PIN,
        PASSWORD,
        TOKEN,
        FORGED,
        WEBHOOK_KEY,
        &storm.listener.secret,
        api_secret,
    ];
    let mut secrets: BTreeSet<String> = known.map(str::to_owned).into();
    secrets.extend(storm.front.wanted.iter().map(|wanted| wanted.dest.clone()));
    for order in orders {
        let Some(sn) = &order.sn else { continue };
        secrets.insert(sn.clone());
        if let Some(token) = domain::topup::serial::pln(sn) {
            secrets.insert(token.token);
            secrets.insert(sn.split('/').next().unwrap().to_owned());
        }
    }
    for secret in secrets {
        assert_eq!(
            found_in(&all, &secret),
            Vec::<String>::new(),
            "seed {seed}: {secret}"
        );
    }
}
