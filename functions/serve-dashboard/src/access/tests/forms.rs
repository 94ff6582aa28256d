//! Forms: only those of the session's own pages change anything.

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{Method, Request, StatusCode};

use super::shop::{FORM, Shop, URL};

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn a_form_of_the_session_reaches_its_page_whole() {
    let shop = Shop::open().await;
    let session = shop.sign_in().await;
    let body = format!("note=a+b&csrf={}", shop.csrf(&session).await);
    let answer = shop.post(FORM, &session, &body).await;
    assert_eq!(
        (answer.status, answer.body),
        (StatusCode::OK, format!("changed {body}"))
    );
    shop.close().await;
}

#[tokio::test]
async fn forms_of_others_change_nothing() {
    let shop = Shop::open().await;
    let (session, other) = (shop.sign_in().await, shop.sign_in().await);
    let (own, others) = (shop.csrf(&session).await, shop.csrf(&other).await);
    let large = format!("csrf={own}&note={}", "x".repeat(64 << 10));
    let table = [
        (
            Some("same-origin"),
            None,
            FORM_TYPE,
            "note=x".to_owned(),
            "FORM_TOKEN",
        ),
        (
            Some("same-origin"),
            None,
            FORM_TYPE,
            "csrf=".to_owned(),
            "FORM_TOKEN",
        ),
        (
            Some("same-origin"),
            None,
            FORM_TYPE,
            format!("csrf={others}"),
            "FORM_TOKEN",
        ),
        (
            Some("cross-site"),
            None,
            FORM_TYPE,
            format!("csrf={own}"),
            "FORM_FROM_ELSEWHERE",
        ),
        (
            None,
            Some("https://evil.example"),
            FORM_TYPE,
            format!("csrf={own}"),
            "FORM_FROM_ELSEWHERE",
        ),
        (
            None,
            None,
            FORM_TYPE,
            format!("csrf={own}"),
            "FORM_FROM_ELSEWHERE",
        ),
        (
            None,
            Some(URL),
            "text/plain",
            format!("csrf={own}"),
            "FORM_UNREADABLE",
        ),
        (None, Some(URL), FORM_TYPE, large, "FORM_UNREADABLE"),
    ];
    for (site, origin, media, body, reason) in table {
        let mut request = Request::post(FORM)
            .header(COOKIE, &session)
            .header(CONTENT_TYPE, media);
        let given = [("sec-fetch-site", site), (ORIGIN.as_str(), origin)];
        for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            request = request.header(name, value);
        }
        let answer = shop.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{reason}");
        assert!(answer.body.contains("CSRF_INVALID"), "{reason}");
        assert!(answer.cause.starts_with(reason), "{reason}: {}", answer.cause);
    }
    shop.close().await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_changes_nothing() {
    let shop = Shop::open().await;
    let answer = shop.post(FORM, "", "note=x").await;
    assert_eq!(
        (answer.status, &*answer.location),
        (StatusCode::SEE_OTHER, "/dashboard/login")
    );
    // Methods that the page does not have are stopped by the guard as well.
    let put = Request::builder()
        .method(Method::PUT)
        .uri(FORM)
        .body(Body::empty())
        .unwrap();
    assert_eq!(shop.send(put).await.status, StatusCode::SEE_OTHER);
    shop.close().await;
}
