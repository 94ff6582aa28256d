//! What the log says, and what it never says. A test binary of its own: nothing else has a log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use support::{Shop, seed};
use testkit::log::Lines;

#[tokio::test]
async fn neither_words_nor_names_nor_searches_are_logged() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let lines = Lines::default();
    let guard = lines.listen();
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
    let text = lines.text();
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
