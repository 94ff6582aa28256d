//! What the outlets sell: the same every time.

use domain::when::{BusinessDate, Zone, format_local, read_moment};
use serde_json::{Value, json};
use sims::moka::sample;

use crate::clock::{HOUR_MS, MINUTE_MS};

/// Receipts of an outlet's day. The same every day, so that no day is unusual.
const RECEIPTS: u32 = 12;
/// People who buy at the outlets, some of them at those of Moka and at the other one.
const PEOPLE: [&str; 8] = [
    "Siti Rahmawati",
    "Budi Santoso",
    "Dewi Kusuma",
    "Agus Wijaya",
    "Rina Kartika",
    "Joko Prasetyo",
    "Maya Anggraini",
    "Hendra Gunawan",
];

/// The zone of this name.
pub(crate) fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

/// Payments of a Moka outlet's day, every third of them by somebody who is known.
pub(crate) fn payments(moka: &str, date: BusinessDate, zone: &Zone) -> Vec<Value> {
    let mut payments = sample::day(moka, date, zone, RECEIPTS);
    // The sample numbers every outlet's payments alike; at Moka no two payments have one id.
    for (number, payment) in payments.iter_mut().enumerate() {
        let id = payment["id"]
            .as_str()
            .unwrap()
            .replacen("-4000-8", &format!("-4{moka:0>3}-8"), 1);
        payment["id"] = id.into();
        if number % 3 == 0 {
            by(payment, number / 3 + week(date));
        }
    }
    payments
}

/// Somebody new every week.
fn week(date: BusinessDate) -> usize {
    usize::try_from(date.days_since_epoch() / 7 % 3).unwrap()
}

fn by(payment: &mut Value, person: usize) {
    payment["customer_id"] = (500 + person).into();
    payment["customer_name"] = PEOPLE[person].into();
    payment["customer_phone"] = phone(person).into();
    payment["customer_email"] = format!("tamu{person}@contoh.example").into();
}

fn phone(person: usize) -> String {
    format!("0812-5550-07{person:02}")
}

/// A payment of a day before, given back at this moment.
pub(crate) fn given_back(payment: &Value, at_ms: i64, zone: &Zone) -> Value {
    let mut back = sample::changed(payment, at_ms, zone);
    back["is_refunded"] = true.into();
    back["refund_amount"] = back["total_collected"].clone();
    back
}

/// A payment as somebody typed it first: too cheap.
pub(crate) fn mistyped(payment: &Value) -> Value {
    let mut wrong = payment.clone();
    let zone = Zone::default();
    let typed = read_moment(payment["updated_at"].as_str().unwrap(), &zone).unwrap();
    let before_ms = typed.unwrap().at_ms - MINUTE_MS / 2;
    wrong["updated_at"] = format_local(before_ms, &zone).into();
    for name in ["total_item_price_amount", "subtotal", "total_collected"] {
        wrong[name] = 1_000.into();
    }
    for name in ["item_price", "gross_sales", "net_sales"] {
        wrong["checkouts"][0][name] = 1_000.into();
    }
    wrong["taxes"] = 0.into();
    wrong
}

/// A page of payments, as Moka words it.
pub(crate) fn page(payments: &[Value]) -> Vec<u8> {
    json!({ "data": { "payments": payments, "completed": true } })
        .to_string()
        .into_bytes()
}

/// Majoo's two reports of a day: receipts, and their dishes.
pub(crate) fn majoo(date: BusinessDate, made: &str) -> (Vec<u8>, Vec<u8>) {
    let (mut receipts, mut dishes, mut sum) = (Vec::new(), Vec::new(), 0);
    for number in 1..=RECEIPTS {
        let total = 12_000 * (number % 3 + 1);
        sum += total;
        let invoice = format!("INV/{}/{number:04}", date.to_string().replace('-', ""));
        let paid = format!("{date} {:02}:{:02}:00", 10 + number / 4, number % 4 * 15);
        let known = number % 4 == 1;
        let person = usize::try_from(number / 4).unwrap();
        let name = if known { PEOPLE[person] } else { "-" };
        receipts.push(json!({
            "No Transaksi": invoice, "Waktu Order": paid, "Waktu Bayar": paid, "Pelanggan": name,
            "No Telepon Pelanggan": if known { phone(person) } else { "-".to_owned() },
            "Jenis Order": "Dine In", "Total Penjualan (Rp)": total, "Status Pesanan": "Selesai",
            "Metode Pembayaran": "QRIS", "Status Pembayaran": "Lunas", "Tanggal Refund": "-",
            "Jumlah Refund (Rp)": 0,
        }));
        dishes.push(json!({
            "transaction_no": invoice, "created_at": paid, "product_name": "Soto Ayam", "product_sku": "SA",
            "product_qty": number % 3 + 1, "product_price": 12_000, "product_discount": 0, "product_variants": [],
            "payment_method": "QRIS", "total": total, "customer_name": "",
        }));
    }
    let detail = json!({
        "source": "majoo", "report": "detail_penjualan", "date_generated": made,
        "total_penjualan": sum, "total_transaksi": receipts.len(), "rows": receipts,
    });
    let products =
        json!({ "status": { "code": 200, "message": "success" }, "source": "majoo", "data": dishes });
    (detail.to_string().into_bytes(), products.to_string().into_bytes())
}

/// The moment of an hour of a day in Jakarta, Unix milliseconds.
pub(crate) fn at(date: BusinessDate, hour: i64, minute: i64) -> i64 {
    let midnight = read_moment(&date.to_string(), &Zone::default()).unwrap().unwrap();
    midnight.at_ms + hour * HOUR_MS + minute * MINUTE_MS
}
