//! The night: one run per business date that pulls, reconciles, enriches and reports.
//!
//! A night is a record that passes through phases; the work of a phase is cut into [`Part`]s, so that ten
//! thousand outlets fit and one outlet's failure is its own. All of it is records: what is next follows from
//! them ([`look()`]), whoever asks, however often. Transitions are pure and refuse what may not follow; the
//! store takes them under the version that was read, so two who do the same at once do it once.
//!
//! No limit here is a time of the clock alone. A machine that slept for eight hours finds its night as it
//! left it: leases that ended are tries, of which there are several, and the wait for the ledger is counted
//! in looks.

mod job;
mod look;
mod owed;
mod part;
mod phase;
mod plan;
mod tally;
mod wait;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use job::Job;
pub use look::{Action, look};
pub use owed::{OWED_DAYS, Owed};
pub use part::{
    ANNOUNCE_MS, EXPORTS_MAX, GIVEN_UP_MAX, JOBS_MAX, KEPT_MS, LEASE_MS, Outcome, Part, PartError, PartState,
    REST_MS, TRIES_MAX,
};
pub use phase::Phase;
pub use plan::{dates, moka_jobs, plan_outlets, plan_pull, tonight};
pub use tally::{End, JobCounts, Sum, TROUBLES_MAX, Tally, Trouble, end_of};

use crate::when::BusinessDate;
use tally::note;

/// How long before a night is due the time lies that tells an outlet's business date, in milliseconds: at eleven
/// in Jakarta it is one in Jayapura; six hours before, it was the same day everywhere in Indonesia.
pub const LOOK_BACK_MS: i64 = 6 * 3_600_000;
/// For how many looks a night waits for the ledger and the central server after its parts were pulled.
pub const WAITS_MAX: u32 = 30;
/// How far apart two looks are that both count, in milliseconds: with one look a minute, waiting takes half an
/// hour, and two who look at once count as one.
pub const WAIT_MS: i64 = 50_000;
/// How far before the night before began to reconcile a night looks for news, in milliseconds: a file that was noted
/// as read at that moment, by another machine's clock and in an index that lags, was not there yet to be seen.
pub const OVERLAP_MS: i64 = 15 * 60_000;

const DAY_MS: i64 = 24 * 3_600_000;

/// The central server's list of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Listing {
    /// There is no central server.
    None,
    /// Not had yet; what the last attempt met, if there was one.
    Wanted {
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trouble: Option<Trouble>,
    },
    /// Had, and its files are in parts.
    Planned {
        /// How many files it named.
        files: u64,
    },
}

impl Listing {
    fn wanted(central: bool) -> Self {
        if central {
            Self::Wanted { trouble: None }
        } else {
            Self::None
        }
    }
}

/// The run of one business date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    /// The date, in the schedule's zone: one night each.
    pub date: BusinessDate,
    /// The date of the first of the nights that this one follows: days before it are history, and not late.
    pub first: BusinessDate,
    /// When the schedule wanted it, Unix milliseconds.
    pub due_ms: i64,
    /// A little before the night before began to reconcile ([`OVERLAP_MS`]), Unix milliseconds: what came in since
    /// may be news to this one.
    pub since_ms: i64,
    /// Which run of this date it is, from 0: a person may have it done again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// Days before its own three whose lists it asks the central server for: see [`Owed`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lists: BTreeSet<BusinessDate>,
    /// When it was started, Unix milliseconds.
    pub started_ms: i64,
    /// What it is at.
    pub phase: Phase,
    /// Since when, Unix milliseconds.
    pub phase_ms: i64,
    /// When each phase began, Unix milliseconds: how long each took is for people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub began: BTreeMap<Phase, i64>,
    /// When it began to reconcile, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reconcile_ms: Option<i64>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// When it ended, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_ms: Option<i64>,
    /// How many outlets there were when it was planned.
    pub outlets: u64,
    /// How many parts each phase has; a phase is here once all of its parts were put.
    pub parts: BTreeMap<Phase, u32>,
    /// The central server's list.
    pub listing: Listing,
    /// How many looks it has waited.
    #[serde(default)]
    pub waits: u32,
    /// The last of these looks, Unix milliseconds.
    #[serde(default)]
    pub waited_ms: i64,
    /// What went wrong; those of parts join at the end. The first [`TROUBLES_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<Trouble>,
    /// How many things went wrong.
    #[serde(default)]
    pub troubles_total: u64,
    /// What it came to: written once, at the end, as the sum over its parts.
    pub tally: Tally,
    /// Whether its end was told to those who watch over nights.
    #[serde(default)]
    pub told: bool,
    /// The id of the digest mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// See [`crate::correlation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// The version in the store, which alone raises it; zero before it is stored.
    pub version: u64,
}

