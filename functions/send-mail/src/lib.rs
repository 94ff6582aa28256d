//! Sends the mail that waits in the outbox.
//!
//! Two triggers lead here: a mail that was just queued, as a record of the operations table's stream,
//! and the minute, which takes whatever is due. Either may come twice or late, so both only name a
//! mail; what happens to it is decided from the outbox, where one step at a time can win.
//!
//! A mail is claimed before the mail service is called and settled after it. The service has no
//! idempotency key: a claim that was never settled ends as unknown and is not sent again by itself.

mod deliver;
pub mod letter;
mod night_report;
pub mod words;

use aws::StoreError;
use aws::cases::Cases;
use aws::clients::warm;
use aws::feedback::Feedback;
use aws::findings::Findings;
use aws::insights::Insights;
use aws::mailer::Mailer;
use aws::nights::Nights;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use aws::requests::Requests;
use domain::mail::{Mail, MailState};
use edge::config::Config;
use edge::cost::count_write_units;
use edge::stream;
use lambda_edge::batch::in_order;
use lambda_edge::env::EnvError;
use lambda_edge::metrics::Metrics;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;

use crate::letter::Addresses;

/// The outbox's kind of item, as the stream's records name it.
const KIND: &str = "mail";

/// What the function works with.
pub struct Deps {
    /// Where mails wait.
    pub outbox: Outbox,
    /// What guests answered.
    pub feedback: Feedback,
    /// The outlets, for their names and clocks.
    pub outlets: Outlets,
    /// What the nights did.
    pub nights: Nights,
    /// What they found wrong with outlets' days.
    pub findings: Findings,
    /// How satisfied guests are.
    pub insights: Insights,
    /// Low scores to be seen to.
    pub cases: Cases,
    /// What people ask for about their data.
    pub requests: Requests,
    /// What takes them.
    pub mailer: Mailer,
    /// From whom, to whom, and where to read more.
    pub addresses: Addresses,
    /// Now, in Unix milliseconds.
    pub now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    ///
    /// # Errors
    /// [`EnvError`] when a variable is not set.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, EnvError> {
        let addresses = Addresses {
            from: config.mail_from()?,
            to: config.admin_email()?,
            public_url: config.public_url()?,
        };
        let clients = config.clients();
        let (outbox, mailer) = (Outbox::new(&clients), Mailer::new(&clients));
        // No mail has this id; what counts is that the connection is open.
        warm(outbox.get("-")).await;
        Ok(Self {
            outbox,
            feedback: Feedback::new(&clients),
            outlets: Outlets::new(&clients),
            nights: Nights::new(&clients),
            findings: Findings::new(&clients),
            insights: Insights::new(&clients),
            cases: Cases::new(&clients),
            requests: Requests::new(&clients),
            mailer,
            addresses,
            now_ms: Box::new(lambda_edge::clock::now_ms),
            metrics,
        })
    }
}

/// Why an invocation, or a record of one, has to come again. Never that the mail service failed:
/// that is a state of the mail.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The outbox, or what a mail is about, could not be read or written.
    #[error("a store failed: {0}")]
    Store(#[from] StoreError),
    /// The operating system gave no randomness to claim a mail with.
    #[error("no randomness to claim a mail with: {0}")]
    Randomness(String),
    /// A record says that it is of a mail, and holds none.
    #[error("a stream record of a mail can't be read")]
    Unreadable,
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "MAIL_STORE_FAILED",
            Self::Randomness(_) => "MAIL_RANDOMNESS_FAILED",
            Self::Unreadable => "MAIL_RECORD_UNREADABLE",
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

/// Handles stream records, or sweeps the outbox when the event holds none.
///
/// A batch is answered with the record from which the stream has to be read again, if any.
///
/// # Errors
/// [`Failure`] of a sweep, after every due mail had its turn.
pub async fn handle(event: LambdaEvent<Value>, deps: &Deps) -> Result<Value, Failure> {
    let before = deps.outbox.cost();
    let answer = work(event, deps).await;
    count_write_units(&deps.metrics, before, deps.outbox.cost());
    answer
}

async fn work(event: LambdaEvent<Value>, deps: &Deps) -> Result<Value, Failure> {
    let deadline_ms = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
    let Some(records) = event.payload.get("Records").and_then(Value::as_array) else {
        deliver::sweep(deps, deadline_ms).await?;
        return Ok(Value::Null);
    };
    let queued = records.iter().filter_map(queued).collect();
    let response = in_order(queued, async |id: Result<String, Failure>| {
        deliver::deliver(deps, &id?, deadline_ms).await
    });
    Ok(serde_json::json!(response.await))
}

/// The sequence number of a record that queues a mail, and that mail's id.
fn queued(record: &Value) -> Option<(String, Result<String, Failure>)> {
    if let Some((sequence, state, mail)) = stream::entity::<Mail>(record, KIND) {
        return (state == MailState::Queued.as_str()).then_some((sequence, Ok(mail.id)));
    }
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let sequence = text("/dynamodb/SequenceNumber").unwrap_or_default().to_owned();
    (text("/dynamodb/NewImage/kind/S") == Some(KIND)).then_some((sequence, Err(Failure::Unreadable)))
}
