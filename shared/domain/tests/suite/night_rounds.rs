//! Nights that are run again, and what they leave to each other.

use std::collections::BTreeSet;

use crate::night_support::{DUE, MINUTE, date, done, failed, outlet, part, trouble};
use domain::night::{
    ANNOUNCE_MS, Action, Job, KEPT_MS, Listing, Night, NightError, OWED_DAYS, Outcome, Owed, Part, Phase,
    Sum, look, moka_jobs, plan_pull,
};
use domain::when::BusinessDate;

fn day(days: i32) -> BusinessDate {
    date().add_days(days).unwrap()
}

fn night(days: i32) -> Night {
    Night::begin(day(days), DUE, None, false, DUE)
}

fn pulled(night: &Night) -> Night {
    night.planned(Phase::Pull, 1, 1).unwrap()
}

fn over(night: &Night) -> Night {
    let mut night = night.clone();
    night.phase = Phase::Report;
    night.closed(&Sum::default(), "mail_1", DUE + MINUTE).unwrap()
}

fn moka(days: i32) -> Job {
    Job::MokaDay {
        outlet: "moka-1".to_owned(),
        moka: "1".to_owned(),
        date: day(days),
    }
}

fn file(days: i32) -> Job {
    Job::CentralFile {
        outlet: None,
        date: day(days),
        name: "a.json".to_owned(),
        size: 1,
        sha256: String::new(),
    }
}

fn days(days: &BTreeSet<BusinessDate>) -> Vec<i32> {
    days.iter()
        .map(|day| day.days_since_epoch() - date().days_since_epoch())
        .collect()
}

/// The part with these jobs, all of which fail.
fn all_failed(jobs: Vec<Job>) -> Part {
    let part = Part {
        jobs,
        ..part(Phase::Pull, 0, 0)
    };
    let held = part.claim(DUE, MINUTE).unwrap();
    let fail = |job| Outcome::failed(trouble(job, "MOKA_UNREACHABLE"));
    let outcomes: Vec<Outcome> = held.left().iter().map(fail).collect();
    held.progressed(held.token, &outcomes, DUE).unwrap()
}

#[test]
fn a_night_that_is_over_begins_again_with_nothing_of_what_it_came_to() {
    let first = over(&pulled(&night(0)));
    let again = first.again(DUE - 5, true, DUE + 9).unwrap();
    assert_eq!(
        (again.round, again.phase, again.started_ms),
        (1, Phase::Pull, DUE + 9)
    );
    assert_eq!((again.since_ms, again.due_ms), (DUE - 5, first.due_ms));
    assert_eq!(
        (again.end, again.digest.as_deref(), again.finished_ms),
        (None, None, None)
    );
    assert!(again.parts.is_empty() && again.troubles.is_empty() && !again.told);
    assert_eq!(again.listing, Listing::Wanted { trouble: None });
    assert_eq!(night(0).again(DUE, true, DUE), Err(NightError::NotEnded));
    assert_eq!(night(0).told(), Err(NightError::NotEnded));
}

#[test]
fn a_night_that_runs_again_does_everything_anew_and_has_parts_of_its_own() {
    let first = night(0);
    let jobs = || moka_jobs("moka-1", "1", date(), BTreeSet::new());
    let old: Vec<Part> = plan_pull(&first, jobs(), &[], DUE).iter().map(done).collect();
    let again = over(&pulled(&first)).again(DUE, false, DUE).unwrap();
    let new = plan_pull(&again, jobs(), &old, DUE);
    assert_eq!((new.len(), new[0].number, new[0].round), (1, 1, 1));
    assert_eq!(new[0].jobs, old[0].jobs);
    let all: Vec<Part> = old.into_iter().chain(new.clone()).collect();
    assert_eq!(plan_pull(&again, jobs(), &all, DUE), []);
    let again = pulled(&again);
    assert_eq!(look(&again, &all, DUE), [], "the old part ends nothing");
    let ended = [all[0].clone(), done(&new[0])];
    assert_eq!(look(&again, &ended, DUE), [Action::Advance]);
}

