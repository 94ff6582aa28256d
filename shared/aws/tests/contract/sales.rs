//! Pages: a day is written by one writer at a time, and whole.

use aws::StoreError;
use aws::sales::{Sales, StoredDay, Writer};
use domain::page::{Receipts, pack};
use testkit::Stores;

use crate::differences::{Difference, agree};
use crate::support::{bytes, day, get, item, number, raw, receipts, text};

/// Notes of about this many bytes make a page of two parts, three parts, and so on.
const PART_NOTE_BYTES: usize = 510 << 10;

fn to_be(mut from: StoredDay, receipts: Receipts) -> StoredDay {
    from.receipts = receipts;
    from
}

async fn read(sales: &Sales) -> StoredDay {
    let day = sales.read_page(&day("1", "2025-10-28")).await.unwrap();
    day.unwrap_or_default()
}

/// Replaces the day as it is now; answers the new version.
async fn write(sales: &Sales, receipts: &Receipts) -> Result<u64, StoreError> {
    let now = read(sales).await;
    let next = to_be(now, receipts.clone());
    sales.write_page(&day("1", "2025-10-28"), &next).await
}

/// The sort keys of the day's parts.
async fn parts(stores: &Stores) -> Vec<String> {
    let query = raw(stores)
        .query()
        .table_name(&stores.clients.names().sales)
        .key_condition_expression("pk = :pk AND begins_with(sk, :page)")
        .expression_attribute_values(":pk", text("O#1"))
        .expression_attribute_values(":page", text("P#2025-10-28"))
        .projection_expression("sk")
        .consistent_read(true);
    let pages = query
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>();
    let sk = |item: crate::support::Item| item["sk"].as_s().unwrap().clone();
    pages.await.unwrap().into_iter().map(sk).collect()
}

#[tokio::test]
async fn of_two_writers_that_read_the_same_day_the_second_reads_again() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    for round in 0..3 {
        let (mine, theirs) = (read(&sales).await, read(&sales).await);
        let (my_receipts, their_receipts) = (receipts(round * 2, 20), receipts(round * 2 + 1, 20));
        let version = sales
            .write_page(&day, &to_be(mine, my_receipts.clone()))
            .await
            .unwrap();
        assert_eq!(version, round + 1);
        let second = sales.write_page(&day, &to_be(theirs, their_receipts)).await;
        assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
        assert_eq!(read(&sales).await.receipts, my_receipts);
    }
    stores.stop().await;
}

#[tokio::test]
async fn what_a_page_says_besides_its_receipts_comes_back_too() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    let writer = Writer {
        file: "abc".to_owned(),
        stored: 7,
    };
    let gone = vec!["OYAKO_MOKA_1".to_owned(), "OYAKO_MOKA_2".to_owned()];
    for note_bytes in [20, PART_NOTE_BYTES * 2] {
        let mut next = to_be(read(&sales).await, receipts(1, note_bytes));
        next.writer = writer.clone();
        next.gone = gone.clone();
        sales.write_page(&day, &next).await.unwrap();
        let mut stored = read(&sales).await;
        stored.gone.sort();
        assert_eq!((&stored.writer, &stored.gone), (&writer, &gone));
        assert!(stored.receipts == next.receipts);
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_day_of_several_parts_is_replaced_whole_and_leaves_nothing_behind() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let three = ["P#2025-10-28", "P#2025-10-28#01", "P#2025-10-28#02"];
    for (seed, note_bytes, expected) in [
        (1, PART_NOTE_BYTES * 2, &three[..]),
        (2, PART_NOTE_BYTES, &three[..2]),
        (3, PART_NOTE_BYTES * 2, &three[..]),
        (4, 20, &three[..1]),
        (5, 30, &three[..1]),
    ] {
        let receipts = receipts(seed, note_bytes);
        write(&sales, &receipts).await.unwrap();
        assert!(read(&sales).await.receipts == receipts, "seed {seed}");
        assert_eq!(parts(&stores).await, expected, "seed {seed}");
    }
    let many = sales
        .read_days(&[day("2", "2025-10-28"), day("1", "2025-10-28")])
        .await;
    let many = many.unwrap();
    assert_eq!(
        (many[0].version, many[1].version),
        (0, 5),
        "in the order asked for"
    );
    stores.stop().await;
}

