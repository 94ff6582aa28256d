//! Nights, parts and jobs to try.
#![allow(dead_code, reason = "each test file uses its part")]

use domain::night::{Job, Outcome, Part, Phase, Tally, Trouble};
use domain::when::BusinessDate;

/// When the nights of these tests are due: 2026-11-22 at 23:00 in Jakarta.
pub(crate) const DUE: i64 = 1_795_363_200_000;
pub(crate) const MINUTE: i64 = 60_000;

pub(crate) fn date() -> BusinessDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn job(number: usize) -> Job {
    Job::Outlet {
        outlet: outlet(number),
        date: date(),
    }
}

pub(crate) fn outlet(number: usize) -> String {
    format!("pos-{number:05}")
}

pub(crate) fn part(phase: Phase, number: u32, jobs: usize) -> Part {
    Part::todo(date(), phase, number, (0..jobs).map(job).collect(), DUE)
}

/// A job that went well; its export names it.
pub(crate) fn well(job: &Job) -> Outcome {
    let key = job.outlet().unwrap().to_owned();
    Outcome {
        tally: Tally {
            pulled: 1,
            ..Tally::default()
        },
        exports: vec![(key, "etag".to_owned())],
        ..Outcome::default()
    }
}

pub(crate) fn trouble(job: &Job, code: &str) -> Trouble {
    Trouble::new(job.outlet(), "reconcile", code, "")
}

/// The part as a worker leaves it that does all of it.
pub(crate) fn done(part: &Part) -> Part {
    let held = part.claim(DUE, MINUTE).unwrap();
    let outcomes: Vec<Outcome> = held.left().iter().map(well).collect();
    held.progressed(held.token, &outcomes, DUE).unwrap()
}

/// The part as a worker leaves it whose every job fails.
pub(crate) fn failed(part: &Part) -> Part {
    let held = part.claim(DUE, MINUTE).unwrap();
    let fail = |job| Outcome::failed(trouble(job, "MOKA_REFUSED"));
    let outcomes: Vec<Outcome> = held.left().iter().map(fail).collect();
    held.progressed(held.token, &outcomes, DUE).unwrap()
}
