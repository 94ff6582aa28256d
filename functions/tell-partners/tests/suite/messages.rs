//! What a partner receives, and how it knows that it is ours.

use crate::support::{HOUR_MS, MINUTE_MS, NOW_MS, Shop, records, secret_of};
use domain::topup::webhook::WebhookState;
use serde_json::json;
use tell_partners::Told;

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_is_told_at_once_with_a_signature_of_its_own() {
    let shop = Shop::open().await;
    let (order, webhook) = shop.failed().await;
    assert_eq!(shop.deliver(&[&webhook]).await, Vec::<String>::new());
    let received = shop.receiver.received();
    assert_eq!(received.len(), 1);
    let received = &received[0];
    assert_eq!(received.event_id, format!("whk_{}_failed", order.refid));
    assert!(received.is_signed_by(&secret_of(1)));
    assert!(!received.is_signed_by(&secret_of(2)));
    let signed = (received.signed_at(), received.signatures());
    assert_eq!(signed, (Some(NOW_MS / 1000), 1));
    let body = received.json();
    assert_eq!(body["id"], json!(webhook.id));
    assert_eq!(body["type"], json!("topup.failed"));
    assert_eq!(body["topup"]["refid"], json!(order.refid));
    assert_eq!(body["topup"]["reference"], json!("nota 0"));
    assert_eq!(body["topup"]["destination"], json!(order.dest));
    assert_eq!(body["topup"]["reason"], json!("NOT_SENT"));
    let stored = shop.webhook(&webhook.id).await;
    let told = (stored.state, stored.attempts, stored.last.as_deref());
    assert_eq!(told, (WebhookState::Delivered, 1, Some("204")));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_told_again_is_sent_once() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    for _ in 0..3 {
        shop.deliver(&[&webhook, &webhook]).await;
    }
    assert_eq!(shop.go_on().await, Told::default());
    assert_eq!(shop.receiver.received().len(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_a_time_send_a_message_once() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    let run = || shop.run_with(records(&[&webhook]), shop.deps());
    let (one, other) = tokio::join!(run(), run());
    one.unwrap();
    other.unwrap();
    assert_eq!(shop.webhook(&webhook.id).await.state, WebhookState::Delivered);
    assert_eq!(shop.receiver.received().len(), 1);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn for_a_day_after_a_new_secret_the_old_one_signs_too() {
    let shop = Shop::open().await;
    shop.partner(|partner| {
        partner.secret = 2;
        partner.signs_from = 1;
        partner.secret_ms = NOW_MS;
    })
    .await;
    let send = async || {
        let (_, webhook) = shop.failed().await;
        shop.deliver(&[&webhook]).await;
        shop.receiver.received().pop().unwrap()
    };
    let both = send().await;
    assert!(both.is_signed_by(&secret_of(2)) && both.is_signed_by(&secret_of(1)));
    shop.pass(24 * HOUR_MS);
    let one = send().await;
    assert!(one.is_signed_by(&secret_of(2)) && !one.is_signed_by(&secret_of(1)));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_without_an_address_is_told_nothing() {
    let shop = Shop::open().await;
    shop.partner(|partner| partner.webhook = None).await;
    let (_, webhook) = shop.failed().await;
    shop.deliver(&[&webhook]).await;
    assert_eq!(shop.webhook(&webhook.id).await.state, WebhookState::NotWanted);
    shop.pass(MINUTE_MS);
    assert_eq!(shop.go_on().await, Told::default());
    assert_eq!(shop.receiver.received().len(), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_goes_into_our_own_network() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    let deps = shop.deps_with(&shop.world.clients, false);
    shop.run_with(records(&[&webhook]), deps).await.unwrap();
    let stored = shop.webhook(&webhook.id).await;
    assert_eq!((stored.state, stored.attempts), (WebhookState::Queued, 1));
    assert_eq!(shop.receiver.received().len(), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_other_things_start_nothing() {
    let shop = Shop::open().await;
    let (_, webhook) = shop.failed().await;
    let mut others = records(&[&webhook, &webhook]);
    others["Records"][0]["dynamodb"]["NewImage"]["state"]["S"] = json!("delivered");
    others["Records"][1]["dynamodb"]["NewImage"]["kind"]["S"] = json!("topup");
    shop.run_with(others, shop.deps()).await.unwrap();
    assert_eq!(shop.receiver.received().len(), 0);
    for event in [json!({"task": "sleep"}), json!({})] {
        let failure = shop.run_with(event, shop.deps()).await.unwrap_err();
        assert_eq!(failure.code(), "WEBHOOK_TASK_UNKNOWN");
    }
    shop.world.stop().await;
}