#[tokio::test]
async fn two_writers_of_a_day_of_several_parts_do_not_mix() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    write(&sales, &receipts(1, PART_NOTE_BYTES)).await.unwrap();
    let (mine, theirs) = (read(&sales).await, read(&sales).await);
    let (my_receipts, their_receipts) = (receipts(2, PART_NOTE_BYTES * 2), receipts(3, PART_NOTE_BYTES * 2));
    let (mine, theirs) = (
        to_be(mine, my_receipts.clone()),
        to_be(theirs, their_receipts.clone()),
    );
    let (first, second) = tokio::join!(sales.write_page(&day, &mine), sales.write_page(&day, &theirs));
    let expected = match (&first, &second) {
        (Ok(2), Err(StoreError::Conflict)) => my_receipts,
        (Err(StoreError::Conflict), Ok(2)) => their_receipts,
        _ => panic!("{first:?}, {second:?}"),
    };
    assert!(read(&sales).await.receipts == expected);
    stores.stop().await;
}

#[tokio::test]
async fn a_reader_beside_a_writer_sees_one_day_whole_or_is_told_to_read_again() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let days: Vec<Receipts> = (0..6).map(|n| receipts(n, PART_NOTE_BYTES)).collect();
    write(&sales, &days[0]).await.unwrap();
    let writing = async {
        for day in &days[1..] {
            write(&sales, day).await.unwrap();
        }
    };
    let reading = async {
        for _ in 0..20 {
            match sales.read_page(&day("1", "2025-10-28")).await {
                Ok(Some(stored)) => {
                    let version = usize::try_from(stored.version).unwrap();
                    assert!(stored.receipts == days[version - 1], "version {version}");
                }
                Err(StoreError::Conflict) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::join!(writing, reading);
    stores.stop().await;
}

/// What a reader meets when the day is replaced between its two reads.
#[tokio::test]
async fn a_part_of_another_version_or_a_missing_one_is_a_conflict() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    write(&sales, &receipts(1, PART_NOTE_BYTES)).await.unwrap();
    let table = &stores.clients.names().sales;
    let torn = item(
        "O#1",
        "P#2025-10-28#01",
        [("v", number(2)), ("n", number(2)), ("d", bytes([1]))],
    );
    let put = raw(&stores).put_item().table_name(table).set_item(Some(torn));
    put.send().await.unwrap();
    let read = sales.read_page(&day("1", "2025-10-28")).await;
    assert!(matches!(read, Err(StoreError::Conflict)), "{read:?}");
    let key = item("O#1", "P#2025-10-28#01", []);
    let delete = raw(&stores).delete_item().table_name(table).set_key(Some(key));
    delete.send().await.unwrap();
    let read = sales.read_page(&day("1", "2025-10-28")).await;
    assert!(matches!(read, Err(StoreError::Conflict)), "{read:?}");
    stores.stop().await;
}

/// Ten parts are what a transaction of 4 MB takes.
#[tokio::test]
async fn the_largest_day_is_taken_and_a_larger_one_refused_without_a_trace() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let largest = receipts(1, 5_080_000);
    let packed = pack(&largest).unwrap().len();
    assert!(
        (3_780_000..3_891_200).contains(&packed),
        "{packed} bytes are ten nearly full parts"
    );
    let taken = write(&sales, &largest).await.is_ok();
    agree(&stores, Difference::TransactionsAreWeighedAsText, taken, true);
    let (largest, parts_of_it) = if taken {
        (largest, 10)
    } else {
        let smaller = receipts(1, 4_000_000);
        write(&sales, &smaller).await.unwrap();
        (smaller, 8)
    };
    assert_eq!(parts(&stores).await.len(), parts_of_it);
    let outcome = write(&sales, &receipts(2, 5_300_000)).await;
    assert!(matches!(outcome, Err(StoreError::TooLarge(_))), "{outcome:?}");
    let stored = read(&sales).await;
    assert_eq!(stored.version, 1);
    assert!(stored.receipts == largest);
    stores.stop().await;
}

#[tokio::test]
async fn what_was_written_is_read_at_once() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    assert!(!sales.any("1").await.unwrap());
    for round in 1..=20 {
        write(&sales, &receipts(round, 20)).await.unwrap();
        let day = day("1", "2025-10-28");
        assert_eq!(sales.read_days(&[day]).await.unwrap()[0].version, round);
    }
    assert!(sales.any("1").await.unwrap());
    let table = &stores.clients.names().sales;
    let stored = get(&stores, table, "O#1", "P#2025-10-28").await.unwrap();
    assert!(stored["d"].is_b() && stored["v"] == number(20));
    stores.stop().await;
}
