//! What the points of sale told.

use serde_json::{Value, json};

/// The day of all sales.
pub(crate) const DATE: &str = "2025-10-28";

/// The id of a payment at the point of sale.
pub(crate) fn native(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A Moka payment of one dish at outlet 1, sold at noon (Jakarta) plus its number in minutes.
pub(crate) fn payment(number: u32, price: u32) -> Value {
    let at = format!("{DATE}T12:{number:02}:00.000+07:00");
    json!({
        "id": native(number), "payment_no": format!("N{number}"),
        "created_at": at, "updated_at": at, "outlet_id": 1,
        "customer_id": null, "customer_name": null, "customer_phone": null,
        "total_item_price_amount": price, "subtotal": price, "gratuities": 0, "taxes": 0,
        "total_rounding_amount": 0, "total_collected": price, "is_refunded": false, "refund_amount": 0,
        "checkouts": [{
            "item_id": 1, "item_name": "Nasi Goreng Oyako", "item_variant_id": 2, "item_variant_name": "Pedas",
            "quantity": 1, "item_price": price, "gross_sales": price, "net_sales": price, "is_deleted": false,
        }],
    })
}

/// The payment as a customer's.
pub(crate) fn bought_by(mut payment: Value, customer: u32) -> Value {
    payment["customer_id"] = customer.into();
    payment["customer_name"] = format!("Tamu {customer}").into();
    payment["customer_phone"] = format!("0812-5550-01{customer:02}").into();
    payment
}

/// A page of payments.
pub(crate) fn page(payments: &[Value]) -> Vec<u8> {
    json!({ "data": { "next_url": null, "completed": true, "payments": payments }, "meta": { "code": 200 } })
        .to_string()
        .into_bytes()
}

/// A later telling of a payment.
fn revised(mut payment: Value) -> Value {
    payment["updated_at"] = format!("{DATE}T22:00:00.000+07:00").into();
    payment
}

/// Sales of four customers, and one of nobody.
pub(super) fn first() -> Vec<u8> {
    let sales = (1..=4).map(|number| bought_by(payment(number, 10_000 * number), number));
    page(&sales.chain([payment(5, 50_000)]).collect::<Vec<_>>())
}

/// The first sale dearer, the second void, the third given back, the fourth of somebody else; and a broken one.
pub(super) fn corrections() -> Vec<u8> {
    let dearer = revised(bought_by(payment(1, 12_000), 1));
    let mut void = revised(bought_by(payment(2, 20_000), 2));
    void["is_deleted"] = true.into();
    let mut back = revised(bought_by(payment(3, 30_000), 3));
    back["is_refunded"] = true.into();
    back["refund_amount"] = 30_000.into();
    let other = revised(bought_by(payment(4, 40_000), 9));
    let mut broken = payment(6, 1_000);
    broken["total_collected"] = "abc".into();
    page(&[dearer, void, back, other, broken])
}

/// One good sale, and three of another outlet than their folder's.
pub(super) fn strangers() -> Vec<u8> {
    let stranger = |number| {
        let mut sale = bought_by(payment(number, 1_000), 5);
        sale["outlet_id"] = 7.into();
        sale
    };
    page(&[payment(10, 3_000), stranger(11), stranger(12), stranger(13)])
}

/// Majoo's receipts, of which one is cancelled.
pub(super) fn majoo_receipts() -> Vec<u8> {
    let row = |number: u32, status: &str| {
        json!({
            "No Transaksi": format!("INV/2510/{number:04}"), "Waktu Order": format!("28-10-2025 10:{number:02}:00"),
            "Waktu Bayar": format!("28-10-2025 11:{number:02}:00"), "Pelanggan": format!("Tamu M{number}"),
            "No Telepon Pelanggan": format!("0812555002{number:02}"), "Jenis Order": "Dine In",
            "Total Penjualan (Rp)": "24.000", "Status Pesanan": status, "Metode Pembayaran": "QRIS",
            "Status Pembayaran": "Lunas", "Tanggal Refund": "-", "Jumlah Refund (Rp)": 0,
        })
    };
    let rows = [row(1, "Selesai"), row(2, "Dibatalkan"), row(3, "Selesai")];
    json!({ "source": "majoo", "report": "detail_penjualan", "outlet": "Warung Oyako Pusat",
            "date_generated": "28/10/2025 - 22:55:01", "rows": rows })
    .to_string()
    .into_bytes()
}

/// The dishes of the same receipts.
pub(super) fn majoo_rows() -> Vec<u8> {
    let row = |number: u32, dish: &str| {
        json!({
            "transaction_no": format!("INV/2510/{number:04}"), "created_at": format!("2025-10-28 11:{number:02}:00"),
            "product_name": dish, "product_sku": dish, "product_qty": 1, "product_price": 12_000,
            "product_discount": 0, "product_variants": [], "payment_method": "QRIS", "total": 24_000,
            "customer_name": format!("Tamu M{number}"),
        })
    };
    let rows = [
        row(1, "Es Jeruk"),
        row(1, "Gado-Gado"),
        row(3, "Es Teh"),
        row(3, "Soto Ayam"),
    ];
    json!({ "status": { "code": 200, "message": "success" }, "source": "majoo", "outlet": "Warung Oyako Pusat",
            "data": rows })
    .to_string()
    .into_bytes()
}

/// Records of the seven fields, with words.
pub(super) fn words() -> Vec<u8> {
    let row = |customer: u32, report: Value| {
        json!({
            "ID_Pelanggan": customer.to_string(), "Nama_Pelanggan": "Rina", "NoHP_Pelanggan": "081255500301",
            "Tanggal_Order": format!("{DATE} 12:{customer:02}:00"), "Total_Harga": 30_000,
            "Nama_Menu": "Soto Ayam", "Isi_Laporan": report,
        })
    };
    let rows = [
        row(1, json!("4 - agak asin")),
        row(2, json!(null)),
        row(3, json!("2")),
    ];
    Value::from(rows.to_vec()).to_string().into_bytes()
}
