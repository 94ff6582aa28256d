//! While nothing is sent to the supplier no order is taken: it would wait, and fail for that.

use crate::support::{MINUTE_MS, NUMBER, PARTNER, Shop, request, send, wanted};
use axum::Router;
use serde_json::json;

const ADDRESS: &str = "203.0.113.7";

impl Shop {
    /// What `send-topups` notes when the supplier has refused us.
    async fn paused_until(&self, until_ms: i64) {
        let pause = json!({ "until_ms": until_ms, "why": "about_us" });
        self.noted("pause", &pause.to_string()).await;
    }

    /// What it notes of the address that we are seen under.
    async fn seen_as(&self, address: &str) {
        let seen = json!({ "seen": address, "at_ms": self.now_ms() });
        self.noted("address", &seen.to_string()).await;
    }

    async fn noted(&self, name: &str, text: &str) {
        let put = self.catalogue();
        let put = put.put_setting(name, Some(text), "send-topups", self.now_ms());
        put.await.unwrap();
    }
}

/// What `GET /v1/balance` says of intake, and since when orders are sent again.
async fn intake(shop: &Shop, router: &Router) -> [String; 3] {
    let told = send(router, request("GET", "/v1/balance", &shop.key, None)).await;
    ["intake", "reason", "sends_at"].map(|name| told.is(200)[name].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn while_sending_pauses_orders_are_refused_until_it_is_tried_again() {
    let shop = Shop::open().await;
    shop.paused_until(shop.now_ms() + 5 * MINUTE_MS).await;
    let paused = shop.buy("order-number-1", &wanted(NUMBER)).await;
    paused.refused(409, "TOPUP_PAUSED");
    assert_eq!(paused.retry_after(), 300);
    let until = "2025-10-28T05:05:00.000Z";
    assert_eq!(
        intake(&shop, &shop.router).await,
        ["paused", "TOPUP_PAUSED", until]
    );
    let checked = shop.post("/v1/topups/check", &wanted(NUMBER)).await;
    assert_eq!(checked.is(200)["accepted"], false);
    assert_eq!(checked.json["refusals"][0]["code"], "TOPUP_PAUSED");
    assert_eq!(checked.json["refusals"][0]["until"], until);
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
    shop.pass_ms(5 * MINUTE_MS);
    assert_eq!(intake(&shop, &shop.router).await, ["open", "", ""]);
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn an_order_that_was_taken_before_a_pause_is_answered_during_it() {
    let shop = Shop::open().await;
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.paused_until(shop.now_ms() + 5 * MINUTE_MS).await;
    let again = shop.buy("order-number-1", &wanted(NUMBER)).await;
    assert_eq!(again.is(202)["refid"], refid);
    shop.get(&format!("/v1/topups/{refid}")).await.is(200);
}

#[tokio::test]
async fn under_another_address_than_the_supplier_knows_no_order_is_taken() {
    let shop = Shop::open().await;
    let looks = shop.under(|settings| settings.address = Some(ADDRESS.to_owned()));
    assert_eq!(
        intake(&shop, &looks).await,
        ["open", "", ""],
        "nobody has looked yet"
    );
    shop.seen_as("198.51.100.1").await;
    let refused = send(&looks, shop.buying("order-number-1", &wanted(NUMBER))).await;
    refused.refused(409, "TOPUP_PAUSED");
    assert_eq!(refused.retry_after(), 900, "until the next look");
    let looked = intake(&shop, &looks).await;
    assert_eq!(looked[..2], ["paused", "TOPUP_PAUSED"]);
    assert_eq!(
        intake(&shop, &shop.router).await,
        ["open", "", ""],
        "nobody looks here"
    );
    shop.seen_as(ADDRESS).await;
    send(&looks, shop.buying("order-number-1", &wanted(NUMBER)))
        .await
        .is(202);
}

#[tokio::test]
async fn a_pause_that_cannot_be_read_is_not_taken_for_none() {
    let shop = Shop::open().await;
    shop.noted("pause", "{}").await;
    let refused = shop.buy("order-number-1", &wanted(NUMBER)).await;
    assert_eq!(refused.status.as_u16(), 500, "{}", refused.text);
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
}
