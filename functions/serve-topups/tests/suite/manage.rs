//! Products, partners and prefixes, as the shop describes them.

use crate::support::{FOLDER, NUMBER, PARTNER, Shop, TOKEN, product, request, send, wanted};
use aws::audit::{AuditTrail, Position};
use axum::body::Body;
use domain::topup::product::{Breaker, Product};
use domain::topup::webhook::secret;
use http::Request;
use serde_json::{Value, json};

fn described() -> Value {
    json!({
        "name": " Telkomsel 5.000 ", "kind": "pulsa", "operator": "telkomsel", "cost": 5100, "price": 5600,
        "active": true,
    })
}

fn kiosk() -> Value {
    json!({ "name": "Kios Dua", "active": true, "daily_cap": 500_000, "per_minute": 30 })
}

#[tokio::test]
async fn a_product_is_described_and_shown() {
    let shop = Shop::open().await;
    let path = "/v1/topup-products/S5";
    shop.manage("GET", path, None).await.refused(404, "NOT_FOUND");
    let made = shop.manage("PUT", path, Some(&described())).await;
    let expected = json!({
        "code": "S5", "name": "Telkomsel 5.000", "kind": "pulsa", "operator": "telkomsel", "cost": 5100,
        "price": 5600, "active": true, "repeatable": false, "down_until": null, "price_differs": false,
        "code_unknown": false,
    });
    assert_eq!(made.is(200), &expected);
    assert_eq!(shop.manage("GET", path, None).await.is(200), &expected);
    let listed = shop.manage("GET", "/v1/topup-products", None).await;
    assert!(listed.is(200)["items"].as_array().unwrap().contains(&expected));
    let again = shop.manage("PUT", path, Some(&described())).await;
    assert_eq!(again.is(200), &expected);
    shop.buy(
        "order-number-1",
        &json!({ "product": "S5", "destination": NUMBER }),
    )
    .await
    .is(202);
}

#[tokio::test]
async fn whoever_saves_a_product_has_looked() {
    let shop = Shop::open().await;
    shop.sell(&Product {
        breaker: Breaker {
            downs: 4,
            until_ms: Some(shop.now_ms() + 1000),
            price_differs: true,
            code_unknown: true,
        },
        ..product("S5", 5600)
    })
    .await;
    let path = "/v1/topup-products/S5";
    let shown = shop.manage("GET", path, None).await;
    assert_eq!(shown.is(200)["price_differs"], true);
    assert_eq!(shown.json["code_unknown"], true);
    assert_eq!(shown.json["down_until"], "2025-10-28T05:00:01.000Z");
    let saved = shop.manage("PUT", path, Some(&described())).await;
    assert_eq!(saved.is(200)["price_differs"], false);
    assert_eq!(saved.json["down_until"], Value::Null);
}

