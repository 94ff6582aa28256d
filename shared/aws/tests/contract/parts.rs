//! Parts of nights: put once, held by one worker at a time, and written by nobody who has lost them.

use aws::StoreError;
use aws::nights::{Nights, PART_KIND, part_of};
use domain::night::{Job, KEPT_MS, LEASE_MS, Outcome, Part, PartState, Phase};
use domain::when::BusinessDate;
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{NOW_MS, get};

fn date() -> BusinessDate {
    "2025-10-28".parse().unwrap()
}

/// A part of two jobs that waits.
fn part(phase: Phase, number: u32) -> Part {
    let job = |outlet: &str| Job::Outlet {
        outlet: format!("{outlet}{number}"),
        date: date(),
    };
    Part::todo(date(), phase, number, vec![job("a"), job("b")], NOW_MS)
}

fn at(part: &Part, version: u64) -> Part {
    Part {
        version,
        ..part.clone()
    }
}

/// A part that is stored, as it was read.
async fn put(nights: &Nights, number: u32) -> Part {
    let part = part(Phase::Enrich, number);
    assert_eq!(
        nights.put_parts(std::slice::from_ref(&part)).await.unwrap(),
        [0_u32; 0]
    );
    at(&part, 1)
}

async fn stored(nights: &Nights, part: &Part) -> Option<Part> {
    nights.part(part.night, part.phase, part.number).await.unwrap()
}

async fn claim(nights: &Nights, part: &Part, now_ms: i64) -> Option<Part> {
    nights.claim(part, now_ms, LEASE_MS).await.unwrap()
}

/// The part after so many of its jobs went well.
fn progressed(part: &Part, jobs: usize) -> Part {
    let outcomes = vec![Outcome::default(); jobs];
    part.progressed(part.token, &outcomes, NOW_MS + 1).unwrap()
}

#[tokio::test]
async fn parts_are_put_once_and_those_whose_number_is_taken_are_named() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let all: Vec<Part> = (0..30).map(|number| part(Phase::Enrich, number)).collect();
    assert_eq!(nights.put_parts(&all[3..20]).await.unwrap(), [0_u32; 0]);
    let mut others = all.clone();
    for other in &mut others {
        other.jobs.pop();
    }
    let taken = nights.put_parts(&others).await.unwrap();
    assert_eq!(taken, (3..20).collect::<Vec<u32>>());
    nights.put_parts(&[part(Phase::Reconcile, 1)]).await.unwrap();
    let expected: Vec<Part> = all[..3]
        .iter()
        .zip(&others)
        .map(|(_, new)| new)
        .chain(&all[3..20])
        .chain(&others[20..])
        .map(|part| at(part, 1))
        .collect();
    assert_eq!(nights.parts(date(), Phase::Enrich).await.unwrap(), expected);
    for (night, phase) in [("2025-10-28", Phase::Pull), ("2025-10-29", Phase::Enrich)] {
        assert_eq!(nights.parts(night.parse().unwrap(), phase).await.unwrap(), []);
    }
    stores.stop().await;
}

#[tokio::test]
async fn of_several_who_claim_a_part_one_holds_it() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let new = put(&nights, 0).await;
    let workers = (0..4).map(|worker| {
        let (nights, new) = (nights.clone(), new.clone());
        tokio::spawn(async move { claim(&nights, &new, NOW_MS + worker).await })
    });
    let mut held = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        held.extend(worker.await.unwrap());
    }
    assert_eq!(held.len(), 1);
    assert_eq!(
        (held[0].state, held[0].token, held[0].version),
        (PartState::Doing, 1, 2)
    );
    assert_eq!(stored(&nights, &new).await.as_ref(), Some(&held[0]));
    assert_eq!(claim(&nights, &held[0], NOW_MS + 9).await, None, "it is held");
    let over = nights.write_part(&progressed(&held[0], 2)).await.unwrap();
    assert_eq!(claim(&nights, &over, NOW_MS + 9).await, None, "it is over");
    stores.stop().await;
}

