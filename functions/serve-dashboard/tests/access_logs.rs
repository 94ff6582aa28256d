//! What the log says of those who are refused, and what it never says. A test by itself: the log is one for
//! all threads of a program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/access_support/mod.rs"]
mod access_support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use access_support::Browser;
use http::StatusCode;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// How often a session was refused, by the reason in the log.
    fn refused_sessions(&self) -> usize {
        let lines = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let refused = |line: &&str| line.contains("\"WARN\"") && line.contains("SESSION_UNKNOWN");
        lines.lines().filter(refused).count()
    }

    /// The code and the cause of the warning that was written last.
    fn last_refusal(&self) -> (String, String) {
        let lines = self.0.lock().unwrap().clone();
        let lines = String::from_utf8(lines).unwrap();
        let mut lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let last = lines.rfind(|line| line["level"] == "WARN").unwrap();
        let text = |name: &str| last[name].as_str().unwrap_or_default().to_owned();
        (text("code"), text("cause"))
    }
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
    let (code, cause) = lines.last_refusal();
    assert_eq!(
        (&*code, cause.split(':').next()),
        ("LOGIN_FAILED", Some("STATE_DIFFERS"))
    );
    let late = browser.get(&back).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert!(lines.last_refusal().1.starts_with("LOGIN_UNKNOWN"));

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
    let (code, cause) = lines.last_refusal();
    assert_eq!(
        (&*code, cause.split(':').next()),
        ("CSRF_INVALID", Some("FORM_TOKEN"))
    );

    assert_eq!(lines.refused_sessions(), 0);
    let made_up = "__Host-session=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    for (cookie, refused) in [
        (Some(made_up), 1),
        (Some("__Host-session=short-one"), 2),
        (None, 2),
    ] {
        browser.cookies = cookie.map(str::to_owned).into_iter().collect();
        let sent = browser.get("/dashboard/menu").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        assert_eq!(lines.refused_sessions(), refused, "{cookie:?}");
        secrets.extend(cookie.map(str::to_owned));
    }

    let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    secrets.extend(["stolen-code", "guessed-state", "forged-token", "Ibu Sari"].map(str::to_owned));
    for secret in secrets {
        let value = secret.split_once('=').map_or(&*secret, |(_, value)| value);
        assert!(!written.contains(value), "{secret}");
    }
    browser.close().await;
}