#[tokio::test]
async fn a_product_that_cannot_be_is_refused() {
    let shop = Shop::open().await;
    let table = [
        ("name", json!(""), "/name"),
        ("operator", Value::Null, "/operator"),
        ("kind", json!("pln"), "/operator"),
        ("kind", json!("sms"), "/kind"),
        ("operator", json!("esia"), "/operator"),
        ("cost", json!(0), "/cost"),
        ("price", json!(-1500), "/price"),
        ("price", json!(100_000_001), "/price"),
        ("stock", json!(1), "/stock"),
    ];
    for (name, value, pointer) in table {
        let mut body = described();
        body[name] = value;
        let refused = shop.manage("PUT", "/v1/topup-products/S5", Some(&body)).await;
        refused.refused(422, "BODY_INVALID");
        assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{}", refused.text);
    }
    for code in ["S%235", "S%205", "%C3%A9", &"S".repeat(21)] {
        let path = format!("/v1/topup-products/{code}");
        shop.manage("PUT", &path, Some(&described()))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_partner_is_described_and_shown() {
    let shop = Shop::open().await;
    let path = "/v1/topup-partners/kios-2";
    shop.manage("GET", path, None)
        .await
        .refused(404, "TOPUP_PARTNER_UNKNOWN");
    let mut body = kiosk();
    body["webhook"] = json!("https://kios.example/oyako?k=1");
    body["products"] = json!(["S10", "S10"]);
    body["cutoff"] = json!("hold");
    let made = shop.manage("PUT", path, Some(&body)).await;
    let expected = json!({
        "id": "kios-2", "name": "Kios Dua", "active": true, "products": ["S10"], "daily_cap": 500_000,
        "per_minute": 30, "cutoff": "hold", "webhook": "https://kios.example/oyako?k=1", "secret_made_at": null,
    });
    assert_eq!(made.is(200), &expected);
    assert_eq!(shop.manage("GET", path, None).await.is(200), &expected);
    let listed = shop.manage("GET", "/v1/topup-partners", None).await;
    let ids: Vec<&str> = listed.is(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|partner| partner["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [PARTNER, "kios-2"]);
    let bare = shop.manage("PUT", path, Some(&kiosk())).await;
    assert_eq!(
        bare.is(200)["webhook"],
        Value::Null,
        "a description replaces the one before"
    );
}

#[tokio::test]
async fn a_partner_that_cannot_be_is_refused() {
    let shop = Shop::open().await;
    let table = [
        ("name", json!(" ")),
        ("daily_cap", json!(-1)),
        ("per_minute", json!(0)),
        ("per_minute", json!(6001)),
        ("cutoff", json!("later")),
        ("webhook", json!("http://kios.example/")),
        ("webhook", json!("https://user:secret@kios.example/")),
        ("webhook", json!("https://127.0.0.1/")),
        ("webhook", json!("https://169.254.169.254/latest")),
        ("webhook", json!("kios.example")),
        (
            "webhook",
            json!(format!("https://kios.example/{}", "x".repeat(500))),
        ),
    ];
    for (name, value) in table {
        let mut body = kiosk();
        body[name] = value.clone();
        let refused = shop.manage("PUT", "/v1/topup-partners/kios-2", Some(&body)).await;
        refused.refused(422, "BODY_INVALID");
        assert_eq!(
            refused.json["errors"][0]["pointer"],
            format!("/{name}"),
            "{value}"
        );
    }
    for id in ["Kios", "kios%202", "kios%2F2", &"k".repeat(41)] {
        let path = format!("/v1/topup-partners/{id}");
        shop.manage("PUT", &path, Some(&kiosk()))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_webhook_secret_is_shown_once() {
    let shop = Shop::open().await;
    let path = format!("/v1/topup-partners/{PARTNER}");
    let made = shop.manage("POST", &format!("{path}/webhook-secret"), None).await;
    let first = made.is(200)["secret"].as_str().unwrap().to_owned();
    assert_eq!(first, secret(b"0123456789abcdef0123456789abcdef", PARTNER, 1));
    assert_eq!(made.json["number"], 1);
    let shown = shop.manage("GET", &path, None).await;
    assert_eq!(shown.is(200)["secret_made_at"], "2025-10-28T05:00:00.000Z");
    assert!(!shown.text.contains(&first) && !shown.text.contains("whs_"));
    let next = shop.manage("POST", &format!("{path}/webhook-secret"), None).await;
    assert_ne!(next.is(200)["secret"], first);
    let stored = shop.catalogue().partner(PARTNER).await.unwrap().unwrap();
    assert_eq!((stored.secret, stored.secret_ms), (2, shop.now_ms()));
    // A description keeps it.
    shop.manage("PUT", &path, Some(&kiosk())).await.is(200);
    assert_eq!(
        shop.catalogue().partner(PARTNER).await.unwrap().unwrap().secret,
        2
    );
    shop.manage("POST", "/v1/topup-partners/nobody/webhook-secret", None)
        .await
        .refused(404, "TOPUP_PARTNER_UNKNOWN");
    let without = shop.under(|settings| settings.parameters = None);
    let asked = request("POST", &format!("{path}/webhook-secret"), &shop.boss, None);
    send(&without, asked).await.refused(409, "TOPUP_OFF");
    assert_eq!(
        shop.catalogue().partner(PARTNER).await.unwrap().unwrap().secret,
        2
    );
}

#[tokio::test]
async fn what_the_shop_changes_is_on_record_without_a_secret() {
    let shop = Shop::open().await;
    shop.manage("PUT", "/v1/topup-products/S5", Some(&described()))
        .await
        .is(200);
    let mut body = kiosk();
    body["webhook"] = json!("https://kios.example/hidden-path");
    shop.manage("PUT", "/v1/topup-partners/kios-2", Some(&body))
        .await
        .is(200);
    let made = shop
        .manage("POST", "/v1/topup-partners/kios-2/webhook-secret", None)
        .await;
    let made = made.is(200)["secret"].as_str().unwrap().to_owned();
    shop.manage("DELETE", "/v1/topup-prefixes", None).await.is(204);
    let trail = AuditTrail::new(&shop.world.clients);
    let boss = format!("key:{}", domain::api_key::parse(&shop.boss).unwrap().0);
    let mut told = String::new();
    for chain in 0..domain::audit::CHAINS {
        let records = trail.list(chain, Position::NEWEST, 100).await.unwrap();
        for record in records.into_iter().filter(|record| record.actor == boss) {
            told.push_str(&serde_json::to_string(&record).unwrap());
        }
    }
    for action in ["topup.product_changed", "topup.partner_changed", "kios-2", "S5"] {
        assert!(told.contains(action), "{action}: {told}");
    }
    for hidden in [made.as_str(), "hidden-path", TOKEN, FOLDER] {
        assert!(!told.contains(hidden), "{hidden}: {told}");
    }
}

fn table(text: &str, key: &str) -> Request<Body> {
    Request::put("/v1/topup-prefixes")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "text/plain; charset=utf-8")
        .body(Body::from(text.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn the_shop_may_know_prefixes_better() {
    let shop = Shop::open().await;
    let built_in = shop.manage("GET", "/v1/topup-prefixes", None).await;
    built_in.is(200);
    assert_eq!(built_in.headers["content-type"], "text/plain; charset=utf-8");
    assert!(built_in.text.contains("0812"), "{}", built_in.text);
    let changed = r#"prefix = [
    { prefix = "0812", operator = "xl", sure = true, source = "test", dated = "2025-10-28" },
]
"#;
    send(&shop.router, table(changed, &shop.boss)).await.is(204);
    assert_eq!(shop.manage("GET", "/v1/topup-prefixes", None).await.text, changed);
    shop.buy("order-number-1", &wanted(NUMBER))
        .await
        .refused(422, "TOPUP_OPERATOR_DIFFERS");
    let broken = changed.replace("\"xl\"", "\"esia\"");
    let refused = send(&shop.router, table(&broken, &shop.boss)).await;
    refused.refused(422, "BODY_INVALID");
    let detail = refused.json["errors"][0]["detail_en"].as_str().unwrap();
    assert!(detail.starts_with("line 2"), "{detail}");
    let json = request("PUT", "/v1/topup-prefixes", &shop.boss, Some(&json!({})));
    send(&shop.router, json)
        .await
        .refused(415, "MEDIA_TYPE_UNSUPPORTED");
    shop.manage("DELETE", "/v1/topup-prefixes", None).await.is(204);
    assert_eq!(
        shop.manage("GET", "/v1/topup-prefixes", None).await.text,
        built_in.text
    );
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn the_built_in_prefixes_can_be_sent_back_as_they_come() {
    let shop = Shop::open().await;
    let shown = shop.manage("GET", "/v1/topup-prefixes", None).await;
    send(&shop.router, table(&shown.text, &shop.boss)).await.is(204);
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
}
