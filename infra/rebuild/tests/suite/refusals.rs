//! When a rebuild does not begin, nothing has changed.

use crate::support::Shop;
use crate::support::files::{page, payment};
use domain::export::{Export, ExportState};
use domain::quarantine::QuarantineState;
use rebuild::{Comparison, Order, Outline, Stop};

const KEEP_GONE: Order = Order { keep_gone: true };

#[tokio::test(flavor = "multi_thread")]
async fn exports_that_are_gone_are_named_before_anything_is_emptied() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    // One is deleted, another one overwritten with less.
    let before = shop.fingerprint().await;
    let file = |key: &str| shop.world.data().join("s3/exports").join(key);
    std::fs::remove_file(file("incoming/moka-1/2.json")).unwrap();
    shop.world.put("incoming/majoo/rows.json", b"{}".to_vec()).await;
    let stopped = shop.rebuild(&shop.tools).await.unwrap_err();
    let Stop::Gone(mut keys) = stopped else {
        panic!("{stopped:?}")
    };
    keys.sort();
    assert_eq!(keys, ["incoming/majoo/rows.json", "incoming/moka-1/2.json"]);
    assert_eq!(shop.changed_since(&before).await, [""; 0]);
    assert_eq!(shop.rebuilds().await, 0);
    // Their days can stay as they are, and so do those who were there.
    let report = rebuild::rebuild(KEEP_GONE, |_| true, &shop.tools).await.unwrap();
    assert_eq!(
        report.comparison,
        Comparison::Same,
        "{:?}",
        report.before.differs_in(&report.after)
    );
    assert_eq!(shop.changed_since(&before).await, ["operations.audit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_an_export_is_gone_other_days_are_made_anew_all_the_same() {
    let shop = Shop::open().await;
    let other_day = |date: &str| {
        let mut sale = payment(1, 9_000);
        for name in ["created_at", "updated_at"] {
            sale[name] = format!("{date}T12:00:00.000+07:00").into();
        }
        page(&[sale])
    };
    for date in ["2025-10-20", "2025-10-21"] {
        shop.take(&format!("incoming/moka-1/{date}.json"), other_day(date))
            .await;
    }
    shop.score().await;
    std::fs::remove_file(
        shop.world
            .data()
            .join("s3/exports/incoming/moka-1/2025-10-20.json"),
    )
    .unwrap();
    let version = |date: &str| {
        let day = ("moka-1".to_owned(), date.parse().unwrap());
        let shop = &shop;
        async move { shop.tools.sales.read_page(&day).await.unwrap().unwrap().version }
    };
    let before = [version("2025-10-20").await, version("2025-10-21").await];
    let report = rebuild::rebuild(KEEP_GONE, |_| true, &shop.tools).await.unwrap();
    assert_eq!(report.comparison, Comparison::Same);
    let after = [version("2025-10-20").await, version("2025-10-21").await];
    assert_eq!(after[0], before[0], "a kept day is not touched");
    assert_eq!(after[1], before[1] + 2, "emptied, and told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_while_exports_are_being_processed() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    let piece = shop.refused("incoming/moka-1/2.json").await.remove(0);
    let asked = shop.decide(&piece, QuarantineState::Replaying).await;
    let stopped = shop.rebuild(&shop.tools).await.unwrap_err();
    assert!(
        matches!(&stopped, Stop::Busy(keys) if keys == &["incoming/moka-1/2.json"]),
        "{stopped:?}"
    );
    ingest_sales::replay::run(asked, &shop.ingest).await.unwrap();
    let before = shop.fingerprint().await;
    let reading = Export {
        id: "exp_reading".to_owned(),
        key: "incoming/large.json".to_owned(),
        etag: "e".to_owned(),
        state: ExportState::Processing,
        ..Export::default()
    };
    shop.tools.ledger.progress(&reading).await.unwrap();
    let stopped = shop.rebuild(&shop.tools).await.unwrap_err();
    assert!(
        matches!(&stopped, Stop::Busy(keys) if keys == &["incoming/large.json"]),
        "{stopped:?}"
    );
    assert!(stopped.to_string().contains("incoming/large.json"));
    assert_eq!(
        shop.changed_since(&before).await,
        ["operations.exports"],
        "only the file that is being read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_begins_against_a_persons_will_or_beside_another_rebuild() {
    let shop = Shop::open().await;
    shop.tell_its_story().await;
    let before = shop.fingerprint().await;
    let mut told = None;
    let ask = |outline: &Outline| {
        told = Some(outline.clone());
        false
    };
    let stopped = rebuild::rebuild(Order::default(), ask, &shop.tools)
        .await
        .unwrap_err();
    assert_eq!(stopped.code(), "REBUILD_DECLINED");
    let outline = Outline {
        files: 7,
        records: 1,
        gone: 0,
    };
    assert_eq!(told, Some(outline), "the failed file told nothing");
    let now_ms = (shop.tools.now_ms)();
    assert!(
        shop.tools
            .leases
            .take("rebuild", "somebody", now_ms, 1_000)
            .await
            .unwrap()
    );
    let stopped = shop.rebuild(&shop.tools).await.unwrap_err();
    assert_eq!(stopped.code(), "REBUILD_HELD");
    assert_eq!(shop.changed_since(&before).await, [""; 0]);
    assert_eq!(shop.rebuilds().await, 0);
}
