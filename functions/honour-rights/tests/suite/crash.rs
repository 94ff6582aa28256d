//! Cut short at any call, a request ends like one that was not once its record comes again: with the same counts.

use std::collections::BTreeMap;

use crate::support;
use crate::support::guest::Guest;
use crate::support::{Shop, record};
use domain::customer::{ProfileField, Rights};
use domain::rights::{Correction, Kind, Refusal, State};
use testkit::faults::{Plan, tried};

/// What is left of a guest, ids and versions aside.
#[derive(Debug, PartialEq)]
struct Picture {
    state: State,
    counts: BTreeMap<String, u64>,
    customers: usize,
    is_on_record: bool,
    /// Of each id: name and phone, what stands, whether there is a habit, and how many visits.
    ids: Vec<(Option<String>, bool, Rights, bool, u64)>,
    in_book: usize,
    /// Of each answer: whether there are words, the stars, and how many earlier tellings.
    answers: Vec<(bool, Option<u8>, usize)>,
    notes: Vec<String>,
    /// The correction that waited.
    waiting: (State, Option<Refusal>, bool),
}

async fn picture(shop: &Shop, guest: &Guest, number: u32) -> Picture {
    let request = shop.request(&format!("req_{number}")).await;
    let waiting = shop.request(&format!("req_w{number}")).await;
    let value = shop.deps.requests.correction(&waiting.id).await.unwrap();
    let mut ids = Vec::new();
    for id in guest.ids() {
        let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
        let habit = shop.habits.find(id).await.unwrap();
        let mut rights = customer.rights.clone();
        for corrected in rights.corrections.values_mut() {
            // Hashes of what was wrong, which is another number for every guest.
            assert_eq!(corrected.wrong.len(), 1);
            corrected.wrong.clear();
        }
        ids.push((
            customer.profile.name.clone().map(|name| name.value),
            customer.profile.phone.is_some(),
            rights,
            habit.is_some(),
            customer.visits(),
        ));
    }
    let mut answers = Vec::new();
    for place in [&guest.rated, &guest.wordless, &guest.other] {
        let answer = shop.answer(place).await;
        answers.push((
            answer.has_words(),
            answer.effective().overall,
            answer.history.len(),
        ));
    }
    let case = shop.case(&guest.rated).await;
    let proof = request.proof.as_ref();
    Picture {
        state: request.state,
        counts: proof.map(|proof| proof.counts.clone()).unwrap_or_default(),
        customers: request.customers.len(),
        is_on_record: proof.is_some_and(|proof| proof.audit.is_some()),
        ids,
        in_book: shop.kin.read(&guest.hash).await.unwrap().members.len(),
        answers,
        notes: case.notes.into_iter().map(|note| note.text).collect(),
        waiting: (waiting.state, waiting.refusal, value.is_some()),
    }
}

/// A guest for whom something is asked, by one of their ids, while a correction waits.
async fn asked(shop: &Shop, kind: Kind, number: u32) -> Guest {
    let guest = shop.guest(number).await;
    let correction = Correction::read(ProfileField::Name, "Rahma").unwrap();
    let waits = format!("w{number}");
    let now_ms = support::NOW_MS;
    shop.receive(
        (&waits, Kind::Correction),
        &[&guest.native],
        Some(&correction),
        now_ms,
    )
    .await;
    let value = (kind == Kind::Correction).then(|| Correction::read(ProfileField::Phone, "").unwrap());
    shop.ask((&number.to_string(), kind), &[&guest.native], value.as_ref())
        .await;
    guest
}

