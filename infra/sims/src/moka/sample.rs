//! Payments as Moka tells them: its names and types, invented values, sums that are right.

use domain::when::{BusinessDate, Zone, format_local, read_moment};
use serde_json::{Value, json};

/// Dishes with their prices in rupiah.
const DISHES: [(&str, u64); 4] = [
    ("Nasi Goreng Oyako", 38_000),
    ("Chicken Katsu", 42_000),
    ("Mie Ayam", 28_000),
    ("Es Teh", 8_000),
];
/// When the first payment of a day is made, after midnight, in milliseconds.
const OPENING_MS: i64 = 10 * 3_600_000;
/// How far payments are apart, in milliseconds.
const APART_MS: i64 = 60_000;

/// So many payments of an outlet (Moka's id, a number) and day in a zone, a minute apart from ten o'clock on. The
/// same again for the same arguments.
#[must_use]
pub fn day(outlet: &str, date: BusinessDate, zone: &Zone, count: u32) -> Vec<Value> {
    let midnight = read_moment(&date.to_string(), zone).ok().flatten();
    let opening = midnight.map_or(0, |moment| moment.at_ms) + OPENING_MS;
    (0..count)
        .map(|number| payment(outlet, date, number, opening + i64::from(number) * APART_MS, zone))
        .collect()
}

/// A payment that was changed at a moment (Unix milliseconds): the same one, told anew.
#[must_use]
pub fn changed(payment: &Value, at_ms: i64, zone: &Zone) -> Value {
    let mut changed = payment.clone();
    changed["updated_at"] = json!(format_local(at_ms, zone));
    changed["payment_note"] = json!("diubah");
    changed
}

fn payment(outlet: &str, date: BusinessDate, number: u32, at_ms: i64, zone: &Zone) -> Value {
    let at = format_local(at_ms, zone);
    let index = usize::try_from(number).unwrap_or_default() % DISHES.len();
    let (dish, price) = DISHES.get(index).copied().unwrap_or(("Es Teh", 8_000));
    let quantity = u64::from(number % 3 + 1);
    let gross = price * quantity;
    let tax = gross / 10;
    let days = date.days_since_epoch();
    let id = format!("{days:08x}-0000-4000-8000-{number:012x}");
    let mut payment = json!({
        "id": id, "payment_no": format!("W{days}{number:04}"),
        "created_at": at, "updated_at": at, "synchronized_at": at,
        "parent_payment_created_at": null, "parent_payment_id": null,
        "name": dish, "payment_type": "cash", "payment_type_label": "Cash", "payment_note": "",
        "customer_id": null, "customer_name": null, "customer_phone": null, "customer_email": null,
        "collected_by": "Kasir 1", "served_by": null, "table_name": format!("Meja {}", number % 9 + 1),
        "outlet_id": outlet.parse::<u64>().ok(),
        "payment_taxes": [], "payment_gratuities": [], "payment_discounts": [], "payment_refunds": [],
        "is_refunded": false, "refund_amount": 0, "total_refund": 0,
    });
    let amounts = json!({
        "total_item_price_amount": gross, "discounts": 0, "subtotal": gross, "gratuities": 0, "taxes": tax,
        "total_rounding_amount": 0, "total_collected": gross + tax, "tendered": gross + tax, "change": 0,
        "include_gratuity_tax": false, "enable_tax": true, "enable_gratuity": false,
    });
    let line = json!({
        "id": number, "uuid": format!("{days:08x}-0000-4000-9000-{number:012x}"),
        "item_id": index + 1, "item_name": dish, "item_variant_id": index + 1, "item_variant_name": "",
        "category_name": "Makanan", "quantity": quantity, "refunded_quantity": 0,
        "item_price": price, "item_price_quantity": gross, "discount_amount": 0, "tax_amount": tax,
        "gross_sales": gross, "net_sales": gross, "total_price": gross,
        "is_deleted": false, "sales_type_name": "Dine In", "modifiers": [], "discounts": [],
    });
    if let (Some(fields), Value::Object(amounts)) = (payment.as_object_mut(), amounts) {
        fields.extend(amounts);
        fields.insert("checkouts".to_owned(), json!([line]));
    }
    payment
}
