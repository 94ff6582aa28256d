//! Callers that are stopped anywhere, in any order, with answers that get lost: the dangerous step
//! happens once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use lambda_edge::idempotency::{
    Begin, Claim, Ledger, LedgerError, MemoryStore, Record, RecordId, Store, StoreError, Version,
};
use proptest::prelude::*;

const LEASE_MS: i64 = 100;
const KEEP_MS: i64 = i64::MAX;

/// What becomes of a call to the store.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Fine,
    /// It happens, and nobody hears of it.
    AnswerLost,
    /// It does not happen.
    NotSent,
    /// It happens, is repeated because its answer got lost, and the answer to the repetition arrives.
    Repeated,
}

/// A store that treats each call as fated, with a pause before and after.
#[derive(Clone, Debug)]
struct Fated {
    store: MemoryStore,
    fates: Arc<Mutex<VecDeque<Fate>>>,
}

impl Fated {
    async fn call<T, F>(&self, call: impl Fn() -> F + Send) -> Result<T, StoreError>
    where
        T: Send,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        tokio::task::yield_now().await;
        let fate = self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Fine);
        let lost = || StoreError::Unavailable {
            operation: "call",
            code: "Lost".to_owned(),
        };
        let answer = match fate {
            Fate::Fine => call().await,
            Fate::NotSent => Err(lost()),
            Fate::AnswerLost => {
                call().await?;
                Err(lost())
            }
            Fate::Repeated => {
                call().await?;
                call().await
            }
        };
        tokio::task::yield_now().await;
        answer
    }
}

impl Store for Fated {
    async fn get(&self, id: &RecordId) -> Result<Option<Record>, StoreError> {
        self.call(|| self.store.get(id)).await
    }

    async fn put_new(&self, id: &RecordId, record: &Record, now_ms: i64) -> Result<bool, StoreError> {
        self.call(|| self.store.put_new(id, record, now_ms)).await
    }

    async fn put(&self, id: &RecordId, record: &Record, expected: &Version) -> Result<bool, StoreError> {
        self.call(|| self.store.put(id, record, expected)).await
    }

    async fn delete(&self, id: &RecordId, expected: &Version) -> Result<bool, StoreError> {
        self.call(|| self.store.delete(id, expected)).await
    }
}

/// The world outside: what was done to it, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Step,
    Resolve,
}

type World = Arc<Mutex<Vec<Event>>>;

/// One run of a function that follows the rules; a second step before a note fails with the claim lost.
async fn invocation(ledger: Ledger<Fated>, world: World, now_ms: i64) -> Result<(), LedgerError> {
    let begun = ledger
        .begin("orders", "key", "print", now_ms + LEASE_MS, now_ms)
        .await?;
    let mut claim = match begun {
        Begin::Fresh(claim) => claim,
        Begin::Interrupted(claim) => {
            let done = {
                let mut world = world.lock().unwrap();
                world.push(Event::Resolve);
                world.contains(&Event::Step)
            };
            if done {
                return finish(claim).await;
            }
            claim
        }
        Begin::Finished(_) | Begin::Running { .. } | Begin::Mismatch => return Ok(()),
    };
    claim.note("about to").await?;
    tokio::task::yield_now().await;
    world.lock().unwrap().push(Event::Step);
    tokio::task::yield_now().await;
    finish(claim).await
}

async fn finish(mut claim: Claim<Fated>) -> Result<(), LedgerError> {
    match claim.finish("done", KEEP_MS).await {
        Err(LedgerError::Store(_)) => claim.finish("done", KEEP_MS).await,
        result => result,
    }
}

/// A run that is going on, and when the platform stops it.
struct Running {
    future: Pin<Box<dyn Future<Output = Result<(), LedgerError>>>>,
    stopped_at_ms: i64,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    /// Starts a run in a slot, or lets the one there go on to its next pause.
    Go(usize),
    /// The process dies.
    Crash(usize),
    /// Time passes.
    Wait(i64),
}