async fn killed_at_every_call(kind: Kind) -> Picture {
    let shop = Shop::open().await;
    let deliver = async |number: u32, deps: &honour_rights::Deps| {
        let request = shop.request(&format!("req_{number}")).await;
        shop.deliver(&[record(&request)], deps).await
    };
    let guest = asked(&shop, kind, 1).await;
    shop.world.faults.set(Plan::None);
    deliver(1, &shop.faulty).await.unwrap();
    let calls = shop.world.faults.calls();
    let wanted = picture(&shop, &guest, 1).await;
    assert_eq!((wanted.state, wanted.is_on_record), (State::Done, true));
    // A crash before a call leaves what one after the call before it does.
    let plans = tried(calls, 15).into_iter();
    let plans = plans.flat_map(|call| [Plan::CrashAfter(call), Plan::LoseAnswer(call)]);
    let plans = [Plan::CrashBefore(0)].into_iter().chain(plans);
    for (number, plan) in (2..).zip(plans) {
        let guest = asked(&shop, kind, number).await;
        shop.world.faults.set(plan);
        let cut_short = deliver(number, &shop.faulty).await;
        shop.world.faults.set(Plan::None);
        // A run that ended says so: no record is lost.
        if cut_short.is_ok() {
            assert_eq!(picture(&shop, &guest, number).await, wanted, "{plan:?}");
        }
        deliver(number, &shop.deps).await.unwrap();
        assert_eq!(picture(&shop, &guest, number).await, wanted, "{plan:?}");
        // And once more changes nothing.
        let done = shop.request(&format!("req_{number}")).await;
        deliver(number, &shop.deps).await.unwrap();
        assert_eq!(shop.request(&done.id).await, done, "{plan:?}");
    }
    shop.world.stop().await;
    wanted
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_killed_at_any_call_ends_like_one_that_was_not() {
    let picture = killed_at_every_call(Kind::Erasure).await;
    let counts = [
        ("answers", 2),
        ("cases", 1),
        ("customers", 2),
        ("habits", 2),
        ("kin", 2),
        ("profiles", 2),
    ];
    assert_eq!(
        picture.counts,
        counts.map(|(what, count)| (what.to_owned(), count)).into()
    );
    assert_eq!((picture.customers, picture.in_book), (2, 0));
    let erased = |(name, phone, rights, habit, visits): &(Option<String>, bool, Rights, bool, u64)| {
        name.is_none() && !phone && rights.erased_ms == Some(support::NOW_MS) && !habit && *visits == 1
    };
    assert!(picture.ids.iter().all(erased), "{:?}", picture.ids);
    let stars = [(false, Some(1), 1), (false, Some(5), 0), (false, Some(4), 0)];
    assert_eq!(picture.answers, stars);
    assert_eq!(picture.notes, [""]);
    assert_eq!(
        picture.waiting,
        (State::Refused, Some(Refusal::NothingKnown), false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_killed_at_any_call_ends_like_one_that_was_not() {
    let picture = killed_at_every_call(Kind::Objection).await;
    let counts = [("customers", 2), ("habits", 2)];
    assert_eq!(
        picture.counts,
        counts.map(|(what, count)| (what.to_owned(), count)).into()
    );
    let objected = |(_, phone, rights, habit, _): &(Option<String>, bool, Rights, bool, u64)| {
        *phone && rights.objected_ms == Some(support::NOW_MS) && !habit
    };
    assert!(picture.ids.iter().all(objected), "{:?}", picture.ids);
    assert_eq!((picture.in_book, picture.answers[0].0), (2, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_killed_at_any_call_ends_like_one_that_was_not() {
    let picture = killed_at_every_call(Kind::Correction).await;
    assert_eq!(picture.counts, [("customers".to_owned(), 2)].into());
    let corrected = |(name, phone, rights, habit, _): &(Option<String>, bool, Rights, bool, u64)| {
        name.is_some() && !phone && rights.corrections.contains_key(&ProfileField::Phone) && *habit
    };
    assert!(picture.ids.iter().all(corrected), "{:?}", picture.ids);
    // The number is not theirs, so neither are the others of it.
    assert_eq!(picture.in_book, 0);
    assert_eq!(picture.waiting, (State::Received, None, true));
}
