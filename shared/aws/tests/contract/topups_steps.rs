//! Steps of orders: everything that belongs to one is written, or nothing is.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::outbox::Outbox;
use aws::topups::{Catalogue, Topups, Webhooks};
use domain::audit::{AuditRecord, chain_of};
use domain::topup::books::Books;
use domain::topup::change::Change;
use domain::topup::event::What;
use domain::topup::order::{Order, Proposal, Verdict};
use domain::topup::state::State;
use domain::topup::window::wib_date;
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::mail;
use crate::topups::{
    SOON_MS, change, entry, everything, next, order, product, take, topups, webhook, whole_step,
};

/// An order that was taken, of a product that is there.
async fn ready(stores: &Stores) -> Order {
    let catalogue = Catalogue::new(&stores.clients);
    catalogue
        .put_product(&product("S10"), "key:1", SOON_MS)
        .await
        .unwrap();
    let order = order("A", "kiosk-1", "081234567890");
    take(stores, &order).await;
    order
}

#[tokio::test]
async fn a_step_is_written_with_all_that_belongs_to_it() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    let delivered = next(&order, State::Success);
    let step = whole_step(&delivered, (1, 1, 0));
    let mails = [mail("a", SOON_MS), mail("b", SOON_MS)];
    topups.commit(&step, &mails).await.unwrap();

    let around = topups.around("A").await.unwrap().unwrap();
    assert_eq!(around.order, delivered);
    assert_eq!(Some(&around.destination), step.destination.as_ref());
    assert_eq!(Some(&around.product), step.product.as_ref());
    assert_eq!(Some(&around.books), step.books.as_ref());
    let events = topups.events("A").await.unwrap();
    let what: Vec<What> = events.iter().map(|event| event.what).collect();
    assert_eq!(
        (what, events[1].clone()),
        (vec![What::Taken, What::Replied], step.event)
    );
    assert_eq!(
        topups.entries(wib_date(SOON_MS), None, 10).await.unwrap(),
        [entry(1)]
    );
    let day = topups.day("kiosk-1", wib_date(SOON_MS)).await.unwrap();
    assert_eq!(
        (day.taken.orders, day.delivered.orders, day.failed.orders),
        (1, 1, 0)
    );
    assert_eq!(topups.waiting().await.unwrap(), 0);
    let told = Webhooks::new(&stores.clients).get("whk_A").await.unwrap();
    assert_eq!(told, step.webhook);
    let outbox = Outbox::new(&stores.clients);
    for mail in mails {
        assert_eq!(outbox.get(&mail.id).await.unwrap(), Some(mail));
    }
    assert_eq!(topups.get("B").await.unwrap(), None);
    assert!(topups.around("B").await.unwrap().is_none());
    stores.stop().await;
}

/// Each thing that a step changes, as somebody else had changed it in between.
#[tokio::test]
async fn a_step_that_was_decided_on_something_older_changes_nothing() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    topups.said(&books(1), &entry(1), &[]).await.unwrap();
    let mut step = whole_step(&next(&order, State::Success), (1, 1, 1));
    step.entry = Some(entry(2));
    let told = Change {
        webhook: Some(webhook("whk_B", "A")),
        order: next(&order, State::Pending),
        ..change(&next(&order, State::Pending), What::Replied)
    };
    let before_all = everything(&stores).await;
    let mut stale: Vec<(&str, Change)> = Vec::new();
    let mut add = |what, spoil: fn(&mut Change)| {
        let mut spoilt = step.clone();
        spoil(&mut spoilt);
        stale.push((what, spoilt));
    };
    add("order", |step| step.order.version = 3);
    add("new order", |step| step.order.version = 1);
    add("event", |step| step.event.number = 1);
    add("destination", |step| {
        step.destination.as_mut().unwrap().version = 1
    });
    add("product", |step| step.product.as_mut().unwrap().version = 3);
    add("books", |step| step.books.as_mut().unwrap().version = 1);
    add("entry", |step| step.entry.as_mut().unwrap().number = 1);
    add("message", |step| step.webhook.as_mut().unwrap().version = 2);
    for (what, change) in &stale {
        let outcome = topups.commit(change, &[mail("a", SOON_MS)]).await;
        assert!(
            matches!(outcome, Err(StoreError::Conflict)),
            "{what}: {outcome:?}"
        );
        assert_eq!(everything(&stores).await, before_all, "{what}");
    }
    assert_eq!(Outbox::new(&stores.clients).get("a").await.unwrap(), None);
    // Nothing of it was wrong otherwise.
    topups.commit(&step, &[mail("a", SOON_MS)]).await.unwrap();
    let late = topups.commit(&told, &[]).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(Webhooks::new(&stores.clients).get("whk_B").await.unwrap(), None);
    stores.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_steps_from_one_version_one_is_written() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    let steps = [State::Sending, State::Failed].map(|state| change(&next(&order, state), What::Sending));
    let (first, second) = tokio::join!(topups.commit(&steps[0], &[]), topups.commit(&steps[1], &[]));
    let stored = topups.get("A").await.unwrap().unwrap();
    let state = match (first, second) {
        (Ok(()), Err(StoreError::Conflict)) => State::Sending,
        (Err(StoreError::Conflict), Ok(())) => State::Failed,
        other => panic!("{other:?}"),
    };
    assert_eq!((stored.state, stored.version), (state, 2));
    assert_eq!(topups.events("A").await.unwrap().len(), 2);
    stores.stop().await;
}

