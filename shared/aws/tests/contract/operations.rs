//! The file ledger, the outbox, idempotency records, outlets and bookmarks.

use aws::StoreError;
use aws::bookmarks::Bookmarks;
use aws::idempotency::{IdempotencyRecord, IdempotencyRecords};
use aws::ledger::Ledger;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use domain::export::{Export, ExportState};
use domain::mail::{Mail, MailState};
use domain::outlet::Outlet;
use testkit::Stores;

use crate::support::{NOW_MS, export, mail};

fn conflict<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

/// The file at its end.
fn ended(export: &Export) -> Export {
    Export {
        state: ExportState::Done,
        finished_ms: Some(NOW_MS + 1),
        ..export.clone()
    }
}

#[tokio::test]
async fn a_file_is_closed_once_and_is_not_gone_on_with_afterwards() {
    let stores = Stores::start().await;
    let ledger = Ledger::new(&stores.clients);
    let open = export("a");
    ledger.progress(&open).await.unwrap();
    ledger.hand_over(&open).await.unwrap();
    let closed = ledger.finish(&ended(&open), "ingest-sales", None).await.unwrap();
    assert!(closed.audit.is_some());
    conflict(ledger.progress(&open).await);
    conflict(ledger.hand_over(&open).await);
    conflict(ledger.finish(&ended(&open), "ingest-sales", None).await);
    let stored = ledger.get(&open.id, &open.etag).await.unwrap();
    assert_eq!(stored, Some(closed));
    ledger.reopen(&open).await.unwrap();
    ledger.finish(&ended(&open), "ingest-sales", None).await.unwrap();
    stores.stop().await;
}

#[tokio::test]
async fn the_end_of_a_file_and_its_mail_are_written_together_or_not_at_all() {
    let stores = Stores::start().await;
    let (ledger, outbox) = (Ledger::new(&stores.clients), Outbox::new(&stores.clients));
    let (open, first) = (export("a"), mail("m1", NOW_MS));
    ledger
        .finish(&ended(&open), "ingest-sales", Some(&first))
        .await
        .unwrap();
    assert_eq!(outbox.get("m1").await.unwrap(), Some(first.clone()));
    let second = mail("m2", NOW_MS);
    conflict(ledger.finish(&ended(&open), "ingest-sales", Some(&second)).await);
    assert_eq!(outbox.get("m2").await.unwrap(), None);

    let sent = Mail {
        state: MailState::Sent,
        ..first.clone()
    };
    outbox.advance(&first, &sent).await.unwrap();
    ledger.reopen(&open).await.unwrap();
    ledger
        .finish(&ended(&open), "ingest-sales", Some(&first))
        .await
        .unwrap();
    assert_eq!(
        outbox.get("m1").await.unwrap(),
        Some(sent),
        "a sent mail stays sent"
    );
    stores.stop().await;
}

