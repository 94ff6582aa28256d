//! `tell-partners`: tells partners what became of their orders, without being asked.
//!
//! A message is put into the top-ups table together with the step that it tells of. The table's stream starts its
//! sending; `{"task":"go-on"}`, every minute, sends those whose pause is over and those that a run left behind. A
//! message is claimed before it is sent, so two runs do not send it at once; a run that ends in between leaves one
//! that is sent again, under the same id (`Oyako-Event-Id`), by which its receiver tells that.
//!
//! Whether a partner can be told changes nothing about its order.

mod deliver;
mod failure;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aws::Clients;
use aws::clients::warm;
use aws::outbox::Outbox;
use aws::topups::{Catalogue, Topups, WEBHOOK_KIND, Webhooks, webhook_of};
use aws_sdk_ssm::Client;
use domain::topup::webhook::WebhookState;
use edge::config::Config;
use edge::cost::count_write_units;
use lambda_edge::batch::{BatchResponse, in_order, stream_records};
use lambda_edge::clock::Clock;
use lambda_edge::metrics::Metrics;
use lambda_edge::secrets::Secrets;
use lambda_edge::secrets::ssm::ParameterStore;
use partners::webhook::Webhooks as Http;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Mutex;

pub use deliver::Told;
pub use failure::Failure;

/// The name of this function.
pub const ACTOR: &str = "tell-partners";

/// The parameter from which the partners' secrets are made, below the prefix of the settings.
const WEBHOOK_KEY: &str = "webhook-key";

/// What the function works with.
#[derive(Clone)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// What is told.
    pub webhooks: Webhooks,
    /// The orders that it is about.
    pub topups: Topups,
    /// The partners.
    pub catalogue: Catalogue,
    /// Mails to the shop.
    pub outbox: Outbox,
    /// How messages are sent.
    pub http: Http,
    /// The clock, Unix milliseconds.
    pub now_ms: Clock,
    /// What is counted.
    pub metrics: Metrics,
    /// Where the key of all signatures is, and its name. A shop that sells no top-ups any more still owes messages.
    key: Arc<(Secrets<ParameterStore>, String)>,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps")
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

impl Deps {
    /// What the environment names.
    ///
    /// # Errors
    /// When it says something that can't be.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, lambda_runtime::Error> {
        let parameters = config.topup_parameters()?;
        let http = Http::new(config.topup_webhooks_local()?)?;
        let keep_days = config.keep_topups_days()?;
        let now_ms = lambda_edge::clock::now_ms;
        let deps = Self::new(&config.clients(), &parameters, http, metrics, now_ms);
        let clients = &deps.clients;
        let topups = Topups::new(clients, keep_days);
        // No message has this id; what counts is that the connection is open.
        warm(deps.webhooks.get("-")).await;
        Ok(Self { topups, ..deps })
    }

    /// What the function works with, over clients made elsewhere. `parameters` is what the names of the parameters begin
    /// with, without a slash at the end.
    #[must_use]
    pub fn new(clients: &Clients, parameters: &str, http: Http, metrics: Metrics, now_ms: Clock) -> Self {
        let secrets = Secrets::new(ParameterStore::new(Client::new(clients.config()))).with_clock(now_ms);
        Self {
            clients: clients.clone(),
            webhooks: Webhooks::new(clients),
            // Nothing is stored here that would be kept for a time.
            topups: Topups::new(clients, 0),
            catalogue: Catalogue::new(clients),
            outbox: Outbox::new(clients),
            http,
            now_ms,
            metrics,
            key: Arc::new((secrets, format!("{parameters}/{WEBHOOK_KEY}"))),
        }
    }

    /// The clock.
    pub(crate) fn now(&self) -> i64 {
        (self.now_ms)()
    }
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of records: which are to come again.
    Records(BatchResponse),
    /// Of `go-on`.
    Told(Told),
}

/// Does what the event asks for. `deadline_ms` is when the platform ends this invocation, Unix milliseconds.
///
/// # Errors
/// [`Failure`] when the run should be tried again, or can't be. Never that a partner could not be told: that is a state
/// of a message.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<Outcome, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let before = deps.clients.meter().read();
    let outcome = match event.get("task").and_then(Value::as_str) {
        Some("go-on") => Box::pin(deliver::sweep(deadline_ms, deps))
            .await
            .map(Outcome::Told),
        None if event.get("Records").is_some() => Box::pin(records(&event, deadline_ms, deps)).await,
        _ => Err(Failure::UnknownTask),
    };
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    outcome
}

/// Sends the messages that records of the stream tell of. A batch is answered with the record from which the stream has
/// to be read again, if any.
async fn records(event: &Value, deadline_ms: i64, deps: &Deps) -> Result<Outcome, Failure> {
    let records = stream_records(event)?;
    let queued: Vec<(String, String)> = records
        .into_iter()
        .filter_map(|(sequence, record)| Some((sequence, queued(record)?)))
        .collect();
    let count = queued.len();
    let first = queued.first().map(|(sequence, _)| sequence.clone());
    let slow = Mutex::new(BTreeSet::new());
    let answer = in_order(queued, async |id: String| {
        deliver::deliver(&id, deadline_ms, &slow, deps).await.map(drop)
    });
    let answer = answer.await;
    // Lambda counts a partial answer as a success, whatever is in it. A run that did nothing is a failure, so that the
    // alarm on errors sees it; the same records come again either way.
    let stopped_at = answer.batch_item_failures.first();
    if stopped_at.is_some_and(|failure| Some(&failure.item_identifier) == first.as_ref()) {
        return Err(Failure::NothingDone(count));
    }
    Ok(Outcome::Records(answer))
}

/// The id of the message that a record says is queued.
fn queued(record: &Value) -> Option<String> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let is_webhook = text("/dynamodb/NewImage/kind/S") == Some(WEBHOOK_KIND);
    let is_queued = text("/dynamodb/NewImage/state/S") == Some(WebhookState::Queued.as_str());
    let id = webhook_of(text("/dynamodb/Keys/pk/S")?, text("/dynamodb/Keys/sk/S")?);
    id.filter(|_| is_webhook && is_queued).map(str::to_owned)
}
