//! What nights need that are not over, or whose end was not told yet.
//!
//! Whoever started a night, ended one of its parts, or comes by every minute asks the same question
//! ([`domain::night::look()`]) and does what it answers. Every write is under the version that was read, so any number may
//! come at once.

use domain::night::{Action, Night, Part, look};
use domain::when::BusinessDate;

use crate::failure::Stopped;
use crate::night::correlation;
use crate::{Deps, Failure, Standing, plan, report, settle};

/// How much time has to be left to begin something, in milliseconds.
const MARGIN_MS: i64 = 60_000;
/// How often a night is read again that somebody else moved on meanwhile.
const ROUNDS: u32 = 5;

/// Does what every night needs that is not over or not told. One that fails does not keep another from it.
pub(crate) async fn all(deadline_ms: i64, deps: &Deps) -> Result<Vec<Standing>, Failure> {
    let (mut nights, mut failed) = (Vec::new(), None);
    for night in deps.nights.unfinished().await? {
        if is_late(deadline_ms, deps) {
            break;
        }
        lambda_edge::correlation::set(correlation(night.date));
        match Box::pin(turn(night.date, deadline_ms, deps)).await {
            Ok(night) => nights.extend(night.as_ref().map(Standing::from)),
            Err(failure) => {
                tracing::warn!(night = %night.date, code = failure.code(), error = %failure, "night.stuck");
                failed = Some(failure);
            }
        }
    }
    failed.map_or(Ok(nights), Err)
}

/// Does what a night needs, until there is nothing more to do at this moment, and answers it as it stands.
pub(crate) async fn turn(
    date: BusinessDate,
    deadline_ms: i64,
    deps: &Deps,
) -> Result<Option<Night>, Failure> {
    let mut turn = Turn {
        deadline_ms,
        deps,
        is_listed: false,
    };
    let mut moved = 0;
    loop {
        let Some(night) = deps.nights.get(date).await? else {
            return Ok(None);
        };
        match Box::pin(turn.until_still(night)).await {
            Ok(night) => return Ok(Some(night)),
            Err(Stopped::Moved) if moved < ROUNDS => moved += 1,
            // Somebody moves it faster than it can be read: they look after it.
            Err(Stopped::Moved) => return Ok(deps.nights.get(date).await?),
            Err(Stopped::Failed(failure)) => return Err(failure),
        }
    }
}

struct Turn<'a> {
    deadline_ms: i64,
    deps: &'a Deps,
    /// The central server is asked for its list once a turn: the next minute comes soon enough.
    is_listed: bool,
}

impl Turn<'_> {
    /// Does what there is to do, phase by phase.
    async fn until_still(&mut self, mut night: Night) -> Result<Night, Stopped> {
        loop {
            let parts = match night.phase.parts_of() {
                Some(of) => self.deps.nights.parts(night.date, of).await?,
                None => Vec::new(),
            };
            // Those of an earlier run of the night are nobody's any more.
            let parts: Vec<Part> = parts.into_iter().filter(|part| night.has(part)).collect();
            let (phase, mut planned) = (night.phase, false);
            for action in look(&night, &parts, self.deps.now()) {
                if is_late(self.deadline_ms, self.deps) {
                    return Ok(night);
                }
                planned = match action {
                    Action::List => !self.is_listed,
                    Action::Plan(_) => true,
                    _ => false,
                };
                night = Box::pin(self.act(action, night, &parts)).await?;
                if planned {
                    // There are parts now that were not read.
                    break;
                }
            }
            if night.look_ms().is_none() || (night.phase == phase && !planned) {
                return Ok(night);
            }
        }
    }

    /// Does one thing, and answers the night after it.
    async fn act(&mut self, action: Action, night: Night, parts: &[Part]) -> Result<Night, Stopped> {
        let deps = self.deps;
        match action {
            Action::Write(part) => {
                put_back(&part, deps).await?;
                Ok(night)
            }
            Action::List if self.is_listed => Ok(night),
            Action::List => {
                self.is_listed = true;
                plan::list(&night, deps).await
            }
            Action::Plan(phase) => plan::phase(&night, phase, deps).await,
            Action::Settle => settle::look(&night, parts, deps).await,
            Action::Advance => match night.advanced(parts, deps.now()) {
                Ok(next) => write(&night, &next, deps).await,
                // The list brought more to do a moment ago.
                Err(_) => Ok(night),
            },
            Action::Report => report::close(&night, deps).await,
            Action::Tell => report::tell(&night, deps).await,
        }
    }
}

/// Writes a night unless nothing changed.
pub(crate) async fn write(night: &Night, next: &Night, deps: &Deps) -> Result<Night, Stopped> {
    if next == night {
        return Ok(next.clone());
    }
    let written = deps.nights.write(next).await?;
    if written.phase != night.phase {
        let (from, to) = (night.phase.as_str(), written.phase.as_str());
        tracing::info!(night = %night.date, from, to, "night.moved_on");
    }
    Ok(written)
}

/// Writes a part that was left lying, which announces it anew.
async fn put_back(part: &Part, deps: &Deps) -> Result<(), Stopped> {
    let Part {
        night,
        phase,
        number,
        tries,
        ..
    } = part;
    match deps.nights.write_part(part).await {
        Ok(written) => {
            let (phase, state) = (phase.as_str(), written.state.as_str());
            tracing::warn!(%night, phase, number, tries, state, "part.left_lying");
            Ok(())
        }
        // Somebody took it, or put it back before.
        Err(aws::StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn is_late(deadline_ms: i64, deps: &Deps) -> bool {
    deadline_ms.saturating_sub(deps.now()) < MARGIN_MS
}
