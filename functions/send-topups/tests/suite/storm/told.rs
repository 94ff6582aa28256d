//! What the partner knows when a storm is over: by message, by answer, by list and by statement.

use std::collections::{BTreeMap, BTreeSet};

use super::Storm;
use domain::topup::order::Order;
use domain::topup::state::State;
use domain::topup::webhook::{self, WebhookState};
use domain::topup::window::wib_date;
use serde_json::{Value, json};
use sims::partner::Received;

/// One order: its messages came, all of them the same, and say what is true and what the partner is shown.
pub(super) async fn is_told(storm: &Storm, order: &Order, seed: u64) {
    let Storm { shop, listener, .. } = storm;
    let refid = &order.refid;
    let what = format!("seed {seed}, {refid}: {:?}", order.state);
    let mut received: Vec<Received> = listener.receiver.received();
    received.retain(|one| one.json()["topup"]["refid"] == *refid);
    let Some(first) = received.first() else {
        panic!("{what}, and nobody was told");
    };
    let (id, message) = (webhook::id(refid, order.state), first.json());
    for one in &received {
        assert_eq!((&one.event_id, &one.body), (&id, &first.body), "{what}");
        assert!(one.is_signed_by(&listener.secret), "{what}: {}", one.signature);
    }
    let stored = listener.webhooks.get(&id).await.unwrap().unwrap();
    assert_eq!(stored.state, WebhookState::Delivered, "{what}");
    let (topup, state) = (&message["topup"], order.state.as_str());
    let said = (&message["id"], &message["type"], &topup["state"]);
    let wanted = (&json!(id), &json!(format!("topup.{state}")), &json!(state));
    assert_eq!(said, wanted, "{what}");
    // Said once more, without us: by what the supplier did.
    let is_bought = shop.kios.purchases(refid) == 1;
    match state {
        "success" => assert!(is_bought, "{what}"),
        "failed" => assert!(!is_bought, "{what}"),
        _ => assert_eq!(state, "manual", "{what}"),
    }
    let sn = order.sn.as_deref().filter(|_| order.state == State::Success);
    assert_eq!(topup["serial_number"].as_str(), sn, "{what}");
    let shown = storm.shows(&format!("/v1/topups/{refid}")).await;
    assert!(holds(&shown, topup), "{what}: {shown} and {topup}");
}

/// Whether all that is told is shown too. What there is not is left out where it is told, and null where it is shown.
fn holds(shown: &Value, told: &Value) -> bool {
    match told {
        Value::Object(told) => told.iter().all(|(name, told)| holds(&shown[name], told)),
        told => shown == told,
    }
}

/// The partner knows of every order that there is, and of no other; what its days came to is what they do.
pub(super) async fn lists_agree(storm: &Storm, orders: &[Order], seed: u64) {
    let states = |list: &Value| -> BTreeMap<String, String> {
        let items = list["items"].as_array().unwrap().iter();
        let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
        items
            .map(|item| (text(item, "refid"), text(item, "state")))
            .collect()
    };
    let are = |of: &dyn Fn(&Order) -> bool| -> BTreeMap<String, String> {
        let orders = orders.iter().filter(|order| of(order));
        orders
            .map(|order| (order.refid.clone(), order.state.as_str().to_owned()))
            .collect()
    };
    let list = storm.shows("/v1/topups?limit=200").await;
    assert_eq!(states(&list), are(&|_| true), "seed {seed}");
    let dates: BTreeSet<_> = orders.iter().map(|order| wib_date(order.accepted_ms)).collect();
    for date in dates {
        let of_day = |order: &Order| wib_date(order.accepted_ms) == date;
        let statement = storm.shows(&format!("/v1/statements/{date}?limit=200")).await;
        assert_eq!(states(&statement), are(&of_day), "seed {seed}, {date}");
        for (name, state) in [
            ("taken", None),
            ("delivered", Some(State::Success)),
            ("failed", Some(State::Failed)),
            ("open", Some(State::Manual)),
        ] {
            let of = orders
                .iter()
                .filter(|order| of_day(order) && state.is_none_or(|state| order.state == state));
            let prices: Vec<i64> = of.map(|order| order.price.get()).collect();
            let wanted = json!({ "orders": prices.len(), "rupiah": prices.iter().sum::<i64>() });
            assert_eq!(statement[name], wanted, "seed {seed}, {date}: {name}");
        }
    }
    let known: BTreeSet<String> = orders.iter().map(|order| order.refid.clone()).collect();
    for one in storm.listener.receiver.received() {
        let topup = &one.json()["topup"];
        assert!(
            topup["refid"].as_str().is_some_and(|refid| known.contains(refid)),
            "seed {seed}: {topup}"
        );
    }
}
