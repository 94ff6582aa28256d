//! Signing in at a real issuer over HTTP, with the whole dashboard behind.

use crate::access_support::Browser;
use http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_signs_in_looks_and_signs_out() {
    let mut browser = Browser::open().await;
    let back = browser.choose("/dashboard?lang=en", "sari").await;
    let landed = browser.get(&back).await;
    assert_eq!(
        (landed.status, &*landed.location),
        (StatusCode::SEE_OTHER, "/dashboard?lang=en")
    );
    let page = browser.get(&landed.location).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Ibu Sari"));
    assert!(
        page.body
            .contains("<link rel=\"icon\" href=\"/dashboard/assets/icon-")
    );

    let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = rest.split('"').next().unwrap();
    let held = browser.cookies.clone();
    let out = browser.post("/dashboard/logout", &format!("csrf={csrf}")).await;
    assert_eq!(out.status, StatusCode::OK);
    assert!(out.body.contains("/_local/issuer/end-session?"));
    assert!(
        !browser.cookies.iter().any(|cookie| cookie.starts_with("__Host-")),
        "{:?}",
        browser.cookies
    );
    browser.cookies = held;
    assert_eq!(
        browser.get("/dashboard").await.status,
        StatusCode::SEE_OTHER,
        "the cookie is worth nothing now"
    );
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_at_localhost_begins_at_the_public_address() {
    let mut browser = Browser::open().await;
    browser.host = browser.url.replace("http://127.0.0.1", "localhost");
    let sent = browser.get("/dashboard/login?to=/dashboard/menu").await;
    let begins = format!("{}/dashboard/login?to=%2Fdashboard%2Fmenu", browser.url);
    assert_eq!(sent.location, begins);
    assert!(browser.cookies.is_empty());
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_sends_strangers_to_sign_in() {
    let mut browser = Browser::open().await;
    let pages = [
        "/dashboard",
        "/dashboard/satisfaction",
        "/dashboard/menu",
        "/dashboard/menu/Ayam",
        "/dashboard/comments",
        "/dashboard/cases",
        "/dashboard/cases/moka-1/case_1",
        "/dashboard/sync",
        "/dashboard/errors",
        "/dashboard/errors/1",
        "/dashboard/audit",
        "/dashboard/comments?format=csv",
    ];
    for path in pages {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(page.location.starts_with("/dashboard/login"), "{path}");
    }
    for path in [
        "/dashboard/errors/1/replay",
        "/dashboard/errors/1/discard",
        "/dashboard/cases/moka-1/case_1",
    ] {
        assert_eq!(
            browser.post(path, "").await.location,
            "/dashboard/login",
            "{path}"
        );
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_is_there_for_strangers_too() {
    let mut browser = Browser::open().await;
    let notice = browser.get("/dashboard/logout").await;
    let (_, rest) = notice.body.split_once("<link rel=\"icon\" href=\"").unwrap();
    let icon = browser.get(rest.split('"').next().unwrap()).await;
    assert_eq!(icon.status, StatusCode::OK);
    assert!(icon.body.starts_with("<svg "), "{}", icon.body);
    browser.close().await;
}
