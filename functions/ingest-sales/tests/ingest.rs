//! Files go in, days come out.

mod support;

use domain::export::ExportState;
use support::{Shop, page, payment};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_a_day() {
    let shop = Shop::open().await;
    let payments: Vec<_> = (0..30).map(|n| payment(n, n, 10_000 + n)).collect();
    let export = shop.take("incoming/moka/hari ini+é.json", page(&payments)).await;
    assert_eq!(export.state, ExportState::Done);
    assert_eq!((export.counts.received, export.counts.stored), (30, 30));
    let day = shop.day("moka-100818", "2025-10-28").await;
    assert_eq!(day.receipts, 30);
    assert_eq!(
        day.figures.total.to_string(),
        (30 * 10_000 + (0..30).sum::<u32>()).to_string()
    );
    assert_eq!(day.menus["Nasi Goreng Oyako"].qty.to_string(), "30");
}
