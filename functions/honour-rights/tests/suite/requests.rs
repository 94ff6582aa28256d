//! Requests from their order to their end.

use crate::support;
use crate::support::{DAY_MS, NOW_MS, STAFF, Shop, day, record};
use domain::customer::ProfileField;
use domain::rights::{Barred, Check, Correction, Kind, Method, Refusal, RequestError, State};
use domain::when::BusinessDate;
use honour_rights::Failure;
use serde_json::{Value, json};
use testkit::search::found_in;

fn today() -> BusinessDate {
    "2026-11-23".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_is_answered_with_what_there_is_and_changes_nothing() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let customers = shop.table("CustomersTable").await;
    let answers = shop.table("FeedbackTable").await;
    let request = shop.ask(("access", Kind::Access), &[&guest.native], None).await;
    let done = shop.carry_out(&request).await;
    assert_eq!(done.state, State::Done);
    let counts = serde_json::to_value(done.proof.unwrap().counts).unwrap();
    assert_eq!(counts, json!({ "customers": 2, "days": 2 }));
    assert_eq!(shop.table("CustomersTable").await, customers);
    assert_eq!(shop.table("FeedbackTable").await, answers);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_holds_for_every_id_and_its_value_is_kept_nowhere_else() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let correction = Correction::read(ProfileField::Phone, "0813-5555-7777").unwrap();
    let request = shop
        .ask(("fix", Kind::Correction), &[&guest.by_phone], Some(&correction))
        .await;
    assert!(
        shop.deps
            .requests
            .correction(&request.id)
            .await
            .unwrap()
            .is_some()
    );
    let done = shop.carry_out(&request).await;
    assert_eq!((done.state, done.customers.len()), (State::Done, 2));
    for id in guest.ids() {
        let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
        assert_eq!(customer.profile.phone.unwrap().value, "+6281355557777");
        assert_eq!(customer.rights.corrections[&ProfileField::Phone].at_ms, NOW_MS);
    }
    assert!(
        shop.deps
            .requests
            .correction(&request.id)
            .await
            .unwrap()
            .is_none()
    );
    // Under the old number nobody is known any more.
    assert_eq!(shop.kin.read(&guest.hash).await.unwrap().members.len(), 0);
    let duties = shop.table("DutiesTable").await;
    assert_eq!(found_in(&duties, "81355557777"), Vec::<String>::new());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_bars_contact_at_once() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let answer = shop.answer(&guest.rated).await;
    let contact = shop.deps.people.contact(&answer).await.unwrap().unwrap();
    assert_eq!(contact.phone.as_deref(), Some(guest.phone.as_str()));
    assert!(!format!("{contact:?}").contains(&guest.phone));
    let wordless = shop.answer(&guest.wordless).await;
    let without_consent = shop.deps.people.contact(&wordless).await.unwrap();
    assert_eq!(without_consent, Err(Barred::NoConsent));
    let request = shop
        .ask(("stop", Kind::Withdrawal), &[&guest.by_phone], None)
        .await;
    shop.carry_out(&request).await;
    // Asked for under the one id, it holds for the other.
    assert_eq!(
        shop.deps.people.contact(&answer).await.unwrap(),
        Err(Barred::Withdrawn)
    );
    // A consent that is given later is new.
    let later = support::said(NOW_MS + 1, 5, "Enak");
    let later = shop.say(&guest.rated, None, later).await;
    assert!(shop.deps.people.contact(&later).await.unwrap().is_ok());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_and_an_objection_end_contact_and_class_and_keep_the_books() {
    let shop = Shop::open().await;
    let table = [
        (1, Kind::Restriction, Barred::Restricted, true),
        (2, Kind::Objection, Barred::Objected, false),
    ];
    for (number, kind, barred, keeps_habit) in table {
        let guest = shop.guest(number).await;
        let person = shop.deps.people.person(&guest.native, today()).await.unwrap();
        assert!(person.unwrap().portrait.class.is_some());
        let request = shop
            .ask((&number.to_string(), kind), &[&guest.native], None)
            .await;
        shop.carry_out(&request).await;
        let answer = shop.answer(&guest.rated).await;
        assert!(answer.has_words());
        assert_eq!(shop.deps.people.contact(&answer).await.unwrap(), Err(barred));
        let person = shop.deps.people.person(&guest.native, today()).await.unwrap();
        let person = person.unwrap();
        assert_eq!(person.portrait.class, None);
        assert_eq!((person.portrait.visits, person.ids().len()), (2, 2));
        for id in guest.ids() {
            let habit = shop.habits.find(id).await.unwrap();
            assert_eq!(habit.is_some(), keeps_habit, "{kind:?}");
        }
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_person_has_lifted_stands_no_more_under_any_of_their_ids() {
    let shop = Shop::open().await;
    let table = [
        (1, Kind::Restriction, Kind::LiftRestriction),
        (2, Kind::Objection, Kind::LiftObjection),
    ];
    for (number, kind, lift) in table {
        let guest = shop.guest(number).await;
        let answer = shop.answer(&guest.rated).await;
        let ids = guest.ids().map(str::to_owned);
        for (at, kind) in [kind, lift].into_iter().enumerate() {
            let allowed = at == 1;
            let name = format!("{number}{at}");
            let asked = shop.ask((&name, kind), &[ids[at].as_str()], None).await;
            let done = shop.carry_out(&asked).await;
            assert_eq!((done.state, done.customers.len()), (State::Done, 2));
            assert_eq!(done.proof.unwrap().counts["customers"], 2);
            let contact = shop.deps.people.contact(&answer).await.unwrap();
            assert_eq!(contact.is_ok(), allowed, "{kind:?}");
            let rights = shop.deps.people.rights_of(&ids).await.unwrap();
            let enriched = rights.values().all(|rights| rights.allow_enrichment() == allowed);
            assert!(enriched && rights.len() == 2, "{kind:?}");
            let sense = shop.deps.people.check_sense(lift, &ids).await;
            assert_eq!(sense.is_ok(), !allowed, "{kind:?}: there is something to lift");
        }
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_ordered_is_carried_out() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let received = shop
        .receive(("r", Kind::Erasure), &[&guest.native], None, NOW_MS)
        .await;
    assert_eq!(received.ordered(STAFF, NOW_MS), Err(RequestError::Unchecked));
    let before = shop.everything().await;
    // A record that says what the store does not.
    let mut claimed = record(&received);
    claimed["dynamodb"]["NewImage"]["state"]["S"] = "executing".into();
    let mut unknown = claimed.clone();
    unknown["dynamodb"]["Keys"]["pk"]["S"] = "Z#req_unknown".into();
    let mut part = claimed.clone();
    part["dynamodb"]["NewImage"]["kind"]["S"] = "part".into();
    let removed = json!({ "eventSource": "aws:dynamodb", "dynamodb": {
        "SequenceNumber": "9", "Keys": { "pk": { "S": "Z#req_r" }, "sk": { "S": "Z" } },
    } });
    let records = [record(&received), claimed, unknown, part, removed];
    let again = shop.deliver(&records, &shop.deps).await.unwrap();
    assert_eq!(again, Vec::<String>::new());
    assert_eq!(shop.everything().await, before);

    let failed = Check {
        method: Method::ReceiptShown,
        matched: false,
        by: STAFF.to_owned(),
        at_ms: NOW_MS,
    };
    let mismatched = received.checked(failed).unwrap();
    assert_eq!(mismatched.ordered(STAFF, NOW_MS), Err(RequestError::Unchecked));
    let ordered = shop.order(&received, NOW_MS).await;
    let refused = ordered.refused(Refusal::TakenBack, STAFF, NOW_MS);
    assert_eq!(refused, Err(RequestError::Settled));
    let done = shop.carry_out(&ordered).await;
    assert_eq!(done.state, State::Done);
    assert_eq!(
        done.refused(Refusal::TakenBack, STAFF, NOW_MS),
        Err(RequestError::Settled)
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_takes_down_no_other() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let other = shop.guest(2).await;
    shop.damage(&other.native).await;
    let stuck = shop
        .ask(("stuck", Kind::Withdrawal), &[&other.native], None)
        .await;
    let fine = shop.ask(("zz", Kind::Withdrawal), &[&guest.native], None).await;
    let mut records = [record(&fine), record(&stuck)];
    for (number, record) in records.iter_mut().enumerate() {
        record["dynamodb"]["SequenceNumber"] = Value::from((100 + number).to_string());
    }
    let again = shop.deliver(&records, &shop.deps).await.unwrap();
    assert_eq!(again, ["101"]);
    assert_eq!(shop.request(&fine.id).await.state, State::Done);
    assert_eq!(shop.request(&stuck.id).await.state, State::Executing);
    let alone = shop.deliver(&records[1..], &shop.deps).await;
    assert!(matches!(alone, Err(Failure::NothingDone(1))), "{alone:?}");
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_somebody_erased_meanwhile_ends_and_brings_nobody_back() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let erasure = shop.ask(("erase", Kind::Erasure), &[&guest.native], None).await;
    let correction = Correction::read(ProfileField::Name, "Rahmawati").unwrap();
    let later = shop
        .receive(
            ("fix", Kind::Correction),
            &[&guest.native],
            Some(&correction),
            NOW_MS,
        )
        .await;
    // Ordered after the erasure and before it is carried out: both are under way.
    let later = shop.order(&later, NOW_MS + 1).await;
    assert_eq!(shop.carry_out(&erasure).await.state, State::Done);
    let ended = shop.carry_out(&later).await;
    assert_eq!(
        (ended.state, ended.refusal),
        (State::Refused, Some(Refusal::NothingKnown))
    );
    assert!(shop.deps.requests.correction(&later.id).await.unwrap().is_none());
    for id in guest.ids() {
        let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
        assert!(customer.profile.is_empty() && customer.former_numbers.is_empty());
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ordered_correction_comes_to_its_end_however_many_there_were() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    for number in 0..22_i64 {
        let name = format!("Nama {}", char::from(b'A' + u8::try_from(number).unwrap()));
        let correction = Correction::read(ProfileField::Name, &name).unwrap();
        let id = format!("fix{number}");
        let request = shop
            .receive(
                (&id, Kind::Correction),
                &[&guest.native],
                Some(&correction),
                NOW_MS,
            )
            .await;
        let request = shop.order(&request, NOW_MS + number).await;
        assert_eq!(shop.carry_out(&request).await.state, State::Done, "{number}");
    }
    let customer = shop.deps.customers.find(&guest.native).await.unwrap().unwrap();
    assert_eq!(customer.profile.name.unwrap().value, "Nama V");
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_joins_a_restricted_one_later_is_not_contacted_either() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let book = shop.kin.read(&guest.hash).await.unwrap();
    let mut apart = book.clone();
    apart.part(&guest.by_phone, STAFF, NOW_MS).unwrap();
    shop.kin.write(&guest.hash, &apart).await.unwrap();
    let answer = shop.answer(&guest.rated).await;
    let request = shop
        .ask(("keep", Kind::Restriction), &[&guest.by_phone], None)
        .await;
    let done = shop.carry_out(&request).await;
    assert_eq!(done.customers, std::slice::from_ref(&guest.by_phone));
    let people = &shop.deps.people;
    assert!(
        people.contact(&answer).await.unwrap().is_ok(),
        "somebody else, so far"
    );
    people
        .reunite(&guest.native, &guest.by_phone, STAFF, NOW_MS)
        .await
        .unwrap();
    assert_eq!(people.contact(&answer).await.unwrap(), Err(Barred::Restricted));
    let rights = people
        .rights_of(&[guest.native.clone(), "OYAKO_404".to_owned()])
        .await;
    let rights = rights.unwrap();
    assert_eq!(rights.len(), 1);
    assert!(!rights[&guest.native].allow_enrichment());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_there_is_no_time_for_comes_again_untouched() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let request = shop.ask(("erase", Kind::Erasure), &[&guest.native], None).await;
    let before = shop.everything().await;
    let deadline_ms = u64::try_from(NOW_MS + 29_999).unwrap();
    let event = json!({ "Records": [record(&request)] });
    let late = honour_rights::handle(event, deadline_ms, &shop.deps).await;
    assert!(matches!(late, Err(Failure::NothingDone(1))), "{late:?}");
    assert_eq!(shop.everything().await, before);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_about_nobody_who_is_stored_is_done_with_nothing() {
    let shop = Shop::open().await;
    let request = shop.ask(("none", Kind::Erasure), &["OYAKO_MOKA_404"], None).await;
    let done = shop.carry_out(&request).await;
    assert_eq!(done.state, State::Done);
    assert!(done.proof.unwrap().counts.values().all(|count| *count == 0));
    assert_eq!(shop.deps.customers.find("OYAKO_MOKA_404").await.unwrap(), None);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_after_an_erasure_is_known_by_the_new_sale() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let request = shop.ask(("erase", Kind::Erasure), &[&guest.native], None).await;
    shop.carry_out(&request).await;
    let found = edge::people::Sought::Phone(guest.phone.clone());
    assert_eq!(shop.deps.people.find(&found).await.unwrap(), Vec::<String>::new());
    let known = shop
        .deps
        .customers
        .read(std::slice::from_ref(&guest.native))
        .await
        .unwrap();
    let mut stored = known[&guest.native].clone();
    let told = domain::customer::Profile {
        phone: Some(domain::customer::Fact {
            told_ms: NOW_MS + 9 * DAY_MS,
            value: guest.phone.clone(),
        }),
        ..Default::default()
    };
    let (_, old) = day("moka-1", "2026-11-22");
    assert!(!stored.customer.join_profile(&told, old));
    let new = old.add_days(9).unwrap();
    assert!(stored.customer.join_profile(&told, new));
    let written = [(guest.native.clone(), stored)];
    assert!(shop.deps.customers.write(&written).await.unwrap().is_empty());
    let person = shop.deps.people.person(&guest.native, today()).await.unwrap();
    // By that id alone: nothing speaks for the other one any more.
    assert_eq!(person.unwrap().ids(), [guest.native]);
    shop.world.stop().await;
}
