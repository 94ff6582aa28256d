//! Parts of a night: claims, progress, what is left lying, and two workers at once.

use std::collections::BTreeSet;

use crate::night_support::{DUE, MINUTE, done, job, outlet, part, trouble, well};
use domain::night::{
    ANNOUNCE_MS, EXPORTS_MAX, GIVEN_UP_MAX, JOBS_MAX, LEASE_MS, Outcome, Part, PartError, PartState, Phase,
    REST_MS, TRIES_MAX, TROUBLES_MAX,
};
use proptest::prelude::*;

fn held(part: &Part) -> Part {
    part.claim(DUE, LEASE_MS).unwrap()
}

#[test]
fn a_part_is_claimed_by_one_and_goes_on_where_it_stopped() {
    let todo = part(Phase::Reconcile, 0, 3);
    let first = held(&todo);
    assert_eq!((first.state, first.token), (PartState::Doing, 1));
    assert_eq!(first.lease_until_ms, DUE + LEASE_MS);
    assert_eq!(first.claim(DUE, LEASE_MS), Err(PartError::Busy));

    let ahead = first.progressed(1, &[well(&job(0))], DUE).unwrap();
    let back = ahead.put_back(1, None, DUE + MINUTE).unwrap();
    assert_eq!((back.state, back.tries, back.done), (PartState::Todo, 0, 1));
    assert_eq!(back.announced_ms, DUE + MINUTE);

    let second = held(&back);
    assert_eq!(second.token, 2);
    assert_eq!(second.left(), [job(1), job(2)]);
    let over = second
        .progressed(2, &[well(&job(1)), well(&job(2))], DUE + 9)
        .unwrap();
    assert_eq!((over.state, over.finished_ms), (PartState::Done, Some(DUE + 9)));
    assert_eq!((over.done, over.failed, over.tally.pulled), (3, 0, 3));
    assert_eq!(over.claim(DUE, LEASE_MS), Err(PartError::Over));
    assert_eq!(over.look_ms(), None);
}

#[test]
fn only_the_holder_changes_a_part() {
    let first = held(&part(Phase::Pull, 0, 2));
    let again = held(&first.left_lying(DUE + LEASE_MS).unwrap());
    let everybody = [
        (part(Phase::Pull, 0, 2), 0),
        (first.clone(), 0),
        (first.clone(), 2),
        (again, 1),
        (done(&part(Phase::Pull, 0, 2)), 1),
    ];
    for (part, token) in everybody {
        assert_eq!(part.progressed(token, &[], DUE), Err(PartError::Fenced));
        assert_eq!(part.put_back(token, None, DUE), Err(PartError::Fenced));
    }
    let three = [Outcome::default(), Outcome::default(), Outcome::default()];
    assert_eq!(first.progressed(1, &three, DUE), Err(PartError::TooMany));
}

#[test]
fn what_is_left_lying_is_put_back_or_announced_when_its_time_has_come_and_not_before() {
    let todo = part(Phase::Pull, 0, 2);
    assert_eq!(todo.left_lying(DUE + ANNOUNCE_MS - 1), None);
    let announced = todo.left_lying(DUE + ANNOUNCE_MS).unwrap();
    assert_eq!(announced.announced_ms, DUE + ANNOUNCE_MS);
    assert_eq!((announced.state, announced.tries), (PartState::Todo, 0));
    assert_eq!(announced.left_lying(DUE + ANNOUNCE_MS), None);

    let doing = held(&todo);
    assert_eq!(doing.left_lying(DUE + LEASE_MS - 1), None);
    // However late the clock comes, a lost lease is one try.
    for late_ms in [0, LEASE_MS, 9 * 60 * MINUTE] {
        let back = doing.left_lying(DUE + LEASE_MS + late_ms).unwrap();
        assert_eq!((back.state, back.tries, back.token), (PartState::Todo, 1, 1));
    }
    assert_eq!(done(&todo).left_lying(i64::MAX), None);
}

#[test]
fn a_part_that_could_not_be_gone_on_with_is_nobodys_until_its_rest_is_over() {
    let mut part = part(Phase::Pull, 0, 3);
    for tries in 1..TRIES_MAX {
        let claimed = held(&part);
        let rests = claimed
            .put_back(claimed.token, Some("SYNC_STORE_FAILED"), DUE)
            .unwrap();
        // Longer with each try; and not announced by being written.
        let until_ms = DUE + i64::from(tries) * REST_MS;
        assert_eq!((rests.state, rests.tries), (PartState::Doing, tries));
        assert_eq!(rests.look_ms(), Some(until_ms));
        assert_eq!(rests.claim(until_ms, LEASE_MS), Err(PartError::Busy));
        let late = rests.progressed(claimed.token, &[], DUE);
        assert_eq!(late, Err(PartError::Fenced));
        assert_eq!(rests.left_lying(until_ms - 1), None);
        part = rests.left_lying(until_ms).unwrap();
        let announced = (part.state, part.announced_ms, part.lease_until_ms);
        assert_eq!(announced, (PartState::Todo, until_ms, 0));
        assert_eq!(part.tries, tries, "a rest is no try");
    }
    // The job is given up then, and the next one waits as well.
    let claimed = held(&part);
    let next = claimed
        .put_back(claimed.token, Some("SYNC_STORE_FAILED"), DUE)
        .unwrap();
    assert_eq!((next.done, next.failed, next.tries), (1, 1, 0));
    assert_eq!(next.look_ms(), Some(DUE + i64::from(TRIES_MAX) * REST_MS));
}

