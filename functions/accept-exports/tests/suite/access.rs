//! Who may ask what, and what every answer has in common.

use std::collections::BTreeSet;

use crate::support::{Api, send};
use axum::body::Body;
use domain::api_key::Scope;
use http::Request;
use serde_json::{Value, json};

/// An operation of the API's description: method, path with its variables filled in, scope.
fn operations(description: &Value) -> Vec<(String, String, Option<String>)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let filled = path
            .replace("{date}", "2025-10-28")
            .replace("{outlet}", "pos-a")
            .replace("{id}", "x");
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["api_key"][0].as_str().map(str::to_owned);
            operations.push((method.to_uppercase(), filled.clone(), scope));
        }
    }
    operations
}

fn bare(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

#[tokio::test]
async fn every_route_takes_its_own_scope_and_no_other() {
    let api = Api::start().await;
    let description = serde_json::to_value(api.own_description()).unwrap();
    for (at, scope) in (10..).zip(Scope::ALL) {
        let key = api.mint(&[scope], at).await;
        let name = serde_json::to_value(scope).unwrap();
        for (method, path, needed) in operations(&description) {
            let Some(needed) = needed else { continue };
            let request = bare(&method, &path).header("authorization", format!("Bearer {key}"));
            let answer = send(&api.router, request.body(Body::empty()).unwrap()).await;
            if name == json!(needed) {
                assert!(
                    !matches!(answer.status.as_u16(), 401 | 403 | 405 | 500),
                    "{method} {path}: {}",
                    answer.text
                );
                assert_ne!(answer.code(), "ROUTE_NOT_FOUND", "{method} {path}");
            } else {
                answer.refused(403, "SCOPE_MISSING");
                assert!(
                    answer.json["detail_en"].as_str().unwrap().contains(&needed),
                    "{}",
                    answer.text
                );
            }
        }
    }
}

#[tokio::test]
async fn scopes_are_those_of_the_design() {
    let api = Api::start().await;
    let description = serde_json::to_value(api.own_description()).unwrap();
    let found: BTreeSet<(String, String, String)> = operations(&description)
        .into_iter()
        .map(|(method, path, scope)| (path, method, scope.unwrap_or_default()))
        .collect();
    let expected = [
        ("/v1/audit", "GET", "audit:read"),
        ("/v1/audit/verify", "GET", "audit:read"),
        ("/v1/customers/x", "GET", "customers:read"),
        ("/v1/exports", "GET", "exports"),
        ("/v1/exports", "POST", "exports"),
        ("/v1/exports/upload", "POST", "exports"),
        ("/v1/exports/x", "GET", "exports"),
        ("/v1/health", "GET", ""),
        ("/v1/keys", "GET", "admin"),
        ("/v1/keys", "POST", "admin"),
        ("/v1/keys/x", "DELETE", "admin"),
        ("/v1/mails/not-sent", "GET", "admin"),
        ("/v1/mails/x/send-again", "POST", "admin"),
        ("/v1/outlets", "GET", "sales:read"),
        ("/v1/outlets/pos-a", "GET", "sales:read"),
        ("/v1/outlets/pos-a", "PUT", "admin"),
        ("/v1/outlets/pos-a/days", "GET", "sales:read"),
        ("/v1/outlets/pos-a/days/2025-10-28", "GET", "sales:read"),
        ("/v1/outlets/pos-a/days/2025-10-28/receipts", "GET", "sales:read"),
        ("/v1/quarantine", "GET", "quarantine:read"),
        ("/v1/quarantine/replay", "POST", "quarantine:write"),
        ("/v1/quarantine/x", "GET", "quarantine:read"),
        ("/v1/quarantine/x/discard", "POST", "quarantine:write"),
        ("/v1/quarantine/x/replay", "POST", "quarantine:write"),
        ("/v1/receipts/x", "GET", "sales:read"),
    ];
    let expected =
        expected.map(|(path, method, scope)| (path.to_owned(), method.to_owned(), scope.to_owned()));
    assert_eq!(found, BTreeSet::from(expected));
}

#[tokio::test]
async fn whatever_is_wrong_with_a_key_the_answer_is_the_same() {
    let api = Api::start().await;
    let good = format!("Bearer {}", api.key);
    let mut other_secret = good.clone();
    other_secret.pop();
    other_secret.push('b');
    let unknown = format!("Bearer oyk_{}_{}", "z".repeat(13), "z".repeat(52));
    let headers = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some(api.key.clone()),
        Some(good.replace("Bearer", "Basic")),
        Some(other_secret),
        Some(unknown),
        Some("Bearer oyk_short_short".to_owned()),
        Some(format!("{good} {good}")),
    ];
    let mut bodies = BTreeSet::new();
    for header in headers {
        let mut request = bare("GET", "/v1/outlets");
        if let Some(header) = &header {
            request = request.header("authorization", header);
        }
        let answer = send(&api.router, request.body(Body::empty()).unwrap()).await;
        answer.refused(401, "UNAUTHORIZED");
        assert_eq!(answer.headers["www-authenticate"], "Bearer", "{header:?}");
        bodies.insert(answer.text);
    }
    assert_eq!(bodies.len(), 1);
    let request = bare("GET", "/v1/outlets").header("authorization", good.replace("Bearer", "bearer"));
    send(&api.router, request.body(Body::empty()).unwrap())
        .await
        .is(200);
}

