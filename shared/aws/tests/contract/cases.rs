//! Cases: one per receipt, opened together with the mail about it, and listed by outlet and by state.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::cases::Cases;
use aws::outbox::Outbox;
use aws::position::ListPosition;
use domain::audit::chain_of;
use domain::case::{Case, CaseState, Recovered};
use domain::mail::Mail;
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{NOW_MS, answer, day, mail, place};

/// The case of a receipt whose guest gave one star at that moment; not stored yet.
fn case(outlet: &str, native: &str, said_ms: i64) -> Case {
    let answer = answer(&place(outlet, "2025-10-28", native), said_ms, None);
    Case::open(&answer, 2, NOW_MS).unwrap()
}

/// The case after its guest told the same with other words.
fn renewed(case: &Case, words: &str) -> Case {
    let answer = answer(&case.receipt, case.opened_ms, Some(words));
    case.renew(&answer, 2, NOW_MS + 1).unwrap()
}

fn mail_of(case: &Case) -> Mail {
    mail(&case.mail_id(), NOW_MS)
}

fn at(case: &Case, version: u64) -> Case {
    Case {
        version,
        ..case.clone()
    }
}

/// Opens a case; answers it as it is stored.
async fn open(cases: &Cases, case: &Case) -> Case {
    assert!(cases.open_with_mail(case, &mail_of(case)).await.unwrap());
    at(case, case.version + 1)
}

fn ids(cases: &[Case]) -> Vec<&str> {
    cases.iter().map(|case| case.id.as_str()).collect()
}

async fn stored(cases: &Cases, case: &Case) -> Option<Case> {
    cases.get(&case.outlet, &case.id).await.unwrap()
}

#[tokio::test]
async fn a_case_and_its_mail_are_there_once_however_often_it_is_opened() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let new = case("1", "a", NOW_MS);
    assert_eq!(stored(&cases, &new).await, None);
    let openers = (0..4).map(|_| {
        let (cases, new) = (cases.clone(), new.clone());
        tokio::spawn(async move { cases.open_with_mail(&new, &mail_of(&new)).await.unwrap() })
    });
    let mut news = 0;
    for opener in openers.collect::<Vec<_>>() {
        news += u32::from(opener.await.unwrap());
    }
    assert_eq!(news, 1);
    let first = at(&new, 1);
    assert_eq!(stored(&cases, &new).await.as_ref(), Some(&first));

    let again = renewed(&first, "dingin");
    assert_eq!(open(&cases, &again).await.version, 2);
    assert!(!cases.open_with_mail(&again, &mail_of(&again)).await.unwrap());
    assert_eq!(stored(&cases, &new).await, Some(at(&again, 2)));
    let outbox = Outbox::new(&stores.clients);
    let mut due = outbox.due(NOW_MS).await.unwrap();
    let mut expected = [mail_of(&new), mail_of(&again)];
    due.sort_by(|a, b| a.id.cmp(&b.id));
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(due, expected);
    stores.stop().await;
}

#[tokio::test]
async fn a_renewal_of_what_somebody_else_changed_is_refused_and_mails_nothing() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let first = open(&cases, &case("1", "a", NOW_MS)).await;
    let contacted = first
        .move_to(CaseState::Contacted, "staff:1", "sudah ditelepon", NOW_MS)
        .unwrap();
    cases.change(&first, &contacted, "staff:1", NOW_MS).await.unwrap();
    for stale in [renewed(&first, "dingin"), at(&renewed(&first, "asin"), 0)] {
        let refused = cases.open_with_mail(&stale, &mail_of(&stale)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        let outbox = Outbox::new(&stores.clients);
        assert_eq!(outbox.get(&stale.mail_id()).await.unwrap(), None);
    }
    assert_eq!(stored(&cases, &first).await, Some(at(&contacted, 2)));
    stores.stop().await;
}

