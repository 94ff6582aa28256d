//! A part of a phase: at most 25 jobs, worked by one holder at a time.
//!
//! A part waits (`todo`), is claimed for a time (`doing`, with a token that rises with every claim), and is
//! over (`done`, `failed`). One that could not be gone on with rests for a while, as if somebody held it, before it
//! waits again. Transitions are pure: they take the part as it was read and give the part to write in its place, and
//! the store takes it only if nobody has written since. A worker that lost its part therefore fails its next write,
//! and whatever it had done since its last one is done again by the next holder: jobs may run twice, and are counted
//! once, where their outcome is saved.
//!
//! A job that fails by itself is told as an outcome, and the part goes on with the next. A job that takes
//! its worker down with it is given up after [`TRIES_MAX`] tries, so that one outlet can't keep 24 others
//! from being done; after [`GIVEN_UP_MAX`] such jobs the rest is given up too.

use serde::{Deserialize, Serialize};

use super::tally::note;
use super::{Job, Phase, Tally, Trouble, is_zero};
use crate::when::BusinessDate;

/// How many jobs a part has at most.
pub const JOBS_MAX: usize = 25;
/// How often a job is tried that ends its worker.
pub const TRIES_MAX: u32 = 5;
/// How many jobs of a part may be given up before its rest is.
pub const GIVEN_UP_MAX: u32 = 3;
/// For how long a claim holds, in milliseconds: sixteen minutes, more than a function can run.
pub const LEASE_MS: i64 = 16 * 60_000;
/// After how long a part that nobody claimed is announced again, in milliseconds.
pub const ANNOUNCE_MS: i64 = 15 * 60_000;
/// How many objects a part names; of more, the latest. With long keys they still fit into one item of the store.
pub const EXPORTS_MAX: usize = 1_000;
/// For how long a part rests that could not be gone on with, in milliseconds, times its tries: a store that is away
/// comes back within minutes, and tries without a pause would be over before.
pub const REST_MS: i64 = 60_000;
/// For how long a part is kept after it was over, in milliseconds: sixty days.
pub const KEPT_MS: i64 = 60 * 24 * 3_600_000;

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// Waits for a worker.
    Todo,
    /// A worker holds it, or it rests.
    Doing,
    /// Every job ended, well or with a reason.
    Done,
    /// Over too, but at least one job was given up.
    Failed,
}

impl PartState {
    /// The state's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Doing => "doing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// Why a part can't be changed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// Somebody holds it, or held it and has not been missed yet: `go-on` puts it back.
    #[error("somebody holds the part")]
    Busy,
    /// It is done or given up.
    #[error("the part is over")]
    Over,
    /// The token is not that of its holder: the worker lost it and must stop.
    #[error("the part is held by another")]
    Fenced,
    /// More outcomes than jobs left.
    #[error("more outcomes than jobs")]
    TooMany,
}

impl PartError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Busy => "PART_BUSY",
            Self::Over => "PART_OVER",
            Self::Fenced => "PART_FENCED",
            Self::TooMany => "PART_TOO_MANY_OUTCOMES",
        }
    }
}

/// How a job ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it failed: its troubles say why.
    pub failed: bool,
    /// What it came to.
    pub tally: Tally,
    /// What went wrong, also where the job as a whole went well.
    pub troubles: Vec<Trouble>,
    /// Objects that the bucket has by now, as key and entity tag, also those that it had before: after a crash
    /// one put a moment ago looks like an old one.
    pub exports: Vec<(String, String)>,
}

impl Outcome {
    /// A job that could not be done.
    #[must_use]
    pub fn failed(trouble: Trouble) -> Self {
        Self {
            failed: true,
            troubles: vec![trouble],
            ..Self::default()
        }
    }
}

