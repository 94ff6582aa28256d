//! Who may ask what.

use std::collections::BTreeSet;

use crate::support::{NUMBER, PARTNER, Shop, request, send, wanted};
use axum::body::Body;
use domain::api_key::Scope;
use http::Request;
use serde_json::{Value, json};

/// An operation of the API's description: method, path with its variables filled in, scope.
fn operations(description: &Value) -> Vec<(String, String, String)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let filled = path
            .replace("{date}", "2025-10-28")
            .replace("{refid}", "x")
            .replace("{code}", "x")
            .replace("{id}", "x");
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["api_key"][0]
                .as_str()
                .unwrap_or_default();
            operations.push((method.to_uppercase(), filled.clone(), scope.to_owned()));
        }
    }
    operations
}

#[tokio::test]
async fn scopes_are_those_of_the_design() {
    let shop = Shop::open().await;
    let description = serde_json::to_value(shop.description()).unwrap();
    let found: BTreeSet<(String, String, String)> = operations(&description)
        .into_iter()
        .map(|(method, path, scope)| (path, method, scope))
        .collect();
    let expected = [
        ("/v1/balance", "GET", "topups"),
        ("/v1/products", "GET", "topups"),
        ("/v1/statements/2025-10-28", "GET", "topups"),
        ("/v1/topup-destinations/release", "POST", "topups:manage"),
        ("/v1/topup-partners", "GET", "topups:manage"),
        ("/v1/topup-partners/x", "GET", "topups:manage"),
        ("/v1/topup-partners/x", "PUT", "topups:manage"),
        ("/v1/topup-partners/x/webhook-secret", "POST", "topups:manage"),
        ("/v1/topup-prefixes", "DELETE", "topups:manage"),
        ("/v1/topup-prefixes", "GET", "topups:manage"),
        ("/v1/topup-prefixes", "PUT", "topups:manage"),
        ("/v1/topup-products", "GET", "topups:manage"),
        ("/v1/topup-products/x", "GET", "topups:manage"),
        ("/v1/topup-products/x", "PUT", "topups:manage"),
        ("/v1/topups", "GET", "topups"),
        ("/v1/topups", "POST", "topups"),
        ("/v1/topups/check", "POST", "topups"),
        ("/v1/topups/x", "GET", "topups"),
        ("/v1/webhooks", "GET", "topups"),
        ("/v1/webhooks/x/send-again", "POST", "topups"),
    ];
    let expected =
        expected.map(|(path, method, scope)| (path.to_owned(), method.to_owned(), scope.to_owned()));
    assert_eq!(found, BTreeSet::from(expected));
}

#[tokio::test]
async fn every_route_takes_its_own_scope_and_no_other() {
    let shop = Shop::open().await;
    let description = serde_json::to_value(shop.description()).unwrap();
    for (seed, scope) in (10..).zip(Scope::ALL) {
        let key = shop.mint(&[scope], Some(PARTNER), seed).await;
        let name = serde_json::to_value(scope).unwrap();
        for (method, path, needed) in operations(&description) {
            let answer = send(&shop.router, request(&method, &path, &key, None)).await;
            if name == json!(needed) {
                assert!(
                    !matches!(answer.status.as_u16(), 401 | 403 | 405 | 500),
                    "{method} {path}: {}",
                    answer.text
                );
            } else {
                answer.refused(403, "SCOPE_MISSING");
            }
        }
    }
    for (method, path, _) in operations(&description) {
        let request = Request::builder().method(&*method).uri(&path);
        send(&shop.router, request.body(Body::empty()).unwrap())
            .await
            .refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn what_no_route_takes_is_refused() {
    let shop = Shop::open().await;
    for path in [
        "/v1/topup",
        "/v1/reports",
        "/v1/reports/kiosampm",
        "/v1/reports/kiosampm/",
    ] {
        shop.get(path).await.refused(404, "ROUTE_NOT_FOUND");
    }
    for (method, path) in [
        ("DELETE", "/v1/topups/x"),
        ("PATCH", "/v1/topups"),
        ("DELETE", "/v1/topup-partners/x"),
        ("GET", "/v1/webhooks/x/send-again"),
    ] {
        send(&shop.router, request(method, path, &shop.key, None))
            .await
            .refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503_and_took_nothing() {
    let shop = Shop::open().await;
    let router = shop.faulty_router();
    shop.world.faults.set(testkit::faults::Plan::CrashBefore(0));
    let refused = send(&router, shop.buying("order-number-1", &wanted(NUMBER))).await;
    refused.refused(503, "STORE_UNAVAILABLE");
    assert_eq!(refused.headers["retry-after"], "2");
    shop.world.faults.set(testkit::faults::Plan::None);
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
}
