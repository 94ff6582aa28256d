//! How long a session lasts, and how it ends.

use http::StatusCode;

use super::shop::{PAGE, Shop};

const MINUTE_MS: i64 = 60_000;

#[tokio::test]
async fn a_session_ends_after_half_an_hour_of_nothing() {
    let shop = Shop::open().await;
    let session = shop.sign_in().await;
    shop.later(30 * MINUTE_MS - 1000);
    assert!(shop.is_in(&session).await);
    shop.later(30 * MINUTE_MS - 1000);
    assert!(shop.is_in(&session).await, "somebody was here in between");
    shop.later(30 * MINUTE_MS);
    let answer = shop.get(PAGE, &session).await;
    assert_eq!(answer.location, "/dashboard/login?to=%2Fdashboard%2Fpage");
    shop.close().await;
}

#[tokio::test]
async fn a_session_ends_after_a_working_day_whatever_is_done() {
    let shop = Shop::open().await;
    let session = shop.sign_in().await;
    for _ in 0..31 {
        shop.later(15 * MINUTE_MS);
        assert!(shop.is_in(&session).await);
    }
    shop.later(15 * MINUTE_MS);
    assert!(!shop.is_in(&session).await);
    shop.close().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let shop = Shop::open().await;
    let session = shop.sign_in().await;
    let csrf = shop.csrf(&session).await;
    // Without the token nothing ends: no other site signs anybody out.
    let forged = shop.post("/dashboard/logout", &session, "").await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert!(forged.body.contains("CSRF_INVALID") && shop.is_in(&session).await);

    let out = shop
        .post("/dashboard/logout", &session, &format!("csrf={csrf}"))
        .await;
    assert_eq!(out.status, StatusCode::OK);
    assert_eq!(out.cookie("__Host-session"), "__Host-session=");
    let onward = format!(
        "{}/out?client_id=shop&#38;post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fdashboard%2Flogout",
        shop.issuer.url
    );
    assert!(
        out.body.contains(&format!("content=\"0; url={onward}\"")),
        "{}",
        out.body
    );
    assert!(!shop.is_in(&session).await);
    assert_eq!(shop.get("/dashboard/logout", "").await.status, StatusCode::OK);
    shop.close().await;
}

#[tokio::test]
async fn a_request_that_is_still_running_brings_no_ended_session_back() {
    let shop = Shop::open().await;
    let session = shop.sign_in().await;
    let id = session.split_once('=').unwrap().1;
    shop.access.sessions.end(id).await.unwrap();
    shop.access.sessions.note(id, shop.access.now_ms()).await.unwrap();
    assert!(!shop.is_in(&session).await);
    shop.close().await;
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_used_on() {
    let shop = Shop::open().await;
    let planted = shop.sign_in().await;
    let begun = shop.begin("").await;
    let token = shop.issuer.token(&shop.claims(&begun.nonce));
    let both = super::shop::Begun {
        cookie: format!("{}; {planted}", begun.cookie),
        ..begun
    };
    let back = shop.come_back(&both, token).await;
    let fresh = back.cookie("__Host-session");
    assert_ne!(fresh, planted);
    assert!(shop.is_in(&fresh).await);
    assert!(!shop.is_in(&planted).await);
    shop.close().await;
}

#[tokio::test]
async fn ids_of_one_kind_are_no_ids_of_another() {
    let shop = Shop::open().await;
    let begun = shop.begin("").await;
    let id = begun.cookie.split_once('=').unwrap().1;
    for cookie in [
        format!("__Host-session={id}"),
        "__Host-session=".to_owned(),
        "__Host-session=a;b".to_owned(),
    ] {
        assert!(!shop.is_in(&cookie).await, "{cookie}");
    }
    let session = shop.sign_in().await;
    let id = session.split_once('=').unwrap().1;
    let used = shop
        .callback(&format!("__Host-login={id}"), "code=c0de&state=x")
        .await;
    assert!(used.cause.starts_with("LOGIN_UNKNOWN"), "{}", used.cause);
    assert!(shop.is_in(&session).await);
    shop.close().await;
}
