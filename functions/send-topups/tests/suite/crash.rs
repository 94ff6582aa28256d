//! Cut off at any call, an order is bought at most once and nothing is lost: it is unknown for a while, then it is
//! asked about, and ends as it would have.

use crate::support::{MINUTE_MS, Shop, go_on, record};
use domain::topup::order::Order;
use domain::topup::state::State;
use testkit::faults::{Plan, tried};

/// How many of the calls are tried, unless all are.
const TRIED: u64 = 16;

/// Every way to be cut off at some of so many calls. A crash before a call leaves what one after the call before it
/// does.
fn plans(calls: u64) -> impl Iterator<Item = Plan> {
    let plans = tried(calls, TRIED).into_iter();
    let plans = plans.flat_map(|call| [Plan::CrashAfter(call), Plan::LoseAnswer(call)]);
    [Plan::CrashBefore(0)].into_iter().chain(plans)
}

/// A run whose store goes away as the plan says.
async fn cut_off(shop: &Shop, order: &Order, plan: Plan) -> u64 {
    let deps = shop.deps_with(&shop.world.faulty);
    shop.world.faults.set(plan);
    let outcome = shop.run_with(record(order), deps).await;
    let calls = shop.world.faults.calls();
    shop.world.faults.set(Plan::None);
    if plan == Plan::None {
        outcome.unwrap();
    }
    calls
}

/// What became of an order, and whether all that belongs to it says the same.
async fn ended(shop: &Shop, order: &Order, plan: Plan) -> Order {
    let order = shop.finish(order).await;
    assert!(shop.kios.purchases(&order.refid) <= 1, "{plan:?}");
    let events = shop.events(&order).await;
    assert_eq!(events.len(), usize::try_from(order.events).unwrap(), "{plan:?}");
    let destination = shop.topups.destination(&order.dest).await.unwrap();
    assert!(destination.open.is_empty(), "{plan:?}");
    assert_eq!(shop.topups.waiting().await.unwrap(), 0, "{plan:?}");
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_cut_off_at_any_call_is_bought_once_and_delivered() {
    let shop = Shop::open().await;
    let order = shop.order("0001").await;
    let calls = cut_off(&shop, &order, Plan::None).await;
    assert!(calls > 12, "{calls} calls");
    assert_eq!(shop.stored(&order).await.state, State::Success);
    for (number, plan) in (2..).zip(plans(calls)) {
        // The lane of a run that died is free again.
        shop.pass(2 * MINUTE_MS);
        let order = shop.order("0001").await;
        cut_off(&shop, &order, plan).await;
        let order = ended(&shop, &order, plan).await;
        let delivered = (order.state, shop.kios.purchases(&order.refid));
        assert_eq!(delivered, (State::Success, 1), "{plan:?}");
        assert!(order.sn.is_some(), "{plan:?}");
        let books = shop.topups.books().await.unwrap();
        assert_eq!(books.charged.get(), crate::support::COST * number, "{plan:?}");
        assert!(books.open.is_empty(), "{plan:?}");
        // And once more changes nothing.
        cut_off(&shop, &order, Plan::None).await;
        assert_eq!(shop.stored(&order).await, order, "{plan:?}");
    }
    assert_eq!(shop.alerts().await, [].into());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_cut_off_at_any_call_is_asked_again() {
    let shop = Shop::open().await;
    let pending = async || {
        let order = shop.order("9002").await;
        shop.go_on().await;
        assert_eq!(shop.stored(&order).await.state, State::Pending);
        shop.pass(MINUTE_MS);
        order
    };
    let order = pending().await;
    let calls = cut_off(&shop, &order, Plan::None).await;
    assert_eq!(shop.stored(&order).await.state, State::Success);
    for plan in plans(calls) {
        shop.pass(2 * MINUTE_MS);
        let order = pending().await;
        cut_off(&shop, &order, plan).await;
        let order = ended(&shop, &order, plan).await;
        let delivered = (order.state, shop.kios.purchases(&order.refid));
        assert_eq!(delivered, (State::Success, 1), "{plan:?}");
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_cut_off_at_any_call_is_a_failure_and_given_back() {
    let shop = Shop::open().await;
    let order = shop.order("9004").await;
    let calls = cut_off(&shop, &order, Plan::None).await;
    for plan in plans(calls) {
        shop.pass(2 * MINUTE_MS);
        let order = shop.order("9004").await;
        cut_off(&shop, &order, plan).await;
        let order = ended(&shop, &order, plan).await;
        let found = (order.state, shop.kios.purchases(&order.refid));
        assert_eq!(found, (State::Failed, 0), "{plan:?}");
    }
    let date = domain::topup::window::wib_date(shop.now());
    let day = shop.topups.day(crate::support::PARTNER, date).await.unwrap();
    assert_eq!((day.taken, day.used()), (day.failed, 0));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handing_over_cut_off_at_any_call_is_done_the_next_minute() {
    let shop = Shop::open().await;
    let silent = async || {
        let order = shop.order("9003").await;
        // Asked about, until there is one question left.
        for _ in 0..16 {
            shop.go_on().await;
            shop.pass(MINUTE_MS);
        }
        order
    };
    let order = silent().await;
    let calls = cut_off(&shop, &order, Plan::None).await;
    assert_eq!(shop.stored(&order).await.state, State::Manual);
    for plan in plans(calls).step_by(3) {
        let order = silent().await;
        cut_off(&shop, &order, plan).await;
        shop.pass(2 * MINUTE_MS);
        shop.run_with(go_on(), shop.deps()).await.unwrap();
        let order = shop.stored(&order).await;
        assert_eq!(order.state, State::Manual, "{plan:?}");
        assert!(shop.is_alerted("manual_needed", &order.refid).await, "{plan:?}");
    }
    shop.world.stop().await;
}
