//! What a night has taken in of an outlet's days.

use std::collections::BTreeMap;

use aws::StoreError;
use domain::when::BusinessDate;
use serde::{Deserialize, Serialize};

use super::{Met, wide};
use crate::Deps;

/// How many days are remembered beside those of the last night, the latest; older ones are counted again when
/// something speaks of them.
const DAYS_MAX: usize = 35;

/// What was taken, kept as the outlet's bookmark. Losing it, or a part of it, costs counting again and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Taken {
    /// The night that took last.
    night: Option<BusinessDate>,
    /// How many guests it met on days that were new.
    people: u64,
    /// How many of them it joined with others.
    joined: u64,
    /// By day: the version it was taken at.
    days: BTreeMap<BusinessDate, u64>,
    #[serde(skip)]
    changed: bool,
}

fn name(outlet: &str) -> String {
    format!("enrich#{outlet}")
}

impl Taken {
    pub(super) async fn read(outlet: &str, deps: &Deps) -> Result<Self, StoreError> {
        let stored = deps.bookmarks.read(&name(outlet)).await?;
        let taken = stored.and_then(|stored| serde_json::from_str(&stored).ok());
        Ok(taken.unwrap_or_default())
    }

    pub(super) fn version_of(&self, date: BusinessDate) -> Option<u64> {
        self.days.get(&date).copied()
    }

    /// Adds what a night has taken. One that comes again, because its part was not saved, adds to its own counts
    /// only what it finds new.
    pub(super) fn add(&mut self, night: BusinessDate, days: BTreeMap<BusinessDate, u64>, met: &Met) {
        let Some(oldest) = days.keys().next().copied() else {
            return;
        };
        if self.night != Some(night) {
            (self.night, self.people, self.joined) = (Some(night), 0, 0);
        }
        self.people = self.people.saturating_add(wide(met.people.len()));
        self.joined = self.joined.saturating_add(wide(met.joined.len()));
        self.days.extend(days);
        // A night that comes again must know all that it has taken.
        while self.days.len() > DAYS_MAX && self.days.keys().next() < Some(&oldest) {
            self.days.pop_first();
        }
        self.changed = true;
    }

    /// How many guests a night met, and how many it joined.
    pub(super) fn counts_of(&self, night: BusinessDate) -> (u64, u64) {
        if self.night == Some(night) {
            (self.people, self.joined)
        } else {
            (0, 0)
        }
    }

    pub(super) async fn write(&self, outlet: &str, deps: &Deps) -> Result<(), StoreError> {
        if !self.changed {
            return Ok(());
        }
        let text = serde_json::to_string(self).map_err(|_| StoreError::Damaged("what was taken"))?;
        deps.bookmarks.put(&name(outlet), &text).await
    }
}
