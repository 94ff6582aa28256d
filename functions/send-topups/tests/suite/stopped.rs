//! When nothing is sent: the supplier does not take us for who we are, we are seen under another address, a secret is
//! missing, or a product is not what it was. Orders wait, and none is lost; questions wait too where each may be the refusal that locks our account.

use crate::support::{MINUTE_MS, PIN, SECOND_MS, Shop, address, go_on, look};
use axum::Router;
use axum::routing::get;
use domain::topup::order::{Order, Reason};
use domain::topup::product::{Breaker, Product};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use send_topups::{Outcome, Worked};
use sims::kios::{Fault, Garble, Route, Serial};
use sims::serve::{Served, serve};
use sims::transport::Transport;

async fn held_back(shop: &Shop, order: &Order) {
    are_held_back(shop, 1).await;
    assert_eq!(shop.stored(order).await.state, State::New);
    assert_eq!(shop.kios.requests(&order.refid), 0);
}

async fn are_held_back(shop: &Shop, orders: u64) {
    let Outcome::Worked(Worked { held_back, .. }) = shop.go_on().await else {
        panic!("another outcome");
    };
    assert_eq!(held_back, orders);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_who_we_are_stops_orders_and_questions_for_five_minutes() {
    let shop = Shop::open().await;
    let refused = shop.order("9039").await;
    let waits = shop.order("0001").await;
    shop.go_on().await;
    // Bought, and called a wrong PIN: nobody knows.
    assert_eq!(shop.stored(&refused).await.state, State::Unknown);
    assert!(shop.is_alerted("about_us", "supplier").await);
    held_back(&shop, &waits).await;
    assert!(shop.told("TopupsStopped") > 0);
    // Neither the question that is due is asked, nor the one about our balance.
    shop.pass(MINUTE_MS);
    are_held_back(&shop, 2).await;
    let Outcome::Looked(looked) = shop.run_with(look(), shop.deps()).await.unwrap() else {
        panic!("another outcome");
    };
    assert_eq!((looked.balance, shop.kios.asked().len()), (None, 1));
    assert_eq!(shop.stored(&refused).await.state, State::Unknown);
    shop.pass(4 * MINUTE_MS);
    // The first is the probe, and the other comes after it.
    shop.go_on().await;
    for order in [&refused, &waits] {
        assert_eq!(shop.stored(order).await.state, State::Success);
        assert_eq!(shop.kios.purchases(&order.refid), 1);
    }
    assert_eq!(shop.kios.asked().len(), 3);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_stays_wrong_is_tried_once_in_five_minutes_whatever_is_open() {
    let mut shop = Shop::open().await;
    shop.parameter("pin", "00000000").await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        orders.push(shop.order("0001").await);
    }
    for minute in 0..60 {
        let run = || shop.run_with(go_on(), shop.deps());
        let (one, other) = tokio::join!(run(), run());
        one.unwrap();
        other.unwrap();
        drop(shop.run_with(look(), shop.deps()).await);
        // Two lanes, as soon as it is known.
        shop.settings.lanes = 2;
        let asked = shop.kios.asked().len();
        assert!(asked <= 1 + minute / 5, "{asked} requests after {minute} minutes");
        shop.pass(MINUTE_MS);
    }
    // What was sent is a person's, and what was not has failed.
    for order in &orders {
        let order = shop.stored(order).await;
        let wanted = match order.sent_ms {
            Some(_) => State::Manual,
            None => State::Failed,
        };
        assert_eq!(order.state, wanted);
    }
    assert_eq!(shop.kios.transactions().len(), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_nothing_comes_of_goes_alone_too() {
    let shop = Shop::open().await;
    let refused = shop.order("9039").await;
    let waits = shop.order("0001").await;
    shop.go_on().await;
    shop.pass(5 * MINUTE_MS);
    shop.kios
        .fault(Route::Trx, Fault::Transport(Transport::HangUp), 1);
    shop.go_on().await;
    assert_eq!(shop.kios.asked().len(), 2);
    shop.pass(4 * MINUTE_MS);
    shop.go_on().await;
    assert_eq!(shop.kios.asked().len(), 2);
    for order in [&refused, &waits] {
        assert_eq!(shop.finish(order).await.state, State::Success);
        assert_eq!(shop.kios.purchases(&order.refid), 1);
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_was_replaced_is_read_after_a_refusal() {
    let shop = Shop::open().await;
    shop.parameter("pin", "00000000").await;
    let deps = shop.deps();
    let order = shop.order("0001").await;
    shop.run_with(go_on(), deps.clone()).await.unwrap();
    assert_eq!(shop.stored(&order).await.state, State::Unknown);
    assert_eq!(shop.kios.transactions().len(), 0);
    shop.parameter("pin", crate::support::PIN).await;
    // Somebody else has made it read its secrets a moment ago: the probe reads them all the same.
    shop.pass(4 * MINUTE_MS);
    shop.run_with(go_on(), deps.clone()).await.unwrap();
    assert_eq!(shop.kios.asked().len(), 1);
    shop.pass(MINUTE_MS);
    shop.run_with(go_on(), deps).await.unwrap();
    let order = shop.stored(&order).await;
    assert_eq!(
        (order.state, shop.kios.purchases(&order.refid)),
        (State::Success, 1)
    );
    assert_eq!(shop.kios.asked().len(), 2);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_wait_for_half_an_hour_at_most() {
    let shop = Shop::open().await;
    shop.kios.fault(
        Route::Balance,
        Fault::Bytes("IP anda tidak terdaftar".into()),
        sims::ALWAYS,
    );
    let order = shop.order("0001").await;
    for number in 0..6 {
        let looked = shop.run_with(look(), shop.deps()).await;
        if number % 2 == 0 {
            assert_eq!(looked.unwrap_err().code(), "TOPUP_BALANCE_UNKNOWN");
        } else {
            // A second before the pause is over.
            assert!(matches!(looked.unwrap(), Outcome::Looked(looked) if looked.balance.is_none()));
        }
        held_back(&shop, &order).await;
        shop.pass(4 * MINUTE_MS + 59 * SECOND_MS);
    }
    shop.pass(MINUTE_MS);
    let order = shop.finish(&order).await;
    assert_eq!(
        (order.state, order.failure),
        (State::Failed, Some(Reason::NotSent))
    );
    assert_eq!(shop.kios.requests(&order.refid), 0);
    assert_eq!(shop.kios.asked().len(), 3);
    shop.world.stop().await;
}

/// A page that says that everybody comes from this address.
async fn echo(seen: &'static str) -> Served {
    serve(Router::new().route("/", get(move || async move { format!("{seen}\n") })))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn under_another_address_nothing_is_sent_until_it_is_ours_again() {
    let mut shop = Shop::open().await;
    let (ours, others) = (echo("203.0.113.7").await, echo("198.51.100.9").await);
    let pending = shop.order("9002").await;
    shop.go_on().await;
    shop.settings.address = Some(address("203.0.113.7", others.base_url()));
    shop.run_with(look(), shop.deps()).await.unwrap();
    assert!(shop.is_alerted("address_differs", "supplier").await);
    let order = shop.order("0001").await;
    held_back(&shop, &order).await;
    shop.pass(MINUTE_MS);
    held_back(&shop, &order).await;
    assert_eq!(shop.stored(&pending).await.state, State::Success);
    shop.settings.address = Some(address("203.0.113.7", ours.base_url()));
    shop.run_with(look(), shop.deps()).await.unwrap();
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    // A page that is away says nothing of our address.
    drop(ours);
    shop.run_with(look(), shop.deps()).await.unwrap();
    let order = shop.order("0001").await;
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_has_looked_yet_by_which_address_we_are_seen_a_look_comes_before_the_first_order() {
    for seen in [Some("203.0.113.7"), Some("198.51.100.9"), None] {
        let mut shop = Shop::open().await;
        let page = echo(seen.unwrap_or("closed")).await;
        shop.settings.address = Some(address("203.0.113.7", page.base_url()));
        let order = shop.order("0001").await;
        match seen {
            Some("203.0.113.7") => {
                shop.go_on().await;
                assert_eq!(shop.stored(&order).await.state, State::Success);
            }
            _ => held_back(&shop, &order).await,
        }
        let differs = shop.is_alerted("address_differs", "supplier").await;
        assert_eq!(differs, seen == Some("198.51.100.9"));
        shop.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_secrets_a_run_fails_before_any_intent() {
    let mut shop = Shop::open().await;
    let usual = shop.settings.clone();
    shop.settings.supplier.as_mut().unwrap().parameters = "/shop/nowhere".to_owned();
    let order = shop.order("0001").await;
    let failure = shop.run_with(go_on(), shop.deps()).await.unwrap_err();
    assert_eq!(failure.code(), "TOPUP_SECRET_MISSING");
    assert_eq!(shop.stored(&order).await, order);
    shop.parameter("pin", "12\n34").await;
    shop.settings = usual;
    let failure = shop.run_with(go_on(), shop.deps()).await.unwrap_err();
    assert_eq!(failure.code(), "TOPUP_SUPPLIER_UNUSABLE");
    assert_eq!(shop.stored(&order).await, order);
    assert_eq!(shop.told("TopupsStopped"), 2);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_supplier_what_was_sent_is_handed_over_and_nothing_is_sent() {
    let mut shop = Shop::open().await;
    let pending = shop.order("9003").await;
    shop.go_on().await;
    shop.settings.supplier = None;
    let order = shop.order("0001").await;
    held_back(&shop, &order).await;
    assert!(matches!(
        shop.run_with(look(), shop.deps()).await.unwrap(),
        Outcome::Looked(looked) if looked.balance.is_none()
    ));
    let pending = shop.finish(&pending).await;
    assert_eq!(pending.state, State::Manual);
    let order = shop.finish(&order).await;
    assert_eq!(order.failure, Some(Reason::NotSent));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_costs_otherwise_is_not_bought_again_before_people_have_looked() {
    let shop = Shop::open().await;
    let orders = [shop.order("0001").await, shop.order("0002").await];
    let third = shop.order("0009").await;
    let other = shop.order_of("VGAME", "1234567").await;
    shop.kios.product("S10", 10_900, Serial::Pulsa);
    // Found out once, for all that wait; others go their way.
    are_held_back(&shop, 1).await;
    for (order, state) in [
        (&orders[0], State::Success),
        (&orders[1], State::New),
        (&third, State::New),
        (&other, State::Success),
    ] {
        assert_eq!(shop.stored(order).await.state, state);
    }
    assert!(shop.is_alerted("price_differs", "S10").await);
    shop.pass(10 * MINUTE_MS);
    shop.go_on().await;
    assert_eq!(shop.kios.requests(&orders[1].refid), 0);
    let late = shop.order("0003").await;
    let looked_at = Product {
        cost: Rupiah::new(10_900),
        breaker: Breaker::default(),
        ..shop.product("S10").await
    };
    shop.catalogue
        .put_product(&looked_at, "test", shop.now())
        .await
        .unwrap();
    for order in [&orders[1], &third, &late] {
        assert_eq!(shop.finish(order).await.state, State::Success);
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_people_to_look_at_a_product_fails_unsent_when_nobody_does() {
    let shop = Shop::open().await;
    let orders = [shop.order("9009").await, shop.order("0001").await];
    shop.go_on().await;
    assert_eq!(
        shop.stored(&orders[0]).await.failure,
        Some(Reason::ProductInvalid)
    );
    assert_eq!(shop.stored(&orders[1]).await.state, State::New);
    shop.pass(30 * MINUTE_MS);
    let order = shop.finish(&orders[1]).await;
    assert_eq!((order.failure, order.sent_ms), (Some(Reason::NotSent), None));
    assert_eq!(shop.kios.requests(&order.refid), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_repeats_our_secrets_is_kept_without_them() {
    let shop = Shop::open().await;
    shop.kios.fault(Route::Trx, Fault::Garbled(Garble::Echo), 1);
    let order = shop.order("0001").await;
    shop.go_on().await;
    let events = shop.events(&order).await;
    let kept: Vec<&str> = events.iter().filter_map(|event| event.text.as_deref()).collect();
    let kept = kept.join(" ");
    assert!(kept.contains("Permintaan [secret]"), "{kept}");
    for word in [PIN, "kunci", "rahasia", order.dest.as_str()] {
        assert!(!kept.contains(word), "{kept}");
    }
    assert_eq!(shop.finish(&order).await.state, State::Success);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbled_answers_in_a_row_pause_nothing() {
    let shop = Shop::open().await;
    for garble in [Garble::Page, Garble::Blank, Garble::Half] {
        shop.kios.fault(Route::Trx, Fault::Garbled(garble), 1);
        let order = shop.order("0001").await;
        shop.go_on().await;
        assert_eq!(shop.stored(&order).await.state, State::Unknown);
    }
    let order = shop.order("0001").await;
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    shop.world.stop().await;
}
