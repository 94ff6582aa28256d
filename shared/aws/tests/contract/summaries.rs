//! Summaries: made from a version of a page, and never put back to an older one.

use aws::StoreError;
use aws::sales::{Arrival, DayArrival, Sales, check_summary};
use domain::summary::{DaySummary, MenuDay};
use testkit::Stores;

use crate::support::{day, get, noise, raw};

/// A summary with a dish whose name is that long.
fn summary(seed: u64, name_bytes: usize) -> DaySummary {
    let mut summary = DaySummary {
        receipts: 3,
        ..DaySummary::default()
    };
    summary.menus.insert(noise(seed, name_bytes), MenuDay::default());
    summary
}

/// The arrival of an export with a content of that name.
fn arrival(received_ms: i64, etag: &str) -> Arrival {
    Arrival {
        received_ms,
        export_id: "exp_a".to_owned(),
        etag: etag.to_owned(),
    }
}

#[tokio::test]
async fn a_summary_is_replaced_by_a_newer_one_only() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    let of = |receipts| DaySummary {
        receipts,
        ..DaySummary::default()
    };
    for (version, receipts, expected) in [(9, 1, 1), (10, 2, 2), (9, 3, 2), (10, 4, 2), (11, 5, 5)] {
        sales
            .write_summary(&day, version, &of(receipts), &arrival(1, "e1"))
            .await
            .unwrap();
        let stored = sales.read_summary(&day).await.unwrap();
        assert_eq!(stored, Some(of(expected)), "after version {version}");
    }
    let days = sales.read_days(&[day]).await.unwrap();
    assert_eq!(
        (days[0].summarised, days[0].version),
        (11, 0),
        "a summary is no page"
    );
    stores.stop().await;
}

#[tokio::test]
async fn summaries_of_a_long_range_come_whole_and_the_oldest_first() {
    let stores = Stores::start().await;
    let adapter = Sales::new(&stores.clients);
    let dates: Vec<String> = (1..=12).map(|n| format!("2025-10-{n:02}")).collect();
    for (n, date) in dates.iter().enumerate() {
        let summary = summary(n as u64 + 1, 200_000);
        adapter
            .write_summary(&day("1", date), 1, &summary, &arrival(1, "e1"))
            .await
            .unwrap();
    }
    let range = |from: &str, to: &str| (day("1", from).1, day("1", to).1);
    let (from, to) = range("2025-10-02", "2025-10-11");
    let read = adapter.summaries("1", from, to).await.unwrap();
    let read_dates: Vec<String> = read.iter().map(|(date, _)| date.to_string()).collect();
    assert_eq!(read_dates, dates[1..11]);
    let names = read
        .iter()
        .map(|(_, summary)| summary.menus.keys().next().unwrap());
    assert!(
        names
            .enumerate()
            .all(|(n, name)| *name == noise(n as u64 + 2, 200_000))
    );
    stores.stop().await;
}

#[tokio::test]
async fn the_days_that_have_sales_are_found_among_many() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let asked: Vec<_> = (0..130).map(|n| day(&format!("{n}"), "2025-10-28")).collect();
    for outlet in [3, 99, 100, 129] {
        sales
            .write_summary(&asked[outlet], 1, &summary(1, 10), &arrival(1, "e1"))
            .await
            .unwrap();
    }
    let yesterday = day("5", "2025-10-27");
    sales
        .write_summary(&yesterday, 1, &summary(1, 10), &arrival(1, "e1"))
        .await
        .unwrap();
    let found = sales.summarised(&asked).await.unwrap();
    let expected = [3, 99, 100, 129].map(|outlet| asked[outlet].clone());
    assert_eq!(found, expected.into());
    stores.stop().await;
}

#[tokio::test]
async fn a_summary_that_passes_its_check_can_be_written() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    // 380 KB are what a summary may come to when it is packed, and noise packs to three quarters.
    for (version, name_bytes) in [(1, 380_000), (2, 510_000)] {
        let fits = summary(7, name_bytes);
        check_summary(&fits).unwrap();
        sales
            .write_summary(&day, version, &fits, &arrival(1, "e1"))
            .await
            .unwrap();
        assert!(sales.read_summary(&day).await.unwrap() == Some(fits));
    }
    let too_large = summary(7, 600_000);
    for refused in [
        check_summary(&summary(7, 525_000)),
        check_summary(&too_large),
        sales.write_summary(&day, 3, &too_large, &arrival(1, "e1")).await,
    ] {
        assert!(matches!(refused, Err(StoreError::TooLarge(_))), "{refused:?}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_day_tells_when_its_sales_first_came_in_and_with_what_they_last_did() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let (known, unknown) = (day("1", "2025-10-28"), day("2", "2025-10-28"));
    for (version, received_ms, etag) in [(1, 100, "e1"), (3, 300, "e3"), (2, 200, "e2"), (3, 400, "e4")] {
        sales
            .write_summary(&known, version, &summary(1, 10), &arrival(received_ms, etag))
            .await
            .unwrap();
    }
    let expected = DayArrival {
        summary: summary(1, 10),
        version: 3,
        first_received_ms: Some(100),
        last_received_ms: Some(300),
        export: Some(("exp_a".to_owned(), "e3".to_owned())),
    };
    let read = sales.arrivals(&[unknown, known.clone(), known]).await.unwrap();
    assert_eq!(read, [None, Some(expected.clone()), Some(expected)]);
    stores.stop().await;
}

#[tokio::test]
async fn a_summary_from_before_arrivals_were_noted_has_none() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let known = day("1", "2025-10-28");
    sales
        .write_summary(&known, 1, &summary(1, 10), &arrival(1, "e1"))
        .await
        .unwrap();
    let table = &stores.clients.names().sales;
    let mut item = get(&stores, table, "O#1", "S#2025-10-28").await.unwrap();
    for name in ["f", "l", "e"] {
        item.remove(name).unwrap();
    }
    let put = raw(&stores).put_item().table_name(table).set_item(Some(item));
    put.send().await.unwrap();
    let expected = DayArrival {
        summary: summary(1, 10),
        version: 1,
        first_received_ms: None,
        last_received_ms: None,
        export: None,
    };
    assert_eq!(sales.arrivals(&[known]).await.unwrap(), [Some(expected)]);
    stores.stop().await;
}
