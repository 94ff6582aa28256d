//! The sparse index over work to be done: an item is in it just as long as it has work.

use aws::ledger::Ledger;
use aws::outbox::Outbox;
use aws::position::ListPosition;
use aws::quarantine::Quarantine;
use domain::export::{Export, ExportState};
use domain::mail::{Mail, MailState};
use domain::quarantine::{QuarantineState, Quarantined};
use testkit::Stores;

use crate::support::{export, mail, operations, piece, raw, text};

fn ids(mails: &[Mail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.id.as_str()).collect()
}

#[tokio::test]
async fn mails_are_due_from_their_moment_on_and_the_longest_waiting_comes_first() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    for (id, due_ms) in [("late", 3_000), ("early", 1_000), ("middle", 2_000)] {
        assert!(outbox.put(&mail(id, due_ms)).await.unwrap());
    }
    assert_eq!(ids(&outbox.due(999).await.unwrap()), [""; 0]);
    assert_eq!(ids(&outbox.due(2_000).await.unwrap()), ["early", "middle"]);
    let all = outbox.due(9_999).await.unwrap();
    assert_eq!(ids(&all), ["early", "middle", "late"]);
    stores.stop().await;
}

#[tokio::test]
async fn a_mail_is_due_until_it_is_settled() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let queued = mail("m", 1_000);
    outbox.put(&queued).await.unwrap();
    let sending = Mail {
        state: MailState::Sending,
        due_ms: 5_000,
        ..queued.clone()
    };
    outbox.advance(&queued, &sending).await.unwrap();
    assert_eq!(
        ids(&outbox.due(4_999).await.unwrap()),
        [""; 0],
        "it moved on in the index"
    );
    assert_eq!(ids(&outbox.due(5_000).await.unwrap()), ["m"]);
    let sent = Mail {
        state: MailState::Sent,
        ..sending.clone()
    };
    outbox.advance(&sending, &sent).await.unwrap();
    assert_eq!(ids(&outbox.due(i64::MAX).await.unwrap()), [""; 0]);
    let stored = outbox.get("m").await.unwrap();
    assert_eq!(stored, Some(sent), "it left the index and not the table");
    let queued_again = outbox.put(&queued).await.unwrap();
    assert!(!queued_again, "a settled mail is not queued again by its cause");
    stores.stop().await;
}

#[tokio::test]
async fn a_sweep_takes_the_fifty_that_wait_longest() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    for n in (0..53).rev() {
        outbox.put(&mail(&format!("m{n:02}"), n)).await.unwrap();
    }
    let due = outbox.due(100).await.unwrap();
    let expected: Vec<String> = (0..50).map(|n| format!("m{n:02}")).collect();
    assert_eq!(ids(&due), expected);
    stores.stop().await;
}

#[tokio::test]
async fn open_pieces_of_all_files_are_listed_page_by_page_the_oldest_first() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let mut pieces: Vec<Quarantined> = Vec::new();
    for (n, name) in ["b", "a", "c"].into_iter().enumerate() {
        let export = export(name);
        for row in 0..3 {
            let mut piece = piece(&export, row * 100);
            piece.first_seen_ms += 1_000 * n as i64;
            pieces.push(piece);
        }
    }
    // A run lists pieces of its own file, and the latest file may be listed first.
    for of_export in pieces.chunks(3).rev() {
        adapter.list(of_export).await.unwrap();
    }
    let (mut read, mut after): (Vec<Quarantined>, Option<ListPosition>) = (Vec::new(), None);
    for expected in [4, 4, 1] {
        let (some, next) = adapter.open(after.as_ref(), 4).await.unwrap();
        assert_eq!(some.len(), expected);
        read.extend(some);
        // As a caller hands it back.
        after = next.map(|next| ListPosition::parse(&next.to_string()).unwrap());
    }
    assert_eq!(after, None);
    // The index has an order of its own among equal moments.
    let waited = |pieces: &[Quarantined]| -> Vec<i64> { pieces.iter().map(|p| p.first_seen_ms).collect() };
    assert_eq!(waited(&read), waited(&pieces));
    read.sort_by_key(|piece| (piece.first_seen_ms, piece.byte_start));
    assert_eq!(read, pieces);
    stores.stop().await;
}

#[tokio::test]
async fn a_piece_is_open_until_it_is_decided_and_again_when_its_replay_fails() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let open = piece(&export("a"), 0);
    adapter.list(std::slice::from_ref(&open)).await.unwrap();
    let replaying = Quarantined {
        state: QuarantineState::Replaying,
        ..open.clone()
    };
    adapter.decide(&open, &replaying, "key:1").await.unwrap();
    assert_eq!(adapter.open(None, 10).await.unwrap(), (Vec::new(), None));
    let refused = Quarantined {
        attempts: 2,
        ..open.clone()
    };
    adapter
        .settle(&replaying, &refused, None, "ingest-sales")
        .await
        .unwrap();
    assert_eq!(adapter.open(None, 10).await.unwrap(), (vec![refused], None));
    stores.stop().await;
}

