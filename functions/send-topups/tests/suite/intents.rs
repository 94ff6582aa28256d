//! What was written before a request, and what becomes of it when time passes: nothing is sent again that may have been
//! bought on another day, and nothing is sent while the supplier is closed.

use crate::support::{HOUR_MS, MINUTE_MS, MORNING_MS, SECOND_MS, Shop, go_on, record};
use domain::topup::event::What;
use domain::topup::order::{Order, Reason, Review};
use domain::topup::partner::Partner;
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use testkit::faults::Plan;

/// 23:20 in Jakarta, five minutes before orders are not sent any more.
const LATE_MS: i64 = MORNING_MS + 15 * HOUR_MS + 20 * MINUTE_MS;

/// An order whose run died after it was sent.
async fn sent_and_unheard(shop: &Shop) -> Order {
    let order = shop.order("0001").await;
    shop.door.close();
    tokio::select! {
        outcome = shop.run_with(record(&order), shop.deps()) => panic!("{outcome:?}"),
        () = shop.door.somebody_waits() => {}
    }
    assert_eq!(shop.stored(&order).await.state, State::Sending);
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_is_stored_before_the_first_byte() {
    let shop = Shop::open().await;
    let order = sent_and_unheard(&shop).await;
    let whats: Vec<What> = shop.events(&order).await.iter().map(|event| event.what).collect();
    assert_eq!(whats, [What::Taken, What::Sending]);
    assert_eq!(shop.kios.purchases(&order.refid), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_intent_could_not_be_stored_nothing_is_sent() {
    let shop = Shop::open().await;
    // The first run reads the secrets: the second one's calls are few.
    let calls = {
        let order = shop.order("0001").await;
        shop.world.faults.set(Plan::None);
        shop.run_with(record(&order), shop.deps_with(&shop.world.faulty))
            .await
            .unwrap();
        shop.world.faults.calls()
    };
    let mut sent = 0;
    for call in 0..calls {
        shop.pass(2 * MINUTE_MS);
        let order = shop.order("0001").await;
        shop.world.faults.set(Plan::CrashBefore(call));
        drop(
            shop.run_with(record(&order), shop.deps_with(&shop.world.faulty))
                .await,
        );
        shop.world.faults.set(Plan::None);
        let stored = shop.stored(&order).await;
        let requests = shop.kios.requests(&order.refid);
        assert_eq!(requests == 0, stored.state == State::New, "call {call}");
        sent += requests;
        shop.finish(&order).await;
    }
    // Some of them were cut off before the request and some after.
    assert!(
        sent > 0 && u64::try_from(sent).unwrap() < calls,
        "{sent} of {calls}"
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_whose_time_is_over_is_unknown_and_asked_about_on_its_day() {
    let shop = Shop::open().await;
    let order = sent_and_unheard(&shop).await;
    shop.pass(100 * SECOND_MS);
    shop.go_on().await;
    let unknown = shop.stored(&order).await;
    assert_eq!(unknown.state, State::Unknown);
    assert_eq!(shop.kios.requests(&order.refid), 1);
    shop.set_clock(unknown.next_ms.unwrap());
    shop.go_on().await;
    let order = shop.stored(&order).await;
    assert_eq!((order.state, order.asks), (State::Success, 1));
    assert_eq!(shop.kios.purchases(&order.refid), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_that_nobody_saw_in_time_is_a_persons_and_never_sent_again() {
    for (from_ms, later_ms) in [
        // All runs were away for half an hour.
        (MORNING_MS, 30 * MINUTE_MS),
        // The day is over, and the supplier may have forgotten the id.
        (LATE_MS, 80 * MINUTE_MS),
        (LATE_MS, 12 * HOUR_MS),
    ] {
        let shop = Shop::open_at(from_ms).await;
        let order = sent_and_unheard(&shop).await;
        shop.pass(later_ms);
        let order = shop.finish(&order).await;
        assert_eq!(
            (order.state, order.review),
            (State::Manual, Some(Review::NoAnswer))
        );
        assert_eq!(shop.kios.requests(&order.refid), 1);
        assert!(shop.is_alerted("manual_needed", &order.refid).await);
        shop.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_pending_when_the_supplier_closes_is_not_asked_about_and_becomes_a_persons() {
    let shop = Shop::open_at(LATE_MS).await;
    let order = shop.order("9003").await;
    let order = shop.finish(&order).await;
    assert_eq!(order.state, State::Manual);
    // At 23:20, 23:21 and 23:23; not at 23:27.
    assert_eq!(shop.kios.requests(&order.refid), 3);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_over_the_cutoff_is_sent_at_its_end() {
    let shop = Shop::open_at(LATE_MS + 6 * MINUTE_MS).await;
    let order = shop.order("0001").await;
    assert!(order.holds);
    for _ in 0..68 {
        shop.go_on().await;
        assert_eq!(shop.stored(&order).await.state, State::New);
        assert_eq!(shop.kios.requests(&order.refid), 0);
        shop.pass(MINUTE_MS);
    }
    // 00:34 by then.
    shop.pass(MINUTE_MS);
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_before_the_cutoff_is_held_too_where_its_partner_wants_that() {
    let shop = Shop::open_at(LATE_MS).await;
    let order = shop.order("0001").await;
    shop.pass(5 * MINUTE_MS);
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::New);
    shop.pass(70 * MINUTE_MS);
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_before_the_cutoff_fails_where_its_partner_does_not_wait() {
    let shop = Shop::open_at(LATE_MS).await;
    let order = shop.hurried_order("0001").await;
    shop.pass(5 * MINUTE_MS);
    shop.go_on().await;
    let order = shop.stored(&order).await;
    assert_eq!(
        (order.state, order.failure),
        (State::Failed, Some(Reason::Cutoff))
    );
    assert_eq!(shop.kios.requests(&order.refid), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_same_order_is_tried_three_times_more_and_then_fails() {
    let mut shop = Shop::open().await;
    let usual = shop.settings.clone();
    // A port that somebody had, and nobody has.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    shop.settings.supplier.as_mut().unwrap().url = format!("http://{closed}");
    let (fails, other) = (shop.order("0001").await, shop.order("0001").await);
    shop.go_on().await;
    for order in [&fails, &other] {
        let order = shop.stored(order).await;
        assert_eq!((order.state, order.unsent, order.sent_ms), (State::New, 1, None));
        assert_eq!(order.next_ms, Some(shop.now() + 20 * SECOND_MS));
    }
    // Not before its pause is over.
    shop.go_on().await;
    assert_eq!(shop.stored(&fails).await.unsent, 1);
    for unsent in [2, 3] {
        shop.pass(20 * SECOND_MS);
        shop.go_on().await;
        assert_eq!(shop.stored(&fails).await.unsent, unsent);
    }
    shop.pass(20 * SECOND_MS);
    shop.go_on().await;
    for order in [&fails, &other] {
        let order = shop.stored(order).await;
        assert_eq!(
            (order.state, order.failure),
            (State::Failed, Some(Reason::NotSent))
        );
    }
    shop.settings = usual;
    let third = shop.order("0001").await;
    shop.go_on().await;
    assert_eq!(shop.stored(&third).await.state, State::Success);
    assert_eq!(shop.kios.transactions().len(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_finds_the_supplier_at_a_later_try_keeps_its_id() {
    let mut shop = Shop::open().await;
    let usual = shop.settings.clone();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    shop.settings.supplier.as_mut().unwrap().url = format!("http://{closed}");
    let order = shop.order("0001").await;
    shop.go_on().await;
    shop.settings = usual;
    let order = shop.finish(&order).await;
    assert_eq!((order.state, order.unsent), (State::Success, 1));
    assert_eq!(
        (
            shop.kios.requests(&order.refid),
            shop.kios.purchases(&order.refid)
        ),
        (1, 1)
    );
    shop.world.stop().await;
}

/// An order failed, and the supplier has never heard of it.
async fn failed_unsent(shop: &Shop, order: &Order) {
    let order = shop.stored(order).await;
    assert_eq!(
        (order.state, order.failure),
        (State::Failed, Some(Reason::NotSent))
    );
    assert_eq!(shop.kios.requests(&order.refid), 0);
    assert_eq!(shop.topups.waiting().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_stopped_since_it_was_taken_is_not_bought() {
    type Stops = fn(&mut Partner, &mut Product);
    let stops: [Stops; 3] = [
        |partner, _| partner.active = false,
        |_, product| product.active = false,
        |_, product| product.cost = Rupiah::new(11_001),
    ];
    for stop in stops {
        let shop = Shop::open().await;
        let (order, now_ms) = (shop.order("0001").await, shop.now());
        let mut partner = shop.catalogue.partner(&order.partner).await.unwrap().unwrap();
        let mut product = shop.product("S10").await;
        assert_eq!(order.price, Rupiah::new(11_000));
        stop(&mut partner, &mut product);
        shop.catalogue
            .put_partner(&partner, "test", now_ms)
            .await
            .unwrap();
        shop.catalogue
            .put_product(&product, "test", now_ms)
            .await
            .unwrap();
        shop.go_on().await;
        failed_unsent(&shop, &order).await;
        shop.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_waited_too_long_fails_unsent() {
    let shop = Shop::open().await;
    let order = shop.order("0001").await;
    shop.pass(30 * MINUTE_MS);
    shop.run_with(go_on(), shop.deps()).await.unwrap();
    failed_unsent(&shop, &order).await;
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_frozen_after_its_intent_sends_nothing_when_it_wakes() {
    let shop = Shop::open().await;
    let order = shop.order("0001").await;
    shop.world.faults.set(Plan::None);
    shop.run_with(record(&order), shop.deps_with(&shop.world.faulty))
        .await
        .unwrap();
    let calls = shop.world.faults.calls();
    let mut unsent = 0;
    for call in 0..calls {
        let order = shop.order("0001").await;
        shop.world.faults.set(Plan::Hold(call));
        let run = shop.run_with(record(&order), shop.deps_with(&shop.world.faulty));
        let frozen = async {
            shop.world.faults.held().await;
            shop.pass(20 * SECOND_MS);
            shop.world.faults.release();
        };
        let (outcome, ()) = tokio::join!(run, frozen);
        outcome.unwrap();
        if shop.stored(&order).await.state == State::Sending {
            assert_eq!(shop.kios.requests(&order.refid), 0, "call {call}");
            unsent += 1;
        }
        let order = shop.finish(&order).await;
        assert_eq!(
            (order.state, shop.kios.purchases(&order.refid)),
            (State::Success, 1)
        );
    }
    assert!(unsent > 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_waits_for_those_of_its_number_and_the_fifth_failure_is_never_risked() {
    let shop = Shop::open().await;
    let dest = shop.dest("9022");
    for _ in 0..3 {
        let order = shop.order_of("S10", &dest).await;
        assert_eq!(shop.finish(&order).await.failure, Some(Reason::FailedBefore));
    }
    let fourth = shop.order_of("S10", &dest).await;
    let fifth = shop.order_of("VGAME", &dest).await;
    shop.go_on().await;
    assert_eq!(shop.stored(&fourth).await.state, State::Pending);
    assert_eq!(shop.stored(&fifth).await.state, State::New);
    let (fourth, fifth) = (shop.finish(&fourth).await, shop.finish(&fifth).await);
    assert_eq!(fourth.failure, Some(Reason::FailedBefore));
    assert_eq!((fifth.failure, fifth.sent_ms), (Some(Reason::NotSent), None));
    assert_eq!(shop.kios.requests(&fifth.refid), 0);
    assert_eq!(shop.topups.waiting().await.unwrap(), 0);
    shop.world.stop().await;
}
