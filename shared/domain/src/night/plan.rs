//! Cutting a phase into parts.
//!
//! Equal work gives equal parts with equal numbers, and parts are put into the store only where there are
//! none, so two starters that see the same plan the same. They need not see the same: a server may list a
//! file more a minute later. So a plan is always made over the parts that are already there, holds only
//! what none of them has, and continues their numbers. Whoever finds a number taken reads again and plans
//! again, until the plan is empty.

use std::collections::BTreeSet;

use super::{JOBS_MAX, Job, LOOK_BACK_MS, Night, Part, Phase};
use crate::map::OutletRules;
use crate::when::{BusinessDate, business_date};

/// The business date that a night due at `due_ms` closes at an outlet: what its clock and cut-off hour said
/// [`LOOK_BACK_MS`] before.
#[must_use]
pub fn tonight(due_ms: i64, rules: &OutletRules) -> BusinessDate {
    let at_ms = due_ms.saturating_sub(LOOK_BACK_MS);
    business_date(at_ms, &rules.zone, rules.outlet.cutoff_hour)
}

/// The days that a night reads: tonight and the two before, the oldest first. Late devices, refunds and
/// corrections arrive in these days.
#[must_use]
pub fn dates(tonight: BusinessDate) -> [BusinessDate; 3] {
    [-2, -1, 0].map(|days| tonight.add_days(days).unwrap_or(tonight))
}

/// The jobs that fetch an outlet's days from Moka: its last three, and those that earlier nights owe.
pub fn moka_jobs(
    outlet: &str,
    moka: &str,
    tonight: BusinessDate,
    owed: BTreeSet<BusinessDate>,
) -> impl Iterator<Item = Job> {
    let days: BTreeSet<BusinessDate> = owed.into_iter().chain(dates(tonight)).collect();
    days.into_iter().map(move |date| Job::MokaDay {
        outlet: outlet.to_owned(),
        moka: moka.to_owned(),
        date,
    })
}

/// The parts to put for jobs of [`Phase::Pull`], beside the `known` ones of the same date. A part has jobs of
/// one source, so that one source that is slow does not hold up another.
#[must_use]
pub fn plan_pull(
    night: &Night,
    jobs: impl IntoIterator<Item = Job>,
    known: &[Part],
    now_ms: i64,
) -> Vec<Part> {
    plan(night, Phase::Pull, jobs, known, now_ms)
}

/// The parts to put for a phase that goes through the outlets, each with its own business date of tonight,
/// beside the `known` ones of the same date.
#[must_use]
pub fn plan_outlets(
    night: &Night,
    phase: Phase,
    outlets: impl IntoIterator<Item = (String, BusinessDate)>,
    known: &[Part],
    now_ms: i64,
) -> Vec<Part> {
    let jobs = outlets
        .into_iter()
        .map(|(outlet, date)| Job::Outlet { outlet, date });
    plan(night, phase, jobs, known, now_ms)
}

fn plan(
    night: &Night,
    phase: Phase,
    jobs: impl IntoIterator<Item = Job>,
    known: &[Part],
    now_ms: i64,
) -> Vec<Part> {
    let known = || known.iter().filter(|part| part.phase == phase);
    // A night that is run again does everything anew.
    let own = known().filter(|part| night.has(part));
    let taken: BTreeSet<&Job> = own.flat_map(|part| &part.jobs).collect();
    let jobs: BTreeSet<Job> = jobs.into_iter().filter(|job| !taken.contains(job)).collect();
    let jobs: Vec<Job> = jobs.into_iter().collect();
    let first = known()
        .map(|part| part.number.saturating_add(1))
        .max()
        .unwrap_or(0);
    let same_source = |one: &Job, next: &Job| one.source(phase) == next.source(phase);
    jobs.chunk_by(same_source)
        .flat_map(|jobs| jobs.chunks(JOBS_MAX))
        .zip(first..)
        .map(|(jobs, number)| Part {
            round: night.round,
            ..Part::todo(night.date, phase, number, jobs.to_vec(), now_ms)
        })
        .collect()
}
