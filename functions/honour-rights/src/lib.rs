//! `honour-rights`: carries out what people asked for, reminds the shop of it, and lets go what has served its
//! purpose.
//!
//! Three things start it. The duties table's stream tells of requests that were ordered. `{"task":"remind"}`, every
//! hour, has the shop told of what is due within a day, counts what is overdue, and goes on with what was left lying.
//! `{"task":"retain"}`, every night, erases what is older than the shop keeps it; what one night has no time for the
//! next one begins with. All of it can come twice, late or in part, and ends the same.

mod batch;
mod failure;
mod remind;
mod retain;

use aws::Clients;
use aws::audit::AuditTrail;
use aws::bookmarks::Bookmarks;
use aws::cases::Cases;
use aws::clients::warm;
use aws::customers::Customers;
use aws::feedback::Feedback;
use aws::findings::Findings;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::requests::Requests;
use domain::rights::Retention;
use edge::config::Config;
use edge::cost::count_write_units;
use edge::people::People;
use lambda_edge::batch::BatchResponse;
use lambda_edge::metrics::Metrics;
use serde::Serialize;
use serde_json::Value;

pub use failure::{Failure, NotSet};
pub use remind::Reminders;
pub use retain::Retained;

/// The name under which this function carries out requests and reminds of them in the audit trail.
pub const ACTOR: &str = "honour-rights";
/// The name under which it lets go what is over.
pub const RETENTION: &str = "retention";

/// How much time has to be left to begin with another request or another page, in milliseconds.
const MARGIN_MS: i64 = 30_000;

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// What is done about people.
    pub people: People,
    /// What they asked for.
    pub requests: Requests,
    /// All customers.
    pub customers: Customers,
    /// The outlets there are.
    pub outlets: Outlets,
    /// What guests answered.
    pub feedback: Feedback,
    /// Low scores and what became of them.
    pub cases: Cases,
    /// What was found wrong with days, and what the staff noted about it.
    pub findings: Findings,
    /// Refused records, and why the staff put them aside.
    pub quarantine: Quarantine,
    /// Where the retention goes on.
    pub bookmarks: Bookmarks,
    /// What was let go.
    pub audit: AuditTrail,
    /// How long what is kept.
    pub retention: Retention,
    /// The clock, Unix milliseconds.
    pub now_ms: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    ///
    /// # Errors
    /// [`NotSet`] when it says to keep data for a time that can't be.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, NotSet> {
        let retention = Retention::new(config.keep_words_days()?, config.keep_profiles_days()?)?;
        let clients = config.clients();
        let deps = Self::new(clients, retention, metrics, lambda_edge::clock::now_ms);
        // No request has this id; what counts is that the connection is open.
        warm(deps.requests.get("-")).await;
        Ok(deps)
    }

    /// What the function works with, over clients made elsewhere.
    #[must_use]
    pub fn new(clients: Clients, retention: Retention, metrics: Metrics, now_ms: fn() -> i64) -> Self {
        Self {
            people: People::new(&clients),
            requests: Requests::new(&clients),
            customers: Customers::new(&clients),
            outlets: Outlets::new(&clients),
            feedback: Feedback::new(&clients),
            cases: Cases::new(&clients),
            findings: Findings::new(&clients),
            quarantine: Quarantine::new(&clients),
            bookmarks: Bookmarks::new(&clients),
            audit: AuditTrail::new(&clients),
            clients,
            retention,
            now_ms,
            metrics,
        }
    }

    /// Whether there is time to begin with something more.
    fn has_time(&self, deadline_ms: i64) -> bool {
        deadline_ms.saturating_sub((self.now_ms)()) >= MARGIN_MS
    }
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of records: which are to come again.
    Records(BatchResponse),
    /// Of `remind`.
    Reminders(Reminders),
    /// Of `retain`.
    Retained(Retained),
}

/// Does what the event asks for. `deadline_ms` is when the platform ends this invocation, Unix milliseconds.
///
/// # Errors
/// [`Failure`] when the run should be tried again, or can't be.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<Outcome, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let before = deps.clients.meter().read();
    let outcome = match event.get("task").and_then(Value::as_str) {
        Some("remind") => remind::remind(deadline_ms, deps).await.map(Outcome::Reminders),
        Some("retain") => retain::retain(deadline_ms, deps).await.map(Outcome::Retained),
        Some(_) => Err(Failure::UnknownTask),
        None => batch::work(&event, deadline_ms, deps).await.map(Outcome::Records),
    };
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    outcome
}