/// Lets callers run as told. A stopped caller lives until its lease ends, unless callers may be slow.
fn play(actions: &[Action], fates: &[Fate], slow: bool) -> Vec<Event> {
    let store = Fated {
        store: MemoryStore::default(),
        fates: Arc::new(Mutex::new(fates.iter().copied().collect())),
    };
    let ledger = Ledger::new(store.clone());
    let world = World::default();
    let mut slots: [Option<Running>; 2] = [None, None];
    let mut now_ms = 0;
    let mut waker = Context::from_waker(Waker::noop());
    for action in actions {
        match action {
            Action::Go(slot) => {
                let running = slots[*slot].get_or_insert_with(|| Running {
                    future: Box::pin(invocation(ledger.clone(), Arc::clone(&world), now_ms)),
                    stopped_at_ms: now_ms + LEASE_MS,
                });
                if running.future.as_mut().poll(&mut waker).is_ready() {
                    slots[*slot] = None;
                }
            }
            Action::Crash(slot) => slots[*slot] = None,
            Action::Wait(ms) => {
                now_ms += ms;
                for slot in &mut slots {
                    slot.take_if(|running| !slow && running.stopped_at_ms <= now_ms);
                }
            }
        }
    }
    let slow_ones = slots.into_iter().flatten();
    slow_ones.for_each(|mut running| while running.future.as_mut().poll(&mut waker).is_pending() {});
    // Afterwards everything works and somebody asks once more.
    store.fates.lock().unwrap().clear();
    let mut last = Box::pin(invocation(ledger, Arc::clone(&world), now_ms + LEASE_MS));
    while last.as_mut().poll(&mut waker).is_pending() {}
    world.lock().unwrap().clone()
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        12 => (0..2_usize).prop_map(Action::Go),
        1 => (0..2_usize).prop_map(Action::Crash),
        2 => prop_oneof![Just(1), Just(LEASE_MS / 2), Just(LEASE_MS)].prop_map(Action::Wait),
    ];
    prop::collection::vec(action, 0..120)
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![4 => Just(Fate::Fine), 1 => Just(Fate::AnswerLost), 1 => Just(Fate::NotSent), 1 => Just(Fate::Repeated)];
    prop::collection::vec(fate, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_step_happens_exactly_once_when_functions_stop_by_their_lease(actions in actions(), fates in fates()) {
        let events = play(&actions, &fates, false);
        let steps = events.iter().filter(|event| **event == Event::Step).count();
        prop_assert_eq!(steps, 1, "{:?}", events);
    }

    #[test]
    fn even_with_slow_functions_no_step_is_repeated_that_nobody_looked_into(actions in actions(), fates in fates()) {
        let events = play(&actions, &fates, true);
        let steps = events.iter().filter(|event| **event == Event::Step).count();
        let resolved = events.iter().filter(|event| **event == Event::Resolve).count();
        prop_assert!(steps >= 1 && steps <= 1 + resolved, "{:?}", events);
    }
}

#[test]
fn every_single_stop_and_every_single_loss_leaves_one_step() {
    let lost = [Fate::AnswerLost, Fate::NotSent, Fate::Repeated];
    for stop_after in 0..40 {
        for (lost_call, fate) in (0..12).flat_map(|call| lost.map(|fate| (call, fate))) {
            let mut actions = vec![Action::Go(0); stop_after];
            actions.extend([Action::Crash(0), Action::Wait(LEASE_MS)]);
            actions.extend([Action::Go(1); 40]);
            let fates: Vec<Fate> = (0..12)
                .map(|call| if call == lost_call { fate } else { Fate::Fine })
                .collect();
            let steps = play(&actions, &fates, false)
                .iter()
                .filter(|event| **event == Event::Step)
                .count();
            assert_eq!(steps, 1, "stopped after {stop_after}, call {lost_call}: {fate:?}");
        }
    }
}