#[test]
fn what_a_night_could_not_fetch_is_owed_to_those_after_it() {
    // Jobs at the edges of what the night of day 0 takes over, and of what it reads anyway.
    let parts = [all_failed(vec![
        file(-15),
        file(-4),
        moka(-14),
        moka(-3),
        moka(-2),
        moka(0),
    ])];
    let mut owed = Owed::to(date());
    owed.add_undone(&pulled(&night(-1)), &[]);
    assert_eq!(owed, Owed::to(date()));
    let before = Night {
        date: date(),
        ..pulled(&night(-1))
    };
    owed.add_undone(&before, &parts);
    assert_eq!(days(&owed.lists), [-4]);
    assert_eq!(days(&owed.days_of("moka-1")), [-14, -3]);
    assert!(owed.days_of("moka-2").is_empty());
    let jobs = moka_jobs("moka-1", "1", date(), owed.days_of("moka-1"));
    assert_eq!(jobs.count(), 5);
}

#[test]
fn only_what_failed_or_never_ended_is_owed() {
    let part = part(Phase::Pull, 0, 3);
    assert_eq!(done(&part).undone().count(), 0);
    assert_eq!(failed(&part).undone().count(), 3);
    let held = part.claim(DUE, MINUTE).unwrap();
    let one = Outcome::failed(trouble(&part.jobs[0], "C"));
    let held = held
        .progressed(held.token, &[Outcome::default(), one], DUE)
        .unwrap();
    let undone: Vec<Option<&str>> = held.undone().map(Job::outlet).collect();
    assert_eq!(undone, [Some(&*outlet(1)), Some(&*outlet(2))]);
}

#[test]
fn days_without_a_night_lists_that_never_came_and_missing_sales_are_owed_too() {
    let mut owed = Owed::to(date());
    owed.add_gap(&night(-6));
    assert_eq!(days(&owed.lists), [-5, -4, -3]);
    assert_eq!(days(&owed.days_of("moka-9")), [-5, -4, -3]);
    let mut long = Owed::to(date());
    long.add_gap(&night(-90));
    assert_eq!((long.days.len(), days(&long.days)[0]), (12, -OWED_DAYS));

    let mut owed = Owed::to(date());
    let without_list = Night {
        lists: [day(-9)].into(),
        ..Night::begin(day(-2), DUE, None, true, DUE)
    };
    owed.add_undone(&pulled(&without_list), &[]);
    assert_eq!((days(&owed.lists), owed.days.len()), (vec![-9, -4, -3], 0));
    // One that never planned what it fetches has fetched nothing.
    owed.add_undone(&without_list, &[]);
    assert_eq!(days(&owed.days), [-4, -3]);

    let mut owed = Owed::to(date());
    for days in [-15, -14, -3, -2] {
        owed.add_missing("moka-1", day(days));
    }
    assert_eq!(days(&owed.lists), [-14, -3]);
    assert_eq!(days(&owed.days_of("moka-1")), [-14, -3]);
}

#[test]
fn a_part_that_waits_its_turn_is_not_announced_again_and_a_forgotten_one_is() {
    let late_ms = DUE + ANNOUNCE_MS;
    let night = night(0).planned(Phase::Pull, 2, 1).unwrap();
    let waiting = part(Phase::Pull, 1, 1);
    let other = part(Phase::Pull, 0, 1);
    let announced = |other: &Part| {
        let actions = look(&night, &[other.clone(), waiting.clone()], late_ms);
        let is_it = |action: &Action| matches!(action, Action::Write(part) if part.number == 1);
        actions.iter().any(is_it)
    };
    let held = |lease_ms| other.claim(DUE, lease_ms).unwrap();
    assert!(!announced(&held(ANNOUNCE_MS + 1)), "somebody works");
    assert!(announced(&held(ANNOUNCE_MS)), "its lease is over");
    assert!(announced(&done(&other)), "nobody has done anything for a while");
    let lately = Part {
        finished_ms: Some(DUE + 1),
        ..done(&other)
    };
    assert!(!announced(&lately));
}

#[test]
fn parts_are_kept_for_sixty_days_and_a_night_that_slept_for_longer_still_ends() {
    let whole = part(Phase::Pull, 0, 2);
    assert_eq!(whole.expires_ms(), None);
    assert_eq!(done(&whole).expires_ms(), Some(DUE + KEPT_MS));
    let night = night(0).planned(Phase::Pull, 2, 1).unwrap();
    let left = [done(&whole)];
    assert!(!night.has_ended(&left, DUE + KEPT_MS));
    assert!(night.has_ended(&left, DUE + KEPT_MS + 1));
    assert!(
        !night.has_ended(&[whole], DUE + KEPT_MS + 1),
        "what waits is done"
    );
}
