//! Lets go what has served its purpose: people who stay away, what they said, what was noted about it.
//!
//! There are four rounds: through all customers; outlet by outlet through old answers and findings; through old cases;
//! through refused records that were put aside. Each has a share of the run's time, so that none waits for ever; where
//! its share is over it stops, and the next run goes on from there. The place is noted after each page: a run that is
//! cut short leaves out nothing, and what is looked at twice is done once.

mod notes;
mod places;
mod profiles;
mod reasons;
mod words;

use aws::StoreError;
use aws::audit::Action;
use serde::Serialize;
use serde_json::json;

use crate::failure::Failure;
use crate::{Deps, MARGIN_MS, RETENTION};

/// Where a round begins.
const START: &str = "-";
/// Items read at a time.
const PAGE: i32 = 200;

/// What was let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Retained {
    /// People who were erased.
    pub profiles: u64,
    /// Answers whose words were erased on their own.
    pub answers: u64,
    /// Cases whose notes were erased on their own.
    pub cases: u64,
    /// Findings whose notes were erased.
    pub findings: u64,
    /// Refused records of which the reason was erased for which they were put aside.
    pub reasons: u64,
    /// Whether every round came to its end.
    pub complete: bool,
}

/// Goes on with each round for its share of the time that is left.
///
/// # Errors
/// [`Failure`] when a store could not be read or written, or something could not be let go: after all rounds, so that
/// none keeps the others from their share. The next run goes on.
pub(crate) async fn retain(deadline_ms: i64, deps: &Deps) -> Result<Retained, Failure> {
    let started_ms = (deps.now_ms)();
    let round = |share: i64| {
        let now_ms = (deps.now_ms)();
        let left = deadline_ms.saturating_sub(MARGIN_MS).saturating_sub(now_ms);
        Round {
            deps,
            started_ms,
            until_ms: now_ms.saturating_add(left / share),
        }
    };
    let mut done = Retained {
        complete: true,
        ..Retained::default()
    };
    let mut troubles = Troubles::default();
    let profiles = round(4).profiles(&mut done, &mut troubles).await;
    done.complete &= troubles.ended(profiles);
    let words = round(3).words(&mut done, &mut troubles).await;
    done.complete &= troubles.ended(words);
    let notes = round(2).notes(&mut done, &mut troubles).await;
    done.complete &= troubles.ended(notes);
    let reasons = round(1).reasons(&mut done, &mut troubles).await;
    done.complete &= troubles.ended(reasons);
    tell(done, deps).await?;
    match troubles {
        Troubles {
            round: Some(failure), ..
        } => Err(failure),
        Troubles { items: 1.., .. } => Err(Failure::NotLetGo(troubles.items)),
        Troubles { .. } => Ok(done),
    }
}

/// What went wrong.
#[derive(Debug, Default)]
struct Troubles {
    /// What ended a round, the first one.
    round: Option<Failure>,
    /// People, answers and the like that could not be read or let go.
    items: u64,
}

impl Troubles {
    /// Whether a round came to its end.
    fn ended(&mut self, round: Result<bool, Failure>) -> bool {
        match round {
            Ok(complete) => complete,
            Err(failure) => {
                tracing::warn!(code = failure.code(), error = %failure, "a round of retention ended early");
                self.round.get_or_insert(failure);
                false
            }
        }
    }

    /// Something was passed over; `id` names it, and nobody.
    fn item(&mut self, id: &str, failure: &Failure) {
        tracing::warn!(item = id, code = failure.code(), error = %failure, "retention.passed_over");
        self.items = self.items.saturating_add(1);
    }

    /// These can't be read.
    fn damaged(&mut self, ids: &[String]) {
        for id in ids {
            self.item(id, &StoreError::Damaged("an item can't be read").into());
        }
    }
}

/// Says what was let go, in the log and, if it was anything, in the audit trail.
async fn tell(done: Retained, deps: &Deps) -> Result<(), Failure> {
    let Retained {
        profiles,
        answers,
        cases,
        findings,
        reasons,
        complete,
    } = done;
    if complete {
        tracing::info!(profiles, answers, cases, findings, reasons, "retention.enforced");
    } else {
        tracing::warn!(
            profiles,
            answers,
            cases,
            findings,
            reasons,
            "retention.enforced in part: the time is over, the next run goes on"
        );
    }
    if profiles + answers + cases + findings + reasons == 0 {
        return Ok(());
    }
    let action = Action {
        at_ms: (deps.now_ms)(),
        actor: RETENTION,
        action: "retention.enforced",
        subject: RETENTION,
    };
    let counts = json!({
        "profiles": profiles, "answers": answers, "cases": cases, "findings": findings, "reasons": reasons,
        "complete": complete,
    });
    deps.audit.record(action, &counts).await?;
    Ok(())
}

/// One round's share of a run.
#[derive(Clone, Copy, Debug)]
struct Round<'a> {
    deps: &'a Deps,
    /// The moment by which it is told what is over: one for the whole run.
    started_ms: i64,
    /// Until when another page may be begun, Unix milliseconds.
    until_ms: i64,
}

impl Round<'_> {
    fn has_time(&self) -> bool {
        (self.deps.now_ms)() <= self.until_ms
    }

    /// Where a round goes on; `None` where it begins.
    async fn place(&self, task: &str) -> Result<Option<String>, Failure> {
        let noted = self.deps.bookmarks.read(task).await?;
        Ok(noted.filter(|place| place != START))
    }
}
