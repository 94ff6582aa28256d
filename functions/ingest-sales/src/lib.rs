//! `ingest-sales`: takes a POS export from the bucket to the store.
//!
//! Triggers: an object created (S3 → EventBridge → SQS), and state changes of the operations table
//! (a stream): a large file to go on with, a quarantined record to run again. Every trigger may come
//! twice, late or out of order; none of that changes what is stored.

pub mod ahead;
pub mod answers;
pub mod closing;
pub mod customers;
pub mod event;
pub mod failure;
pub mod file;
pub mod flush;
pub mod pending;
pub mod reading;
pub mod replay;
pub mod retell;
pub mod run;
pub mod source;

use aws::customers::Customers;
use aws::feedback::Feedback;
use aws::ledger::{CONTINUE, Ledger};
use aws::objects::Objects;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::sales::Sales;
use aws::{Clients, StoreError};
use domain::customer::PhoneKey;
use domain::export::Export;
use domain::quarantine::{QuarantineState, Quarantined};
use edge::config::Config;
use edge::cost::count_write_units;
use failure::Failure;
use lambda_edge::batch::{self, BatchResponse};
use lambda_edge::metrics::Metrics;
use serde_json::Value;

/// The name under which this function acts in the audit trail.
pub const ACTOR: &str = "ingest-sales";

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// The bucket.
    pub objects: Objects,
    /// The file ledger.
    pub ledger: Ledger,
    /// Pages and summaries.
    pub sales: Sales,
    /// Customers.
    pub customers: Customers,
    /// What is said of receipts.
    pub feedback: Feedback,
    /// Quarantined records.
    pub quarantine: Quarantine,
    /// Outlets.
    pub outlets: Outlets,
    /// The key that hides phone numbers.
    pub phone_key: PhoneKey,
    /// The clock, Unix milliseconds.
    pub now_ms: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the function works with on this platform. Reading the phone key also opens the
    /// connection to the database while the start is still going on.
    ///
    /// # Errors
    /// When the database can't be reached or the operating system has no randomness.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, lambda_runtime::Error> {
        let fresh = lambda_edge::clock::random()?;
        Ok(Self::with_clients(config.clients(), fresh, metrics).await?)
    }

    /// What the function works with, over clients made elsewhere; `fresh` becomes the phone key if
    /// there is none yet.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn with_clients(
        clients: Clients,
        fresh: [u8; 32],
        metrics: Metrics,
    ) -> Result<Self, StoreError> {
        let customers = Customers::new(&clients);
        Ok(Self {
            objects: Objects::new(&clients),
            ledger: Ledger::new(&clients),
            sales: Sales::new(&clients),
            phone_key: customers.phone_key(fresh).await?,
            customers,
            feedback: Feedback::new(&clients),
            quarantine: Quarantine::new(&clients),
            outlets: Outlets::new(&clients),
            now_ms: lambda_edge::clock::now_ms,
            metrics,
            clients,
        })
    }
}

/// Handles a batch of either trigger. `deadline_ms` is when the platform ends this invocation.
///
/// # Errors
/// [`Failure::NotABatch`] when the event is none, [`Failure::NothingDone`] when every message of it failed. Never
/// for what a file holds.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<BatchResponse, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let before = deps.clients.meter().read();
    let from_stream = event.pointer("/Records/0/eventSource").and_then(Value::as_str) == Some("aws:dynamodb");
    let (messages, answer) = if from_stream {
        let records = batch::stream_records(&event)?;
        let count = records.len();
        let answer = batch::in_order(records, |record| on_change(record, deadline_ms, deps));
        (count, answer.await)
    } else {
        let messages = batch::sqs_messages(&event)?;
        let count = messages.len();
        let answer = batch::each(messages, |message| on_object(message, deadline_ms, deps));
        (count, answer.await)
    };
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    // Lambda counts a partial answer as a success, whatever is in it. A run that did nothing is a failure,
    // so that the alarm on errors sees it; the same messages come again either way.
    if messages > 0 && answer.batch_item_failures.len() == messages {
        return Err(Failure::NothingDone(messages));
    }
    Ok(answer)
}

async fn on_object(message: &Value, deadline_ms: i64, deps: &Deps) -> Result<(), Failure> {
    let object = event::created_object(message)?;
    correlate(object.correlation.as_deref());
    run::object_created(object, deadline_ms, deps).await
}

async fn on_change(record: &Value, deadline_ms: i64, deps: &Deps) -> Result<(), Failure> {
    let kind = record
        .pointer("/dynamodb/NewImage/kind/S")
        .and_then(Value::as_str);
    match kind {
        Some("export") => {
            let (_, state, export) =
                edge::stream::entity::<Export>(record, "export").ok_or(Failure::Unreadable)?;
            if state != CONTINUE {
                return Ok(());
            }
            correlate(export.correlation.as_deref());
            run::go_on(export, deadline_ms, deps).await
        }
        Some("quarantine") => {
            let (_, _, piece) =
                edge::stream::entity::<Quarantined>(record, "quarantine").ok_or(Failure::Unreadable)?;
            if piece.state != QuarantineState::Replaying {
                return Ok(());
            }
            correlate(piece.correlation.as_deref());
            replay::run(piece, deps).await
        }
        _ => Ok(()),
    }
}

/// Puts the correlation of a piece of work on every line that is logged about it.
fn correlate(correlation: Option<&str>) {
    if let Some(correlation) = correlation {
        lambda_edge::correlation::set(correlation);
    }
}
