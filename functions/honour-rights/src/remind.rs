//! What is due soon, overdue, or was left lying.

use aws::StoreError;
use domain::mail::{Mail, MailCause, MailState, mail_id};
use domain::rights::{DUE_MS, Request, State};
use lambda_edge::metrics::Unit;
use serde::Serialize;

use crate::batch::{carry_out, tell};
use crate::failure::Failure;
use crate::{ACTOR, Deps};

/// How long after its order a request counts as left lying, in milliseconds: longer than a run can take.
const LYING_MS: i64 = 16 * 60_000;
/// How often a request is noted anew because somebody else was first.
const TRIES_MAX: u32 = 4;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reminders {
    /// Requests that are not over.
    pub open: u64,
    /// Requests of which the shop was reminded by this run.
    pub reminded: u64,
    /// Requests whose time is over.
    pub overdue: u64,
    /// Requests that had been left lying, and were carried out by this run.
    pub gone_on: u64,
}

/// Looks at every request that is not over. One that fails takes down no other.
///
/// # Errors
/// [`Failure`] when a store could not be read, or a request could not be seen to.
pub(crate) async fn remind(deadline_ms: i64, deps: &Deps) -> Result<Reminders, Failure> {
    let now_ms = (deps.now_ms)();
    // Whatever was received by now is due by then.
    let open = deps.requests.due_by(now_ms.saturating_add(DUE_MS)).await?;
    let mut found = Reminders::default();
    let mut failed = 0;
    for request in open {
        found.open += 1;
        found.overdue += u64::from(request.is_overdue(now_ms));
        match note(&request, now_ms, deps).await {
            Ok(reminded) => found.reminded += u64::from(reminded),
            Err(failure) => {
                failed += 1;
                tell(&request.id, &failure);
            }
        }
        if was_left_lying(&request, now_ms) && deps.has_time(deadline_ms) {
            match carry_out(&request.id, deps).await {
                Ok(()) => found.gone_on += 1,
                Err(failure) => {
                    failed += 1;
                    tell(&request.id, &failure);
                }
            }
        }
    }
    // Zero is told too: it is what ends an alarm.
    deps.metrics.add("RightsOverdue", Unit::Count, found.overdue);
    let Reminders {
        open,
        reminded,
        overdue,
        gone_on,
    } = found;
    if overdue > 0 {
        tracing::warn!(open, reminded, overdue, gone_on, "rights.overdue");
    } else {
        tracing::info!(open, reminded, gone_on, "rights.watched");
    }
    if failed > 0 {
        return Err(Failure::NotAllDone(failed));
    }
    Ok(found)
}

/// Notes that the shop is reminded, together with the mail that does it. Answers whether that was done.
async fn note(request: &Request, now_ms: i64, deps: &Deps) -> Result<bool, Failure> {
    let mut request = request.clone();
    for _ in 0..TRIES_MAX {
        let Some(reminded) = request.reminded(ACTOR, now_ms) else {
            return Ok(false);
        };
        let mail = mail(&request, now_ms);
        let change = deps
            .requests
            .change(&request, &reminded, Some(&mail), ACTOR, now_ms);
        match change.await {
            Ok(_) => return Ok(true),
            Err(StoreError::Conflict) => match deps.requests.get(&request.id).await? {
                Some(stored) => request = stored,
                None => return Ok(false),
            },
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Throttled.into())
}

/// Whether a request was ordered so long ago that no record of it will come any more.
fn was_left_lying(request: &Request, now_ms: i64) -> bool {
    let ordered = request.ordered_ms().filter(|_| request.state == State::Executing);
    ordered.is_some_and(|at_ms| now_ms.saturating_sub(at_ms) >= LYING_MS)
}

fn mail(request: &Request, now_ms: i64) -> Mail {
    Mail {
        id: mail_id("rights_due", &request.id, ""),
        cause: MailCause::RightsDue {
            request: request.id.clone(),
            kind: request.kind.as_str().to_owned(),
            due_ms: request.due_ms,
        },
        state: MailState::Queued,
        attempts: 0,
        due_ms: now_ms,
        created_ms: now_ms,
        correlation: Some(request.id.clone()),
        outcome: None,
    }
}