#[tokio::test]
async fn a_lost_answer_leaves_a_case_with_its_mail_or_neither() {
    let stores = Stores::start().await;
    let (faulty, cases) = (Cases::new(&stores.faulty), Cases::new(&stores.clients));
    let outbox = Outbox::new(&stores.clients);
    for (plan, native, is_there) in [
        (Plan::CrashBefore(0), "a", false),
        (Plan::CrashAfter(0), "b", true),
    ] {
        let new = case("1", native, NOW_MS);
        stores.faults.set(plan);
        faulty.open_with_mail(&new, &mail_of(&new)).await.unwrap_err();
        stores.faults.set(Plan::None);
        let mailed = outbox.get(&new.mail_id()).await.unwrap();
        assert_eq!(stored(&cases, &new).await.is_some(), is_there, "{plan:?}");
        assert_eq!(mailed.is_some(), is_there, "{plan:?}");
        let news = cases.open_with_mail(&new, &mail_of(&new)).await.unwrap();
        assert_eq!(news, !is_there, "{plan:?}");
        let (listed, _) = cases.of_outlet("1", None, 10).await.unwrap();
        assert!(listed.contains(&at(&new, 1)));
    }
    stores.stop().await;
}

#[tokio::test]
async fn an_outlets_cases_come_page_by_page_the_latest_first_as_they_are_now() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let mut expected = Vec::new();
    for (native, said_ms) in [("a", 10), ("b", 2), ("c", 7), ("d", 7)] {
        expected.push(open(&cases, &case("1|kopi", native, said_ms)).await);
    }
    open(&cases, &case("2", "a", 5)).await;
    let resolved = expected[1]
        .move_to(CaseState::Resolved, "staff:1", "", NOW_MS)
        .unwrap();
    cases
        .change(&expected[1], &resolved, "staff:1", NOW_MS)
        .await
        .unwrap();
    expected[1] = at(&resolved, 2);
    expected.sort_by(|a, b| (b.opened_ms, &b.id).cmp(&(a.opened_ms, &a.id)));
    let (mut read, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = cases.of_outlet("1|kopi", after.as_deref(), 3).await.unwrap();
        read.extend(page.0);
        let Some(next) = page.1 else { break };
        after = Some(next);
    }
    assert_eq!(read, expected);
    for outlet in ["1", "3"] {
        let none = cases.of_outlet(outlet, None, 10).await.unwrap();
        assert_eq!(none, (Vec::new(), None));
    }
    let (read, _) = cases.of_outlet("1|kopi", Some("no place"), 10).await.unwrap();
    assert_eq!(read, expected, "what is no position is the beginning");
    stores.stop().await;
}