/// Why a night can't be changed as asked: somebody else has moved it on, or it is too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NightError {
    /// It is in another phase.
    #[error("the night is in another phase")]
    WrongPhase,
    /// Parts of its phase are not over.
    #[error("the phase has not ended")]
    NotEnded,
}

impl NightError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongPhase => "NIGHT_WRONG_PHASE",
            Self::NotEnded => "NIGHT_NOT_ENDED",
        }
    }
}

impl Night {
    /// A night that begins; put where there is none of this date. `before` is the night before it, if one is known.
    #[must_use]
    pub fn begin(date: BusinessDate, due_ms: i64, before: Option<&Self>, central: bool, now_ms: i64) -> Self {
        let since_ms = before.and_then(Self::news_ms);
        Self {
            date,
            first: before.map_or(date, |before| before.first),
            due_ms,
            since_ms: since_ms.unwrap_or_else(|| due_ms.saturating_sub(DAY_MS)),
            round: 0,
            lists: BTreeSet::new(),
            started_ms: now_ms,
            phase: Phase::Pull,
            phase_ms: now_ms,
            began: [(Phase::Pull, now_ms)].into(),
            reconcile_ms: None,
            end: None,
            finished_ms: None,
            outlets: 0,
            parts: BTreeMap::new(),
            listing: Listing::wanted(central),
            waits: 0,
            waited_ms: 0,
            troubles: Vec::new(),
            troubles_total: 0,
            tally: Tally::default(),
            told: false,
            digest: None,
            correlation: None,
            version: 0,
        }
    }

    /// Since when things are news to a night that follows on this one, Unix milliseconds; `None` before it has begun
    /// to reconcile.
    #[must_use]
    pub fn news_ms(&self) -> Option<i64> {
        self.reconcile_ms.map(|at_ms| at_ms.saturating_sub(OVERLAP_MS))
    }

    /// A night that is over, begun again: with new parts, and with nothing of what it came to. News are what came in
    /// since `since_ms`.
    ///
    /// # Errors
    /// [`NightError::NotEnded`] while it is not over.
    pub fn again(&self, since_ms: i64, central: bool, now_ms: i64) -> Result<Self, NightError> {
        if self.phase != Phase::Over {
            return Err(NightError::NotEnded);
        }
        Ok(Self {
            first: self.first,
            since_ms,
            round: self.round.saturating_add(1),
            lists: self.lists.clone(),
            reconcile_ms: self.reconcile_ms,
            correlation: self.correlation.clone(),
            version: self.version,
            ..Self::begin(self.date, self.due_ms, None, central, now_ms)
        })
    }

    /// Whether a part is one of this run of the night.
    #[must_use]
    pub fn has(&self, part: &Part) -> bool {
        part.night == self.date && part.round == self.round
    }

    /// When somebody has to look at it, Unix milliseconds: at any time while it is not over, and then until that was
    /// told.
    #[must_use]
    pub fn look_ms(&self) -> Option<i64> {
        (self.phase != Phase::Over || !self.told).then_some(self.phase_ms)
    }

    /// The night with a phase planned: `parts` of it are in the store, made for so many outlets.
    ///
    /// # Errors
    /// [`NightError::WrongPhase`] when the night is not at that phase's parts.
    pub fn planned(&self, phase: Phase, parts: u32, outlets: u64) -> Result<Self, NightError> {
        if self.phase.parts_of() != Some(phase) {
            return Err(NightError::WrongPhase);
        }
        let mut next = self.clone();
        next.count_parts(phase, parts);
        next.outlets = outlets;
        Ok(next)
    }

    /// The night with the central server's list in parts: so many files, so many parts that pull in all. The
    /// wait for the ledger begins anew.
    ///
    /// # Errors
    /// [`NightError::WrongPhase`] when nobody waits for the list.
    pub fn listed(&self, files: u64, parts: u32) -> Result<Self, NightError> {
        self.wants_list()?;
        let mut next = self.clone();
        next.listing = Listing::Planned { files };
        // Until the other sources are planned too, the phase is not, however many parts there are.
        if next.parts.contains_key(&Phase::Pull) {
            next.count_parts(Phase::Pull, parts);
        }
        next.waits = 0;
        Ok(next)
    }

