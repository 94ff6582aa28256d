//! Refused records run again.

use crate::support;
use crate::support::{Shop, ask, page, payment};
use domain::export::ExportState;
use domain::quarantine::QuarantineState;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_reason_is_gone_is_taken_and_counted_once() {
    let shop = Shop::open().await;
    // The outlet's clock had no such hour until its zone was corrected.
    let mut sale = payment(2, 2, 2_000);
    sale["created_at"] = "2025-10-28 12:00:00 XYZ".into();
    shop.take("incoming/a.json", page(&[payment(1, 1, 1_000), sale.clone()]))
        .await;
    let piece = shop.refused("incoming/a.json").await.remove(0);
    let asked = ask(&shop, &piece).await;
    ingest_sales::replay::run(asked.clone(), &shop.deps)
        .await
        .unwrap();
    let again = shop.refused("incoming/a.json").await.remove(0);
    assert_eq!(
        (again.state, again.attempts, again.code.as_str()),
        (QuarantineState::Open, 2, "DATE_INVALID")
    );
    // Coming twice, the trigger changes nothing more.
    ingest_sales::replay::run(asked, &shop.deps).await.unwrap();
    assert_eq!(shop.refused("incoming/a.json").await.remove(0).attempts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_record_takes_the_real_path() {
    let shop = Shop::open().await;
    let export = shop
        .take(
            "incoming/moka-100818/b.json",
            page(&[payment(1, 1, 1_000), support::at_outlet(payment(2, 2, 2_000), 7)]),
        )
        .await;
    assert_eq!((export.counts.stored, export.counts.quarantined), (1, 1));
    let mut piece = shop.refused("incoming/moka-100818/b.json").await.remove(0);
    // What was refused was the folder: without it the record stands.
    let before = piece.clone();
    piece.context = piece
        .context
        .replace("\"folder_outlet\":\"moka-100818\"", "\"folder_outlet\":null");
    piece.state = QuarantineState::Replaying;
    shop.deps
        .quarantine
        .decide(&before, &piece, "key:test")
        .await
        .unwrap();
    ingest_sales::replay::run(piece, &shop.deps).await.unwrap();
    assert_eq!(
        shop.refused("incoming/moka-100818/b.json").await[0].state,
        QuarantineState::Replayed
    );
    assert_eq!(
        shop.day("moka-7", "2025-10-28").await.figures.total.to_string(),
        "2000"
    );
    let replayed = [("moka-7".to_owned(), "2025-10-28".parse().unwrap())];
    let arrivals = shop.deps.sales.arrivals(&replayed).await.unwrap();
    let arrival = arrivals[0].clone().unwrap();
    assert_eq!(
        arrival.last_received_ms,
        Some(export.received_ms),
        "it came with its file"
    );
    assert_eq!(arrival.export, Some((export.id, export.etag)));
    let export = shop.export("incoming/moka-100818/b.json").await;
    assert_eq!(
        (
            export.counts.stored,
            export.counts.quarantined,
            export.counts.received
        ),
        (2, 0, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_file_is_read_again_from_its_start() {
    let shop = Shop::open().await;
    let export = shop.take("incoming/c.json", b"<html>".to_vec()).await;
    assert_eq!(export.state, ExportState::Failed);
    let piece = shop.refused("incoming/c.json").await.remove(0);
    let asked = ask(&shop, &piece).await;
    ingest_sales::replay::run(asked, &shop.deps).await.unwrap();
    let reopened = shop.export("incoming/c.json").await;
    assert_eq!(reopened.state, ExportState::Processing);
    ingest_sales::run::go_on(reopened, i64::MAX, &shop.deps)
        .await
        .unwrap();
    let failed = shop.export("incoming/c.json").await;
    assert_eq!((failed.state, failed.runs), (ExportState::Failed, 2));
    assert_eq!(
        shop.refused("incoming/c.json").await[0].state,
        QuarantineState::Open
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_read_again_is_read_to_its_end_however_often_a_run_is_cut_short() {
    let shop = Shop::open().await;
    let key = "incoming/strange.json";
    let etag = shop.world.put(key, r#"{"data":[{"id":1}]}"#).await;
    // Large files say that they are being read; this one says that it is large.
    let message = testkit::world::message(key, &etag, 5 << 20);
    assert!(shop.deliver(&message, &shop.deps).await);
    let piece = shop.refused(key).await.remove(0);
    assert!(piece.whole_file);
    let asked = ask(&shop, &piece).await;
    ingest_sales::replay::run(asked, &shop.deps).await.unwrap();
    let announced = shop.export(key).await;
    assert!(!announced.is_final());
    for call in 1..8 {
        shop.world.faults.set(testkit::faults::Plan::CrashBefore(call));
        let cut_short = ingest_sales::run::go_on(announced.clone(), i64::MAX, &shop.faulty).await;
        assert!(
            cut_short.is_err() || shop.export(key).await.is_final(),
            "a run that did not end says so: call {call}"
        );
    }
    // The stream tells of the same change again.
    ingest_sales::run::go_on(announced, i64::MAX, &shop.deps)
        .await
        .unwrap();
    assert!(shop.export(key).await.is_final());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_can_not_be_read_is_not_taken_for_done() {
    let shop = Shop::open().await;
    for (kind, state) in [("export", "continue"), ("quarantine", "replaying")] {
        let image =
            json!({ "kind": { "S": kind }, "state": { "S": state }, "doc": { "S": "of another version" } });
        let event = json!({ "Records": [{
            "eventSource": "aws:dynamodb", "dynamodb": { "SequenceNumber": "1", "NewImage": image },
        }] });
        let failure = ingest_sales::handle(event, support::NEVER, &shop.deps)
            .await
            .unwrap_err();
        assert_eq!(failure.code(), "INGEST_NOTHING_DONE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_says_whose_it_is_and_of_two_nobodys() {
    let shop = Shop::open().await;
    let broken = |number, outlet| {
        let mut sale = support::at_outlet(payment(number, number, 1_000), outlet);
        sale["created_at"] = "2025-10-28 12:00:00 XYZ".into();
        sale
    };
    let mut placeless = broken(3, 7);
    placeless["outlet_id"] = "../x".into();
    let sales = [broken(1, 7), broken(2, 8), placeless, payment(4, 4, 1_000)];
    let table: [(&str, [Option<&str>; 3]); 2] = [
        ("incoming/a.json", [Some("moka-7"), Some("moka-8"), None]),
        // Of another outlet than its folder's; and one that tells no outlet is its folder's.
        ("incoming/moka-7/b.json", [Some("moka-7"), None, Some("moka-7")]),
    ];
    for (key, expected) in table {
        shop.take(key, page(&sales)).await;
        let pieces = shop.refused(key).await;
        let told: Vec<_> = pieces.iter().map(|piece| piece.outlet.as_deref()).collect();
        assert_eq!(told[..3], expected, "{key}");
    }
}
