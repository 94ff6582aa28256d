//! `send-topups`: the only function that talks to the supplier of top-ups.
//!
//! Three things start it. The top-ups table's stream tells of orders that are due at once. `{"task":"go-on"}`, every
//! minute, does what is due by the clock: questions about orders that are open, orders that were held over the
//! supplier's nightly cutoff, and whatever a run that was cut off left behind. Both work a lane, see `lane.rs`.
//! `{"task":"look"}`, every quarter of an hour, asks for our balance, looks by which address the supplier sees us, and
//! tells the shop when the deposit will not last.
//!
//! A purchase is made by a request that no layer repeats, and only after the intent to make it was stored. An answer
//! is stored before anything else is done; where there is none, or it can't be stored, nobody knows what became of the
//! order, which is a state of it. All of it can come twice, late or in part, and buys once.

mod brakes;
mod deps;
mod failure;
mod lane;
mod look;
mod order;
mod supplier;

use aws::topups::order_of;
use edge::cost::count_write_units;
use lambda_edge::batch::{BatchResponse, stream_records};
use lambda_edge::metrics::Unit;
use serde::Serialize;
use serde_json::Value;

pub use deps::{AddressSettings, Deps, Settings};
pub use failure::Failure;
pub use lane::Worked;
pub use look::Looked;
pub use supplier::{Supplier, SupplierSettings};

/// The name under which this function acts in the audit trail.
pub const ACTOR: &str = "send-topups";

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of records: none is to come again, a run that fails does so as a whole.
    Records(BatchResponse),
    /// Of `go-on`.
    Worked(Worked),
    /// Of `look`.
    Looked(Looked),
}

/// Does what the event asks for. `deadline_ms` is when the platform ends this invocation, Unix milliseconds.
///
/// # Errors
/// [`Failure`] when the run should be tried again, or can't be.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<Outcome, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let before = deps.clients.meter().read();
    // Boxed: the way from an event to a store is long, and its futures would lie in one another.
    let outcome = match event.get("task").and_then(Value::as_str) {
        Some("go-on") => Box::pin(work(deadline_ms, deps)).await.map(Outcome::Worked),
        Some("look") => Box::pin(look(deadline_ms, deps)).await.map(Outcome::Looked),
        Some(_) => Err(Failure::UnknownTask),
        None if event.get("Records").is_some() => Box::pin(records(&event, deadline_ms, deps)).await,
        None => Err(Failure::UnknownTask),
    };
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    outcome
}

/// Works a lane where one of the records is an order's. Which of them is due, the table says.
async fn records(event: &Value, deadline_ms: i64, deps: &Deps) -> Result<Outcome, Failure> {
    let records = stream_records(event)?;
    if records.iter().any(|(_, record)| is_order(record)) {
        work(deadline_ms, deps).await?;
    }
    Ok(Outcome::Records(BatchResponse::default()))
}

/// Looks, and then works a lane: whoever found it taken by the look has left.
async fn look(deadline_ms: i64, deps: &Deps) -> Result<Looked, Failure> {
    let looked = Box::pin(look::look(deps)).await;
    let worked = Box::pin(work(deadline_ms, deps)).await;
    let looked = looked?;
    worked?;
    Ok(looked)
}

async fn work(deadline_ms: i64, deps: &Deps) -> Result<Worked, Failure> {
    let worked = lane::work(deadline_ms, deps).await;
    let stopped = match &worked {
        Ok(worked) => worked.held_back > 0,
        // Without its secrets, or with some that can't be used, the function sends nothing either.
        Err(failure) => failure.stops(),
    };
    if stopped {
        deps.metrics.add("TopupsStopped", Unit::Count, 1);
    }
    worked
}

fn is_order(record: &Value) -> bool {
    let key = |name: &str| {
        let image = record.pointer(&format!("/dynamodb/Keys/{name}/S"));
        image.and_then(Value::as_str).unwrap_or_default()
    };
    order_of(key("pk"), key("sk")).is_some()
}
