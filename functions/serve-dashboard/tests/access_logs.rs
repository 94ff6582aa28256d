//! What the log says of those who are refused, and what it never says. A test by itself: the log is one for
//! all threads of a program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/access_support/mod.rs"]
mod access_support;

use access_support::Browser;
use http::StatusCode;
use testkit::log::Lines;

/// How often a session was refused, by the reason in the log.
fn refused_sessions(lines: &Lines) -> usize {
    let lines = lines.text();
    let refused = |line: &&str| line.contains("\"WARN\"") && line.contains("SESSION_UNKNOWN");
    lines.lines().filter(refused).count()
}

/// The code and the cause of the warning that was written last.
fn last_refusal(lines: &Lines) -> (String, String) {
    let lines = lines.all();
    let last = lines.iter().rfind(|line| line["level"] == "WARN").unwrap();
    let text = |name: &str| last[name].as_str().unwrap_or_default().to_owned();
    (text("code"), text("cause"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_logged_with_its_reason_and_no_secret() {
    let lines = Lines::default();
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(lines.clone());
    tracing::subscriber::set_global_default(log.with_max_level(tracing::Level::DEBUG).finish()).unwrap();
    let mut browser = Browser::open().await;
    let mut secrets = Vec::new();

    let back = browser.choose("/dashboard", "sari").await;
    secrets.extend(
        back.split(['?', '&'])
            .skip(1)
            .filter(|pair| !pair.starts_with("iss="))
            .map(str::to_owned),
    );
    let foreign = browser
        .get("/dashboard/callback?code=stolen-code&state=guessed-state")
        .await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let (code, cause) = last_refusal(&lines);
    assert_eq!(
        (&*code, cause.split(':').next()),
        ("LOGIN_FAILED", Some("STATE_DIFFERS"))
    );
    let late = browser.get(&back).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(last_refusal(&lines).1.starts_with("LOGIN_UNKNOWN"));

    let back = browser.choose("/dashboard", "sari").await;
    browser.get(&back).await;
    secrets.extend(browser.cookies.clone());
    assert_eq!(
        browser
            .post("/dashboard/logout", "csrf=forged-token")
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let (code, cause) = last_refusal(&lines);
    assert_eq!(
        (&*code, cause.split(':').next()),
        ("CSRF_INVALID", Some("FORM_TOKEN"))
    );

    assert_eq!(refused_sessions(&lines), 0);
    let made_up = "__Host-session=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    for (cookie, refused) in [
        (Some(made_up), 1),
        (Some("__Host-session=short-one"), 2),
        (None, 2),
    ] {
        browser.cookies = cookie.map(str::to_owned).into_iter().collect();
        let sent = browser.get("/dashboard/menu").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert_eq!(refused_sessions(&lines), refused, "{cookie:?}");
        secrets.extend(cookie.map(str::to_owned));
    }

    let written = lines.text();
    secrets.extend(["stolen-code", "guessed-state", "forged-token", "Ibu Sari"].map(str::to_owned));
    for secret in secrets {
        let value = secret.split_once('=').map_or(&*secret, |(_, value)| value);
        assert!(!written.contains(value), "{secret}");
    }
    browser.close().await;
}
