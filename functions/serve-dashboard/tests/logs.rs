//! What the log says, and what it never says. A test binary of its own: nothing else has a log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use support::{Shop, seed};
use tracing_subscriber::fmt::MakeWriter;

/// The lines of a log.
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

#[tokio::test]
async fn neither_words_nor_names_nor_searches_are_logged() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let lines = Lines::default();
    let log = tracing_subscriber::fmt().json().with_writer(lines.clone());
    let guard = tracing::subscriber::set_default(log.with_max_level(tracing::Level::INFO).finish());
    shop.get("operator", "/dashboard").await.is(200);
    shop.get("operator", "/dashboard/comments?q=kuahnya")
        .await
        .is(200);
    let case = format!("/dashboard/cases/moka-7/{}", seeded.case.id);
    shop.post(
        "operator",
        &case,
        &[("state", "contacted"), ("note", "Ditelepon ke 0812")],
    )
    .await
    .is(303);
    shop.get("operator", &case).await.is(200);
    shop.post("operator", "/dashboard/comments/erase/moka-7_20251027_A1", &[])
        .await
        .is(303);
    shop.post("viewer", "/dashboard/comments/erase/moka-7_20251027_A2", &[])
        .await
        .is(403);
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/dashboard/cases/{outlet}/{id}") && text.contains("staff:budi"),
        "{text}"
    );
    assert!(text.contains("SCOPE_MISSING"), "{text}");
    for secret in [
        "gurih",
        "asin",
        "kuahnya",
        "0812",
        "Budi",
        "A1",
        "a-token",
        "operator---",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
