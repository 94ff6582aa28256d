//! What the log says, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use support::supplier::SERIAL;
use support::{NUMBER, PARTNER, Shop, TOKEN, send};
use testkit::log::Lines;
use testkit::search::found_in;

async fn report(shop: &Shop, rest: &str) {
    let request = Request::get(format!("/v1/reports/kiosampm/{rest}"));
    send(&shop.router, request.body(Body::empty()).unwrap()).await;
}

#[tokio::test]
async fn neither_number_nor_token_nor_serial_number_nor_key_is_ever_logged() {
    let shop = Shop::open().await;
    let lines = Lines::default();
    let guard = lines.listen();
    let body = json!({ "product": "S10", "destination": NUMBER, "reference": "untuk-sinta" });
    let refid = shop.buy("secret-idempotency-key", &body).await.refid();
    // Refusals of all kinds, for the same number.
    shop.buy("secret-idempotency-kez", &body)
        .await
        .refused(409, "TOPUP_ALREADY_OPEN");
    let wrong = json!({ "product": "S10", "destination": format!("{NUMBER}999") });
    shop.buy("secret-idempotency-kez", &wrong)
        .await
        .refused(422, "TOPUP_DESTINATION_INVALID");
    shop.post("/v1/topups/check", &body).await.is(200);
    let text: String = format!("%23{NUMBER}%23SN:{SERIAL}");
    report(
        &shop,
        &format!("{TOKEN}?refid={refid}&message={text}&sn={SERIAL}"),
    )
    .await;
    report(&shop, &format!("{TOKEN}?refid={NUMBER}&message={text}")).await;
    report(
        &shop,
        &format!("wrong-token-0123456789?refid={refid}&msisdn={NUMBER}"),
    )
    .await;
    shop.deliver(&refid).await;
    let shown = shop.get(&format!("/v1/topups/{refid}")).await;
    assert!(shown.text.contains(NUMBER) && shown.text.contains(SERIAL));
    shop.get("/v1/topups").await.is(200);
    let made = shop
        .manage(
            "POST",
            &format!("/v1/topup-partners/{PARTNER}/webhook-secret"),
            None,
        )
        .await;
    let secret = made.is(200)["secret"].as_str().unwrap().to_owned();
    drop(guard);
    let log = lines.texts();
    let hidden = [
        NUMBER,
        &NUMBER[1..],
        TOKEN,
        "wrong-token",
        SERIAL,
        "secret-idempotency",
        "untuk-sinta",
        &secret,
        "0123456789abcdef",
        shop.key.rsplit('_').next().unwrap(),
    ];
    for hidden in hidden {
        assert_eq!(found_in(&log, hidden), Vec::<String>::new(), "{hidden}");
    }
    let taken = lines.named("topup.taken");
    assert_eq!(taken.len(), 1);
    let told = &taken[0]["fields"];
    assert_eq!(
        (&told["refid"], &told["partner"], &told["product"]),
        (&json!(refid), &json!(PARTNER), &json!("S10"))
    );
    assert_eq!(lines.named("report.taken").len(), 1, "{log:?}");
    assert_eq!(lines.named("report.passed_over").len(), 1, "{log:?}");
}

#[tokio::test]
async fn the_route_of_a_report_is_logged_and_never_its_path() {
    let shop = Shop::open().await;
    let lines = Lines::default();
    let guard = lines.listen();
    report(&shop, TOKEN).await;
    report(&shop, "another").await;
    drop(guard);
    let answered = lines.named("request answered");
    let routes: Vec<(&Value, &Value)> = answered
        .iter()
        .map(|line| (&line["fields"]["route"], &line["fields"]["status"]))
        .collect();
    let route = json!("/v1/reports/kiosampm/{token}");
    assert_eq!(routes, [(&route, &json!(200)), (&route, &json!(404))]);
}
