//! A day with more receipts than a page can hold, and the correlation that a file carries.

use crate::support::{Shop, ask, page, payment};
use aws::outbox::Outbox;
use domain::export::ExportState;
use domain::mail::mail_id;
use domain::quarantine::QuarantineState;
use serde_json::{Value, json};

/// A payment whose texts can't be compressed: 800 dishes that no other has.
fn bulky(number: u32) -> Value {
    let mut sale = payment(number, number % 600, 1_000);
    let mut seed = u64::from(number) + 1;
    let mut word = || {
        // Xorshift: reproducible, and noise to a compressor.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let line = sale["checkouts"][0].clone();
    let lines: Vec<Value> = (0..800)
        .map(|_| {
            let mut line = line.clone();
            let name: String = (0..2).map(|_| format!("{:016x}", word())).collect();
            line["item_name"] = name.into();
            line["item_price"] = 0.into();
            line["gross_sales"] = 0.into();
            line["net_sales"] = 0.into();
            line
        })
        .collect();
    sale["checkouts"] = Value::Array(lines);
    for field in ["total_item_price_amount", "subtotal", "total_collected"] {
        sale[field] = 0.into();
    }
    sale
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_day_has_no_room_for_is_quarantined_and_the_rest_of_the_file_is_taken() {
    let shop = Shop::open().await;
    let mut elsewhere = payment(999, 1, 5_000);
    elsewhere["created_at"] = "2025-10-29T12:00:00.000+07:00".into();
    elsewhere["updated_at"] = elsewhere["created_at"].clone();
    let mut sales: Vec<Value> = (0..36).map(bulky).collect();
    sales.push(elsewhere);
    let file = page(&sales);
    let export = shop.take("incoming/big.json", file.clone()).await;
    assert_eq!(export.state, ExportState::Done);
    assert_eq!(export.counts.received, 37);
    let refused = export.counts.quarantined;
    assert!(refused > 0 && refused < 36, "{refused} refused");
    assert_eq!(export.counts.stored, 37 - refused);
    assert_eq!(export.rejected["DAY_FULL"], refused);
    assert_eq!(
        shop.day("moka-100818", "2025-10-29")
            .await
            .figures
            .total
            .to_string(),
        "5000"
    );
    let pieces = shop.refused("incoming/big.json").await;
    assert_eq!(pieces.len() as u64, refused);
    for piece in &pieces {
        let (start, len) = (piece.byte_start as usize, piece.byte_len as usize);
        let record: Value = serde_json::from_slice(&file[start..start + len]).unwrap();
        let ordinal = piece.ordinal.unwrap() as usize;
        assert_eq!(record, sales[ordinal]);
        assert_eq!(piece.pointer, format!("/data/payments/{ordinal}"));
    }

    // Run again one by one, records are taken while there is room; one that has none stays where it is.
    let mut taken = 0;
    for piece in &pieces {
        let asked = ask(&shop, piece).await;
        ingest_sales::replay::run(asked, &shop.deps).await.unwrap();
        let again = shop
            .deps
            .quarantine
            .get(&piece.export_id, &piece.local_id())
            .await;
        let again = again.unwrap().unwrap();
        if again.state == QuarantineState::Open {
            assert_eq!((again.code.as_str(), again.attempts), ("DAY_FULL", 2));
            break;
        }
        taken += 1;
    }
    assert!(taken < refused, "{taken} of {refused}");
    let after = shop.export("incoming/big.json").await.counts;
    assert_eq!(
        (after.quarantined, after.stored),
        (refused - taken, 37 - refused + taken)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_last_writing_of_a_run_had_no_room_for_is_listed_before_the_next_run() {
    let shop = Shop::open().await;
    let sales: Vec<Value> = (0..36).map(bulky).collect();
    let full = shop.take("incoming/full.json", page(&sales)).await;
    assert!(full.counts.quarantined > 0);
    let more: Vec<Value> = (36..39).map(bulky).collect();
    let key = "incoming/more.json";
    let message = shop.world.put_and_announce(key, page(&more)).await;
    // No time is left: every run takes one record and hands over.
    ingest_sales::handle(message, 0, &shop.deps).await.unwrap();
    for _ in 0..more.len() {
        let export = shop.export(key).await;
        ingest_sales::run::go_on(export, 0, &shop.deps).await.unwrap();
    }
    let export = shop.export(key).await;
    assert!(export.is_final() && export.runs > 1, "{export:?}");
    assert!(export.counts.quarantined > 0);
    assert_eq!(
        shop.refused(key).await.len() as u64,
        export.counts.quarantined,
        "what is counted is listed"
    );
}

fn announced_as(mut message: Value, id: &str) -> Value {
    let mut event: Value = serde_json::from_str(message["Records"][0]["body"].as_str().unwrap()).unwrap();
    event["id"] = id.into();
    message["Records"][0]["body"] = event.to_string().into();
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn the_correlation_of_the_trigger_reaches_ledger_quarantine_and_mail() {
    let shop = Shop::open().await;
    let mut broken = payment(2, 2, 2_000);
    broken["created_at"] = "yesterday".into();
    let key = "incoming/c.json";
    let message = shop
        .world
        .put_and_announce(key, page(&[payment(1, 1, 1_000), broken]))
        .await;
    assert!(shop.deliver(&announced_as(message, "event-1"), &shop.deps).await);
    let export = shop.export(key).await;
    assert_eq!(export.correlation.as_deref(), Some("event-1"));
    assert_eq!(shop.refused(key).await[0].correlation.as_deref(), Some("event-1"));
    let mail = Outbox::new(&shop.world.clients)
        .get(&mail_id("quarantine", &export.id, &export.etag))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(mail.correlation.as_deref(), Some("event-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_correlation_of_an_upload_comes_before_that_of_its_announcement() {
    let shop = Shop::open().await;
    let key = "incoming/d.json";
    let etag = shop
        .deps
        .objects
        .put(key, "application/json", "till-7", page(&[payment(1, 1, 1_000)]))
        .await
        .unwrap();
    let message = announced_as(testkit::world::message(key, &etag, 1), "event-2");
    assert!(shop.deliver(&message, &shop.deps).await);
    assert_eq!(shop.export(key).await.correlation.as_deref(), Some("till-7"));
    assert_eq!(json!(shop.export(key).await.counts.stored), 1);
}
