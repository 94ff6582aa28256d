//! Books of phone numbers: written over the version that was read, and on record without the number.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::kin::KinBooks;
use domain::audit::{AuditRecord, chain_of};
use domain::kin::{Evidence, Joining, KinBook};
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{NOW_MS, raw, text};

/// What stands for a phone number.
const HASH: &str = "8f14e45fceea167a";

fn book<const N: usize>(members: [&str; N]) -> KinBook {
    let mut book = KinBook::default();
    for member in members {
        assert!(book.meet(member));
    }
    book
}

fn joining(with: &str, customer: &str) -> Joining {
    Joining {
        with: with.to_owned(),
        customer: customer.to_owned(),
        evidence: Evidence::SameEmail,
    }
}

async fn records(stores: &Stores, subject: &str) -> Vec<AuditRecord> {
    let audit = AuditTrail::new(&stores.clients);
    let records = audit.list(chain_of(subject), Position::NEWEST, 9).await.unwrap();
    let of_subject = records.into_iter().filter(|record| record.subject == subject);
    of_subject.collect()
}

async fn is_stored(stores: &Stores) -> bool {
    let get = raw(stores)
        .get_item()
        .table_name(&stores.clients.names().customers)
        .key("pk", text(format!("H#{HASH}")))
        .consistent_read(true);
    get.send().await.unwrap().item.is_some()
}

#[tokio::test]
async fn a_book_is_written_over_the_version_that_was_read_and_no_other() {
    let stores = Stores::start().await;
    let books = KinBooks::new(&stores.clients);
    assert_eq!(books.read(HASH).await.unwrap(), KinBook::default());
    let first = books.write(HASH, &book(["a", "b"])).await.unwrap();
    assert_eq!(first.version, 1);
    let twice = books.write(HASH, &book(["c"])).await;
    assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
    let mut next = first.clone();
    next.meet("c");
    let second = books.write(HASH, &next).await.unwrap();
    let late = books.write(HASH, &first).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(books.read(HASH).await.unwrap(), second);
    let hashes = [HASH, "other"].map(str::to_owned);
    let many = books.read_many(&hashes).await.unwrap();
    assert_eq!(many.into_iter().collect::<Vec<_>>(), [(HASH.to_owned(), second)]);
    stores.stop().await;
}

#[tokio::test]
async fn who_is_joined_and_parted_is_on_record_with_the_book_or_not_at_all() {
    let stores = Stores::start().await;
    let (faulty, books) = (KinBooks::new(&stores.faulty), KinBooks::new(&stores.clients));
    let known = books.write(HASH, &book(["a", "b"])).await.unwrap();
    let joinings = [joining("a", "b")];
    let mut joined = known.clone();
    joined.join(&joinings, NOW_MS);
    // The first call asks for the end of the chain, the second is the transaction.
    stores.faults.set(Plan::CrashBefore(1));
    let lost = faulty
        .join(HASH, &joined, &joinings, "sync-nightly", NOW_MS)
        .await;
    lost.unwrap_err();
    stores.faults.set(Plan::None);
    assert_eq!(books.read(HASH).await.unwrap(), known);
    assert_eq!(records(&stores, "a").await, []);

    let joined = books
        .join(HASH, &joined, &joinings, "sync-nightly", NOW_MS)
        .await
        .unwrap();
    let mut parted = joined.clone();
    parted.part("b", "staff:1", NOW_MS + 1).unwrap();
    let parted = books
        .part(HASH, &parted, "b", "staff:1", NOW_MS + 1)
        .await
        .unwrap();
    assert_eq!(books.read(HASH).await.unwrap(), parted);
    let late = books.join(HASH, &joined, &joinings, "sync-nightly", NOW_MS).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");

    let (of_a, of_b) = (records(&stores, "a").await, records(&stores, "b").await);
    let told = |records: &[AuditRecord]| -> Vec<(String, String)> {
        let told = records
            .iter()
            .map(|record| (record.action.clone(), record.facts.clone()));
        told.collect()
    };
    let facts = r#"{"joined":[{"customer":"b","evidence":"same_email","with":"a"}]}"#;
    assert_eq!(told(&of_a), [("kin.joined".to_owned(), facts.to_owned())]);
    assert_eq!(told(&of_b), [("kin.parted".to_owned(), "{}".to_owned())]);
    stores.stop().await;
}

#[tokio::test]
async fn of_a_number_whose_last_customer_is_forgotten_no_trace_stays() {
    let stores = Stores::start().await;
    let books = KinBooks::new(&stores.clients);
    let mut known = books.write(HASH, &book(["a"])).await.unwrap();
    assert!(is_stored(&stores).await);
    let before = known.clone();
    known.forget("a");
    assert_eq!(books.write(HASH, &known).await.unwrap(), KinBook::default());
    assert!(!is_stored(&stores).await);
    let late = books.write(HASH, &before).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    books.write(HASH, &KinBook::default()).await.unwrap();
    assert!(!is_stored(&stores).await, "an empty book is no book");
    assert_eq!(books.write(HASH, &book(["a"])).await.unwrap().version, 1);
    stores.stop().await;
}
