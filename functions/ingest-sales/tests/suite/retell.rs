//! Exports told again, for tables that are made anew.

use std::collections::BTreeSet;

use crate::support;
use crate::support::{Shop, bought_by, page, payment};
use aws::audit::AuditTrail;
use aws::outbox::Outbox;
use domain::page::Receipts;
use domain::quarantine::QuarantineState;
use ingest_sales::retell;

const DATE: &str = "2025-10-28";
const KEY: &str = "incoming/moka-100818/a.json";

/// Three sales, and one of another outlet than the folder's.
fn file() -> Vec<u8> {
    let stranger = support::at_outlet(payment(4, 4, 4_000), 7);
    let sales = (1..=3).map(|number| bought_by(payment(number, number, 1_000), number));
    page(&sales.chain([stranger]).collect::<Vec<_>>())
}

/// Takes the receipts of the day away.
async fn empty(shop: &Shop) {
    let day = ("moka-100818".to_owned(), DATE.parse().unwrap());
    let mut stored = shop.deps.sales.read_page(&day).await.unwrap().unwrap();
    stored.receipts = Receipts::new();
    shop.deps.sales.forget_summary(&day).await.unwrap();
    shop.deps.sales.write_page(&day, &stored).await.unwrap();
}

/// What is written about a file beside what it tells: records of the audit, mails, its entry, its refused records.
async fn history(shop: &Shop) -> String {
    let mut last = Vec::new();
    for chain in 0..8 {
        last.push(AuditTrail::new(&shop.world.clients).last(chain).await.unwrap());
    }
    let mails = Outbox::new(&shop.world.clients).due(i64::MAX / 2).await.unwrap();
    format!(
        "{last:?} {mails:?} {:?} {:?}",
        shop.export(KEY).await,
        shop.refused(KEY).await
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_told_again_fills_what_was_emptied_and_leaves_its_history_alone() {
    let shop = Shop::open().await;
    let export = shop.take(KEY, file()).await;
    let (tables, history_before) = (shop.picture("moka-100818", DATE).await, history(&shop).await);
    empty(&shop).await;
    let counts = retell::file(&export, BTreeSet::new(), &shop.deps).await.unwrap();
    assert_eq!((counts.stored, counts.quarantined), (3, 1), "the same rules");
    assert_eq!(shop.picture("moka-100818", DATE).await, tables);
    assert_eq!(history(&shop).await, history_before);
    // Once more changes nothing; what the page holds of the file counts as its own work.
    let counts = retell::file(&export, BTreeSet::new(), &shop.deps).await.unwrap();
    assert_eq!((counts.stored, counts.unchanged), (3, 0));
    assert_eq!(shop.picture("moka-100818", DATE).await, tables);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_left_out_are_not_told() {
    let shop = Shop::open().await;
    let export = shop.take(KEY, file()).await;
    empty(&shop).await;
    let counts = retell::file(&export, BTreeSet::from([0, 3]), &shop.deps)
        .await
        .unwrap();
    assert_eq!((counts.received, counts.stored), (2, 2));
    assert_eq!(shop.day("moka-100818", DATE).await.receipts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_taken_later_is_told_again_by_itself() {
    let shop = Shop::open().await;
    let export = shop.take(KEY, file()).await;
    let mut piece = shop.refused(KEY).await.remove(0);
    piece.context = piece
        .context
        .replace("\"folder_outlet\":\"moka-100818\"", "\"folder_outlet\":null");
    let before = history(&shop).await;
    let counts = retell::piece(&piece, export.clone(), &shop.deps)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(counts.stored, 1);
    assert_eq!(shop.day("moka-7", DATE).await.receipts, 1);
    assert_eq!(history(&shop).await, before);
    assert_eq!(piece.state, QuarantineState::Open);
    // With its folder it is as wrong as ever.
    let refused = shop.refused(KEY).await.remove(0);
    let refused = retell::piece(&refused, export, &shop.deps)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refused.code, "WRONG_OUTLET");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_is_an_error_and_no_entry() {
    let shop = Shop::open().await;
    let export = shop.take(KEY, file()).await;
    shop.world.put(KEY, b"{}".to_vec()).await;
    let before = history(&shop).await;
    let failure = retell::file(&export, BTreeSet::new(), &shop.deps)
        .await
        .unwrap_err();
    assert!(matches!(
        failure,
        ingest_sales::failure::Failure::Store(aws::StoreError::Conflict)
    ));
    assert_eq!(history(&shop).await, before);
}
