//! What else a partner may see: its products, what is left of its day, its statements and lists, its webhooks.

use crate::support::{HOUR_MS, MINUTE_MS, NUMBER, PARTNER, Shop, partner, product, request, send, wanted};
use aws::topups::Webhooks;
use domain::api_key::Scope;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Product};
use domain::topup::reply::Failure;
use domain::topup::rupiah::Rupiah;
use domain::topup::webhook::{Webhook, WebhookState};
use serde_json::{Value, json};

#[tokio::test]
async fn a_partner_sees_its_products_and_never_what_they_cost_the_shop() {
    let shop = Shop::open().await;
    shop.sell(&Product {
        active: false,
        ..product("OFF1", 5000)
    })
    .await;
    shop.sell(&Product {
        breaker: Breaker {
            until_ms: Some(shop.now_ms() + MINUTE_MS),
            ..Breaker::default()
        },
        ..product("S25", 25_400)
    })
    .await;
    let listed = shop.get("/v1/products").await;
    let expected = json!([
        { "code": "P20", "name": "Pulsa 21000", "kind": "pln", "operator": null, "price": 21_000,
          "available": true, "available_from": null },
        { "code": "S10", "name": "Pulsa 10500", "kind": "pulsa", "operator": "telkomsel", "price": 10_500,
          "available": true, "available_from": null },
        { "code": "S25", "name": "Pulsa 25400", "kind": "pulsa", "operator": "telkomsel", "price": 25_400,
          "available": false, "available_from": "2025-10-28T05:01:00.000Z" },
    ]);
    assert_eq!(listed.is(200)["items"], expected);
    shop.describe(Partner {
        products: Some(["S10".to_owned(), "OFF1".to_owned()].into()),
        ..partner(PARTNER)
    })
    .await;
    let listed = shop.get("/v1/products").await;
    assert_eq!(listed.is(200)["items"], json!([expected[1]]));
}

#[tokio::test]
async fn a_partner_sees_what_is_left_of_its_day() {
    let shop = Shop::open().await;
    shop.deposit(100_000).await;
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
    let balance = shop.get("/v1/balance").await;
    let expected = json!({
        "date": "2025-10-28", "cap": 1_000_000, "used": 10_500, "left": 989_500, "intake": "open",
        "reason": null, "sends_at": null, "deposit": null,
    });
    assert_eq!(balance.is(200), &expected);
    let both = shop
        .mint(&[Scope::Topups, Scope::TopupsManage], Some(PARTNER), 5)
        .await;
    let balance = send(&shop.router, request("GET", "/v1/balance", &both, None)).await;
    let deposit = json!({
        "balance": 100_000, "said_at": "2025-10-28T05:00:00.000Z", "waiting": 10_100, "open": 0, "free": 89_900,
    });
    assert_eq!(balance.is(200)["deposit"], deposit);
}

#[tokio::test]
async fn a_partner_sees_when_and_why_nothing_is_taken() {
    let shop = Shop::open().await;
    let intake = |answer: &Value| {
        let told = ["intake", "reason", "sends_at"];
        told.map(|name| answer[name].as_str().unwrap_or_default().to_owned())
    };
    let off = shop.under(|settings| settings.is_on = false);
    let told = send(&off, request("GET", "/v1/balance", &shop.key, None)).await;
    assert_eq!(intake(told.is(200)), ["paused", "TOPUP_OFF", ""]);
    shop.pass_ms(11 * HOUR_MS + 30 * MINUTE_MS);
    let told = shop.get("/v1/balance").await;
    let morning = "2025-10-28T17:35:00.000Z";
    assert_eq!(intake(told.is(200)), ["paused", "TOPUP_CUTOFF", morning]);
    shop.describe(Partner {
        cutoff: CutoffChoice::Hold,
        ..partner(PARTNER)
    })
    .await;
    let told = shop.get("/v1/balance").await;
    assert_eq!(intake(told.is(200)), ["holding", "", morning]);
    shop.deposit(0).await;
    let told = shop.get("/v1/balance").await;
    assert_eq!(intake(told.is(200)), ["paused", "TOPUP_BALANCE_LOW", morning]);
}