    /// The night with a failed attempt at the list. It is asked for again until the wait is over, and is no
    /// trouble if it comes.
    ///
    /// # Errors
    /// [`NightError::WrongPhase`] when nobody waits for the list.
    pub fn list_failed(&self, trouble: Trouble) -> Result<Self, NightError> {
        self.wants_list()?;
        Ok(Self {
            listing: Listing::Wanted {
                trouble: Some(trouble),
            },
            ..self.clone()
        })
    }

    /// Whether the parts of its phase are all there and over. `parts` may hold others too.
    #[must_use]
    pub fn has_ended(&self, parts: &[Part], now_ms: i64) -> bool {
        let Some(of) = self.phase.parts_of() else {
            return false;
        };
        let mine = || parts.iter().filter(|part| self.has(part) && part.phase == of);
        // A reader that does not see every part must not end a phase; but parts are not kept for ever, and a night
        // that lay still for so long has to end, too.
        let is_old = now_ms.saturating_sub(self.started_ms) > KEPT_MS;
        let expected = self.parts.get(&of).and_then(|count| usize::try_from(*count).ok());
        expected.is_some_and(|count| is_old || mine().count() >= count)
            && mine().all(|part| part.state.is_over())
    }

    /// The night in its next phase, after a phase whose parts are all over.
    ///
    /// # Errors
    /// [`NightError::NotEnded`] while they are not; [`NightError::WrongPhase`] in a phase that ends otherwise.
    pub fn advanced(&self, parts: &[Part], now_ms: i64) -> Result<Self, NightError> {
        if !matches!(self.phase, Phase::Pull | Phase::Reconcile | Phase::Enrich) {
            return Err(NightError::WrongPhase);
        }
        if !self.has_ended(parts, now_ms) {
            return Err(NightError::NotEnded);
        }
        Ok(self.enter_next(now_ms))
    }

    /// The night as it ended, with the sum over all of its parts and the id of the digest mail.
    ///
    /// # Errors
    /// [`NightError::WrongPhase`] when it is not reporting.
    pub fn closed(&self, sum: &Sum, digest: &str, now_ms: i64) -> Result<Self, NightError> {
        if self.phase != Phase::Report {
            return Err(NightError::WrongPhase);
        }
        let mut next = self.enter_next(now_ms);
        next.end = Some(end_of(self, sum));
        next.finished_ms = Some(now_ms);
        next.digest = Some(digest.to_owned());
        next.tally = sum.tally;
        if let Listing::Planned { files } = self.listing {
            next.tally.listed = files;
        }
        let room = TROUBLES_MAX.saturating_sub(next.troubles.len());
        next.troubles.extend(sum.troubles.iter().take(room).cloned());
        next.troubles_total = next.troubles_total.saturating_add(sum.troubles_total);
        if sum.unfinished() > 0 {
            let detail = format!("{} jobs came too late for this night", sum.unfinished());
            next.trouble(Trouble::new(None, "night", "JOBS_UNFINISHED", &detail));
        }
        Ok(next)
    }

    /// The night once its end was told: nobody has to look at it any more.
    ///
    /// # Errors
    /// [`NightError::NotEnded`] while it is not over.
    pub fn told(&self) -> Result<Self, NightError> {
        let told = || Self {
            told: true,
            ..self.clone()
        };
        (self.phase == Phase::Over).then(told).ok_or(NightError::NotEnded)
    }

    /// The night with a trouble of its own, such as a backup that failed.
    pub fn trouble(&mut self, trouble: Trouble) {
        note(&mut self.troubles, &mut self.troubles_total, trouble);
    }

    fn wants_list(&self) -> Result<(), NightError> {
        let wanted = matches!(self.listing, Listing::Wanted { .. });
        let pulls = self.phase.parts_of() == Some(Phase::Pull);
        (wanted && pulls).then_some(()).ok_or(NightError::WrongPhase)
    }

    fn count_parts(&mut self, phase: Phase, parts: u32) {
        let count = self.parts.entry(phase).or_default();
        *count = parts.max(*count);
    }

    fn enter_next(&self, now_ms: i64) -> Self {
        let phase = self.phase.next();
        let reconciles = (phase == Phase::Reconcile).then_some(now_ms);
        let mut began = self.began.clone();
        began.entry(phase).or_insert(now_ms);
        Self {
            phase,
            phase_ms: now_ms,
            began,
            reconcile_ms: reconciles.or(self.reconcile_ms),
            ..self.clone()
        }
    }
}

fn is_zero(round: &u32) -> bool {
    *round == 0
}
