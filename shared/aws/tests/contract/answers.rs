//! Answers: one per receipt, listed by day, by outlet and, as long as there are words in them, by month.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::feedback::Feedback;
use aws::position::ListPosition;
use domain::audit::chain_of;
use domain::feedback::Answer;
use domain::insight::Month;
use domain::receipt_id::ReceiptId;
use domain::when::BusinessDate;
use testkit::Stores;

use crate::support::{NOW_MS, answer, day, get, place};

fn date(text: &str) -> BusinessDate {
    day("1", text).1
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn natives(answers: &[Answer]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer.place.native.as_str())
        .collect()
}

/// Stores an answer as the first of its receipt; answers it as it is stored.
async fn put(feedback: &Feedback, answer: &Answer) -> Answer {
    feedback.put(answer, 0).await.unwrap();
    at(answer, 1)
}

/// An answer at a version.
fn at(answer: &Answer, version: u64) -> Answer {
    Answer {
        version,
        ..answer.clone()
    }
}

#[tokio::test]
async fn of_two_writers_that_read_the_same_answer_the_second_reads_again() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    let receipt = place("1", "2025-10-28", "R-1");
    assert_eq!(feedback.get(&receipt).await.unwrap(), None);
    let first = put(&feedback, &answer(&receipt, NOW_MS, Some("enak"))).await;
    assert_eq!(feedback.get(&receipt).await.unwrap().as_ref(), Some(&first));
    let theirs = Answer {
        reversed: true,
        ..first.clone()
    };
    feedback.put(&first, 1).await.unwrap();
    for (late, expected) in [(&first, 0), (&theirs, 1), (&theirs, 3)] {
        let refused = feedback.put(late, expected).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    assert_eq!(feedback.get(&receipt).await.unwrap(), Some(at(&first, 2)));
    stores.stop().await;
}

#[tokio::test]
async fn a_days_answers_are_its_own_whatever_its_receipts_are_called() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    let of_day = ["", "#", "INV/1|a", "R-1", "é", "\u{10FFFF}"];
    for native in of_day {
        let receipt = place("1", "2025-10-28", native);
        put(&feedback, &answer(&receipt, NOW_MS, None)).await;
    }
    for (outlet, date) in [("1", "2025-10-27"), ("1", "2025-10-29"), ("11", "2025-10-28")] {
        put(&feedback, &answer(&place(outlet, date, "R-1"), NOW_MS, None)).await;
    }
    let read = feedback.of_day(&day("1", "2025-10-28")).await.unwrap();
    assert_eq!(natives(&read), of_day);
    let some = ["é", "none", "R-1"].map(|native| place("1", "2025-10-28", native));
    let mut read = feedback.of_receipts(&some).await.unwrap();
    read.sort_by(|a, b| a.place.cmp(&b.place));
    assert_eq!(natives(&read), ["R-1", "é"]);
    assert_eq!(feedback.of_receipts(&[]).await.unwrap(), Vec::new());
    let day = date("2025-10-28");
    let (read, _) = feedback.of_outlet("1", (day, day), None, 10).await.unwrap();
    assert_eq!(read.len(), of_day.len());
    assert_eq!(feedback.of_day(&("2".to_owned(), day)).await.unwrap(), Vec::new());
    stores.stop().await;
}

#[tokio::test]
async fn an_outlets_answers_come_page_by_page_the_latest_date_first() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    for (date, native) in [
        ("2025-10-26", "a"),
        ("2025-10-27", "b"),
        ("2025-10-27", "c"),
        ("2025-10-28", "d"),
        ("2025-10-29", "e"),
    ] {
        put(&feedback, &answer(&place("1", date, native), NOW_MS, None)).await;
    }
    let range = (date("2025-10-27"), date("2025-10-28"));
    let (mut read, mut after) = (Vec::new(), None::<String>);
    loop {
        let (some, next) = feedback.of_outlet("1", range, after.as_deref(), 2).await.unwrap();
        read.extend(some);
        let Some(next) = next else { break };
        after = Some(next);
    }
    assert_eq!(natives(&read), ["d", "c", "b"]);
    // Positions that no answer of this range gave.
    for (after, expected) in [("zzz", 3), ("A#2025-10-29#e", 3), ("A#2025-10-26#a", 0), ("", 0)] {
        let (some, _) = feedback.of_outlet("1", range, Some(after), 10).await.unwrap();
        assert_eq!(some.len(), expected, "{after}");
    }
    let backwards = feedback.of_outlet("1", (range.1, range.0), None, 10).await;
    assert_eq!(backwards.unwrap(), (Vec::new(), None));
    stores.stop().await;
}

