//! Cuts the work of a night into parts, and puts these into the table, where the stream finds them.

use std::collections::BTreeSet;

use aws::StoreError;
use domain::map::OutletRules;
use domain::night::{
    Job, Night, Owed, Part, Phase, Trouble, dates, moka_jobs, plan_outlets, plan_pull, tonight,
};
use domain::when::BusinessDate;
use partners::central::{Central, CentralError};

use crate::failure::Stopped;
use crate::{Deps, backup, go_on, owed};

/// How often parts are planned over what others put meanwhile.
const ROUNDS: u32 = 10;

/// Plans a phase that goes through the outlets, or fetches from Moka, and puts its parts.
pub(crate) async fn phase(night: &Night, phase: Phase, deps: &Deps) -> Result<Night, Stopped> {
    let rules: Vec<OutletRules> = backup::outlets(deps)
        .await?
        .into_iter()
        .map(OutletRules::of)
        .collect();
    let now_ms = deps.now();
    let parts = if phase == Phase::Pull {
        let owed = owed::to(night.date, run_before(night).as_ref(), deps).await?;
        let jobs = || moka(night, &rules, &owed, deps);
        put_all(night, phase, deps, |known| {
            plan_pull(night, jobs(), known, now_ms)
        })
        .await?
    } else {
        let outlets = || {
            let tonight = |rules: &OutletRules| tonight(night.due_ms, rules);
            rules
                .iter()
                .map(move |rules| (rules.outlet.id.clone(), tonight(rules)))
        };
        put_all(night, phase, deps, |known| {
            plan_outlets(night, phase, outlets(), known, now_ms)
        })
        .await?
    };
    let outlets = u64::try_from(rules.len()).unwrap_or(u64::MAX);
    let (date, phase_name) = (night.date, phase.as_str());
    tracing::info!(night = %date, phase = phase_name, parts, outlets, "night.planned");
    go_on::write(night, &night.planned(phase, parts, outlets)?, deps).await
}

/// A night that is run again, as the run before it left its parts.
fn run_before(night: &Night) -> Option<Night> {
    let round = night.round.checked_sub(1)?;
    Some(Night {
        round,
        ..night.clone()
    })
}

/// The jobs that fetch from Moka: none where it is not set.
fn moka(night: &Night, rules: &[OutletRules], owed: &Owed, deps: &Deps) -> Vec<Job> {
    if !deps.servers.has_moka() {
        return Vec::new();
    }
    let jobs = rules.iter().filter_map(|rules| {
        let (outlet, moka) = (&rules.outlet.id, rules.outlet.moka_id.as_deref()?);
        let tonight = tonight(night.due_ms, rules);
        Some(moka_jobs(outlet, moka, tonight, owed.days_of(outlet)))
    });
    jobs.flatten().collect()
}

/// Asks the central server for its lists, and puts parts for what they name.
pub(crate) async fn list(night: &Night, deps: &Deps) -> Result<Night, Stopped> {
    let found = find(night, deps).await;
    let now_ms = deps.now();
    let jobs = || found.jobs.iter().cloned();
    let parts = put_all(night, Phase::Pull, deps, |known| {
        plan_pull(night, jobs(), known, now_ms)
    })
    .await?;
    let next = match found.failed {
        Some(trouble) => {
            tracing::warn!(night = %night.date, code = trouble.code, detail = trouble.detail, "listing.failed");
            night.list_failed(trouble)?
        }
        None => {
            let files = u64::try_from(found.jobs.len()).unwrap_or(u64::MAX);
            tracing::info!(night = %night.date, files, parts, "listing.planned");
            let mut next = night.listed(files, parts)?;
            found
                .refused
                .into_iter()
                .for_each(|trouble| next.trouble(trouble));
            next
        }
    };
    go_on::write(night, &next, deps).await
}

/// What the central server has for a night.
#[derive(Debug, Default)]
struct Found {
    jobs: Vec<Job>,
    /// Entries that nobody fetches.
    refused: Vec<Trouble>,
    /// Why a list that has to be there was not had.
    failed: Option<Trouble>,
}

/// Reads the list of tonight, those of the two days before, whose late files would be lost otherwise, and those that
/// earlier nights did not get. What one of them names can be fetched although another fails.
async fn find(night: &Night, deps: &Deps) -> Found {
    let mut found = Found::default();
    let central = match deps.servers.central().await {
        Ok(central) => central,
        Err(error) => {
            found.failed = Some(error.trouble("central"));
            return found;
        }
    };
    let own = dates(night.date);
    let all: BTreeSet<BusinessDate> = own.into_iter().chain(night.lists.iter().copied()).collect();
    for date in all.into_iter().rev() {
        match found.add(&central, date).await {
            Ok(()) => {}
            // A server may keep its lists for a day; one that is missing was told on its own night.
            Err(CentralError::NoListing) if date != night.date => {}
            // An older one that is wrong for good must not keep this night waiting.
            Err(error @ CentralError::Listing(_)) if !own.contains(&date) => {
                let detail = format!("{date}: {error}");
                let trouble = Trouble::new(None, "central", error.code(), &detail);
                found.refused.push(trouble);
            }
            Err(error) => {
                let detail = format!("{date}: {error}");
                found
                    .failed
                    .get_or_insert(Trouble::new(None, "central", error.code(), &detail));
                if !matches!(error, CentralError::NoListing | CentralError::Listing(_)) {
                    // It is the server that fails, not this list.
                    break;
                }
            }
        }
    }
    found
}

impl Found {
    async fn add(&mut self, central: &Central, date: BusinessDate) -> Result<(), CentralError> {
        let listing = central.list(date).await?;
        self.jobs
            .extend(listing.files.into_iter().map(|file| Job::CentralFile {
                outlet: file.outlet,
                date,
                name: file.name,
                size: file.size,
                sha256: file.sha256,
            }));
        self.refused.extend(listing.refused.into_iter().map(|refused| {
            let detail = format!("{date}: entry {}: {}", refused.number, refused.name);
            Trouble::new(None, "central", refused.problem.code(), &detail)
        }));
        Ok(())
    }
}

/// Puts parts until everything planned is in one, also where others plan at the same time and see something
/// else. Answers how many parts there are in all.
async fn put_all(
    night: &Night,
    phase: Phase,
    deps: &Deps,
    plan: impl Fn(&[Part]) -> Vec<Part>,
) -> Result<u32, StoreError> {
    for _ in 0..ROUNDS {
        let known = deps.nights.parts(night.date, phase).await?;
        let parts = plan(&known);
        if parts.is_empty() {
            let own = known.iter().filter(|part| night.has(part)).count();
            return Ok(u32::try_from(own).unwrap_or(u32::MAX));
        }
        deps.nights.put_parts(&parts).await?;
    }
    Err(StoreError::Conflict)
}