#[tokio::test]
async fn a_step_whose_call_never_arrived_changed_nothing_and_one_whose_answer_got_lost_is_there() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    let faulty = Topups::new(&stores.faulty, 400);
    let step = change(&next(&order, State::Sending), What::Sending);
    let before = everything(&stores).await;
    stores.faults.set(Plan::CrashBefore(0));
    faulty.commit(&step, &[]).await.unwrap_err();
    assert_eq!(everything(&stores).await, before);
    stores.faults.set(Plan::CrashAfter(0));
    let lost = faulty.commit(&step, &[]).await.unwrap_err();
    assert!(!matches!(lost, StoreError::Conflict), "{lost:?}");
    stores.faults.set(Plan::None);
    assert_eq!(topups.get("A").await.unwrap().as_ref(), Some(&step.order));
    let again = faulty.commit(&step, &[]).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    stores.stop().await;
}

#[tokio::test]
async fn a_mail_that_is_there_or_comes_twice_is_in_the_way_of_no_step() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    let outbox = Outbox::new(&stores.clients);
    let old = mail("a", SOON_MS - 5);
    outbox.put(&old).await.unwrap();
    let (known, new) = (mail("a", SOON_MS), mail("b", SOON_MS));
    let sending = next(&order, State::Sending);
    let mails = [known.clone(), new.clone(), new.clone()];
    topups
        .commit(&change(&sending, What::Sending), &mails)
        .await
        .unwrap();
    assert_eq!(outbox.get("a").await.unwrap(), Some(old.clone()));
    assert_eq!(outbox.get("b").await.unwrap(), Some(new.clone()));
    let unknown = change(&next(&sending, State::Unknown), What::CutOff);
    topups
        .decide(&unknown, &[known, new], None, ("staff:1", "topup.proposed"))
        .await
        .unwrap();
    assert_eq!(outbox.get("a").await.unwrap(), Some(old));
    stores.stop().await;
}

async fn records(stores: &Stores, subject: &str) -> Vec<AuditRecord> {
    let audit = AuditTrail::new(&stores.clients);
    let mut records = audit
        .list(chain_of(subject), Position::After(0), 20)
        .await
        .unwrap();
    records.retain(|record| record.subject == subject);
    records
}

#[tokio::test]
async fn what_a_person_decides_is_on_record_without_numbers_and_together_with_the_step() {
    let stores = Stores::start().await;
    let (topups, order) = (topups(&stores), ready(&stores).await);
    let proposal = Proposal {
        verdict: Verdict::Delivered {
            sn: Some("1234-5678-9012-3456-7890".to_owned()),
        },
        reason: "081234567890 has it".to_owned(),
        by: "staff:1".to_owned(),
        at_ms: SOON_MS,
    };
    let proposed = Order {
        proposal: Some(proposal),
        ..next(&order, State::Manual)
    };
    let step = change(&proposed, What::Proposed);
    let mails = [mail("a", SOON_MS)];
    topups
        .decide(
            &step,
            &mails,
            step.order.proposal.as_ref(),
            ("staff:1", "topup.proposed"),
        )
        .await
        .unwrap();
    assert_eq!(topups.get("A").await.unwrap().as_ref(), Some(&proposed));
    assert!(Outbox::new(&stores.clients).get("a").await.unwrap().is_some());
    let late = topups
        .decide(&step, &[], None, ("staff:2", "topup.confirmed"))
        .await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let records = records(&stores, "A").await;
    assert_eq!(records.len(), 1);
    assert_eq!(
        (
            records[0].actor.as_str(),
            records[0].action.as_str(),
            records[0].at_ms
        ),
        ("staff:1", "topup.proposed", proposed.state_ms)
    );
    assert_eq!(
        records[0].facts,
        r#"{"partner":"kiosk-1","product":"S10","proposed":"delivered","proposed_by":"staff:1","reason":"****7890 has it","rupiah":10500,"state":"manual"}"#
    );
    stores.stop().await;
}

fn books(version: u64) -> Books {
    Books {
        entries: version,
        version,
        ..Books::default()
    }
}

#[tokio::test]
async fn an_answer_about_the_balance_is_in_the_books_once() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    assert_eq!(topups.books().await.unwrap(), Books::default());
    topups
        .said(&books(1), &entry(1), &[mail("a", SOON_MS)])
        .await
        .unwrap();
    for late in [books(1), books(3)] {
        let outcome = topups.said(&late, &entry(2), &[mail("b", SOON_MS)]).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    topups.said(&books(2), &entry(2), &[]).await.unwrap();
    topups.said(&books(3), &entry(3), &[]).await.unwrap();
    assert_eq!(topups.books().await.unwrap(), books(3));
    let date = wib_date(SOON_MS);
    assert_eq!(topups.entries(date, None, 2).await.unwrap(), [entry(1), entry(2)]);
    assert_eq!(topups.entries(date, Some(2), 2).await.unwrap(), [entry(3)]);
    assert_eq!(topups.entries(date, Some(3), 2).await.unwrap(), []);
    let outbox = Outbox::new(&stores.clients);
    assert!(outbox.get("a").await.unwrap().is_some());
    assert!(outbox.get("b").await.unwrap().is_none());
    stores.stop().await;
}
