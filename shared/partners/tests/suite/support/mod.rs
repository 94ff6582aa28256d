//! What the tests share: a client that waits without time, and servers with a client of each.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod central;
pub(crate) mod kios;
pub(crate) mod memory;
pub(crate) mod moka;
pub(crate) mod raw;
pub(crate) mod tokens;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::when::BusinessDate;
use futures::future::BoxFuture;
use partners::http::{Http, Policy, Waits};

pub(crate) use memory::Memory;

/// Sent with every question to the central server; shown nowhere.
pub(crate) const TOKEN: &str = "T0KEN-OF-THE-CENTRAL-SERVER";

/// The end of a run that has all the time there is.
pub(crate) const LATER: i64 = i64::MAX;

/// The day that everything is about.
pub(crate) fn day() -> BusinessDate {
    "2026-11-21".parse().unwrap()
}

/// Writes down what would have been waited, and always takes the longest time that chance allows.
#[derive(Clone, Default)]
pub(crate) struct Noted {
    waited: Arc<Mutex<Vec<Duration>>>,
    meanwhile: Arc<Mutex<Option<Meanwhile>>>,
}

/// What happens while something waits.
type Meanwhile = Box<dyn FnOnce() + Send>;

impl Waits for Noted {
    fn wait(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.waited.lock().unwrap().push(time);
        let meanwhile = self.meanwhile.lock().unwrap().take();
        if let Some(happens) = meanwhile {
            happens();
        }
        Box::pin(std::future::ready(()))
    }

    fn between(&self, _shortest: Duration, longest: Duration) -> Duration {
        longest
    }
}

impl Noted {
    pub(crate) fn millis(&self) -> Vec<u128> {
        self.waited
            .lock()
            .unwrap()
            .iter()
            .map(Duration::as_millis)
            .collect()
    }

    /// Lets something happen during the next wait.
    pub(crate) fn at_next(&self, happens: impl FnOnce() + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(happens));
    }
}

pub(crate) fn client(policy: Policy) -> (Http, Noted) {
    let waits = Noted::default();
    (Http::with_waits(policy, Arc::new(waits.clone())).unwrap(), waits)
}

/// An address on this machine that nobody listens at.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Times that are over soon, for faults that never end, and long enough for what has to succeed on a busy machine.
pub(crate) fn impatient() -> Policy {
    Policy {
        idle: Duration::from_secs(2),
        whole: Duration::from_secs(4),
        ..Policy::default()
    }
}