#[test]
fn a_job_that_ends_its_worker_is_given_up_and_the_others_are_done() {
    let mut part = part(Phase::Reconcile, 0, 3);
    for lost in 1..=TRIES_MAX {
        assert_eq!((part.done, part.tries), (0, lost - 1));
        part = held(&part).left_lying(DUE + LEASE_MS).unwrap();
    }
    assert_eq!(
        (part.state, part.done, part.failed, part.tries),
        (PartState::Todo, 1, 1, 0)
    );
    let reason = part.troubles.first().unwrap();
    assert_eq!(reason.outlet, Some(outlet(0)));
    assert_eq!((&*reason.source, &*reason.code), ("reconcile", "LEASE_LOST"));
    let over = done(&part);
    assert_eq!(
        (over.state, over.tally.pulled, over.failed),
        (PartState::Failed, 2, 1)
    );
}

#[test]
fn a_try_is_in_vain_if_it_failed_or_did_nothing() {
    let claimed = held(&part(Phase::Reconcile, 0, 9));
    let ahead = claimed.progressed(1, &[well(&job(0))], DUE).unwrap();
    let table = [
        (&claimed, None, 1),
        (&claimed, Some("SYNC_STORE_FAILED"), 1),
        (&ahead, None, 0),
        (&ahead, Some("SYNC_STORE_FAILED"), 1),
    ];
    for (part, reason, tries) in table {
        assert_eq!(part.put_back(1, reason, DUE).unwrap().tries, tries, "{reason:?}");
    }
    // Tries count for one job: getting past it forgets them.
    let tried = claimed.put_back(1, None, DUE).unwrap();
    let past = held(&tried).progressed(2, &[well(&job(0))], DUE).unwrap();
    assert_eq!((tried.tries, past.tries), (1, 0));
}

#[test]
fn a_part_of_poison_alone_ends_with_a_reason_for_every_job() {
    let mut part = part(Phase::Enrich, 0, JOBS_MAX);
    let mut claims = 0;
    while !part.state.is_over() {
        let claimed = held(&part);
        part = claimed
            .put_back(claimed.token, Some("SYNC_STORE_FAILED"), DUE)
            .unwrap();
        // Its rest is over.
        part = part.left_lying(DUE + LEASE_MS).unwrap_or(part);
        claims += 1;
    }
    assert_eq!(claims, TRIES_MAX * GIVEN_UP_MAX);
    assert_eq!(part.state, PartState::Failed);
    assert_eq!((part.done, part.failed), (JOBS_MAX, JOBS_MAX));
    let codes: Vec<&str> = part.troubles.iter().map(|trouble| &*trouble.code).collect();
    assert_eq!(codes.len(), JOBS_MAX);
    assert_eq!(
        codes.iter().filter(|code| **code == "SYNC_STORE_FAILED").count(),
        3
    );
    assert_eq!(codes.iter().filter(|code| **code == "PART_GIVEN_UP").count(), 22);
}

#[test]
fn what_a_part_keeps_is_bounded_and_the_rest_counted() {
    let claimed = held(&part(Phase::Pull, 0, 1));
    let long = "x".repeat(5_000);
    let outcome = Outcome {
        troubles: vec![trouble(&job(0), "T"); TROUBLES_MAX + 7],
        exports: (0..EXPORTS_MAX + 5)
            .map(|n| (n.to_string(), String::new()))
            .collect(),
        ..Outcome::failed(domain::night::Trouble::new(None, "moka", "C", &long))
    };
    let over = claimed.progressed(1, &[outcome], DUE).unwrap();
    assert_eq!(
        (over.troubles.len(), over.troubles_total),
        (TROUBLES_MAX, TROUBLES_MAX as u64 + 7)
    );
    assert_eq!(over.exports.len(), EXPORTS_MAX);
    assert_eq!(over.exports.first().unwrap().0, "5");
    assert_eq!(
        domain::night::Trouble::new(None, "moka", "C", &long).detail.len(),
        200
    );
}

#[test]
fn parts_read_back_as_they_were_written() {
    for part in [part(Phase::Pull, 3, 25), done(&part(Phase::Enrich, 0, 2))] {
        let text = serde_json::to_string(&part).unwrap();
        assert_eq!(serde_json::from_str::<Part>(&text).unwrap(), part);
    }
}

