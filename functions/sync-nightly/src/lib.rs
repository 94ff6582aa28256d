//! `sync-nightly`: what is done once a night.
//!
//! A schedule names the task. `{"task":"watch-arrivals"}` looks, half an hour after the shops' last
//! export is due, which outlets have sent none, so that a silent night is noticed the same night. It
//! only reads and reports, and looks at the night that its schedule names: coming twice or late, it says
//! the same again, or what has come in since. `{"task":"watch-recoveries"}` looks which guests of a low
//! score have come back, and notes it in their cases, once; what one night has no time for the next one begins with.

mod arrivals;
mod recoveries;

use aws::bookmarks::Bookmarks;
use aws::cases::Cases;
use aws::clients::warm;
use aws::customers::Customers;
use aws::outlets::Outlets;
use aws::sales::Sales;
use aws::{Clients, StoreError};
use domain::when::{Zone, read_moment};
use edge::config::Config;
use lambda_edge::metrics::Metrics;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

pub use arrivals::Arrivals;
pub use recoveries::Recoveries;

/// The name under which this function acts in the audit trail.
pub const ACTOR: &str = "sync-nightly";

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Deps {
    /// The outlets there are.
    pub outlets: Outlets,
    /// The days they have sales for.
    pub sales: Sales,
    /// The guests, for their visits.
    pub customers: Customers,
    /// Low scores and what became of them.
    pub cases: Cases,
    /// Where a task that did not get to the end goes on.
    pub bookmarks: Bookmarks,
    /// The clock, Unix milliseconds.
    pub now_ms: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    pub async fn load(config: &Config, metrics: Metrics) -> Self {
        let deps = Self::new(&config.clients().await, metrics, lambda_edge::clock::now_ms);
        // What it answers does not matter; what counts is that the connection is open.
        warm(deps.outlets.list(None, 1)).await;
        deps
    }

    /// What the function works with, over clients made elsewhere.
    #[must_use]
    pub fn new(clients: &Clients, metrics: Metrics, now_ms: fn() -> i64) -> Self {
        Self {
            outlets: Outlets::new(clients),
            sales: Sales::new(clients),
            customers: Customers::new(clients),
            cases: Cases::new(clients),
            bookmarks: Bookmarks::new(clients),
            now_ms,
            metrics,
        }
    }
}

/// Why a run has to be tried again.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store could not be read.
    #[error("a store failed: {0}")]
    Store(#[from] StoreError),
    /// The schedule names no task that there is.
    #[error("the event names no task of this function")]
    UnknownTask,
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "SYNC_STORE_FAILED",
            Self::UnknownTask => "SYNC_TASK_UNKNOWN",
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.code().to_owned(),
            error_message: failure.to_string(),
        }
    }
}

/// What a task came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of `watch-arrivals`.
    Arrivals(Arrivals),
    /// Of `watch-recoveries`.
    Recoveries(Recoveries),
}

/// Does the task that the event names. `deadline_ms` is when the platform ends this invocation, Unix
/// milliseconds.
///
/// # Errors
/// [`Failure`] when the run should be tried again, or can't be.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<Outcome, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let due_ms = due_ms(&event, deps);
    match event.get("task").and_then(Value::as_str) {
        Some("watch-arrivals") => Ok(Outcome::Arrivals(arrivals::watch(due_ms, deps).await?)),
        Some("watch-recoveries") => {
            let found = recoveries::watch(due_ms, deadline_ms, deps).await?;
            Ok(Outcome::Recoveries(found))
        }
        _ => Err(Failure::UnknownTask),
    }
}

/// When the schedule was due, Unix milliseconds: a run that comes late still looks at its own night. Without
/// a time in the event, as when a person starts it, it is now.
fn due_ms(event: &Value, deps: &Deps) -> i64 {
    let at = event.get("at").and_then(Value::as_str).unwrap_or_default();
    let at = read_moment(at, &Zone::default()).ok().flatten();
    at.map_or_else(|| (deps.now_ms)(), |moment| moment.at_ms)
}
