//! What earlier nights could not fetch.
//!
//! A night reads its own day and the two before. A source that was away for longer would lose the days in between, so
//! each night also takes over what the one before it could not fetch, which had taken it over from the one before
//! that: up to [`OWED_DAYS`] back. Days on which no night took place at all, and days of which an outlet's sales are
//! missing, are fetched again as well. What is there already costs a look.

use std::collections::{BTreeMap, BTreeSet};

use super::{Job, Listing, Night, Part, Phase, dates};
use crate::when::BusinessDate;

/// How far back a night fetches what earlier ones could not, in days before its own.
pub const OWED_DAYS: i32 = 14;

/// What a night fetches beside its own three days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    tonight: BusinessDate,
    /// Days whose lists the central server is asked for.
    pub lists: BTreeSet<BusinessDate>,
    /// Days that Moka is asked for at every outlet.
    pub days: BTreeSet<BusinessDate>,
    /// Days that Moka is asked for at one outlet, by our id of it.
    pub outlet_days: BTreeMap<String, BTreeSet<BusinessDate>>,
}

impl Owed {
    /// Nothing yet, for the night of a date.
    #[must_use]
    pub fn to(tonight: BusinessDate) -> Self {
        Self {
            tonight,
            lists: BTreeSet::new(),
            days: BTreeSet::new(),
            outlet_days: BTreeMap::new(),
        }
    }

    /// Adds the days between the latest night before and this one.
    pub fn add_gap(&mut self, before: &Night) {
        let gap = (3..=OWED_DAYS).filter_map(|back| self.tonight.add_days(-back));
        let gap: Vec<BusinessDate> = gap.filter(|date| *date > before.date).collect();
        self.add_lists(gap.iter().copied());
        self.add_days(gap);
    }

    /// Adds what a night, with its parts that pull, could not fetch.
    pub fn add_undone(&mut self, night: &Night, parts: &[Part]) {
        if matches!(night.listing, Listing::Wanted { .. }) {
            self.add_lists(dates(night.date).into_iter().chain(night.lists.iter().copied()));
        }
        if !night.parts.contains_key(&Phase::Pull) {
            self.add_days(dates(night.date));
        }
        let pulls = parts
            .iter()
            .filter(|part| night.has(part) && part.phase == Phase::Pull);
        for job in pulls.flat_map(Part::undone) {
            match job {
                // A file that was replaced at its server has another checksum by now: its list is read again.
                Job::CentralFile { date, .. } => self.add_lists([*date]),
                Job::MokaDay { outlet, date, .. } => self.add_outlet_day(outlet, *date),
                Job::Outlet { .. } => {}
            }
        }
    }

    /// Adds a day of which an outlet's sales are missing.
    pub fn add_missing(&mut self, outlet: &str, date: BusinessDate) {
        self.add_lists([date]);
        self.add_outlet_day(outlet, date);
    }

    /// The days that Moka is asked for at an outlet, beside its last three.
    #[must_use]
    pub fn days_of(&self, outlet: &str) -> BTreeSet<BusinessDate> {
        let own = self.outlet_days.get(outlet).into_iter().flatten();
        own.chain(&self.days).copied().collect()
    }

    /// Whether a day is one that this night takes over: older than those it reads anyway, and not too old.
    #[must_use]
    pub fn reaches(&self, date: BusinessDate) -> bool {
        let back = self
            .tonight
            .days_since_epoch()
            .saturating_sub(date.days_since_epoch());
        (3..=OWED_DAYS).contains(&back)
    }

    fn add_lists(&mut self, dates: impl IntoIterator<Item = BusinessDate>) {
        for date in dates {
            if self.reaches(date) {
                self.lists.insert(date);
            }
        }
    }

    fn add_days(&mut self, dates: impl IntoIterator<Item = BusinessDate>) {
        for date in dates {
            if self.reaches(date) {
                self.days.insert(date);
            }
        }
    }

    fn add_outlet_day(&mut self, outlet: &str, date: BusinessDate) {
        if self.reaches(date) {
            let days = self.outlet_days.entry(outlet.to_owned()).or_default();
            days.insert(date);
        }
    }
}
