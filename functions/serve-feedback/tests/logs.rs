//! What the log says of a guest's visit, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use support::Shop;
use support::day::paid;
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
async fn a_whole_visit_leaves_routes_and_codes_and_nothing_of_the_guest() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let id = shop.sell("7f3c9e02", paid("INV/77", &["Ramen"])).await;
    let lines = Lines::default();
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(lines.clone());
    let guard = tracing::subscriber::set_default(log.with_max_level(tracing::Level::DEBUG).finish());
    let link = shop.link(&id).await;
    shop.api("GET", &format!("/v1/links/{id}/qr.png")).await.is(200);
    shop.get(&link).await.is_page(200);
    let form = "overall=1&d0=2&recommend=0&comment=Penanda+rahasia";
    shop.send(&link, &format!("{form}&x=1")).await.is_page(422);
    shop.send(&link, form).await.is_page(200);
    shop.get(&format!("{link}A")).await.refuses(404, "LINK_FORGED");
    for _ in 0..12 {
        shop.send(&link, form).await;
    }
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let token = link.strip_prefix("/r/").unwrap();
    for secret in [
        token,
        &token[..12],
        "Penanda",
        "rahasia",
        "36.68.1.2",
        "INV/77",
        "OYAKO_MOKA_17",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let said: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes = |code: &str| said.iter().filter(|line| line["code"] == code).count();
    assert_eq!(
        (codes("LINK_FORGED"), codes("TOO_MANY_REQUESTS")),
        (1, 2),
        "{text}"
    );
    let route = said.iter().filter(|line| line["route"] == "/r/{token}");
    assert_eq!(route.count(), 16);
}
