//! What the tests of top-ups share: orders, steps of them, and the table as a whole.

use std::collections::BTreeMap;

use aws::topups::{KeyUse, Taken, Topups};
use domain::topup::books::{Books, Entry};
use domain::topup::change::{Change, DayChange};
use domain::topup::destination::Destination;
use domain::topup::event::{Event, What};
use domain::topup::order::Order;
use domain::topup::partner::{DayTotals, Totals};
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::webhook::Webhook;
use serde_json::{Value, json};
use testkit::Stores;

use crate::support::raw;

/// A moment for everything that needs one, Unix milliseconds: to come, so that nothing expires while a test runs.
pub(crate) const SOON_MS: i64 = 4_000_000_000_000;
/// A cap that nothing reaches.
pub(crate) const NO_CAP: i64 = 1_000_000_000;
/// What every order here is priced at.
pub(crate) const PRICE: i64 = 10_500;
/// What it costs.
pub(crate) const COST: i64 = 10_000;

pub(crate) fn topups(stores: &Stores) -> Topups {
    Topups::new(&stores.clients, 400)
}

/// The name of the table.
pub(crate) fn table(stores: &Stores) -> &str {
    &stores.clients.names().topups
}

/// An order of a partner that is not stored yet.
pub(crate) fn order(refid: &str, partner: &str, dest: &str) -> Order {
    read(json!({
        "refid": refid, "partner": partner, "product": "S10", "kind": "pulsa", "dest": dest, "price": PRICE,
        "cost": COST, "state": "new", "state_ms": SOON_MS, "accepted_ms": SOON_MS, "next_ms": SOON_MS,
        "events": 1, "version": 1,
    }))
}

/// The taking of an order for a number that nothing is known of.
pub(crate) fn taken(order: &Order) -> Change {
    let destination = Destination {
        open: vec![(order.refid.clone(), order.product.clone())],
        version: 1,
        ..Destination::default()
    };
    Change {
        destination: Some(destination),
        day: day(|totals, one| totals.taken = one),
        waiting: COST,
        ..change(order, What::Taken)
    }
}

/// A step that changes nothing but its order.
pub(crate) fn change(order: &Order, what: What) -> Change {
    let event = Event {
        number: order.events,
        at_ms: order.state_ms,
        what,
        state: order.state,
        text: None,
        by: None,
    };
    Change {
        order: order.clone(),
        event,
        destination: None,
        product: None,
        books: None,
        entry: None,
        day: DayChange::default(),
        waiting: 0,
        webhook: None,
        alerts: Vec::new(),
    }
}

/// A day's change by one order.
pub(crate) fn day(put: impl Fn(&mut DayTotals, Totals)) -> DayChange {
    let mut change = DayChange::default();
    let one = Totals {
        orders: 1,
        rupiah: PRICE,
    };
    put(&mut change.totals, one);
    change
}

/// The order's next version, in a state, a second later.
pub(crate) fn next(order: &Order, state: State) -> Order {
    Order {
        state,
        state_ms: order.state_ms + 1_000,
        next_ms: None,
        events: order.events + 1,
        version: order.version + 1,
        ..order.clone()
    }
}

/// The step of an order to its next version, which changes everything that a step can change. The destination, the
/// product and the books are those at the versions before.
pub(crate) fn whole_step(order: &Order, versions: (u64, u64, u64)) -> Change {
    let destination = Destination {
        version: versions.0 + 1,
        ..Destination::default()
    };
    let books = Books {
        entries: 1,
        version: versions.2 + 1,
        ..Books::default()
    };
    Change {
        destination: Some(destination),
        product: Some(Product {
            version: versions.1 + 1,
            ..product("S10")
        }),
        books: Some(books),
        entry: Some(entry(1)),
        day: day(|totals, one| totals.delivered = one),
        waiting: -COST,
        webhook: Some(webhook(&format!("whk_{}", order.refid), &order.refid)),
        ..change(order, What::Replied)
    }
}

/// A product that is not stored yet.
pub(crate) fn product(code: &str) -> Product {
    read(json!({
        "code": code, "name": "Pulsa 10.000", "kind": "pulsa", "operator": "telkomsel", "cost": COST,
        "price": PRICE, "active": true,
    }))
}

/// An entry of the books.
pub(crate) fn entry(number: u64) -> Entry {
    Entry {
        number,
        at_ms: SOON_MS,
        refid: None,
        before: None,
        charged: Rupiah::ZERO,
        balance: Rupiah::new(1_000_000),
        does_not_add_up: false,
        paid_in: Rupiah::ZERO,
        unrecorded: Rupiah::ZERO,
    }
}

/// A message to kiosk-1 that waits and is not stored yet; its version is that of the first writing.
pub(crate) fn webhook(id: &str, refid: &str) -> Webhook {
    read(json!({
        "id": id, "refid": refid, "partner": "kiosk-1", "about": "success", "at_ms": SOON_MS,
        "state": "queued", "attempts": 0, "due_ms": SOON_MS, "version": 1,
    }))
}

/// Takes an order under a key of its own.
pub(crate) async fn take(stores: &Stores, order: &Order) {
    let used = KeyUse {
        partner: &order.partner,
        key_hash: &order.refid,
        body_hash: "body",
    };
    let taken = topups(stores).take(&taken(order), &used, NO_CAP).await.unwrap();
    assert_eq!(taken, Taken::New);
}

/// An order that was taken and brought to a state.
pub(crate) async fn order_in(stores: &Stores, order: &Order, state: State) -> Order {
    take(stores, order).await;
    let next = next(order, state);
    let change = change(&next, What::Replied);
    topups(stores).commit(&change, &[]).await.unwrap();
    next
}

/// All that is in the table, in an order that does not change.
pub(crate) async fn everything(stores: &Stores) -> Vec<String> {
    let scan = raw(stores).scan().table_name(table(stores)).consistent_read(true);
    let items = scan
        .send()
        .await
        .expect("the table is read")
        .items
        .unwrap_or_default();
    let written = |item| format!("{:?}", BTreeMap::from_iter(item));
    let mut items: Vec<String> = items.into_iter().map(written).collect();
    items.sort();
    items
}

pub(crate) fn refids(orders: &[Order]) -> Vec<&str> {
    orders.iter().map(|order| order.refid.as_str()).collect()
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what the store would hold")
}
