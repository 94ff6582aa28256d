//! A part of a night: claimed, worked off job by job, saved.
//!
//! The stream hands out the key of a part that waits; what it says, the table says. One worker at a time holds it.
//! A worker that lost it (its lease is over, and somebody put it back) fails its next save and stops: what it did
//! since the last one is done again by the next holder, and counted there.

mod away;
mod job;

use aws::StoreError;
use aws::nights::{PART_KIND, part_of};
use domain::night::{Job, LEASE_MS, Night, Outcome, Part, PartState, Phase};
use domain::when::BusinessDate;
use serde_json::Value;

use away::Away;

use crate::failure::STORE_FAILED;
use crate::night::correlation;
use crate::pull::{Fetching, Stop};
use crate::{Deps, Failure, go_on};

/// How much time has to be left to begin a job or a page, in milliseconds.
const MARGIN_MS: i64 = 60_000;
/// After how many jobs what they came to is saved, and after how many milliseconds at the latest.
const SAVE_JOBS: usize = 5;
const SAVE_MS: i64 = 10_000;

/// Works on the part that a record of the stream announces.
pub(crate) async fn announced(record: &Value, deadline_ms: i64, deps: &Deps) -> Result<(), Failure> {
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    let is_part = text("/dynamodb/NewImage/kind/S") == Some(PART_KIND);
    if !is_part || text("/dynamodb/NewImage/state/S") != Some(PartState::Todo.as_str()) {
        return Ok(());
    }
    let pk = text("/dynamodb/Keys/pk/S").or_else(|| text("/dynamodb/NewImage/pk/S"));
    let sk = text("/dynamodb/Keys/sk/S").or_else(|| text("/dynamodb/NewImage/sk/S"));
    let place = pk.zip(sk).and_then(|(pk, sk)| part_of(pk, sk));
    work(place.ok_or(Failure::Unreadable)?, deadline_ms, deps).await
}

/// Works on a part, and moves its night on if it was the last one of its phase.
async fn work(
    (date, phase, number): (BusinessDate, Phase, u32),
    deadline_ms: i64,
    deps: &Deps,
) -> Result<(), Failure> {
    lambda_edge::correlation::set(correlation(date));
    let night = deps.nights.get(date).await?;
    let part = deps.nights.part(date, phase, number).await?;
    let (Some(night), Some(part)) = (night, part) else {
        tracing::warn!(night = %date, phase = phase.as_str(), number, "part.gone");
        return Ok(());
    };
    if night.phase == Phase::Over || !night.has(&part) {
        tracing::info!(night = %date, phase = phase.as_str(), number, "part.too_late");
        return Ok(());
    }
    if !part.state.is_over() {
        let Some(part) = deps.nights.claim(&part, deps.now(), LEASE_MS).await? else {
            return Ok(());
        };
        let worker = Worker {
            token: part.token,
            saved_ms: deps.now(),
            unsaved: Vec::new(),
            away: Away::default(),
            deadline_ms,
            fetching: Fetching::new(&night, deps),
            night: &night,
            part,
            deps,
        };
        if !Box::pin(worker.work()).await? {
            return Ok(());
        }
    }
    // What an index says a moment late, the next minute finds.
    if !deps.nights.has_open_parts(date, phase).await? {
        Box::pin(go_on::turn(date, deadline_ms, deps)).await?;
    }
    Ok(())
}

struct Worker<'a> {
    part: Part,
    token: u64,
    night: &'a Night,
    deps: &'a Deps,
    fetching: Fetching<'a>,
    deadline_ms: i64,
    /// What the jobs since the last save came to.
    unsaved: Vec<Outcome>,
    saved_ms: i64,
    /// The last jobs, as far as their server did not let them happen.
    away: Away,
}

