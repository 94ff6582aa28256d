//! What the log says, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use aws::customers::{Customers, StoredCustomer};
use axum::body::Body;
use domain::api_key::{Scope, parse};
use domain::customer::{Customer, Fact, Profile};
use http::Request;
use support::{Api, send};
use testkit::log::Lines;

#[tokio::test]
async fn reading_a_customer_leaves_one_line_of_ids() {
    let api = Api::start().await;
    let fact = |value: &str| {
        Some(Fact {
            told_ms: 1,
            value: value.to_owned(),
        })
    };
    let profile = Profile {
        name: fact("Sinta Penanda"),
        phone: fact("+628129990001"),
        ..Profile::default()
    };
    let stored = StoredCustomer {
        customer: Customer {
            profile,
            ..Customer::default()
        },
        version: 0,
    };
    let customers = Customers::new(&api.world.clients);
    customers.phone_key([7; 32]).await.unwrap();
    customers
        .write(&[("OYAKO_MOKA_17".to_owned(), stored)])
        .await
        .unwrap();
    let lines = Lines::default();
    let guard = lines.listen();
    let shown = api.get("/v1/customers/OYAKO_MOKA_17").await;
    api.get("/v1/customers/%2B628129990001")
        .await
        .refused(404, "CUSTOMER_NOT_FOUND");
    drop(guard);
    assert!(shown.text.contains("Sinta Penanda"));
    let read = lines.named("customer read");
    assert_eq!(read.len(), 1, "{}", lines.text());
    let told = &read[0]["fields"];
    assert_eq!(told["customer_id"], "OYAKO_MOKA_17");
    assert_eq!(told["caller"], format!("key:{}", parse(&api.key).unwrap().0));
    for marker in ["Sinta", "Penanda", "628129990001"] {
        assert!(!lines.text().contains(marker), "{}", lines.text());
    }
    let answered = lines.named("request answered");
    assert_eq!(answered.len(), 2);
    assert_eq!(
        answered[0]["fields"]["route"], "/v1/customers/{id}",
        "the route and not the path"
    );
}

#[tokio::test]
async fn a_refusal_names_the_key_and_never_its_secret() {
    let api = Api::start().await;
    let poor = api.mint(&[Scope::Exports], 7).await;
    let (poor_id, poor_secret) = parse(&poor).unwrap();
    let forged = format!("oyk_{poor_id}_{}", "f".repeat(52));
    let lines = Lines::default();
    let guard = lines.listen();
    for key in [poor.as_str(), forged.as_str(), "oyk_whatever"] {
        let request = Request::builder()
            .uri("/v1/keys")
            .header("authorization", format!("Bearer {key}"));
        send(&api.router, request.body(Body::empty()).unwrap()).await;
    }
    drop(guard);
    let refused = lines.named("request refused");
    let told: Vec<(u64, &str, &str)> = refused
        .iter()
        .map(|line| {
            let told = &line["fields"];
            let text = |name: &str| told[name].as_str().unwrap();
            (told["status"].as_u64().unwrap(), text("code"), text("caller"))
        })
        .collect();
    let actor = format!("key:{poor_id}");
    let expected = [
        (403, "SCOPE_MISSING", actor.as_str()),
        (401, "UNAUTHORIZED", &actor),
        (401, "UNAUTHORIZED", ""),
    ];
    assert_eq!(told, expected);
    for secret in [poor_secret, &"f".repeat(52), "whatever"] {
        assert!(!lines.text().contains(secret), "{}", lines.text());
    }
}
