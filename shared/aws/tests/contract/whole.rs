//! Walks through whole tables find everything of a kind and nothing else; and what making tables anew needs besides.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::audit::{Action, AuditTrail};
use aws::bookmarks::Bookmarks;
use aws::customers::{Customers, StoredCustomer};
use aws::feedback::Feedback;
use aws::insights::Insights;
use aws::ledger::Ledger;
use aws::quarantine::Quarantine;
use aws::sales::{Arrival, Sales, StoredDay, summarised_day, summary_place};
use aws::whole::{Attribute, Kind, Next, Step, Stored, Table, Whole};
use domain::audit::chain_of;
use domain::feedback::Answer;
use domain::insight::{Insight, Period, Scope};
use domain::summary::DaySummary;
use serde_json::json;
use testkit::Stores;

use crate::support::{NOW_MS, answer, day, export, mail, piece, place, receipts};

const DATE: &str = "2025-10-28";

/// Everything that a walk finds.
async fn all<T, F>(walk: impl Fn(Option<Next>) -> F) -> Vec<T>
where
    F: Future<Output = Step<T>>,
{
    let (mut found, mut at) = (Vec::new(), None);
    loop {
        let (some, next) = walk(at).await.unwrap();
        found.extend(some);
        if next.is_none() {
            return found;
        }
        at = next;
    }
}

#[tokio::test]
async fn a_walk_finds_everything_of_its_kind_and_nothing_else() {
    let stores = Stores::start().await;
    let clients = &stores.clients;
    let (sales, today) = (Sales::new(clients), day("moka-1", DATE));
    let mut page = StoredDay::default();
    page.receipts = receipts(3, 100);
    sales.write_page(&today, &page).await.unwrap();
    sales
        .write_summary(&today, 1, &DaySummary::default(), &Arrival::default())
        .await
        .unwrap();
    sales.write_page(&day("moka-2", DATE), &page).await.unwrap();
    let customers = Customers::new(clients);
    customers.phone_key([1; 32]).await.unwrap();
    let stored = [("OYAKO_1".to_owned(), StoredCustomer::default())];
    customers.write(&stored).await.unwrap();
    let (ledger, taken) = (Ledger::new(clients), export("e"));
    ledger.accept(&taken).await.unwrap();
    ledger.progress(&taken).await.unwrap();
    Quarantine::new(clients).list(&[piece(&taken, 7)]).await.unwrap();
    let mails = aws::outbox::Outbox::new(clients);
    mails.put(&mail("m", NOW_MS)).await.unwrap();
    let said = answer(&place("moka-1", DATE, "1"), NOW_MS, None);
    Feedback::new(clients).put(&said, 0).await.unwrap();
    let insights = Insights::new(clients);
    insights.write_day(&today, 1, &Insight::default()).await.unwrap();
    insights.roll_up(std::slice::from_ref(&today)).await.unwrap();

    let whole = Whole::new(clients);
    let days: BTreeSet<_> = all(|at| whole.days(at)).await.into_iter().collect();
    assert_eq!(days, BTreeSet::from([today.clone(), day("moka-2", DATE)]));
    let customers = all(|at| whole.customers(at)).await;
    assert_eq!(
        customers.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["OYAKO_1"]
    );
    let exports = all(|at| whole.exports(at)).await;
    assert_eq!(
        exports,
        std::slice::from_ref(&taken),
        "what was only announced is none"
    );
    let pieces = all(|at| whole.pieces(at)).await;
    assert_eq!(
        pieces.iter().map(|piece| &piece.export_id).collect::<Vec<_>>(),
        [&taken.id]
    );
    let feedback = all(|at| whole.items(Table::Feedback, at)).await;
    let of_kind = |kind: Kind| feedback.iter().filter(move |item| item.kind == kind);
    let answers: Vec<Answer> = of_kind(Kind::Answer)
        .map(|item| item.document().unwrap())
        .collect();
    assert_eq!(
        answers.iter().map(|answer| &answer.place).collect::<Vec<_>>(),
        [&said.place]
    );
    let figures: BTreeSet<_> = of_kind(Kind::Figures)
        .map(|item| item.figures().unwrap())
        .map(|(scope, period, _)| (scope, period.to_string()))
        .collect();
    let month = Period::Month(domain::insight::Month::of(today.1)).to_string();
    let outlet = Scope::Outlet("moka-1".to_owned());
    let wanted = [
        (outlet.clone(), today.1.to_string()),
        (outlet, month.clone()),
        (Scope::All, today.1.to_string()),
        (Scope::All, month),
    ];
    assert_eq!(figures, BTreeSet::from(wanted));
    // The outlet's copy in its group, and the group.
    assert_eq!(of_kind(Kind::GroupFigures).count(), 2);
    assert_eq!(feedback.len(), 1 + 4 + 2);
    stores.stop().await;
}