#[tokio::test]
async fn the_latest_entry_of_a_file_is_that_of_the_content_that_came_last() {
    let stores = Stores::start().await;
    let ledger = Ledger::new(&stores.clients);
    let of = |etag: &str, received_ms: i64, failure: Option<&str>| Export {
        etag: etag.to_owned(),
        received_ms,
        failure: failure.map(str::to_owned),
        ..export("a")
    };
    let id = export("a").id;
    assert_eq!(ledger.latest(&id).await.unwrap(), None);
    let accepted = Export {
        state: ExportState::Accepted,
        ..of("", 9, None)
    };
    ledger.accept(&accepted).await.unwrap();
    assert_eq!(ledger.latest(&id).await.unwrap(), Some(accepted));
    for (entry, expected) in [
        (of("e1", 1, None), "e1"),
        (of("e3", 3, Some("FILE_GONE")), "e1"),
        (of("e2", 2, None), "e2"),
    ] {
        ledger.progress(&entry).await.unwrap();
        assert_eq!(ledger.latest(&id).await.unwrap().unwrap().etag, expected);
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_mail_is_queued_once_and_moved_on_by_one() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let queued = mail("m", NOW_MS);
    let puts = [queued.clone(), queued.clone()].map(|mail| {
        let outbox = outbox.clone();
        tokio::spawn(async move { outbox.put(&mail).await.unwrap() })
    });
    let mut new = Vec::new();
    for put in puts {
        new.push(put.await.unwrap());
    }
    new.sort_unstable();
    assert_eq!(new, [false, true]);
    let sending = Mail {
        state: MailState::Sending,
        attempts: 1,
        ..queued.clone()
    };
    outbox.advance(&queued, &sending).await.unwrap();
    conflict(outbox.advance(&queued, &sending).await);
    conflict(outbox.advance(&mail("nobody", 1), &sending).await);
    assert_eq!(outbox.get("m").await.unwrap(), Some(sending));
    stores.stop().await;
}

#[tokio::test]
async fn a_callers_key_is_held_by_its_first_request_until_it_expires() {
    let stores = Stores::start().await;
    let records = IdempotencyRecords::new(&stores.clients);
    let record = |outcome: &str, expires_ms| IdempotencyRecord {
        fingerprint: format!("of {outcome}"),
        outcome: outcome.to_owned(),
        expires_ms,
    };
    let (first, second) = (
        record("first", NOW_MS + 60_000),
        record("second", NOW_MS + 120_000),
    );
    for (now_ms, claimed, held) in [
        (NOW_MS, &first, &first),
        (NOW_MS, &second, &first),
        (NOW_MS + 60_000, &second, &first),
        (NOW_MS + 61_000, &second, &second),
        (NOW_MS + 61_000, &first, &second),
    ] {
        let holds = records.claim("key", "k", claimed.clone(), now_ms).await.unwrap();
        assert_eq!(&holds, held, "at {now_ms}");
    }
    let other = records.claim("other", "k", first.clone(), NOW_MS).await.unwrap();
    assert_eq!(other, first, "a scope of its own");
    stores.stop().await;
}

#[tokio::test]
async fn an_outlet_is_registered_once_and_described_over_that() {
    let stores = Stores::start().await;
    let outlets = Outlets::new(&stores.clients);
    let names = ["first", "second", "third"].map(|name| {
        let outlets = outlets.clone();
        tokio::spawn(async move { outlets.get_or_register("1", Some(name), None).await.unwrap() })
    });
    let mut seen = Vec::new();
    for name in names {
        seen.push(name.await.unwrap());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all of them know the same outlet");
    let described = Outlet {
        zone: "Asia/Makassar".to_owned(),
        cutoff_hour: 4,
        ..seen.remove(0)
    };
    outlets.describe(&described, NOW_MS, "test").await.unwrap();
    let known = outlets.get_or_register("1", Some("fourth"), None).await.unwrap();
    assert_eq!(known, described);
    stores.stop().await;
}

#[tokio::test]
async fn an_outlet_that_came_without_a_name_gets_the_first_one_that_is_told() {
    let stores = Stores::start().await;
    let outlets = Outlets::new(&stores.clients);
    let nameless = outlets
        .get_or_register("1", None, Some("Asia/Makassar"))
        .await
        .unwrap();
    assert_eq!(nameless.name, None);
    let names = ["first", "second", "third"].map(|name| {
        let outlets = outlets.clone();
        tokio::spawn(async move { outlets.get_or_register("1", Some(name), None).await.unwrap() })
    });
    let mut seen = Vec::new();
    for name in names {
        seen.push(name.await.unwrap());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all of them know the same name");
    assert!(seen[0].name.is_some());
    assert_eq!(seen[0].zone, "Asia/Makassar", "and nothing else changes");
    for name in [None, Some("fourth")] {
        assert_eq!(outlets.get_or_register("1", name, None).await.unwrap(), seen[0]);
    }
    assert_eq!(outlets.get("1").await.unwrap().as_ref(), Some(&seen[0]));
    stores.stop().await;
}

#[tokio::test]
async fn a_bookmark_says_where_its_task_goes_on() {
    let stores = Stores::start().await;
    let bookmarks = Bookmarks::new(&stores.clients);
    assert_eq!(bookmarks.read("a").await.unwrap(), None);
    for (task, at) in [("a", "1"), ("b", "x"), ("a", "2")] {
        bookmarks.put(task, at).await.unwrap();
    }
    assert_eq!(bookmarks.read("a").await.unwrap().as_deref(), Some("2"));
    assert_eq!(bookmarks.read("b").await.unwrap().as_deref(), Some("x"));
    stores.stop().await;
}