/// What may happen to a part, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A worker is told of the part.
    Claim(usize),
    /// A worker does some jobs and saves.
    Work(usize, usize),
    /// A worker whose time is up puts it back; or one that can't go on.
    PutBack(usize, bool),
    /// A worker dies.
    Die(usize),
    /// Time passes, and `go-on` comes by.
    GoOn(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_usize..2).prop_map(Step::Claim),
        (0_usize..2, 0_usize..5).prop_map(|(worker, jobs)| Step::Work(worker, jobs)),
        (0_usize..2, any::<bool>()).prop_map(|(worker, failed)| Step::PutBack(worker, failed)),
        (0_usize..2).prop_map(Step::Die),
        (0_i64..20).prop_map(Step::GoOn),
    ]
}

/// A store that takes a write only at the version it was made from, and two workers who remember what they read.
struct World {
    store: Part,
    workers: [Option<Part>; 2],
    now_ms: i64,
}

impl World {
    fn write(&mut self, next: Part) -> Option<Part> {
        if next.version != self.store.version {
            return None;
        }
        assert!(next.done >= self.store.done && next.token >= self.store.token);
        self.store = Part {
            version: next.version + 1,
            ..next
        };
        Some(self.store.clone())
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Claim(worker) => {
                let claimed = self.store.claim(self.now_ms, LEASE_MS).ok();
                self.workers[worker] = claimed
                    .and_then(|part| self.write(part))
                    .or(self.workers[worker].take());
            }
            Step::Work(worker, jobs) => {
                let Some(mine) = self.workers[worker].take() else {
                    return;
                };
                let outcomes: Vec<Outcome> = mine.left().iter().take(jobs).map(well).collect();
                let next = mine.progressed(mine.token, &outcomes, self.now_ms).ok();
                let lost = self.store.token != mine.token;
                let written = next.and_then(|part| self.write(part));
                assert!(!lost || written.is_none(), "a worker with an old token wrote");
                self.workers[worker] = written;
            }
            Step::PutBack(worker, failed) => {
                let Some(mine) = self.workers[worker].take() else {
                    return;
                };
                let lost = self.store.token != mine.token;
                let reason = failed.then_some("SYNC_STORE_FAILED");
                let next = mine.put_back(mine.token, reason, self.now_ms).ok();
                let written = next.and_then(|part| self.write(part));
                assert!(!lost || written.is_none(), "a worker with an old token wrote");
            }
            Step::Die(worker) => self.workers[worker] = None,
            Step::GoOn(minutes) => {
                self.now_ms += minutes * MINUTE;
                let next = self.store.left_lying(self.now_ms);
                next.map(|part| self.write(part).unwrap());
            }
        }
        self.check();
    }

    /// Every job that ended did so once: with its one object, or as given up.
    fn check(&self) {
        let part = &self.store;
        let pulled: BTreeSet<&str> = part.exports.iter().map(|(key, _)| &**key).collect();
        let lost: BTreeSet<&str> = part.troubles.iter().filter_map(|t| t.outlet.as_deref()).collect();
        assert_eq!(pulled.len(), part.exports.len());
        assert_eq!(part.tally.pulled as usize, pulled.len());
        assert_eq!(part.failed, lost.len());
        assert!(pulled.is_disjoint(&lost));
        let ended: BTreeSet<&str> = pulled.union(&lost).copied().collect();
        let expected: BTreeSet<&str> = part.jobs[..part.done]
            .iter()
            .map(|job| job.outlet().unwrap())
            .collect();
        assert_eq!(ended, expected);
        assert_eq!(part.state.is_over(), part.done == part.jobs.len());
    }
}

proptest! {
    #[test]
    fn two_workers_lose_no_job_and_count_none_twice(
        jobs in 1_usize..=JOBS_MAX,
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let store = part(Phase::Reconcile, 0, jobs);
        let mut world = World { store, workers: [None, None], now_ms: DUE };
        for step in steps {
            world.step(step);
        }
        // Then nobody is disturbed any more, and the part comes to its end.
        for _ in 0..3 {
            for step in [Step::GoOn(20), Step::Claim(0), Step::Work(0, JOBS_MAX)] {
                world.step(step);
            }
        }
        prop_assert!(world.store.state.is_over());
        prop_assert_eq!(world.store.tally.pulled as usize + world.store.failed, jobs);
    }

    #[test]
    fn an_old_token_is_refused_whatever_was_read(jobs in 1_usize..=JOBS_MAX, claims in 2_u64..30) {
        let mut part = part(Phase::Reconcile, 0, jobs);
        for token in 1..claims {
            if part.state.is_over() {
                break;
            }
            part = held(&part);
            for old in 0..token {
                prop_assert_eq!(part.progressed(old, &[], DUE), Err(PartError::Fenced));
                prop_assert_eq!(part.put_back(old, None, DUE), Err(PartError::Fenced));
            }
            part = part.left_lying(DUE + LEASE_MS).unwrap();
        }
    }
}