/// A part of one phase of a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The night's date.
    pub night: BusinessDate,
    /// The phase.
    pub phase: Phase,
    /// Which run of the night it is of: see [`super::Night::round`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// Its number in the phase, from 0; those of a night that is run again follow on.
    pub number: u32,
    /// What to do, at most [`JOBS_MAX`]; never changes.
    pub jobs: Vec<Job>,
    /// How many of the jobs have ended: a worker goes on there.
    pub done: usize,
    /// How many of those failed.
    #[serde(default)]
    pub failed: usize,
    /// Which, by their place among the jobs: another night fetches them again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_jobs: Vec<usize>,
    /// Where it stands.
    pub state: PartState,
    /// The fencing token: rises with every claim.
    pub token: u64,
    /// Until when its holder holds it, or it rests, Unix milliseconds; 0 without either.
    pub lease_until_ms: i64,
    /// How many jobs had ended when it was last claimed.
    #[serde(default)]
    pub claimed_at: usize,
    /// How often the job at [`Part::done`] was tried in vain.
    pub tries: u32,
    /// How many jobs were given up.
    #[serde(default)]
    pub given_up: u32,
    /// Whether nobody holds it while it is `doing`: it rests.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rests: bool,
    /// When it was last announced to workers, Unix milliseconds.
    pub announced_ms: i64,
    /// When it was over, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_ms: Option<i64>,
    /// What the jobs that ended came to.
    pub tally: Tally,
    /// What went wrong in them, the first [`super::TROUBLES_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
    /// How many things went wrong.
    #[serde(default)]
    pub troubles_total: u64,
    /// Objects of the jobs that ended, as key and entity tag; at most [`EXPORTS_MAX`]. The night waits for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<(String, String)>,
    /// The version in the store, which alone raises it; zero before it is stored.
    pub version: u64,
}

impl Part {
    /// A part that waits for a worker.
    #[must_use]
    pub fn todo(night: BusinessDate, phase: Phase, number: u32, jobs: Vec<Job>, now_ms: i64) -> Self {
        Self {
            night,
            phase,
            round: 0,
            number,
            jobs,
            done: 0,
            failed: 0,
            failed_jobs: Vec::new(),
            state: PartState::Todo,
            token: 0,
            lease_until_ms: 0,
            claimed_at: 0,
            tries: 0,
            given_up: 0,
            rests: false,
            announced_ms: now_ms,
            finished_ms: None,
            tally: Tally::default(),
            troubles: Vec::new(),
            troubles_total: 0,
            exports: Vec::new(),
            version: 0,
        }
    }

    /// The jobs that are left, in their order.
    #[must_use]
    pub fn left(&self) -> &[Job] {
        self.jobs.get(self.done..).unwrap_or_default()
    }

    /// The jobs that did not come to a good end: those that failed, and those that never ended.
    pub fn undone(&self) -> impl Iterator<Item = &Job> {
        let failed = self.failed_jobs.iter().filter_map(|place| self.jobs.get(*place));
        failed.chain(self.left())
    }

    /// When it need not be kept any more, Unix milliseconds; `None` while it is not over.
    #[must_use]
    pub fn expires_ms(&self) -> Option<i64> {
        self.finished_ms.map(|at_ms| at_ms.saturating_add(KEPT_MS))
    }

    /// When somebody has to look at it, Unix milliseconds: a holder's lease ends, or an announcement was not
    /// heard. `None` once it is over.
    #[must_use]
    pub fn look_ms(&self) -> Option<i64> {
        match self.state {
            PartState::Todo => Some(self.announced_ms.saturating_add(ANNOUNCE_MS)),
            PartState::Doing => Some(self.lease_until_ms),
            PartState::Done | PartState::Failed => None,
        }
    }

    /// The part as held by a worker until `lease_ms` from now. Its token is the worker's.
    ///
    /// # Errors
    /// [`PartError::Busy`] while it is held, even if the lease has ended: only [`Part::left_lying`] puts it
    /// back, so that a lost lease counts as one try. [`PartError::Over`] when nothing is left.
    pub fn claim(&self, now_ms: i64, lease_ms: i64) -> Result<Self, PartError> {
        match self.state {
            PartState::Todo => Ok(Self {
                state: PartState::Doing,
                token: self.token.saturating_add(1),
                lease_until_ms: now_ms.saturating_add(lease_ms),
                claimed_at: self.done,
                ..self.clone()
            }),
            PartState::Doing => Err(PartError::Busy),
            PartState::Done | PartState::Failed => Err(PartError::Over),
        }
    }