/// A ledger whose calls are fated so, and the fates, to be set for later calls.
fn fated(fates: &[Fate]) -> (Ledger<Fated>, Fated) {
    let store = Fated {
        store: MemoryStore::default(),
        fates: Arc::new(Mutex::new(fates.iter().copied().collect())),
    };
    (Ledger::new(store.clone()), store)
}

#[tokio::test]
async fn an_owner_recognises_its_own_writes_whose_answers_got_lost() {
    for fate in [Fate::AnswerLost, Fate::Repeated] {
        let (ledger, store) = fated(&[fate]);
        let begun = ledger.begin("orders", "key", "print", 100, 0).await.unwrap();
        let Begin::Fresh(mut claim) = begun else {
            panic!("{begun:?}")
        };
        let lose = || store.fates.lock().unwrap().push_back(fate);
        lose();
        claim.note("about to").await.unwrap();
        lose();
        claim.extend(200).await.unwrap();
        drop(claim);
        // A takeover: a refused write, a look, and the write that counts.
        let late = [Fate::Fine, Fate::Fine, fate];
        store.fates.lock().unwrap().extend(late);
        let begun = ledger.begin("orders", "key", "print", 400, 300).await.unwrap();
        let Begin::Interrupted(mut claim) = begun else {
            panic!("{begun:?}")
        };
        assert_eq!(claim.notes().len(), 1);
        lose();
        claim.finish("done", KEEP_MS).await.unwrap();
        let begun = ledger.begin("orders", "key", "print", 700, 600).await.unwrap();
        assert!(matches!(begun, Begin::Finished(_)));
        let begun = ledger.begin("orders", "other", "print", 100, 0).await.unwrap();
        let Begin::Fresh(claim) = begun else {
            panic!("{begun:?}")
        };
        store.fates.lock().unwrap().push_back(Fate::Repeated);
        claim.release().await.unwrap();
        let begun = ledger.begin("orders", "other", "print", 100, 0).await.unwrap();
        assert!(matches!(begun, Begin::Fresh(_)));
    }
}

#[tokio::test]
async fn a_claim_goes_on_after_a_write_that_came_through_late() {
    let (ledger, store) = fated(&[]);
    let Begin::Fresh(mut claim) = ledger.begin("orders", "key", "print", 100, 0).await.unwrap() else {
        panic!("nobody else")
    };
    // The write happens, its answer is lost, and so is the answer to the question what became of it.
    store
        .fates
        .lock()
        .unwrap()
        .extend([Fate::AnswerLost, Fate::NotSent]);
    claim.note("first").await.unwrap_err();
    claim.note("second").await.unwrap();
    let notes: Vec<&str> = claim.notes().iter().map(|note| &*note.text).collect();
    assert_eq!(notes, ["first", "second"]);
    store
        .fates
        .lock()
        .unwrap()
        .extend([Fate::AnswerLost, Fate::NotSent]);
    claim.finish("done", KEEP_MS).await.unwrap_err();
    claim.finish("done", KEEP_MS).await.unwrap();
}

#[tokio::test]
async fn a_write_that_did_not_happen_is_an_error() {
    let (ledger, store) = fated(&[]);
    let Begin::Fresh(mut claim) = ledger.begin("orders", "key", "print", 100, 0).await.unwrap() else {
        panic!("nobody else")
    };
    let lose = || store.fates.lock().unwrap().push_back(Fate::NotSent);
    lose();
    assert!(matches!(claim.note("about to").await, Err(LedgerError::Store(_))));
    lose();
    assert!(matches!(
        claim.finish("done", KEEP_MS).await,
        Err(LedgerError::Store(_))
    ));
    lose();
    assert!(matches!(claim.release().await, Err(LedgerError::Store(_))));
    lose();
    assert!(matches!(
        ledger.begin("orders", "other", "print", 100, 0).await,
        Err(LedgerError::Store(_))
    ));
    let begun = ledger.begin("orders", "key", "print", 200, 100).await.unwrap();
    assert!(matches!(begun, Begin::Interrupted(claim) if claim.notes().is_empty()));
}