/// Keys of the items in a partition of the index, as an operator finds them.
async fn in_index(stores: &Stores, work: &str) -> Vec<String> {
    let query = raw(stores)
        .query()
        .table_name(operations(stores))
        .index_name("by_work")
        .key_condition_expression("#work = :work")
        .expression_attribute_names("#work", "work")
        .expression_attribute_values(":work", text(work));
    let reply = query.send().await.unwrap();
    let partition = |item: &crate::support::Item| item["pk"].as_s().unwrap().clone();
    reply.items().iter().map(partition).collect()
}

#[tokio::test]
async fn what_a_function_was_asked_to_do_is_found_until_it_is_done() {
    let stores = Stores::start().await;
    let (ledger, quarantine) = (Ledger::new(&stores.clients), Quarantine::new(&stores.clients));
    let file = export("a");
    let (entry, pieces) = (format!("E#{}", file.id), format!("Q#{}", file.id));
    ledger.progress(&file).await.unwrap();
    assert_eq!(in_index(&stores, "ingest").await, [""; 0]);
    ledger.hand_over(&file).await.unwrap();
    let open = piece(&file, 0);
    quarantine.list(std::slice::from_ref(&open)).await.unwrap();
    assert_eq!(in_index(&stores, "ingest").await, std::slice::from_ref(&entry));
    let replaying = Quarantined {
        state: QuarantineState::Replaying,
        last_seen_ms: open.last_seen_ms + 1,
        ..open.clone()
    };
    quarantine.decide(&open, &replaying, "key:1").await.unwrap();
    assert_eq!(
        in_index(&stores, "ingest").await,
        [entry, pieces.clone()],
        "the oldest first"
    );
    let ended = Export {
        state: ExportState::Done,
        ..file.clone()
    };
    ledger.finish(&ended, "ingest-sales", None).await.unwrap();
    assert_eq!(in_index(&stores, "ingest").await, [pieces]);
    let replayed = Quarantined {
        state: QuarantineState::Replayed,
        ..replaying.clone()
    };
    quarantine
        .settle(&replaying, &replayed, None, "ingest-sales")
        .await
        .unwrap();
    assert_eq!(in_index(&stores, "ingest").await, [""; 0]);
    stores.stop().await;
}

/// An index is read a moment later than its table on AWS; only the table can be read strongly consistent.
#[tokio::test]
async fn the_index_refuses_to_be_read_strongly_consistent() {
    let stores = Stores::start().await;
    let query = raw(&stores)
        .query()
        .table_name(operations(&stores))
        .index_name("by_work")
        .key_condition_expression("#work = :work")
        .expression_attribute_names("#work", "work")
        .expression_attribute_values(":work", text("mail"))
        .consistent_read(true);
    let error = query.send().await.unwrap_err();
    assert_eq!(crate::support::code(&error), "ValidationException");
    stores.stop().await;
}

#[tokio::test]
async fn files_that_have_ended_are_listed_under_each_of_their_outlets_in_the_order_of_their_ends() {
    let stores = Stores::start().await;
    let ledger = Ledger::new(&stores.clients);
    let finish = async |name: &str, days: &[(&str, &str)], finished_ms: i64| {
        let days = days.iter();
        let ended = Export {
            days: days
                .map(|day| (day.0.to_owned(), day.1.parse().unwrap()))
                .collect(),
            state: ExportState::Done,
            finished_ms: Some(finished_ms),
            ..export(name)
        };
        ledger.finish(&ended, "ingest-sales", None).await.unwrap();
    };
    let (one, two) = (("pos-1", "2025-10-28"), ("pos-2", "2025-10-28"));
    finish("late", &[one], 3_000).await;
    finish("early", &[one, two], 1_000).await;
    finish("other", &[two], 2_000).await;
    finish("pos-1/nothing", &[], 2_000).await;
    finish("nobody-s", &[], 2_000).await;
    finish("both", &[two, one, ("pos-1", "2025-10-27")], 2_500).await;
    ledger.progress(&export("pos-1/open")).await.unwrap();
    ledger.hand_over(&export("pos-1/going-on")).await.unwrap();
    let names = async |outlet: &str, after_ms: i64| -> Vec<String> {
        let files = ledger.files_of(outlet, after_ms).await.unwrap();
        let name = |file: &Export| {
            file.key
                .trim_start_matches("incoming/")
                .trim_end_matches(".json")
                .to_owned()
        };
        files.iter().map(name).collect()
    };
    assert_eq!(
        names("pos-1", 0).await,
        ["early", "pos-1/nothing", "both", "late"]
    );
    assert_eq!(names("pos-1", 1_000).await, ["pos-1/nothing", "both", "late"]);
    assert_eq!(names("pos-2", i64::MIN).await, ["early", "other", "both"]);
    assert_eq!(names("pos-1", 3_000).await, [""; 0]);
    // A file that is opened again has not ended.
    ledger.reopen(&export("late")).await.unwrap();
    ledger.reopen(&export("early")).await.unwrap();
    ledger.reopen(&export("both")).await.unwrap();
    assert_eq!(names("pos-1", 0).await, ["pos-1/nothing"]);
    assert_eq!(names("pos-2", 0).await, ["other"]);
    finish("both", &[two, one], 5_000).await;
    assert_eq!(names("pos-1", 0).await, ["pos-1/nothing", "both"]);
    stores.stop().await;
}