    /// The part with the next jobs ended, one outcome each, in their order. After the last one it is over.
    ///
    /// # Errors
    /// [`PartError::Fenced`] for anybody but its holder; [`PartError::TooMany`] for more outcomes than jobs.
    pub fn progressed(&self, token: u64, outcomes: &[Outcome], now_ms: i64) -> Result<Self, PartError> {
        self.held_by(token)?;
        if outcomes.len() > self.left().len() {
            return Err(PartError::TooMany);
        }
        let mut next = self.clone();
        for outcome in outcomes {
            next.end_job(outcome.failed);
            next.tally.add(&outcome.tally);
            for trouble in &outcome.troubles {
                note(&mut next.troubles, &mut next.troubles_total, trouble.clone());
            }
            next.exports.extend(outcome.exports.iter().cloned());
            next.tries = 0;
        }
        // The latest are those that the ledger is least likely to have yet.
        let surplus = next.exports.len().saturating_sub(EXPORTS_MAX);
        next.exports.drain(..surplus);
        next.end_if_done(now_ms);
        Ok(next)
    }

    /// The part as put back by its holder, to be gone on with: at once, before its time is up, without a reason; or
    /// after a rest, with the stable code of what stopped it. Without a job done since it was claimed, it was a
    /// try in vain.
    ///
    /// # Errors
    /// [`PartError::Fenced`] for anybody but its holder.
    pub fn put_back(&self, token: u64, reason: Option<&str>, now_ms: i64) -> Result<Self, PartError> {
        self.held_by(token)?;
        let back = self.back(reason, now_ms);
        if reason.is_none() || back.state.is_over() {
            return Ok(back);
        }
        // In this state it is announced to nobody when it is written; `go-on` does that when the time is up.
        let rest_ms = i64::from(self.tries).saturating_add(1).saturating_mul(REST_MS);
        Ok(Self {
            state: PartState::Doing,
            lease_until_ms: now_ms.saturating_add(rest_ms),
            rests: true,
            ..back
        })
    }

    /// The part as `go-on` has to write it, if it was left lying: put back when its holder's lease is over,
    /// announced when nobody took it or its rest is over. `None` where there is nothing to do.
    #[must_use]
    pub fn left_lying(&self, now_ms: i64) -> Option<Self> {
        if self.look_ms().is_none_or(|look_ms| look_ms > now_ms) {
            return None;
        }
        if self.state == PartState::Doing && !self.rests {
            return Some(self.back(Some("LEASE_LOST"), now_ms));
        }
        Some(Self {
            state: PartState::Todo,
            lease_until_ms: 0,
            rests: false,
            announced_ms: now_ms,
            ..self.clone()
        })
    }

    fn held_by(&self, token: u64) -> Result<(), PartError> {
        let held = self.state == PartState::Doing && self.token == token && !self.rests;
        held.then_some(()).ok_or(PartError::Fenced)
    }

    fn back(&self, reason: Option<&str>, now_ms: i64) -> Self {
        let mut next = self.clone();
        next.state = PartState::Todo;
        next.lease_until_ms = 0;
        next.announced_ms = now_ms;
        let in_vain = reason.is_some() || self.done == self.claimed_at;
        next.tries = next.tries.saturating_add(u32::from(in_vain));
        if next.tries >= TRIES_MAX {
            next.give_up(reason.unwrap_or("JOB_TOO_LONG"), now_ms);
        }
        next
    }

    /// Gives up the job that its workers can't get past; or all that are left, after too many.
    fn give_up(&mut self, code: &str, now_ms: i64) {
        self.tries = 0;
        self.given_up = self.given_up.saturating_add(1);
        let detail = format!("given up after {TRIES_MAX} tries");
        self.fail_next(code, &detail);
        while self.given_up >= GIVEN_UP_MAX && !self.left().is_empty() {
            self.fail_next(
                "PART_GIVEN_UP",
                "not tried: too many jobs before it were given up",
            );
        }
        self.end_if_done(now_ms);
    }

    fn fail_next(&mut self, code: &str, detail: &str) {
        let Some(job) = self.left().first() else { return };
        let trouble = Trouble::new(job.outlet(), job.source(self.phase), code, detail);
        self.end_job(true);
        note(&mut self.troubles, &mut self.troubles_total, trouble);
    }

    /// The next job has ended.
    fn end_job(&mut self, failed: bool) {
        if failed {
            self.failed += 1;
            self.failed_jobs.push(self.done);
        }
        self.done += 1;
    }

    fn end_if_done(&mut self, now_ms: i64) {
        if self.left().is_empty() {
            let well = self.given_up == 0;
            self.state = if well { PartState::Done } else { PartState::Failed };
            self.lease_until_ms = 0;
            self.finished_ms = Some(now_ms);
        }
    }
}