impl Worker<'_> {
    /// Works off the jobs that are left. Answers whether the part is over.
    async fn work(mut self) -> Result<bool, Failure> {
        while let Some(job) = self.part.left().get(self.unsaved.len()).cloned() {
            if self.has_lost() {
                return Ok(self.stop("LEASE_OVER"));
            }
            if self.is_late() {
                return self.put_back(None).await;
            }
            match self.run(&job).await {
                Ok(outcome) => self.note(&job, outcome),
                Err(Stop::OutOfTime) => return self.put_back(None).await,
                Err(Stop::Store(error)) => {
                    tracing::warn!(error = %error, "job.broke_off");
                    return self.put_back(Some(STORE_FAILED)).await;
                }
            }
            let waited_ms = self.deps.now().saturating_sub(self.saved_ms);
            let is_due = self.unsaved.len() >= SAVE_JOBS || waited_ms >= SAVE_MS;
            if is_due && !self.save().await? {
                return Ok(false);
            }
        }
        Ok(self.unsaved.is_empty() || self.save().await?)
    }

    fn note(&mut self, job: &Job, outcome: Outcome) {
        self.away.note(job, &outcome);
        self.unsaved.push(outcome);
        let left = self.part.left().get(self.unsaved.len()..);
        let passed_over = self.away.passed_over(left.unwrap_or_default(), self.part.phase);
        self.unsaved.extend(passed_over);
    }

    /// Saves what was done. Answers whether the part is still this worker's; after the last job it is over, and
    /// that is answered as well.
    async fn save(&mut self) -> Result<bool, Failure> {
        let now_ms = self.deps.now();
        match self.part.progressed(self.token, &self.unsaved, now_ms) {
            Ok(part) => self.write(part).await,
            Err(error) => Ok(self.stop(error.code())),
        }
    }

    /// Saves what was done, and puts the part back: the stream hands it to a run with more time, or with a `reason` when
    /// it has rested. Answers `false` unless that ended it, as too many tries in vain do.
    async fn put_back(mut self, reason: Option<&str>) -> Result<bool, Failure> {
        let now_ms = self.deps.now();
        let part = self.part.progressed(self.token, &self.unsaved, now_ms);
        let part = part.and_then(|part| match part.state.is_over() {
            true => Ok(part),
            false => part.put_back(self.token, reason, now_ms),
        });
        match part {
            Ok(part) => {
                let kept = self.write(part).await?;
                if kept {
                    self.tell("part.put_back");
                }
                Ok(kept && self.part.state.is_over())
            }
            Err(error) => Ok(self.stop(error.code())),
        }
    }

    async fn write(&mut self, part: Part) -> Result<bool, Failure> {
        if self.has_lost() {
            return Ok(self.stop("LEASE_OVER"));
        }
        match self.deps.nights.write_part(&part).await {
            Ok(part) => {
                self.part = part;
                self.unsaved.clear();
                self.saved_ms = self.deps.now();
                if self.part.state.is_over() {
                    self.tell("part.over");
                }
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(self.stop("PART_FENCED")),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether somebody else may hold the part by now.
    fn has_lost(&self) -> bool {
        self.deps.now() >= self.part.lease_until_ms
    }

    fn is_late(&self) -> bool {
        is_late(self.deadline_ms, self.deps)
    }

    /// The part is somebody else's: nothing more is written.
    fn stop(&self, code: &str) -> bool {
        let Part { night, number, .. } = self.part;
        let phase = self.part.phase.as_str();
        tracing::warn!(%night, phase, number, code, token = self.token, "part.lost");
        false
    }

    fn tell(&self, event: &str) {
        let Part {
            night,
            number,
            done,
            failed,
            tries,
            ..
        } = self.part;
        let (phase, state, jobs) = (
            self.part.phase.as_str(),
            self.part.state.as_str(),
            self.part.jobs.len(),
        );
        tracing::info!(%night, phase, number, state, done, jobs, failed, tries, "{event}");
    }
}

/// Whether too little time is left to begin something.
fn is_late(deadline_ms: i64, deps: &Deps) -> bool {
    deadline_ms.saturating_sub(deps.now()) < MARGIN_MS
}
