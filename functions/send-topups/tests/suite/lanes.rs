//! The supplier is spoken to by one run at a time for each lane, and an order is one run's.

use crate::support::{MINUTE_MS, SECOND_MS, Shop, go_on, look, record};
use domain::topup::order::Order;
use domain::topup::state::State;
use send_topups::{Failure, Outcome};
use serde_json::json;

async fn orders(shop: &Shop, count: usize) -> Vec<Order> {
    let mut orders = Vec::new();
    for _ in 0..count {
        orders.push(shop.order("0001").await);
    }
    orders
}

async fn all_bought_once(shop: &Shop, orders: &[Order]) {
    for order in orders {
        let (state, purchases) = (shop.stored(order).await.state, shop.kios.purchases(&order.refid));
        assert_eq!((state, purchases), (State::Success, 1));
        assert_eq!(shop.kios.requests(&order.refid), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_lane_one_request_follows_the_other() {
    let shop = Shop::open().await;
    shop.door.lets_them_stay();
    let orders = orders(&shop, 6).await;
    let run = || shop.run_with(record(&orders[0]), shop.deps());
    let (one, other, third) = tokio::join!(run(), run(), run());
    for outcome in [one, other, third] {
        assert_eq!(outcome.unwrap(), Outcome::Records(Default::default()));
    }
    // Whoever found the lane taken left; the others' orders were its holder's.
    shop.go_on().await;
    all_bought_once(&shop, &orders).await;
    assert_eq!(shop.door.most(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lanes_share_the_work_and_buy_nothing_twice() {
    let mut shop = Shop::open().await;
    shop.settings.lanes = 2;
    shop.door.lets_them_stay();
    shop.door.keeps_one_until_another_comes();
    let orders = orders(&shop, 8).await;
    let run = || shop.run_with(go_on(), shop.deps());
    let (one, other, third) = tokio::join!(run(), run(), run());
    for outcome in [one, other, third] {
        outcome.unwrap();
    }
    shop.go_on().await;
    all_bought_once(&shop, &orders).await;
    assert_eq!(shop.door.most(), 2);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_comes_again_changes_nothing() {
    let shop = Shop::open().await;
    let order = shop.order("0001").await;
    shop.run_with(record(&order), shop.deps()).await.unwrap();
    let stored = shop.stored(&order).await;
    for event in [record(&order), go_on(), record(&order)] {
        shop.run_with(event, shop.deps()).await.unwrap();
        assert_eq!(shop.stored(&order).await, stored);
    }
    all_bought_once(&shop, &[order]).await;
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_while_the_lane_is_worked_does_not_wait_for_the_next_minute() {
    let shop = Shop::open().await;
    let first = shop.order("0001").await;
    shop.door.close();
    let run = shop.run_with(record(&first), shop.deps());
    let second = async {
        shop.door.somebody_waits().await;
        let second = shop.order("0001").await;
        // Its own run finds the lane taken.
        shop.run_with(record(&second), shop.deps()).await.unwrap();
        assert_eq!(shop.stored(&second).await.state, State::New);
        shop.door.open();
        second
    };
    let (outcome, second) = tokio::join!(run, second);
    outcome.unwrap();
    all_bought_once(&shop, &[first, second]).await;
    shop.world.stop().await;
}

/// What the supplier has is asked about within minutes, however much waits to be sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_does_not_wait_behind_what_waits_to_be_sent() {
    let shop = Shop::open().await;
    let pending = shop.order("9003").await;
    shop.pass(SECOND_MS);
    let waiting = orders(&shop, 11).await;
    shop.door.close();
    let run = shop.run_with(go_on(), shop.deps());
    let meanwhile = async {
        shop.door.somebody_waits().await;
        let mut asked = vec![shop.kios.requests(&pending.refid)];
        for waits in 0..3 {
            shop.door.close();
            shop.door.open();
            shop.door.somebody_waits().await;
            asked.push(shop.kios.requests(&pending.refid));
            if waits == 0 {
                shop.pass(MINUTE_MS);
            }
        }
        shop.door.open();
        asked
    };
    let (outcome, asked) = tokio::join!(run, meanwhile);
    outcome.unwrap();
    assert_eq!(asked, [1, 1, 1, 2]);
    all_bought_once(&shop, &waiting).await;
    // The next question comes first again.
    shop.pass(2 * MINUTE_MS);
    orders(&shop, 2).await;
    shop.door.close();
    let run = shop.run_with(go_on(), shop.deps());
    let first = async {
        shop.door.somebody_waits().await;
        let asked = shop.kios.requests(&pending.refid);
        shop.door.open();
        asked
    };
    let (outcome, asked) = tokio::join!(run, first);
    outcome.unwrap();
    assert_eq!(asked, 3);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_died_keeps_its_lane_for_as_long_as_its_request_could_take() {
    let shop = Shop::open().await;
    let first = shop.order("0001").await;
    shop.door.close();
    tokio::select! {
        outcome = shop.run_with(record(&first), shop.deps()) => panic!("{outcome:?}"),
        () = shop.door.somebody_waits() => {}
    }
    let second = shop.order("0001").await;
    shop.pass(99 * SECOND_MS);
    shop.go_on().await;
    assert_eq!(shop.stored(&second).await.state, State::New);
    shop.pass(SECOND_MS);
    shop.go_on().await;
    assert_eq!(shop.stored(&second).await.state, State::Success);
    // Bought, and nobody heard it: asked about at its next time.
    assert_eq!(shop.stored(&first).await.state, State::Unknown);
    let first = shop.finish(&first).await;
    assert_eq!(
        (first.state, shop.kios.purchases(&first.refid)),
        (State::Success, 1)
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_asks_for_the_balance_in_a_lane_and_never_beside_an_order() {
    let shop = Shop::open().await;
    let first = shop.order("0001").await;
    shop.door.close();
    let run = shop.run_with(record(&first), shop.deps());
    let meanwhile = async {
        shop.door.somebody_waits().await;
        let Outcome::Looked(looked) = shop.run_with(look(), shop.deps()).await.unwrap() else {
            panic!("another outcome");
        };
        assert_eq!((looked.balance, shop.door.most()), (None, 1));
        shop.door.open();
    };
    let (outcome, ()) = tokio::join!(run, meanwhile);
    outcome.unwrap();
    // And no order beside a look; whoever found the lane taken does not wait for the next minute.
    shop.door.close();
    let run = shop.run_with(look(), shop.deps());
    let meanwhile = async {
        shop.door.somebody_waits().await;
        let second = shop.order("0001").await;
        shop.run_with(record(&second), shop.deps()).await.unwrap();
        assert_eq!(shop.stored(&second).await.state, State::New);
        shop.door.open();
        second
    };
    let (outcome, second) = tokio::join!(run, meanwhile);
    assert!(matches!(outcome.unwrap(), Outcome::Looked(looked) if looked.balance.is_some()));
    all_bought_once(&shop, &[first, second]).await;
    assert_eq!(shop.door.most(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_that_cannot_be_read_keep_no_other_from_being_sent() {
    let shop = Shop::open().await;
    let mut damaged = Vec::new();
    for number in 0..6 {
        damaged.push(shop.order_of("VGAME", &format!("PLAYER{number:03}0001")).await);
    }
    let order = shop.order("0001").await;
    shop.damage("G", "VGAME").await;
    let failure = shop.run_with(go_on(), shop.deps()).await.unwrap_err();
    assert!(matches!(failure, Failure::NotAllDone(6)), "{failure:?}");
    all_bought_once(&shop, &[order]).await;
    for order in damaged {
        assert_eq!(shop.stored(&order).await.state, State::New);
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_begun_that_could_not_be_ended_in_time() {
    let shop = Shop::open().await;
    let order = shop.order("0001").await;
    let soon = u64::try_from(shop.now() + 109 * SECOND_MS).unwrap();
    shop.run_until(go_on(), shop.deps(), soon).await.unwrap();
    assert_eq!(shop.stored(&order).await.state, State::New);
    // Orders take their time: a run that has some left for one has none for the next.
    let slow = shop.order("9037").await;
    let last = shop.order("9037").await;
    let later = u64::try_from(shop.now() + 125 * SECOND_MS).unwrap();
    shop.run_until(go_on(), shop.deps(), later).await.unwrap();
    assert_eq!(shop.stored(&order).await.state, State::Success);
    assert_eq!(shop.stored(&slow).await.state, State::Success);
    assert_eq!(shop.stored(&last).await.state, State::New);
    shop.pass(MINUTE_MS);
    shop.go_on().await;
    all_bought_once(&shop, &[order, slow, last]).await;
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_asks_for_nothing_known_is_refused_with_a_code() {
    let shop = Shop::open().await;
    for event in [json!({"task": "sleep"}), json!({})] {
        let failure = shop.run_with(event, shop.deps()).await.unwrap_err();
        assert_eq!(failure.code(), "TOPUP_TASK_UNKNOWN");
    }
    let others = json!({"Records": [{"dynamodb": {
        "Keys": {"pk": {"S": "W#whk_1"}, "sk": {"S": "W"}}, "SequenceNumber": "1",
    }}]});
    let order = shop.order("0001").await;
    shop.run_with(others, shop.deps()).await.unwrap();
    assert_eq!(shop.stored(&order).await.state, State::New);
    let failure = shop
        .run_with(json!({"Records": 1}), shop.deps())
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::NotABatch(_)));
    shop.world.stop().await;
}