#[tokio::test]
async fn a_revoked_key_ends_at_once_here_and_within_half_a_minute_elsewhere() {
    let api = Api::start().await;
    let made = api
        .call(
            "POST",
            "/v1/keys",
            &json!({ "name": "kasir", "scopes": ["exports"] }),
        )
        .await;
    let (key, id) = (
        made.is(201)["key"].as_str().unwrap(),
        made.json["id"].as_str().unwrap(),
    );
    let other = api.other_router();
    let ask = || bare("GET", "/v1/exports/x").header("authorization", format!("Bearer {key}"));
    for router in [&api.router, &other] {
        send(router, ask().body(Body::empty()).unwrap())
            .await
            .refused(404, "EXPORT_NOT_FOUND");
    }
    api.call("DELETE", &format!("/v1/keys/{id}"), &json!(null))
        .await
        .is(200);
    send(&api.router, ask().body(Body::empty()).unwrap())
        .await
        .refused(401, "UNAUTHORIZED");
    api.pass_ms(29_999);
    send(&other, ask().body(Body::empty()).unwrap())
        .await
        .refused(404, "EXPORT_NOT_FOUND");
    api.pass_ms(1);
    send(&other, ask().body(Body::empty()).unwrap())
        .await
        .refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_warm_key_costs_no_call() {
    let api = Api::start().await;
    let router = api.faulty_router();
    api.world.faults.set(testkit::faults::Plan::None);
    let ask = || api.request("GET", "/v1/outlets").body(Body::empty()).unwrap();
    send(&router, ask()).await.is(200);
    assert_eq!(api.world.faults.calls(), 2);
    send(&router, ask()).await.is(200);
    assert_eq!(api.world.faults.calls(), 3);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_503() {
    let api = Api::start().await;
    let router = api.faulty_router();
    for lost in 0..2 {
        api.world.faults.set(testkit::faults::Plan::CrashBefore(lost));
        let answer = send(
            &router,
            api.request("GET", "/v1/outlets").body(Body::empty()).unwrap(),
        )
        .await;
        answer.refused(503, "STORE_UNAVAILABLE");
        assert_eq!(answer.headers["retry-after"], "2");
        assert!(
            !answer.text.contains("lost"),
            "the cause stays in the log: {}",
            answer.text
        );
        api.world.faults.set(testkit::faults::Plan::None);
        send(
            &router,
            api.request("GET", "/v1/outlets").body(Body::empty()).unwrap(),
        )
        .await
        .is(200);
        // The key is read again.
        api.pass_ms(60_000);
    }
}

#[tokio::test]
async fn anybody_may_ask_for_health_and_the_description() {
    let api = Api::start().await;
    let health = send(
        &api.router,
        bare("GET", "/v1/health").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(health.is(200), &json!({ "status": "ok" }));
    assert_eq!(api.whole_description().await["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let api = Api::start().await;
    for path in [
        "/v1/health",
        "/openapi.json",
        "/v1/outlets",
        "/v1/outlets/none",
        "/nowhere",
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_no_route_takes_is_refused() {
    let api = Api::start().await;
    let answer = api.get("/v2/exports?name=Sinta").await;
    answer.refused(404, "ROUTE_NOT_FOUND");
    assert_eq!(answer.json["instance"], "/v2/exports");
    for (method, path, allowed) in [
        ("PATCH", "/v1/exports", "GET,HEAD,POST"),
        ("DELETE", "/v1/outlets/pos-a", "GET,HEAD,PUT"),
        ("POST", "/v1/customers/x", "GET,HEAD"),
        ("POST", "/openapi.json", "GET,HEAD"),
    ] {
        let answer = send(&api.router, bare(method, path).body(Body::empty()).unwrap()).await;
        answer.refused(405, "METHOD_NOT_ALLOWED");
        let mut found: Vec<&str> = answer.headers["allow"].to_str().unwrap().split(',').collect();
        found.sort_unstable();
        assert_eq!(found.join(","), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_request_has_no_content() {
    let api = Api::start().await;
    for (path, status) in [("/v1/outlets", 200), ("/v1/outlets/none", 404)] {
        let answer = send(
            &api.router,
            api.request("HEAD", path).body(Body::empty()).unwrap(),
        )
        .await;
        answer.is(status);
        assert_eq!(answer.text, "", "{path}");
    }
}

#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let api = Api::start().await;
    let answer = api.get("/v1/outlets?limit=5&colour=red").await;
    answer.refused(400, "QUERY_UNKNOWN");
    assert_eq!(answer.json["errors"][0]["parameter"], "colour");
    assert!(
        answer.json["detail_en"]
            .as_str()
            .unwrap()
            .contains("after, limit"),
        "{}",
        answer.text
    );
    api.get("/v1/receipts/x?limit=5")
        .await
        .refused(400, "QUERY_UNKNOWN");
    api.get("/v1/outlets?limit=5&limit=6")
        .await
        .refused(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_refused_and_not_repeated() {
    let api = Api::start().await;
    let with = |media: &str, body: &str| {
        let request = api.request("POST", "/v1/keys").header("content-type", media);
        request.body(Body::from(body.to_owned())).unwrap()
    };
    let json = "application/json";
    send(&api.router, with("text/plain", "{}"))
        .await
        .refused(415, "MEDIA_TYPE_UNSUPPORTED");
    send(&api.router, with(json, "{\"name\": Sinta}"))
        .await
        .refused(400, "BODY_NOT_JSON");
    send(
        &api.router,
        with(json, &format!("{{\"name\":\"{}\"}}", "x".repeat(70_000))),
    )
    .await
    .refused(413, "BODY_TOO_LARGE");
    let answer = send(&api.router, with(json, r#"{"name":"a","scopes":["Sinta"]}"#)).await;
    answer.refused(422, "BODY_INVALID");
    assert_eq!(answer.json["errors"][0]["pointer"], "/scopes/0");
    assert!(!answer.text.contains("Sinta"), "{}", answer.text);
    let answer = send(
        &api.router,
        with(json, r#"{"name":"a","scopes":["admin"],"admin":true}"#),
    )
    .await;
    answer.refused(422, "BODY_INVALID");
    assert_eq!(answer.json["errors"][0]["code"], "FIELD_UNKNOWN");
}
