//! Taking orders: once for each key of a partner, within the cap of its day, all or nothing.

use aws::StoreError;
use aws::topups::{KeyUse, Taken};
use domain::topup::change::Change;
use domain::topup::destination::Destination;
use domain::topup::event::What;
use domain::topup::order::Order;
use domain::topup::partner::{DayTotals, Totals};
use domain::topup::state::State;
use domain::topup::window::wib_date;
use testkit::Stores;
use testkit::faults::Plan;

use crate::topups::{
    COST, NO_CAP, PRICE, SOON_MS, change, day, everything, next, order, order_in, table, take, taken, topups,
};

const KEY: KeyUse<'_> = KeyUse {
    partner: "kiosk-1",
    key_hash: "k",
    body_hash: "body",
};

fn key(key_hash: &str) -> KeyUse<'_> {
    KeyUse { key_hash, ..KEY }
}

async fn today(stores: &Stores) -> DayTotals {
    topups(stores).day("kiosk-1", wib_date(SOON_MS)).await.unwrap()
}

/// Orders of one partner for numbers of their own.
fn orders(count: u32) -> Vec<Order> {
    let order = |number| order(&format!("R{number}"), "kiosk-1", &format!("08120000000{number}"));
    (0..count).map(order).collect()
}

/// Takes orders side by side, each under the key that belongs to it.
async fn race(stores: &Stores, orders: &[Order], key_of: fn(&Order) -> String, cap: i64) -> Vec<Taken> {
    let racers = orders.iter().map(|order| {
        let (topups, change, key_hash) = (topups(stores), taken(order), key_of(order));
        tokio::spawn(async move { topups.take(&change, &key(&key_hash), cap).await.unwrap() })
    });
    let mut outcomes = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        outcomes.push(racer.await.unwrap());
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_that_race_with_one_key_one_is_taken_and_the_others_are_told_which() {
    let stores = Stores::start().await;
    let orders = orders(4);
    let outcomes = race(&stores, &orders, |_| "k".to_owned(), NO_CAP).await;
    let first = outcomes
        .iter()
        .position(|outcome| *outcome == Taken::New)
        .unwrap();
    let refid = &orders[first].refid;
    for (at, outcome) in outcomes.iter().enumerate() {
        let others = Taken::Same(refid.clone());
        assert_eq!(*outcome, if at == first { Taken::New } else { others });
    }
    let topups = topups(&stores);
    for order in &orders {
        let stored = topups.get(&order.refid).await.unwrap();
        assert_eq!(stored.as_ref(), (order.refid == *refid).then_some(order));
        let destination = topups.destination(&order.dest).await.unwrap();
        assert_eq!(destination.version, u64::from(order.refid == *refid));
    }
    assert_eq!(
        (today(&stores).await.taken.orders, topups.waiting().await.unwrap()),
        (1, COST)
    );
    let known = topups.key("kiosk-1", "k").await.unwrap();
    assert_eq!(known, Some(("body".to_owned(), refid.clone())));
    stores.stop().await;
}

#[tokio::test]
async fn a_key_stands_for_one_order_of_one_partner_and_one_content() {
    let stores = Stores::start().await;
    let (topups, [first, second]) = (
        topups(&stores),
        [order("A", "kiosk-1", "1"), order("B", "kiosk-2", "2")],
    );
    assert_eq!(topups.key("kiosk-1", "k").await.unwrap(), None);
    assert_eq!(
        topups.take(&taken(&first), &KEY, NO_CAP).await.unwrap(),
        Taken::New
    );
    let before = everything(&stores).await;
    let again = order("C", "kiosk-1", "3");
    let other = KeyUse {
        body_hash: "other",
        ..KEY
    };
    // Full or not: an order that is there needs no room.
    for cap in [NO_CAP, PRICE, 0] {
        let same = topups.take(&taken(&again), &KEY, cap).await.unwrap();
        assert_eq!(same, Taken::Same("A".to_owned()), "{cap}");
        let mistaken = topups.take(&taken(&again), &other, cap).await.unwrap();
        assert_eq!(mistaken, Taken::OtherBody, "{cap}");
    }
    assert_eq!(everything(&stores).await, before);
    let elsewhere = KeyUse {
        partner: "kiosk-2",
        ..other
    };
    let taken = topups.take(&taken(&second), &elsewhere, NO_CAP).await.unwrap();
    assert_eq!(taken, Taken::New);
    stores.stop().await;
}

#[tokio::test]
async fn a_request_whose_answer_got_lost_finds_its_order_again() {
    let stores = Stores::start().await;
    let faulty = aws::topups::Topups::new(&stores.faulty, 400);
    let change = taken(&order("A", "kiosk-1", "1"));
    stores.faults.set(Plan::CrashAfter(0));
    faulty.take(&change, &KEY, NO_CAP).await.unwrap_err();
    stores.faults.set(Plan::None);
    let again = taken(&order("B", "kiosk-1", "1"));
    let found = faulty.take(&again, &KEY, NO_CAP).await.unwrap();
    assert_eq!(found, Taken::Same("A".to_owned()));
    assert_eq!(today(&stores).await.taken.orders, 1);
    stores.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_race_never_come_to_more_than_the_cap() {
    let stores = Stores::start().await;
    let outcomes = race(&stores, &orders(6), |order| order.refid.clone(), 3 * PRICE + 1).await;
    let count = |wanted: &Taken| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    assert_eq!(
        (count(&Taken::New), count(&Taken::CapReached)),
        (3, 3),
        "{outcomes:?}"
    );
    let today = today(&stores).await;
    assert_eq!((today.used(), today.taken.orders), (3 * PRICE, 3));
    assert_eq!(topups(&stores).waiting().await.unwrap(), 3 * COST);
    stores.stop().await;
}

#[tokio::test]
async fn the_cap_is_reached_by_the_last_rupiah_and_what_failed_gives_room_again() {
    let stores = Stores::start().await;
    let (topups, orders) = (topups(&stores), orders(3));
    for cap in [0, PRICE - 1] {
        let outcome = topups.take(&taken(&orders[0]), &key("0"), cap).await.unwrap();
        assert_eq!(outcome, Taken::CapReached, "{cap}");
    }
    assert_eq!(everything(&stores).await, [""; 0]);
    assert_eq!(
        topups.take(&taken(&orders[0]), &key("0"), PRICE).await.unwrap(),
        Taken::New
    );
    let full = topups.take(&taken(&orders[1]), &key("1"), PRICE).await.unwrap();
    assert_eq!(full, Taken::CapReached);
    let failed = Change {
        day: day(|totals, one| totals.failed = one),
        ..change(&next(&orders[0], State::Failed), What::Replied)
    };
    topups.commit(&failed, &[]).await.unwrap();
    assert_eq!(
        topups.take(&taken(&orders[1]), &key("1"), PRICE).await.unwrap(),
        Taken::New
    );
    let one = Totals {
        orders: 1,
        rupiah: PRICE,
    };
    let today = today(&stores).await;
    assert_eq!((today.taken.orders, today.failed, today.used()), (2, one, PRICE));
    let tomorrow = order_of_tomorrow(&orders[2]);
    assert_eq!(
        topups.take(&taken(&tomorrow), &key("2"), PRICE).await.unwrap(),
        Taken::New
    );
    stores.stop().await;
}

fn order_of_tomorrow(order: &Order) -> Order {
    Order {
        accepted_ms: order.accepted_ms + 86_400_000,
        ..order.clone()
    }
}

#[tokio::test]
async fn an_order_is_not_taken_where_something_is_not_as_it_was_read() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    let first = order("A", "kiosk-1", "1");
    take(&stores, &first).await;
    let before = everything(&stores).await;
    let same_number = taken(&order("B", "kiosk-1", "1"));
    let same_id = taken(&order("A", "kiosk-1", "2"));
    let older = Change {
        destination: Some(Destination {
            version: 3,
            ..Destination::default()
        }),
        ..same_number.clone()
    };
    for (what, change) in [("number", same_number), ("id", same_id), ("version", older)] {
        let outcome = topups.take(&change, &KEY, NO_CAP).await;
        assert!(
            matches!(outcome, Err(StoreError::Conflict)),
            "{what}: {outcome:?}"
        );
        assert_eq!(everything(&stores).await, before, "{what}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_key_goes_by_itself_and_not_after_its_order() {
    let stores = Stores::start().await;
    order_in(&stores, &order("A", "kiosk-1", "1"), State::Success).await;
    let expires = async |pk: &str, sk: &str| {
        let item = crate::support::get(&stores, table(&stores), pk, sk)
            .await
            .unwrap();
        item["expires_at"].as_n().unwrap().parse::<i64>().unwrap()
    };
    let (key, order) = (expires("I#kiosk-1", "A").await, expires("O#A", "O").await);
    assert_eq!(key, SOON_MS / 1000 + 400 * 86_400);
    assert!(key <= order, "{key} {order}");
    stores.stop().await;
}
