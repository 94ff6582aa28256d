//! A partner's server: takes messages as it is told to, and checks their signatures as a partner would.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use sims::serve::{Served, serve};

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) event_id: String,
    pub(crate) signature: String,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// When it says that it was signed, Unix seconds.
    pub(crate) fn signed_at(&self) -> i64 {
        self.part("t")[0].parse().unwrap()
    }

    /// Whether one of its signatures is by this secret: HMAC-SHA256 over the time, a dot and the body.
    pub(crate) fn is_signed_by(&self, secret: &str) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.", self.part("t")[0]).as_bytes());
        mac.update(&self.body);
        let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
        self.part("v1").contains(&signature.as_str())
    }

    pub(crate) fn signatures(&self) -> usize {
        self.part("v1").len()
    }

    fn part(&self, name: &str) -> Vec<&str> {
        let pairs = self.signature.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .collect()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Receiver(Arc<Inner>);

#[derive(Default)]
struct Inner {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<u16>>,
    clock: Arc<AtomicI64>,
}

impl Receiver {
    pub(crate) async fn serve(&self) -> Served {
        let router = Router::new()
            .route("/hooks/topup", post(take))
            .route("/hooks/slow", post(take_slowly))
            .with_state(self.clone());
        serve(router).await.unwrap()
    }

    /// The clock of the shop, which a slow answer moves.
    pub(crate) fn clock(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.0.clock)
    }

    /// The statuses of the next answers; after them everything is taken.
    pub(crate) fn answers(&self, statuses: &[u16]) {
        self.0.answers.lock().unwrap().extend(statuses);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.0.received.lock().unwrap().clone()
    }
}

/// Takes it, and four seconds for that.
async fn take_slowly(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.0.clock.fetch_add(4_000, Ordering::SeqCst);
    take(State(receiver), headers, body).await
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    receiver.0.received.lock().unwrap().push(Received {
        event_id: header("oyako-event-id"),
        signature: header("oyako-signature"),
        body,
    });
    let answer = receiver.0.answers.lock().unwrap().pop_front();
    StatusCode::from_u16(answer.unwrap_or(204)).unwrap()
}
