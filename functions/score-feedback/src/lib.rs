//! `score-feedback`: makes figures of what guests say, and a case of every low score.
//!
//! Triggers: an answer that changed (the feedback table's stream) and a day's summary that changed (the sales
//! table's). Both only say which day of which outlet to look at: its figures are made anew from its page and its
//! answers, and all that is above it in the tree after it. Nothing is counted up, so that records which come
//! twice, late or out of order change nothing.

mod batch;
mod day;
mod event;
mod failure;
mod low_score;

use aws::Clients;
use aws::cases::Cases;
use aws::clients::warm;
use aws::feedback::Feedback;
use aws::insights::Insights;
use aws::outlets::Outlets;
use aws::sales::Sales;
use edge::config::Config;
use edge::cost::count_write_units;
use lambda_edge::batch::BatchResponse;
use lambda_edge::metrics::Metrics;
use serde_json::Value;

pub use failure::Failure;

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// Pages.
    pub sales: Sales,
    /// Answers.
    pub feedback: Feedback,
    /// Figures.
    pub insights: Insights,
    /// Low scores that somebody has to see to.
    pub cases: Cases,
    /// Outlets, for what each of them takes for low.
    pub outlets: Outlets,
    /// The clock, Unix milliseconds.
    pub now_ms: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    pub async fn load(config: &Config, metrics: Metrics) -> Self {
        let deps = Self::new(config.clients(), metrics, lambda_edge::clock::now_ms);
        // No outlet has this id; what counts is that the connection is open.
        warm(deps.outlets.get("-")).await;
        deps
    }

    /// What the function works with, over clients made elsewhere.
    #[must_use]
    pub fn new(clients: Clients, metrics: Metrics, now_ms: fn() -> i64) -> Self {
        Self {
            sales: Sales::new(&clients),
            feedback: Feedback::new(&clients),
            insights: Insights::new(&clients),
            cases: Cases::new(&clients),
            outlets: Outlets::new(&clients),
            now_ms,
            metrics,
            clients,
        }
    }
}

/// Handles a batch of either stream. A batch is answered with the record from which the stream has to be read
/// again, if any.
///
/// # Errors
/// [`Failure::NotABatch`] when the event is none, [`Failure::NothingDone`] when no record of it was worked off.
pub async fn handle(event: Value, deps: &Deps) -> Result<BatchResponse, Failure> {
    let before = deps.clients.meter().read();
    let answer = batch::work(&event, deps).await;
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    answer
}
