//! Killed at any call and started again, a rebuild ends like one that was not.

use crate::support::Shop;
use testkit::faults::{Plan, tried};

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_killed_at_any_call_ends_like_one_that_was_not() {
    let shop = Shop::open().await;
    shop.tell_a_short_story().await;
    let wanted = shop.fingerprint().await;
    let mails = shop.mails().await;
    shop.world.faults.set(Plan::None);
    shop.rebuild(&shop.faulty).await.unwrap();
    let calls = shop.world.faults.calls();
    assert!(calls > 50, "{calls} calls are no rebuild");
    for call in tried(calls, 20) {
        let before = shop.rebuilds().await;
        shop.world.faults.set(Plan::CrashBefore(call));
        let killed = shop.rebuild(&shop.faulty).await;
        shop.world.faults.set(Plan::None);
        let ended = shop.rebuilds().await - before;
        assert!(killed.is_err() || ended == 1, "call {call}: {killed:?}");
        // Goes on; or, where the other one had just ended, begins anew.
        shop.rebuild_the_same().await;
        assert_eq!(shop.rebuilds().await - before, ended + 1, "call {call}");
        assert_eq!(
            shop.changed_since(&wanted).await,
            ["operations.audit"],
            "call {call}"
        );
        assert_eq!(shop.mails().await, mails, "call {call}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_stops_a_rebuild_or_does_not_matter() {
    let shop = Shop::open().await;
    shop.tell_a_short_story().await;
    let wanted = shop.fingerprint().await;
    shop.world.faults.set(Plan::None);
    shop.rebuild(&shop.faulty).await.unwrap();
    // The last calls: the comparison and the record of the end, the hardest place to lose one.
    let calls = shop.world.faults.calls();
    for call in calls - 6..calls {
        let before = shop.rebuilds().await;
        shop.world.faults.set(Plan::LoseAnswer(call));
        let first = shop.rebuild(&shop.faulty).await;
        if first.is_err() && shop.rebuilds().await == before {
            shop.rebuild_the_same().await;
        }
        assert_eq!(
            shop.rebuilds().await,
            before + 1,
            "call {call}: one rebuild, one record"
        );
        assert_eq!(
            shop.changed_since(&wanted).await,
            ["operations.audit"],
            "call {call}"
        );
        shop.world.faults.set(Plan::None);
        shop.tools.leases.give_back("rebuild", "first").await.unwrap();
    }
}
