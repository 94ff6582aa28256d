//! A message that is not taken is tried again, less and less often, until it is given up and a person is told.

use crate::support::{HOUR_MS, MINUTE_MS, SECOND_MS, Shop, hook, records};
use domain::topup::webhook::WebhookState;
use tell_partners::Told;

/// The pauses between two tries.
const PAUSES_MS: [i64; 9] = [
    10 * SECOND_MS,
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    24 * HOUR_MS,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_refused_is_tried_ten_times_in_two_days_and_then_given_up() {
    let shop = Shop::open().await;
    shop.receiver
        .answers(&[500, 404, 302, 503, 429, 400, 500, 500, 500, 500]);
    let (_, webhook) = shop.failed().await;
    shop.deliver(&[&webhook]).await;
    for (tries, pause_ms) in (1..).zip(PAUSES_MS) {
        let stored = shop.webhook(&webhook.id).await;
        assert_eq!((stored.state, stored.attempts), (WebhookState::Queued, tries));
        assert_eq!(stored.due_ms, shop.now() + pause_ms, "after {tries} tries");
        shop.pass(pause_ms - 1);
        assert_eq!(shop.go_on().await, Told::default());
        shop.pass(1);
        let told = shop.go_on().await;
        assert_eq!(told.later + told.given_up, 1);
    }
    let stored = shop.webhook(&webhook.id).await;
    assert_eq!((stored.state, stored.attempts), (WebhookState::GivenUp, 10));
    assert_eq!(stored.last.as_deref(), Some("500"));
    let received = shop.receiver.received();
    assert_eq!(received.len(), 10);
    // Each is the same message, signed anew.
    assert!(
        received
            .iter()
            .all(|one| one.event_id == webhook.id && one.body == received[0].body)
    );
    assert!(
        received
            .windows(2)
            .all(|two| two[0].signed_at() < two[1].signed_at())
    );
    assert_eq!(shop.given_up_mails(shop.now()).await, 1);
    shop.pass(48 * HOUR_MS);
    assert_eq!(shop.go_on().await, Told::default());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_taken_at_a_later_try_is_done() {
    let shop = Shop::open().await;
    shop.receiver.answers(&[503]);
    let (_, webhook) = shop.failed().await;
    shop.deliver(&[&webhook]).await;
    shop.pass(10 * SECOND_MS);
    let told = shop.go_on().await;
    assert_eq!((told.delivered, told.later), (1, 0));
    let stored = shop.webhook(&webhook.id).await;
    assert_eq!((stored.state, stored.attempts), (WebhookState::Delivered, 2));
    assert_eq!(shop.given_up_mails(shop.now()).await, 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_away_is_one_mail_however_many_messages_it_misses() {
    let shop = Shop::open().await;
    shop.partner_is_away().await;
    let mut webhooks = Vec::new();
    for _ in 0..3 {
        webhooks.push(shop.failed().await.1);
    }
    shop.deliver(&webhooks.iter().collect::<Vec<_>>()).await;
    for pause_ms in PAUSES_MS {
        shop.pass(pause_ms);
        shop.go_on().await;
    }
    for webhook in &webhooks {
        let stored = shop.webhook(&webhook.id).await;
        let told = (stored.state, stored.last.as_deref());
        assert_eq!(told, (WebhookState::GivenUp, Some("no_connection")));
    }
    assert_eq!(shop.given_up_mails(shop.now()).await, 1);
    let (given_up, _) = shop.webhooks.given_up(None, 10).await.unwrap();
    assert_eq!(given_up.len(), 3);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_again_by_hand_is_sent_under_its_id() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    shop.deliver(&[&webhook]).await;
    let delivered = shop.webhook(&webhook.id).await;
    let again = shop
        .webhooks
        .resend(&delivered, shop.now(), "staff:owner")
        .await
        .unwrap();
    shop.deliver(&[&again]).await;
    let ids: Vec<_> = shop
        .receiver
        .received()
        .into_iter()
        .map(|one| one.event_id)
        .collect();
    assert_eq!(ids, [webhook.id.clone(), webhook.id.clone()]);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_time_for_a_slow_partner_nothing_is_claimed() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    let soon = u64::try_from(shop.now() + 29 * SECOND_MS).unwrap();
    shop.run_until(records(&[&webhook]), shop.deps(), soon)
        .await
        .unwrap();
    assert_eq!(shop.webhook(&webhook.id).await, webhook);
    assert_eq!(shop.go_on().await.delivered, 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_many_messages_wait_for_a_slow_partner_another_one_is_told() {
    let shop = Shop::open().await;
    let (slow_way, quick) = (shop.slow_way().await, shop.hook());
    let slow = hook(&slow_way);
    shop.partner(|partner| partner.webhook = slow).await;
    shop.partner_of("kios-anggrek", |partner| partner.webhook = quick)
        .await;
    // One more than a page has.
    for _ in 0..201 {
        shop.failed().await;
    }
    shop.pass(1);
    let (_, last) = shop.failed_of("kios-anggrek").await;
    let told = shop.go_on().await;
    assert_eq!((told.delivered, told.later, told.given_up), (2, 0, 0));
    assert_eq!(shop.webhook(&last.id).await.state, WebhookState::Delivered);
    assert_eq!(shop.receiver.received().len(), 2);
    shop.world.stop().await;
}