#[tokio::test]
async fn comments_of_all_outlets_are_listed_by_the_month_they_were_given_in() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    // 2025-11-01T00:00:00Z.
    let november = 1_761_955_200_000;
    for (outlet, native, said_ms, comment) in [
        ("1", "a", november - 2, Some("satu")),
        ("2", "b", november - 1, Some("dua")),
        ("3", "c", november - 1, Some("tiga")),
        ("1", "d", november - 1, None),
        ("1", "e", november, Some("empat")),
    ] {
        let receipt = place(outlet, "2025-10-28", native);
        put(&feedback, &answer(&receipt, said_ms, comment)).await;
    }
    let (mut read, mut after): (Vec<Answer>, Option<ListPosition>) = (Vec::new(), None);
    for count in [2, 1] {
        let (some, next) = feedback
            .comments(month("2025-10"), after.as_ref(), 2)
            .await
            .unwrap();
        assert_eq!(some.len(), count);
        read.extend(some);
        after = next.map(|next| ListPosition::parse(&next.to_string()).unwrap());
    }
    assert_eq!(natives(&read), ["c", "b", "a"]);
    let (read, _) = feedback.comments(month("2025-11"), None, 9).await.unwrap();
    assert_eq!(natives(&read), ["e"]);
    let (read, _) = feedback.comments(month("2025-12"), None, 9).await.unwrap();
    assert_eq!(read, Vec::new());
    stores.stop().await;
}

#[tokio::test]
async fn erased_words_are_in_no_list_and_the_erasure_is_on_record_without_them() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    let receipt = place("1", "2025-10-28", "R-1");
    let first = put(&feedback, &answer(&receipt, NOW_MS, Some("dilayani Sari"))).await;
    let erased = first.without_words();
    feedback
        .erase_words(&first, &erased, "key:1", NOW_MS + 5)
        .await
        .unwrap();
    let again = feedback.erase_words(&first, &erased, "key:1", NOW_MS + 6).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(feedback.get(&receipt).await.unwrap(), Some(at(&erased, 2)));
    let listed = feedback.comments(month("2025-10"), None, 9).await.unwrap();
    assert_eq!(listed, (Vec::new(), None));
    let table = &stores.clients.names().feedback;
    let stored = get(&stores, table, "O#1", "A#2025-10-28#R-1").await.unwrap();
    assert!(!format!("{stored:?}").contains("Sari"));
    let subject = receipt.to_string();
    let trail = AuditTrail::new(&stores.clients);
    let records = trail.list(chain_of(&subject), Position::After(0), 10).await;
    let records = records.unwrap();
    assert_eq!(records.len(), 1, "one erasure, one record");
    let record = &records[0];
    assert_eq!(
        (record.action.as_str(), record.subject.as_str(), record.at_ms),
        ("feedback.words_erased", subject.as_str(), NOW_MS + 5)
    );
    assert!(!record.facts.contains("Sari"));
    stores.stop().await;
}

/// An id that the receipt's key is made of comes back from it.
#[tokio::test]
async fn any_receipt_has_its_answer_under_its_own_key() {
    let stores = Stores::start().await;
    let feedback = Feedback::new(&stores.clients);
    let receipts: Vec<ReceiptId> = ["1|2", "1#A", "食堂", "1"]
        .into_iter()
        .flat_map(|outlet| ["#a", "a", "a|b"].map(|native| place(outlet, "2025-10-28", native)))
        .collect();
    for (at, receipt) in receipts.iter().enumerate() {
        let said_ms = NOW_MS + i64::try_from(at).unwrap();
        put(&feedback, &answer(receipt, said_ms, None)).await;
    }
    for (at, receipt) in receipts.iter().enumerate() {
        let stored = feedback.get(receipt).await.unwrap().unwrap();
        assert_eq!(stored.place, *receipt);
        assert_eq!(
            stored.effective().said_ms,
            Some(NOW_MS + i64::try_from(at).unwrap())
        );
    }
    stores.stop().await;
}
