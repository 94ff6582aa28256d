//! Cut off at any call, a message arrives: at most once more, and then under the same id.

use crate::support::{MINUTE_MS, Shop, records};
use domain::topup::webhook::WebhookState;
use testkit::faults::{Plan, tried};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_cut_off_at_any_call_arrives_under_one_id() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    shop.world.faults.set(Plan::None);
    let deps = || shop.deps_with(&shop.world.faulty, true);
    shop.run_with(records(&[&webhook]), deps()).await.unwrap();
    let calls = shop.world.faults.calls();
    assert!(calls >= 5, "{calls} calls");
    let plans = tried(calls, 12).into_iter();
    let plans = plans.flat_map(|call| {
        [
            Plan::CrashBefore(call),
            Plan::CrashAfter(call),
            Plan::LoseAnswer(call),
        ]
    });
    for plan in plans {
        let (_, webhook) = shop.failed().await;
        let of_it = || {
            let received = shop.receiver.received().into_iter();
            received.filter(|one| one.event_id == webhook.id).count()
        };
        shop.world.faults.set(plan);
        let outcome = shop.run_with(records(&[&webhook]), deps()).await;
        shop.world.faults.set(Plan::None);
        let (sent, stands) = (of_it(), shop.webhook(&webhook.id).await.state);
        // A run that did nothing says so: its record comes again.
        assert!(
            outcome.is_err() || stands == WebhookState::Delivered || sent == 0,
            "{plan:?}"
        );
        // The record comes again at once, and the minute after the claim is over.
        shop.deliver(&[&webhook]).await;
        shop.pass(MINUTE_MS);
        shop.go_on().await;
        let stored = shop.webhook(&webhook.id).await;
        assert_eq!(stored.state, WebhookState::Delivered, "{plan:?}");
        assert!((1..=2).contains(&of_it()), "{plan:?}: {} times", of_it());
        shop.pass(MINUTE_MS);
        shop.go_on().await;
        assert_eq!(shop.webhook(&webhook.id).await, stored, "{plan:?}");
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giving_up_cut_off_at_any_call_is_one_mail() {
    let shop = Shop::open().await;
    shop.partner_is_away().await;
    for call in 0..10 {
        let (_, webhook) = shop.failed().await;
        let last_try = domain::topup::webhook::Webhook {
            attempts: 9,
            ..webhook.clone()
        };
        let webhook = shop.webhooks.change(&webhook, &last_try).await.unwrap();
        shop.world.faults.set(Plan::CrashAfter(call));
        let deps = shop.deps_with(&shop.world.faulty, true);
        drop(shop.run_with(records(&[&webhook]), deps).await);
        shop.world.faults.set(Plan::None);
        shop.pass(MINUTE_MS);
        shop.go_on().await;
        let stored = shop.webhook(&webhook.id).await;
        assert_eq!(stored.state, WebhookState::GivenUp, "call {call}");
        assert!(stored.attempts <= 11, "call {call}");
    }
    assert_eq!(shop.given_up_mails(shop.now()).await, 1);
    shop.world.stop().await;
}