#[tokio::test]
async fn an_item_tells_its_kind_its_key_and_every_attribute() {
    let stores = Stores::start().await;
    Customers::new(&stores.clients)
        .phone_key([0xAB; 32])
        .await
        .unwrap();
    Bookmarks::new(&stores.clients)
        .put("round", "here")
        .await
        .unwrap();
    let whole = Whole::new(&stores.clients);
    let text = |text: &str| Attribute::S(text.to_owned());
    let told = |found: &[Stored]| {
        let [item] = found else { panic!("{found:?}") };
        let attributes = item.attributes().unwrap().into_iter();
        let attributes: Vec<_> = attributes.map(|(name, of)| (name.to_owned(), of)).collect();
        let (pk, sk) = item.key().unwrap();
        (item.kind, pk.to_owned(), sk.to_owned(), attributes)
    };
    let customers = all(|at| whole.items(Table::Customers, at)).await;
    let key = ("d".to_owned(), Attribute::B("ab".repeat(32)));
    let attributes = vec![key, ("pk".to_owned(), text("K#phone"))];
    let wanted = (Kind::PhoneKey, "K#phone".to_owned(), String::new(), attributes);
    assert_eq!(told(&customers), wanted);
    let operations = all(|at| whole.items(Table::Operations, at)).await;
    let attributes = [("at", "here"), ("pk", "W#round"), ("sk", "W")];
    let attributes = attributes.map(|(name, of)| (name.to_owned(), text(of)));
    let wanted = (
        Kind::Bookmark,
        "W#round".to_owned(),
        "W".to_owned(),
        attributes.to_vec(),
    );
    assert_eq!(told(&operations), wanted);
    stores.stop().await;
}

#[tokio::test]
async fn a_forgotten_summary_is_gone_and_the_next_one_is_written() {
    let stores = Stores::start().await;
    let (sales, today) = (Sales::new(&stores.clients), day("moka-1", DATE));
    let arrival = |received_ms| Arrival {
        received_ms,
        ..Arrival::default()
    };
    sales.forget_summary(&today).await.unwrap();
    sales
        .write_summary(&today, 9, &DaySummary::default(), &arrival(5))
        .await
        .unwrap();
    sales.forget_summary(&today).await.unwrap();
    assert_eq!(sales.read_summary(&today).await.unwrap(), None);
    sales
        .write_summary(&today, 3, &DaySummary::default(), &arrival(7))
        .await
        .unwrap();
    let told = sales
        .arrivals(std::slice::from_ref(&today))
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    assert_eq!((told.version, told.first_received_ms), (3, Some(7)));
    let (pk, sk) = summary_place(&today);
    assert_eq!(summarised_day(&pk, &sk), Some(today));
    stores.stop().await;
}

#[tokio::test]
async fn a_bookmark_is_completed_once_with_its_record() {
    let stores = Stores::start().await;
    let bookmarks = Bookmarks::new(&stores.clients);
    bookmarks.put("round", "almost").await.unwrap();
    let action = Action {
        at_ms: NOW_MS,
        actor: "test",
        action: "round.ended",
        subject: "round",
    };
    let complete = |from, to| {
        let bookmarks = &bookmarks;
        async move {
            bookmarks
                .complete("round", (from, to), action, &json!({ "n": 1 }))
                .await
        }
    };
    complete("almost", "over").await.unwrap();
    assert!(matches!(
        complete("almost", "over").await,
        Err(StoreError::Conflict)
    ));
    assert_eq!(bookmarks.read("round").await.unwrap().as_deref(), Some("over"));
    let last = AuditTrail::new(&stores.clients)
        .last(chain_of("round"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((last.number, last.action.as_str()), (1, "round.ended"));
    stores.stop().await;
}
