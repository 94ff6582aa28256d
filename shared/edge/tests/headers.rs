//! What every answer has in common, be it data or a page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use edge::http::{PagePolicy, finish, finish_page, immutable};
use edge::problem::{LINK_SPENT, Problem};
use http::{HeaderMap, HeaderName, Request, StatusCode};
use tower::ServiceExt;

const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// A page for people about a problem.
async fn spent() -> Response {
    let mut page = (StatusCode::CONFLICT, Html("<p>Terima kasih")).into_response();
    page.extensions_mut().insert(Problem::new(&LINK_SPENT));
    page
}

fn routes() -> Router {
    let own = [
        ("content-security-policy", "sandbox"),
        ("cache-control", "max-age=5"),
    ];
    Router::new()
        .route("/page", get(|| async { Html("<p>Halo") }))
        .route("/data", get(|| async { axum::Json(1) }))
        .route("/style.css", get(|| async { immutable("text/css", "a{}") }))
        .route("/own", get(move || async move { (own, Html("<p>")) }))
        .route("/spent", get(spent))
        .route("/refused", get(|| async { Problem::new(&LINK_SPENT) }))
}

async fn ask(router: Router, path: &str) -> (HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (head.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn pages_may_load_their_own_style_and_data_may_load_nothing() {
    let router = routes().layer(from_fn(finish));
    let table = [
        ("/page", PAGE_POLICY, "no-store"),
        ("/spent", PAGE_POLICY, "no-store"),
        ("/data", DATA_POLICY, "no-store"),
        ("/refused", DATA_POLICY, "no-store"),
        ("/style.css", DATA_POLICY, "public, max-age=31536000, immutable"),
        ("/own", "sandbox", "max-age=5"),
    ];
    for (path, policy, cache) in table {
        let (headers, _) = ask(router.clone(), path).await;
        assert_eq!(headers["content-security-policy"], policy, "{path}");
        assert_eq!(headers["cache-control"], cache, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        let opener = HeaderName::from_static("cross-origin-opener-policy");
        let is_page = ["/page", "/spent", "/own"].contains(&path);
        assert_eq!(headers.contains_key(opener), is_page, "{path}");
    }
}

#[tokio::test]
async fn a_page_about_a_problem_stays_a_page() {
    let router = routes().layer(from_fn(finish));
    assert_eq!(ask(router.clone(), "/spent").await.1, "<p>Terima kasih");
    assert!(
        ask(router, "/refused")
            .await
            .1
            .contains("\"instance\":\"/refused\"")
    );
}

#[tokio::test]
async fn forms_may_end_where_the_function_says() {
    let policy = PagePolicy::with_forms_to(&["https://id.example/logout?a=b;c"]).unwrap();
    let router = routes().layer(from_fn_with_state(Arc::new(policy), finish_page));
    let (headers, _) = ask(router, "/page").await;
    let expected = PAGE_POLICY.replace("form-action 'self'", "form-action 'self' https://id.example");
    assert_eq!(headers["content-security-policy"], expected);
    for address in [
        "https://id\r\nset-cookie: a",
        "https://id;script-src",
        "/logout",
        "id.example",
        "",
    ] {
        assert!(PagePolicy::with_forms_to(&[address]).is_err(), "{address}");
    }
}
