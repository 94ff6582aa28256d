//! What the log says, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use aws::customers::{Customers, StoredCustomer};
use axum::body::Body;
use domain::api_key::{Scope, parse};
use domain::customer::{Customer, Fact, Profile};
use http::Request;
use serde_json::Value;
use support::{Api, send};
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

impl Lines {
    /// Collects what this thread logs while the guard lives.
    fn start(&self) -> tracing::subscriber::DefaultGuard {
        let log = tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(self.clone());
        tracing::subscriber::set_default(log.with_max_level(tracing::Level::INFO).finish())
    }

    fn all(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn of(&self, message: &str) -> Vec<Value> {
        let lines: Vec<Value> = self
            .all()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        lines
            .into_iter()
            .filter(|line| line["message"] == message)
            .collect()
    }
}

#[tokio::test]
async fn reading_a_customer_leaves_one_line_of_ids() {
    let api = Api::start().await;
    let fact = |value: &str| {
        Some(Fact {
            told_ms: 1,
            value: value.to_owned(),
        })
    };
    let profile = Profile {
        name: fact("Sinta Penanda"),
        phone: fact("+628129990001"),
        ..Profile::default()
    };
    let stored = StoredCustomer {
        customer: Customer {
            profile,
            ..Customer::default()
        },
        version: 0,
    };
    let customers = Customers::new(&api.world.clients);
    customers.phone_key([7; 32]).await.unwrap();
    customers
        .write(&[("OYAKO_MOKA_17".to_owned(), stored)])
        .await
        .unwrap();
    let lines = Lines::default();
    let guard = lines.start();
    let shown = api.get("/v1/customers/OYAKO_MOKA_17").await;
    api.get("/v1/customers/%2B628129990001")
        .await
        .refused(404, "CUSTOMER_NOT_FOUND");
    drop(guard);
    assert!(shown.text.contains("Sinta Penanda"));
    let read = lines.of("customer read");
    assert_eq!(read.len(), 1, "{}", lines.all());
    assert_eq!(read[0]["customer_id"], "OYAKO_MOKA_17");
    assert_eq!(read[0]["caller"], format!("key:{}", parse(&api.key).unwrap().0));
    for marker in ["Sinta", "Penanda", "628129990001"] {
        assert!(!lines.all().contains(marker), "{}", lines.all());
    }
    let answered = lines.of("request answered");
    assert_eq!(answered.len(), 2);
    assert_eq!(
        answered[0]["route"], "/v1/customers/{id}",
        "the route and not the path"
    );
}

#[tokio::test]
async fn a_refusal_names_the_key_and_never_its_secret() {
    let api = Api::start().await;
    let poor = api.mint(&[Scope::Exports], 7).await;
    let (poor_id, poor_secret) = parse(&poor).unwrap();
    let forged = format!("oyk_{poor_id}_{}", "f".repeat(52));
    let lines = Lines::default();
    let guard = lines.start();
    for key in [poor.as_str(), forged.as_str(), "oyk_whatever"] {
        let request = Request::builder()
            .uri("/v1/keys")
            .header("authorization", format!("Bearer {key}"));
        send(&api.router, request.body(Body::empty()).unwrap()).await;
    }
    drop(guard);
    let refused = lines.of("request refused");
    let told: Vec<(u64, &str, &str)> = refused
        .iter()
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap();
            (line["status"].as_u64().unwrap(), text("code"), text("caller"))
        })
        .collect();
    let actor = format!("key:{poor_id}");
    let expected = [
        (403, "SCOPE_MISSING", actor.as_str()),
        (401, "UNAUTHORIZED", &actor),
        (401, "UNAUTHORIZED", ""),
    ];
    assert_eq!(told, expected);
    for secret in [poor_secret, &"f".repeat(52), "whatever"] {
        assert!(!lines.all().contains(secret), "{}", lines.all());
    }
}
