//! `sync-nightly`: what is done once a night.
//!
//! A schedule names the task. `{"task":"sync"}` begins the night of a business date: it is a record
//! (`domain::night`) whose phases are cut into parts. Each part that is put into the table, or put back, starts a run
//! of its own through the table's stream: it fetches files, reconciles or enriches. Whoever ends the last part of a
//! phase moves the night on, and `{"task":"go-on"}`, every minute, does what was left lying. Begun twice, told twice or
//! killed anywhere, a night is done once. A night that is over is done again only if somebody asks for it, with
//! `{"task":"sync","at":"…","again":true}`, where `at` is when it was due. A night is never begun before that.
//!
//! `{"task":"watch-arrivals"}` looks, half an hour after the shops' last export is due, which outlets have sent none, so
//! that a silent night is noticed the same night. It only reads and reports, and looks at the night that its schedule
//! names: coming twice or late, it says the same again, or what has come in since. `{"task":"watch-recoveries"}` looks
//! which guests of a low score have come back, and notes it in their cases, once; what one night has no time for
//! the next one begins with.

mod arrivals;
mod backup;
mod deps;
mod enrich;
mod failure;
mod go_on;
mod night;
mod owed;
mod part;
mod plan;
mod pull;
mod reconcile;
mod recoveries;
mod report;
mod servers;
mod settle;

use domain::night::{End, Night, Phase};
use domain::when::{BusinessDate, Zone, read_moment};
use edge::cost::count_write_units;
use lambda_edge::batch::{self, BatchResponse};
use serde::Serialize;
use serde_json::Value;

pub use arrivals::Arrivals;
pub use deps::Deps;
pub use failure::Failure;
pub use recoveries::Recoveries;
pub use servers::{CentralSettings, MokaSettings, Servers, Settings};

/// The name under which this function acts in the audit trail.
pub const ACTOR: &str = "sync-nightly";

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of `watch-arrivals`.
    Arrivals(Arrivals),
    /// Of `watch-recoveries`.
    Recoveries(Recoveries),
    /// Of `sync` and `go-on`.
    Nights {
        /// The nights that were looked at, as they stand.
        nights: Vec<Standing>,
    },
    /// Of records of parts.
    Batch(BatchResponse),
}

/// How a night stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Its date.
    pub date: BusinessDate,
    /// What it is at.
    pub phase: Phase,
    /// How it ended.
    pub end: Option<End>,
}

impl From<&Night> for Standing {
    fn from(night: &Night) -> Self {
        let Night { date, phase, end, .. } = *night;
        Self { date, phase, end }
    }
}

/// Does the task that the event names, or works on the parts that its records tell of. `deadline_ms` is when the
/// platform ends this invocation, Unix milliseconds.
///
/// # Errors
/// [`Failure`] when the run should be tried again, or can't be.
pub async fn handle(event: Value, deadline_ms: u64, deps: &Deps) -> Result<Outcome, Failure> {
    let deadline_ms = i64::try_from(deadline_ms).unwrap_or(i64::MAX);
    let before = deps.clients.meter().read();
    // Boxed, here and below: the way from an event to a store is long, and its futures would lie in one another.
    let outcome = match event.get("task").and_then(Value::as_str) {
        Some(task) => Box::pin(run(task, &event, deadline_ms, deps)).await,
        None if event.get("Records").is_some() => Box::pin(work(&event, deadline_ms, deps)).await,
        None => Err(Failure::UnknownTask),
    };
    count_write_units(&deps.metrics, before, deps.clients.meter().read());
    outcome
}

/// Does a task. `at` is when its schedule wanted it; unless the event says so, as when a person starts it, that is
/// now, and for a night the last moment at which one was due.
async fn run(task: &str, event: &Value, deadline_ms: i64, deps: &Deps) -> Result<Outcome, Failure> {
    let at_ms = at_ms(event);
    let due_ms = at_ms.unwrap_or_else(|| deps.now());
    Ok(match task {
        "sync" => {
            let again = event.get("again").and_then(Value::as_bool).unwrap_or_default();
            // Whoever wants a night once more means that one, and no other.
            let names_a_night = event.get("at").is_some_and(|at| !at.is_null());
            if again && names_a_night && at_ms.is_none() {
                return Err(Failure::AtUnreadable);
            }
            let nights = night::start(at_ms, again, deadline_ms, deps).await?;
            Outcome::Nights { nights }
        }
        "go-on" => {
            let nights = go_on::all(deadline_ms, deps).await?;
            Outcome::Nights { nights }
        }
        "watch-arrivals" => Outcome::Arrivals(arrivals::watch(due_ms, deps).await?),
        "watch-recoveries" => {
            let found = recoveries::watch(due_ms, deadline_ms, deps).await?;
            Outcome::Recoveries(found)
        }
        _ => return Err(Failure::UnknownTask),
    })
}

/// Works on the parts that records of the stream tell of.
async fn work(event: &Value, deadline_ms: i64, deps: &Deps) -> Result<Outcome, Failure> {
    let records = batch::stream_records(event)?;
    let count = records.len();
    let answer = batch::in_order(records, |record| part::announced(record, deadline_ms, deps)).await;
    // Lambda counts a partial answer as a success, whatever is in it. A run that did nothing is a failure,
    // so that the alarm on errors sees it; the same records come again either way.
    if count > 0 && answer.batch_item_failures.len() == count {
        return Err(Failure::NothingDone(count));
    }
    Ok(Outcome::Batch(answer))
}

/// When the schedule was due, Unix milliseconds: a run that comes late still looks at its own night.
fn at_ms(event: &Value) -> Option<i64> {
    let at = event.get("at").and_then(Value::as_str).unwrap_or_default();
    let at = read_moment(at, &Zone::default()).ok().flatten();
    at.map(|moment| moment.at_ms)
}
