//! Reconciling an outlet: what is stored of its latest days is looked at, and what is wrong becomes a finding.
//!
//! The rules are `domain::finding`'s. A night looks at its own day, the two before, days that files have changed since
//! the last night, and days with an open finding, which is resolved when its reason is gone. Looking changes nothing
//! but findings, and those only where there is news: a night may look as often as it likes.

pub(crate) mod files;
mod stored;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use aws::StoreError;
use domain::customer::OutletDay;
use domain::export::Export;
use domain::finding::{Finding, Judgement, Look, changed_since, days_to_look_at, of_day, settle};
use domain::map::OutletRules;
use domain::night::{Night, Tally, Trouble};
use domain::when::BusinessDate;

use crate::Deps;
use stored::Stored;

/// How far back findings are known, in days: as far as `days_to_look_at` reaches.
const KNOWN_DAYS: i32 = 60;
/// How often findings are settled anew because somebody else was first.
const TRIES_MAX: u32 = 12;
/// The code of a day that can't be read.
pub(crate) const DAY_UNREADABLE: &str = "DAY_UNREADABLE";

/// Looks at an outlet's days. What can't be read is the trouble of its day alone.
///
/// # Errors
/// [`StoreError`] when a store does not do its part; another try does no harm. [`StoreError::NotFound`] when there
/// is no such outlet.
pub(crate) async fn outlet(
    outlet: &str,
    tonight: BusinessDate,
    night: &Night,
    deps: &Deps,
) -> Result<(Tally, Vec<Trouble>), StoreError> {
    let described = deps.outlets.get(outlet).await?.ok_or(StoreError::NotFound)?;
    let looking = Looking {
        rules: OutletRules::of(described),
        tonight,
        files: files::since(outlet, night, deps).await?,
        night,
        deps,
    };
    let known = known(outlet, tonight, deps).await?;
    let (mut judged, mut troubles) = (Vec::new(), Vec::new());
    for date in days_to_look_at(tonight, &known, &looking.touched()) {
        match looking.at(date, &known).await {
            Ok(judgement) => judged.push((date, judgement)),
            Err(StoreError::Damaged(what)) => {
                let detail = format!("{date}: {what}");
                troubles.push(Trouble::new(Some(outlet), "reconcile", DAY_UNREADABLE, &detail));
            }
            Err(error) => return Err(error),
        }
    }
    let (opened, resolved) = looking.settled(known, &judged).await?;
    let days = judged.len();
    tracing::info!(outlet, date = %tonight, days, opened, resolved, "outlet.reconciled");
    let tally = Tally {
        days: u64::try_from(days).unwrap_or(u64::MAX),
        opened,
        resolved,
        ..Tally::default()
    };
    Ok((tally, troubles))
}

/// What is known of an outlet's days.
async fn known(outlet: &str, tonight: BusinessDate, deps: &Deps) -> Result<Vec<Finding>, StoreError> {
    let from = tonight.add_days(-KNOWN_DAYS).unwrap_or(tonight);
    deps.findings.between(outlet, (from, tonight)).await
}

/// A night's look at an outlet.
struct Looking<'a> {
    rules: OutletRules,
    tonight: BusinessDate,
    /// The outlet's files that are news to this night.
    files: Vec<Export>,
    night: &'a Night,
    deps: &'a Deps,
}

impl Looking<'_> {
    fn outlet(&self) -> &str {
        &self.rules.outlet.id
    }

    /// The outlet's days that these files have changed.
    fn touched(&self) -> BTreeSet<BusinessDate> {
        let days = self.files.iter().flat_map(|file| &file.days);
        let own = days.filter(|(outlet, _)| outlet == self.outlet());
        own.map(|(_, date)| *date).collect()
    }

    /// Looks at one day.
    async fn at(&self, date: BusinessDate, known: &[Finding]) -> Result<Judgement, StoreError> {
        let day: OutletDay = (self.outlet().to_owned(), date);
        let stored = Stored::read(&day, self.deps).await?;
        let arrival = stored.arrival.as_ref();
        let by = (self.night, self.deps);
        let last = files::last_of_day(&self.files, arrival, by).await?;
        let files = files::of_day(&day, &self.files, last.as_ref(), &self.rules);
        Ok(of_day(&Look {
            date,
            rules: &self.rules,
            tonight: self.tonight,
            first: self.night.first,
            due_ms: self.night.due_ms,
            since_ms: self.night.since_ms,
            started_ms: self.night.started_ms,
            known,
            first_received_ms: arrival.and_then(|arrival| arrival.first_received_ms),
            last_received_ms: arrival.and_then(|arrival| arrival.last_received_ms),
            // The counts of a file of several days say nothing of one of them.
            last_change: last
                .as_ref()
                .filter(|last| last.days_total == 1)
                .map(|last| last.counts),
            page: stored.page.as_ref().map(|page| &page.receipts),
            summary: arrival.map(|arrival| &arrival.summary),
            usual: &stored.usual,
            files: &files,
        }))
    }

    /// Writes what is new of the findings, and answers how many this night has opened and how many resolved.
    async fn settled(
        &self,
        mut known: Vec<Finding>,
        judged: &[(BusinessDate, Judgement)],
    ) -> Result<(u64, u64), StoreError> {
        for _ in 0..TRIES_MAX {
            let now_ms = self.deps.now();
            let news = judged
                .iter()
                .flat_map(|(date, judgement)| settle((self.outlet(), *date), &known, judgement, now_ms));
            let news: Vec<Finding> = news.collect();
            match self.deps.findings.write(&news).await {
                Ok(()) => return Ok(changed_since(&known, &news, self.night.started_ms)),
                // Somebody accepted one meanwhile, or another run of this job was first.
                Err(StoreError::Conflict) => {
                    known = self::known(self.outlet(), self.tonight, self.deps).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
