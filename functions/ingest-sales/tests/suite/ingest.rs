//! Files go in, days come out.

use crate::support::{Shop, bought_by, page, payment};
use domain::export::ExportState;
use serde_json::{Value, json};

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

/// A refund of `parent` as a document of its own.
fn refund(number: u32, parent: &Value, amount: i32) -> Value {
    let mut refund = payment(number, 90, 0);
    refund["parent_payment_id"] = parent["id"].clone();
    refund["parent_payment_created_at"] = parent["created_at"].clone();
    refund["total_collected"] = (-amount).into();
    refund["checkouts"] = json!([]);
    refund
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_refund_gives_nothing_back_in_whatever_order_it_is_told() {
    for cancelled_first in [false, true] {
        let shop = Shop::open().await;
        let sale = bought_by(payment(1, 1, 10_000), 7);
        let given = refund(2, &sale, 4_000);
        let mut cancelled = given.clone();
        cancelled["is_deleted"] = true.into();
        cancelled["updated_at"] = "2025-10-28T23:00:00.000+07:00".into();
        shop.take("incoming/sale.json", page(std::slice::from_ref(&sale)))
            .await;
        let mut files = [given, cancelled];
        if cancelled_first {
            files.reverse();
        }
        for (index, file) in files.iter().enumerate() {
            shop.take(
                &format!("incoming/{index}.json"),
                page(std::slice::from_ref(file)),
            )
            .await;
        }
        let day = shop.day("moka-100818", "2025-10-28").await;
        assert_eq!(
            (day.figures.refunded.to_string(), day.refunded_receipts),
            ("0".to_owned(), 0)
        );
        let customer = shop.deps.customers.find("OYAKO_MOKA_7").await.unwrap().unwrap();
        assert_eq!(customer.total().unwrap().to_string(), "10000");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_refunds_of_one_sale_are_both_in_the_sums_of_the_file() {
    let shop = Shop::open().await;
    let sale = payment(1, 1, 10_000);
    let export = shop
        .take(
            "incoming/a.json",
            page(&[refund(2, &sale, 2_000), sale.clone(), refund(3, &sale, 3_000)]),
        )
        .await;
    assert_eq!(export.sums.refunded.to_string(), "5000");
    assert_eq!(
        shop.day("moka-100818", "2025-10-28")
            .await
            .figures
            .refunded
            .to_string(),
        "5000"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rows_of_one_product_are_two_lines_and_stay_two() {
    let shop = Shop::open().await;
    let row = |name: &str| {
        json!({ "transaction_no": "T1", "created_at": "2025-10-28 12:00:00", "outlet_name": "Pusat",
                "product_name": name, "product_qty": 1, "product_price": 5_000, "total": 15_000 })
    };
    let file = json!({ "data": [row("Es Teh"), row("Soto"), row("Es Teh")] }).to_string();
    for key in ["incoming/a.json", "incoming/b.json"] {
        shop.take(key, file.clone()).await;
        let day = shop.day("majoo-pusat", "2025-10-28").await;
        assert_eq!(
            (day.receipts, day.figures.net.to_string()),
            (1, "15000".to_owned())
        );
        assert_eq!(day.menus["Es Teh"].qty.to_string(), "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_footer_of_a_majoo_export_is_no_record() {
    let shop = Shop::open().await;
    let file = json!({ "outlet": "Pusat", "rows": [
        { "No Transaksi": "A1", "Waktu Bayar": "28-10-2025 12:00:00", "Total Penjualan (Rp)": 5_000 },
        { "No Transaksi": "Powered By", "Waktu Bayar": "" },
    ] });
    let export = shop.take("incoming/a.json", file.to_string()).await;
    assert_eq!(
        (
            export.counts.received,
            export.counts.stored,
            export.counts.quarantined
        ),
        (1, 1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_behind_its_rows_is_found() {
    let shop = Shop::open().await;
    let rows = r#"{"rows":[{"No Transaksi":"A1","Waktu Bayar":"28-10-2025 12:00:00","Total Penjualan (Rp)":5000}],"outlet":"Pusat"}"#;
    let export = shop.take("incoming/a.json", rows).await;
    assert_eq!(export.notes.get("OUTLET_ASSUMED"), None);
    assert_eq!(shop.day("majoo-pusat", "2025-10-28").await.receipts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlets_id_is_read_leniently_and_never_made_up() {
    let shop = Shop::open().await;
    let mut sales: Vec<Value> = (1..=5).map(|n| payment(n, n, 1_000)).collect();
    for (sale, id) in sales.iter_mut().zip([
        json!(986),
        json!("986.0"),
        json!("MOKA-986"),
        json!(-986),
        json!("../x"),
    ]) {
        sale["outlet_id"] = id;
    }
    let export = shop.take("incoming/a.json", page(&sales)).await;
    assert_eq!((export.counts.stored, export.counts.quarantined), (3, 2));
    assert_eq!(shop.day("moka-986", "2025-10-28").await.receipts, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_takes_no_other_line_with_it() {
    let shop = Shop::open().await;
    let line = |n: u32| {
        json!({ "schema": "sikp.pos.receipt/1", "receipt_id": format!("R{n}"), "paid_at": "2025-10-28T12:00:00+07:00",
                "totals": { "total": "1000" } })
        .to_string()
    };
    let broken = r#"{"schema":"sikp.pos.receipt/1","receipt_id":"#;
    let file = [line(1).as_str(), broken, &line(2), broken, broken, &line(3)].join("\n");
    let export = shop.take("incoming/a.ndjson", file).await;
    assert_eq!(
        (
            export.counts.stored,
            export.rejected.get("RECORD_NOT_JSON").copied()
        ),
        (3, Some(3))
    );
}
