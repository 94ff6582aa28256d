//! What goes wrong between the functions. A seed decides where; the same seed decides the same.

use std::collections::BTreeMap;

use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

/// What goes wrong.
#[derive(Debug)]
pub struct Unrest {
    chance: SmallRng,
    /// Of so many runs one dies, if any does.
    crash_every: Option<u64>,
    /// The deaths of each kind of run.
    lives: BTreeMap<String, Lives>,
    /// Whether triggers come twice now and then.
    repeats: bool,
    /// Whether triggers come in any order.
    disorder: bool,
    /// Whether everything that a schedule starts is started by two schedulers at once.
    two_schedulers: bool,
}

/// Runs of a kind.
#[derive(Debug, Default)]
struct Lives {
    runs: u64,
    deaths: u64,
    /// Before which of its calls the next one dies: every one in turn.
    call: u64,
}

impl Unrest {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::seeded(0)
    }

    /// Nothing goes wrong yet.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            chance: SmallRng::seed_from_u64(seed),
            crash_every: None,
            lives: BTreeMap::new(),
            repeats: false,
            disorder: false,
            two_schedulers: false,
        }
    }

    /// Of so many runs of a kind one dies: the first before its first call, the next before its second call, and so
    /// on, until one has fewer calls than that.
    ///
    /// A part of a night that died comes again after 18 runs, 17 of which are the minutes of its lease. A number
    /// that divides 18 would let it die for ever.
    #[must_use]
    pub fn crashes(mut self, every: u64) -> Self {
        self.crash_every = Some(every);
        self
    }

    /// Triggers come twice now and then.
    #[must_use]
    pub fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Triggers come in any order.
    #[must_use]
    pub fn disorder(mut self) -> Self {
        self.disorder = true;
        self
    }

    /// Everything that a schedule starts is started twice at once; where runs die too, every other time.
    #[must_use]
    pub fn two_schedulers(mut self) -> Self {
        self.two_schedulers = true;
        self
    }

    /// Brings triggers into the order in which they come.
    pub(crate) fn order<T>(&mut self, triggers: &mut [T]) {
        if self.disorder {
            triggers.shuffle(&mut self.chance);
        }
    }

    /// How often a trigger comes.
    pub(crate) fn times(&mut self) -> u32 {
        if self.repeats && self.chance.random_bool(0.25) {
            2
        } else {
            1
        }
    }

    /// Whether a schedule starts its function twice at once this time. Where runs die too, it is every other time: of
    /// two at once none dies.
    pub(crate) fn at_once(&mut self) -> bool {
        self.two_schedulers && (self.crash_every.is_none() || self.chance.random_bool(0.5))
    }

    /// The call before which the next run of a kind dies, if it does.
    pub(crate) fn death(&mut self, kind: &str) -> Option<u64> {
        let every = self.crash_every?;
        let lives = self.lives.entry(kind.to_owned()).or_default();
        lives.runs += 1;
        lives.runs.is_multiple_of(every).then_some(lives.call)
    }

    /// Notes whether a run died that was to.
    pub(crate) fn note(&mut self, kind: &str, died: bool) {
        let lives = self.lives.entry(kind.to_owned()).or_default();
        lives.deaths += u64::from(died);
        lives.call = if died { lives.call + 1 } else { 0 };
    }

    /// How many runs died, by kind.
    #[must_use]
    pub fn deaths(&self) -> BTreeMap<String, u64> {
        self.lives
            .iter()
            .map(|(kind, lives)| (kind.clone(), lives.deaths))
            .collect()
    }
}
