//! A partner's server, which is told what became of the partner's orders: it takes messages, does with them what it is
//! told to, and keeps them, so that they can be looked at as a partner would.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use ring::hmac;
use serde_json::Value;

use crate::transport::{Transport, plain};
use crate::{Faults, hold};

/// Where messages are taken.
pub const PATH: &str = "/hooks/topup";

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// By which the partner knows it again.
    pub event_id: String,
    /// When it was signed, and how.
    pub signature: String,
    /// What it says.
    pub body: Bytes,
}

impl Received {
    /// What it says, as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// When it says that it was signed, Unix seconds.
    #[must_use]
    pub fn signed_at(&self) -> Option<i64> {
        self.time().parse().ok()
    }

    /// Whether one of its signatures is by this secret: HMAC-SHA256 over the time, a dot and the body.
    #[must_use]
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signed = [self.time().as_bytes(), b".", &self.body].concat();
        let signatures = self.parts("v1").into_iter();
        signatures
            .filter_map(|hex| HEXLOWER.decode(hex.as_bytes()).ok())
            .any(|signature| hmac::verify(&key, &signed, &signature).is_ok())
    }

    /// How many signatures it has.
    #[must_use]
    pub fn signatures(&self) -> usize {
        self.parts("v1").len()
    }

    fn time(&self) -> &str {
        self.parts("t").first().copied().unwrap_or_default()
    }

    fn parts(&self, name: &str) -> Vec<&str> {
        let pairs = self.signature.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .collect()
    }
}

/// The server. Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct Receiver(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    received: Mutex<Vec<Received>>,
    faults: Faults<(), Transport>,
}

impl Receiver {
    /// Lets the next messages go wrong after they were taken, so many times. See [`crate::ALWAYS`].
    pub fn fault(&self, fault: Transport, times: u32) {
        self.0.faults.add((), fault, times);
    }

    /// The statuses of the next answers; after them everything is taken.
    pub fn answers(&self, statuses: &[u16]) {
        for status in statuses {
            self.fault(Transport::Status(*status), 1);
        }
    }

    /// Takes every fault back.
    pub fn heal(&self) {
        self.0.faults.clear();
    }

    /// Every message so far, one after the other.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        hold(&self.0.received).clone()
    }
}

/// The routes over a server's state.
pub fn router(receiver: Receiver) -> Router {
    Router::new().route(PATH, post(take)).with_state(receiver)
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if header("content-type") != "application/json" {
        return plain(415);
    }
    hold(&receiver.0.received).push(Received {
        event_id: header("oyako-event-id"),
        signature: header("oyako-signature"),
        body,
    });
    match receiver.0.faults.take(&()) {
        Some(fault) => fault.answer(Bytes::new()).await,
        None => StatusCode::NO_CONTENT.into_response(),
    }
}
