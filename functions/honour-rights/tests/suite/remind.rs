//! The shop is told of what is due, once, and of what is overdue, every hour.

use crate::support::{HOUR_MS, NEVER, NOW_MS, Shop};
use aws::outbox::Outbox;
use domain::mail::{MailCause, mail_id};
use domain::rights::{Deed, Kind, State};
use honour_rights::{Deps, Failure, Outcome, Reminders, handle};
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use serde_json::json;
use testkit::faults::Plan;

async fn remind(deps: &Deps) -> Result<Reminders, Failure> {
    match handle(json!({ "task": "remind" }), NEVER, deps).await? {
        Outcome::Reminders(found) => Ok(found),
        other => panic!("another task's outcome: {other:?}"),
    }
}

async fn mails(shop: &Shop) -> Vec<MailCause> {
    let due = Outbox::new(&shop.world.clients).due(i64::MAX / 2).await.unwrap();
    due.into_iter().map(|mail| mail.cause).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_reminded_of_a_day_before_it_is_due_and_once() {
    let shop = Shop::open().await;
    let ages = [("young", 47), ("soon", 48), ("late", 72), ("asked", 71)];
    for (id, hours) in ages {
        shop.receive(
            (id, Kind::Erasure),
            &["OYAKO_MOKA_1"],
            None,
            NOW_MS - hours * HOUR_MS,
        )
        .await;
    }
    // What is over is reminded of no more.
    let asked = shop
        .order(&shop.request("req_asked").await, NOW_MS - HOUR_MS / 10)
        .await;
    shop.carry_out(&asked).await;
    let (output, read) = (Output::memory(), Output::memory());
    drop(read);
    let metrics = Metrics::new("Test", [("function", "test")]).unwrap();
    let deps = Deps {
        metrics: metrics.with_output(output.clone()),
        ..shop.deps.clone()
    };
    let found = remind(&deps).await.unwrap();
    let wanted = Reminders {
        open: 3,
        reminded: 2,
        overdue: 1,
        gone_on: 0,
    };
    assert_eq!(found, wanted);
    let mut causes = mails(&shop).await;
    causes.sort_by_key(|cause| format!("{cause:?}"));
    let due = |id: &str, hours: i64| MailCause::RightsDue {
        request: format!("req_{id}"),
        kind: "erasure".to_owned(),
        due_ms: NOW_MS + (72 - hours) * HOUR_MS,
    };
    assert_eq!(causes, [due("late", 72), due("soon", 48)]);
    let soon = shop.request("req_soon").await;
    assert_eq!((soon.reminded, soon.state), (true, State::Received));
    assert_eq!(soon.steps.last().unwrap().what, Deed::Reminded);
    // The next hour finds the same, and mails nothing.
    let again = Reminders {
        reminded: 0,
        ..wanted
    };
    assert_eq!(remind(&deps).await.unwrap(), again);
    assert_eq!(mails(&shop).await.len(), 2);
    deps.metrics.flush();
    assert!(output.text().contains("\"RightsOverdue\""), "{}", output.text());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_lying_is_gone_on_with() {
    let shop = Shop::open().await;
    let guests = [shop.guest(1).await, shop.guest(2).await];
    // Ordered a quarter of an hour ago, and just before that.
    for (guest, minutes) in guests.iter().zip([15, 16]) {
        let ordered_ms = NOW_MS - minutes * 60_000;
        let id = minutes.to_string();
        let request = shop
            .receive((&id, Kind::Erasure), &[&guest.native], None, ordered_ms)
            .await;
        shop.order(&request, ordered_ms).await;
    }
    let found = remind(&shop.deps).await.unwrap();
    assert_eq!((found.open, found.gone_on), (2, 1));
    assert_eq!(shop.request("req_15").await.state, State::Executing);
    let done = shop.request("req_16").await;
    assert_eq!((done.state, done.customers.len()), (State::Done, 2));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_killed_at_any_call_is_mailed_once() {
    let shop = Shop::open().await;
    let receive = async |number: u64| {
        let received_ms = NOW_MS - 50 * HOUR_MS;
        let id = number.to_string();
        shop.receive((&id, Kind::Access), &["OYAKO_MOKA_1"], None, received_ms)
            .await
    };
    receive(0).await;
    shop.world.faults.set(Plan::None);
    remind(&shop.faulty).await.unwrap();
    let calls = shop.world.faults.calls();
    let plans = (0..calls).flat_map(|n| [Plan::CrashBefore(n), Plan::CrashAfter(n), Plan::LoseAnswer(n)]);
    for (number, plan) in (1..).zip(plans) {
        let request = receive(number).await;
        shop.world.faults.set(plan);
        drop(remind(&shop.faulty).await);
        remind(&shop.deps).await.unwrap();
        let request = shop.request(&request.id).await;
        let reminders = request.steps.iter().filter(|step| step.what == Deed::Reminded);
        assert_eq!(reminders.count(), 1, "{plan:?}");
        let mail = mail_id("rights_due", &request.id, "");
        let mail = Outbox::new(&shop.world.clients).get(&mail).await.unwrap();
        assert!(mail.is_some(), "{plan:?}");
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_names_no_task_is_refused() {
    let shop = Shop::open().await;
    let failed = handle(json!({ "task": "forget" }), NEVER, &shop.deps).await;
    assert!(matches!(failed, Err(Failure::UnknownTask)), "{failed:?}");
    let failed = handle(json!({ "hello": 1 }), NEVER, &shop.deps).await;
    assert!(matches!(failed, Err(Failure::NotABatch(_))), "{failed:?}");
    shop.world.stop().await;
}