#[tokio::test]
async fn a_worker_that_has_lost_its_part_can_write_nothing_more() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let slow = claim(&nights, &put(&nights, 0).await, NOW_MS).await.unwrap();
    let later_ms = NOW_MS + LEASE_MS;
    let left = nights
        .write_part(&slow.left_lying(later_ms).unwrap())
        .await
        .unwrap();
    assert_eq!((left.state, left.tries), (PartState::Todo, 1));
    for lost in [
        progressed(&slow, 1),
        slow.put_back(1, None, later_ms + 1).unwrap(),
    ] {
        let refused = nights.write_part(&lost).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let next = claim(&nights, &left, later_ms).await.unwrap();
    let refused = nights.write_part(&progressed(&slow, 2)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(next.token, 2);
    assert_eq!(stored(&nights, &next).await, Some(next));
    stores.stop().await;
}

#[tokio::test]
async fn progress_whose_answer_was_lost_is_progress_when_it_is_tried_again() {
    let stores = Stores::start().await;
    let (faulty, nights) = (Nights::new(&stores.faulty), Nights::new(&stores.clients));
    let held = claim(&nights, &put(&nights, 0).await, NOW_MS).await.unwrap();
    let next = progressed(&held, 1);
    stores.faults.set(Plan::LoseAnswer(0));
    faulty.write_part(&next).await.unwrap_err();
    stores.faults.set(Plan::None);
    let saved = nights.write_part(&next).await.unwrap();
    assert_eq!(saved, at(&next, held.version + 1));
    let done = nights.write_part(&progressed(&saved, 1)).await.unwrap();
    assert_eq!((done.state, done.done), (PartState::Done, 2));
    stores.stop().await;
}

#[tokio::test]
async fn a_phase_has_open_parts_until_the_last_is_over() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let open = async || nights.has_open_parts(date(), Phase::Enrich).await.unwrap();
    assert!(!open().await);
    nights.put_parts(&[part(Phase::Reconcile, 0)]).await.unwrap();
    assert!(!open().await, "of another phase");
    for number in 0..2 {
        let new = put(&nights, number).await;
        assert!(open().await);
        let held = claim(&nights, &new, NOW_MS).await.unwrap();
        assert!(open().await);
        nights.write_part(&progressed(&held, 2)).await.unwrap();
        assert!(!open().await);
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_part_that_waits_is_told_to_the_stream_as_one_that_is_to_be_done() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    put(&nights, 7).await;
    let (pk, sk) = ("R#2025-10-28", "W#enrich#00007");
    let item = get(&stores, &stores.clients.names().duties, pk, sk)
        .await
        .unwrap();
    let text = |name: &str| item[name].as_s().unwrap().as_str();
    assert_eq!((text("kind"), text("state")), (PART_KIND, "todo"));
    assert_eq!(part_of(pk, sk), Some((date(), Phase::Enrich, 7)));
    stores.stop().await;
}

#[test]
fn nothing_but_the_key_of_a_part_is_taken_for_one() {
    for (pk, sk) in [
        ("R#2025-10-28", "R"),
        ("R", "2025-10-28"),
        ("R#2025-10-28", "W#enrich#7"),
        ("R#2025-10-28", "W#enrich#+0007"),
        ("R#2025-10-28", "W#lunch#00007"),
        ("R#2025-10-32", "W#enrich#00007"),
        ("F#2025-10-28", "W#enrich#00007"),
    ] {
        assert_eq!(part_of(pk, sk), None, "{pk} {sk}");
    }
    let far = part_of("R#2025-10-28", "W#pull#123456");
    assert_eq!(far, Some((date(), Phase::Pull, 123_456)));
}

#[tokio::test]
async fn a_part_that_is_over_is_kept_for_sixty_days_and_no_other_ends() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let stored = put(&nights, 0).await;
    let expires = async || {
        let table = stores.clients.names().duties.as_str();
        let item = get(&stores, table, "R#2025-10-28", "W#enrich#00000").await;
        let expires = item.unwrap().remove("expires_at");
        expires.map(|at| at.as_n().unwrap().clone())
    };
    assert_eq!(expires().await, None);
    let held = claim(&nights, &stored, NOW_MS).await.unwrap();
    let half = nights.write_part(&progressed(&held, 1)).await.unwrap();
    assert_eq!(expires().await, None);
    nights.write_part(&progressed(&half, 1)).await.unwrap();
    let ends_s = (NOW_MS + 1 + KEPT_MS).div_euclid(1000);
    assert_eq!(expires().await, Some(ends_s.to_string()));
    stores.stop().await;
}