#[tokio::test]
async fn cases_are_listed_in_the_state_they_are_in() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let mut all = Vec::new();
    for (outlet, said_ms) in [("1", 10), ("2", 30), ("3", 20)] {
        all.push(open(&cases, &case(outlet, "a", said_ms)).await);
    }
    let (mut read, mut after): (Vec<Case>, Option<ListPosition>) = (Vec::new(), None);
    for count in [2, 1] {
        let (some, next) = cases.by_state(CaseState::Open, after.as_ref(), 2).await.unwrap();
        assert_eq!(some.len(), count);
        read.extend(some);
        after = next.map(|next| ListPosition::parse(&next.to_string()).unwrap());
    }
    assert_eq!(ids(&read), [&all[1].id, &all[2].id, &all[0].id]);
    for (since_ms, expected) in [
        (10, vec![&all[0].id, &all[2].id, &all[1].id]),
        (11, vec![&all[2].id, &all[1].id]),
        (31, vec![]),
    ] {
        let (young, _) = cases.young(CaseState::Open, since_ms, None, 9).await.unwrap();
        assert_eq!(ids(&young), expected, "since {since_ms}");
    }
    let (_, after) = cases.young(CaseState::Open, 10, None, 1).await.unwrap();
    for (since_ms, expected) in [
        (10, vec![&all[2].id, &all[1].id]),
        // Time went on: where the list was left off is no part of it any more.
        (11, vec![&all[2].id, &all[1].id]),
        (30, vec![&all[1].id]),
    ] {
        let young = cases.young(CaseState::Open, since_ms, after.as_ref(), 9).await;
        assert_eq!(ids(&young.unwrap().0), expected, "since {since_ms}");
    }
    let contacted = all[2]
        .move_to(CaseState::Contacted, "staff:1", "", NOW_MS)
        .unwrap();
    cases
        .change(&all[2], &contacted, "staff:1", NOW_MS)
        .await
        .unwrap();
    for (state, expected) in [
        (CaseState::Open, vec![&all[1].id, &all[0].id]),
        (CaseState::Contacted, vec![&all[2].id]),
        (CaseState::Resolved, vec![]),
    ] {
        let (listed, _) = cases.by_state(state, None, 9).await.unwrap();
        assert_eq!(ids(&listed), expected, "{state:?}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_change_is_made_once_and_is_on_record_without_its_note() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let first = open(&cases, &case("1", "a", NOW_MS)).await;
    let contacted = first
        .move_to(CaseState::Contacted, "staff:1", "Sari ditelepon", NOW_MS)
        .unwrap();
    let (one, other) = tokio::join!(
        cases.change(&first, &contacted, "staff:1", NOW_MS + 1),
        cases.change(&first, &contacted, "staff:1", NOW_MS + 1),
    );
    assert!(
        matches!(
            (&one, &other),
            (Ok(()), Err(StoreError::Conflict)) | (Err(StoreError::Conflict), Ok(()))
        ),
        "{one:?}, {other:?}"
    );
    let contacted = at(&contacted, 2);
    let back = contacted.with_recovery(
        Recovered {
            days: 30,
            on: day("1", "2025-11-02").1,
        },
        NOW_MS + 2,
    );
    cases
        .change(&contacted, &back, "sync-nightly", NOW_MS + 2)
        .await
        .unwrap();
    assert_eq!(stored(&cases, &first).await, Some(at(&back, 3)));
    let trail = AuditTrail::new(&stores.clients);
    let records = trail
        .list(chain_of(&first.id), Position::After(0), 10)
        .await
        .unwrap();
    let told: Vec<(&str, &str)> = records
        .iter()
        .map(|record| (record.actor.as_str(), record.facts.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "staff:1",
                r#"{"outlet":"1","recovered":null,"state":"contacted","was":"open"}"#
            ),
            (
                "sync-nightly",
                r#"{"outlet":"1","recovered":30,"state":"contacted","was":"contacted"}"#
            ),
        ]
    );
    assert!(
        records
            .iter()
            .all(|record| record.action == "case.changed" && record.subject == first.id)
    );
    stores.stop().await;
}

#[tokio::test]
async fn words_that_are_erased_are_gone_and_that_they_were_is_on_record() {
    let stores = Stores::start().await;
    let cases = Cases::new(&stores.clients);
    let new = open(&cases, &case("1", "a", NOW_MS)).await;
    let noted = new
        .move_to(CaseState::Contacted, "staff:1", "ditelepon", NOW_MS)
        .unwrap();
    cases.change(&new, &noted, "staff:1", NOW_MS).await.unwrap();
    let noted = at(&noted, 2);
    let bare = noted.without_words(NOW_MS + 1);
    cases
        .erase_words(&noted, &bare, "honour-rights", NOW_MS + 1)
        .await
        .unwrap();
    let late = cases
        .erase_words(&noted, &bare, "honour-rights", NOW_MS + 1)
        .await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(stored(&cases, &new).await, Some(at(&bare, 3)));
    let audit = AuditTrail::new(&stores.clients);
    let records = audit.list(chain_of(&new.id), Position::NEWEST, 9).await.unwrap();
    let told: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(told, ["case.words_erased", "case.changed"]);
    stores.stop().await;
}