#[tokio::test]
async fn a_statement_adds_up_and_says_when_it_is_final() {
    let shop = Shop::open().await;
    let mut refids = Vec::new();
    for n in 0..4 {
        let body = wanted(&format!("08123456780{n}"));
        refids.push(shop.buy(&format!("order-number-{n}"), &body).await.refid());
        shop.pass_ms(1000);
    }
    shop.deliver(&refids[0]).await;
    shop.deliver(&refids[1]).await;
    shop.refuse(&refids[2], Failure::BadNumber).await;
    let totals = |orders: i64| json!({ "orders": orders, "rupiah": orders * 10_500 });
    let day = shop.get("/v1/statements/2025-10-28?limit=3").await;
    let names = ["taken", "delivered", "failed", "reversed", "open"];
    let found = names.map(|name| day.is(200)[name].clone());
    assert_eq!(found, [4, 2, 1, 0, 1].map(totals));
    assert_eq!(day.json["provisional"], true);
    let first = day.json["items"].as_array().unwrap();
    let next = day.json["next"].as_str().unwrap();
    let rest = shop
        .get(&format!("/v1/statements/2025-10-28?limit=3&after={next}"))
        .await;
    let rest = rest.is(200)["items"].as_array().unwrap().clone();
    let shown: Vec<&str> = first
        .iter()
        .chain(&rest)
        .map(|order| order["refid"].as_str().unwrap())
        .collect();
    let latest_first: Vec<&str> = refids.iter().rev().map(String::as_str).collect();
    assert_eq!(shown, latest_first);
    shop.pass_ms(24 * HOUR_MS);
    let after = |day: &Value| day["provisional"] == json!(true);
    assert!(
        after(shop.get("/v1/statements/2025-10-28").await.is(200)),
        "one is open"
    );
    shop.deliver(&refids[3]).await;
    assert!(!after(shop.get("/v1/statements/2025-10-28").await.is(200)));
    shop.get("/v1/statements/28-10-2025")
        .await
        .refused(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn orders_are_listed_by_date_and_state() {
    let shop = Shop::open().await;
    let first = shop.buy("order-number-1", &wanted("081234567801")).await.refid();
    shop.deliver(&first).await;
    shop.pass_ms(24 * HOUR_MS);
    let second = shop.buy("order-number-2", &wanted("081234567802")).await.refid();
    let table = [
        ("", vec![&second, &first]),
        ("?state=success", vec![&first]),
        ("?state=new", vec![&second]),
        ("?state=failed", vec![]),
        ("?from=2025-10-29", vec![&second]),
        ("?to=2025-10-28", vec![&first]),
        ("?from=2025-10-28&to=2025-10-29&limit=10", vec![&second, &first]),
        ("?from=2025-10-30", vec![]),
    ];
    for (query, expected) in table {
        let listed = shop.get(&format!("/v1/topups{query}")).await;
        let items = listed.is(200)["items"].as_array().unwrap();
        let refids: Vec<&str> = items.iter().map(|item| item["refid"].as_str().unwrap()).collect();
        assert_eq!(refids, expected, "{query}");
    }
    for (query, code) in [
        ("?state=gone", "PARAMETER_INVALID"),
        ("?from=soon", "PARAMETER_INVALID"),
        ("?limit=0", "PARAMETER_INVALID"),
        ("?after=x", "PARAMETER_INVALID"),
        ("?after=bm9uZQ", "PARAMETER_INVALID"),
        ("?colour=red", "QUERY_UNKNOWN"),
    ] {
        shop.get(&format!("/v1/topups{query}")).await.refused(400, code);
    }
}

#[tokio::test]
async fn a_message_that_was_given_up_is_sent_again_for_its_partner_alone() {
    let shop = Shop::open().await;
    shop.describe(partner("kios-2")).await;
    let other = shop.mint(&[Scope::Topups], Some("kios-2"), 9).await;
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.deliver(&refid).await;
    let id = format!("whk_{refid}_success");
    let again = format!("/v1/webhooks/{id}/send-again");
    shop.post(&again, &Value::Null)
        .await
        .refused(409, "WEBHOOK_UNDER_WAY");
    assert_eq!(shop.get("/v1/webhooks").await.is(200)["items"], json!([]));
    let webhooks = Webhooks::new(&shop.world.clients);
    let queued = webhooks.get(&id).await.unwrap().unwrap();
    let given_up = Webhook {
        state: WebhookState::GivenUp,
        attempts: 10,
        last: Some("503".to_owned()),
        ..queued.clone()
    };
    webhooks.change(&queued, &given_up).await.unwrap();
    let expected = json!({
        "id": id, "type": "topup.success", "refid": refid, "state": "given_up", "attempts": 10, "last": "503",
        "created_at": "2025-10-28T05:00:00.000Z",
    });
    assert_eq!(shop.get("/v1/webhooks").await.is(200)["items"], json!([expected]));
    let theirs = send(&shop.router, request("GET", "/v1/webhooks", &other, None)).await;
    assert_eq!(theirs.is(200)["items"], json!([]));
    for (key, path) in [(&other, &*again), (&shop.key, "/v1/webhooks/whk_x/send-again")] {
        send(&shop.router, request("POST", path, key, None))
            .await
            .refused(404, "WEBHOOK_NOT_FOUND");
    }
    let sent = shop.post(&again, &Value::Null).await;
    assert_eq!(
        (&sent.is(202)["state"], &sent.json["attempts"]),
        (&json!("queued"), &json!(0))
    );
    assert_eq!(shop.get("/v1/webhooks").await.is(200)["items"], json!([]));
}

#[tokio::test]
async fn a_partner_without_a_cap_orders_nothing() {
    let shop = Shop::open().await;
    shop.describe(Partner {
        daily_cap: Rupiah::ZERO,
        ..partner(PARTNER)
    })
    .await;
    assert_eq!(shop.get("/v1/balance").await.is(200)["left"], 0);
    let refused = shop.buy("order-number-1", &wanted(NUMBER)).await;
    refused.refused(429, "TOPUP_CAP_REACHED");
    assert!(!refused.headers.contains_key("retry-after"), "no time will help");
}
