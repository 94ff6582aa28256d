//! A guest who left traces in every table, by the ways in which guests do.

use std::collections::BTreeMap;

use aws::insights::Insights;
use domain::customer::{OutletDay, ProfileField, id_from_phone};
use domain::fingerprint::{of_insight, of_page, of_summary, of_table};
use domain::insight::{Month, Period, Scope};
use domain::kin::{Evidence, Joining};
use domain::money::Money;
use domain::rights::{Correction, Kind};
use serde_json::{Value, json};
use testkit::search::{Texts, found_in};

use super::{DAY_MS, NEVER, NOW_MS, STAFF, Shop, day, place, said};

pub(crate) const NATIVE: &str = "OYAKO_MOKA_163124";
pub(crate) const OUTLET: &str = "moka-100818";
pub(crate) const DATE: &str = "2026-11-20";
/// What must not be found any more: who it is, in every writing that a cashier, a file or a form may have.
pub(crate) const TRACES: [&str; 8] = [
    "Rahmawati",
    "Kusumaningrum",
    "+6281298765432",
    "6281298765432",
    "081298765432",
    "0812-9876-5432",
    "0812 9876 5432",
    "rahma.k@example.test",
];

/// A Moka payment of a guest on the day.
pub(crate) fn payment(number: u32, customer: Value) -> Value {
    let at = format!("2026-11-20T12:{number:02}:00.000+07:00");
    let mut payment = json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"), "payment_no": format!("N{number}"),
        "created_at": at, "updated_at": at, "outlet_id": 100_818,
        "total_item_price_amount": 25_000, "subtotal": 25_000, "gratuities": 0, "taxes": 0,
        "total_rounding_amount": 0, "total_collected": 25_000, "is_refunded": false, "refund_amount": 0,
        "checkouts": [{
            "item_id": 1, "item_name": "Soto Ayam", "item_variant_id": 2, "item_variant_name": "Pedas",
            "quantity": 1, "item_price": 25_000, "gross_sales": 25_000, "net_sales": 25_000, "is_deleted": false,
        }],
    });
    payment
        .as_object_mut()
        .unwrap()
        .extend(customer.as_object().unwrap().clone());
    payment
}

pub(crate) fn exports() -> [(&'static str, Vec<u8>); 2] {
    let rahma = json!({
        "customer_id": 163_124, "customer_name": "Rahmawati Kusumaningrum", "customer_phone": "0812-9876-5432",
        "customer_email": "rahma.k@example.test",
    });
    let budi =
        json!({ "customer_id": 7, "customer_name": "Budi Hartono", "customer_phone": "0813-1111-2222" });
    let payments = [payment(1, rahma.clone()), payment(2, rahma), payment(3, budi)];
    let moka = json!({ "data": { "next_url": null, "completed": true, "payments": payments }, "meta": { "code": 200 } });
    let rows = json!([{
        "Nama_Pelanggan": "Rahmawati K", "NoHP_Pelanggan": "081298765432",
        "Tanggal_Order": "2026-11-20 19:02:00", "Total_Harga": 30_000, "Nama_Menu": "Es Teh",
        "Isi_Laporan": "1 - kurang dingin, hubungi Rahmawati di 081298765432",
    }]);
    [
        ("incoming/moka-100818/a.json", moka.to_string().into_bytes()),
        ("incoming/pos-1/b.json", rows.to_string().into_bytes()),
    ]
}

/// Takes the exports under a name of their own each time.
pub(crate) async fn take(shop: &Shop, times: u32) {
    let clients = shop.world.clients.clone();
    let deps = ingest_sales::Deps::with_clients(clients, [7; 32], testkit::metrics());
    let deps = deps.await.unwrap();
    for (key, bytes) in exports() {
        let key = key.replace(".json", &format!("-{times}.json"));
        let message = shop.world.put_and_announce(&key, bytes).await;
        let answer = ingest_sales::handle(message, NEVER, &deps).await.unwrap();
        assert!(answer.batch_item_failures.is_empty());
    }
}

/// Counts the figures of days, and opens the cases of what was said on them, as the streams have it done.
pub(crate) async fn score(shop: &Shop, days: &[OutletDay]) {
    let deps = score_feedback::Deps::new(shop.world.clients.clone(), testkit::metrics(), || NOW_MS);
    let mut records = Vec::new();
    for day in days {
        records.push(
            json!({ "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": {
            "SequenceNumber": "1",
            "Keys": { "pk": { "S": format!("O#{}", day.0) }, "sk": { "S": format!("S#{}", day.1) } },
            "NewImage": { "v": { "N": "1" } },
        } }),
        );
        for answer in shop.deps.feedback.of_day(day).await.unwrap() {
            records.push(json!({ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
                "SequenceNumber": "2",
                "NewImage": { "kind": { "S": "answer" }, "doc": { "S": serde_json::to_string(&answer).unwrap() } },
            } }));
        }
    }
    let answer = score_feedback::handle(json!({ "Records": records }), &deps).await;
    assert!(answer.unwrap().batch_item_failures.is_empty());
}

/// One hash of all sales and figures of days.
pub(crate) async fn figures(shop: &Shop, days: &[OutletDay]) -> String {
    let insights = Insights::new(&shop.world.clients);
    let mut hashes = Vec::new();
    for day in days {
        let page = shop.sales.read_page(day).await.unwrap().unwrap();
        hashes.extend(of_page(day, &page.receipts).unwrap());
        let summary = shop.sales.read_summary(day).await.unwrap().unwrap();
        hashes.push(of_summary(day, &summary).unwrap());
        let month = Period::Month(Month::of(day.1));
        let scopes = [Scope::Outlet(day.0.clone()), Scope::All];
        for (scope, period) in scopes
            .into_iter()
            .flat_map(|scope| [(scope.clone(), Period::Day(day.1)), (scope, month)])
        {
            let mut insight = insights.read(&scope, &period).await.unwrap().unwrap();
            assert!(insight.net != Money::ZERO && insight.answered > 0);
            // How many answers have words is the one figure that an erasure is meant to change.
            insight.comments = 0;
            hashes.push(of_insight(&scope, period, &insight).unwrap());
        }
    }
    of_table(hashes)
}

/// A shop where a guest left traces in every table, by two ids; the days of it, and the other id.
pub(crate) async fn shop_with_traces() -> (Shop, Vec<OutletDay>, String) {
    let shop = Shop::open().await;
    take(&shop, 1).await;
    let page = shop.table("SalesTable").await;
    let other_outlet = page.keys().find(|key| !key.contains(OUTLET)).unwrap();
    let other_outlet = other_outlet
        .split("O#")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let days = vec![day(OUTLET, DATE), day(other_outlet, DATE)];
    let key = shop.deps.customers.phone_key([7; 32]).await.unwrap();
    let by_phone = id_from_phone(None, "+6281298765432", &key);
    let first = place(&days[0], "00000000-0000-4000-8000-000000000001");
    for (minute, words) in [
        "Saya Rahmawati Kusumaningrum (+6281298765432)",
        "Terlalu asin. rahma.k@example.test",
    ]
    .into_iter()
    .enumerate()
    {
        let at_ms = NOW_MS - DAY_MS + i64::try_from(minute).unwrap() * 60_000;
        shop.say(&first, Some(NATIVE), said(at_ms, 1, words)).await;
    }
    let budi = place(&days[0], "00000000-0000-4000-8000-000000000003");
    shop.say(&budi, Some("OYAKO_MOKA_7"), said(NOW_MS - DAY_MS, 5, "Mantap"))
        .await;
    score(&shop, &days).await;
    let opened = shop.case(&first).await;
    let noted = opened.move_to(opened.state, STAFF, "Telepon Rahmawati 0812 9876 5432", NOW_MS);
    let noted = noted.unwrap();
    shop.deps
        .cases
        .change(&opened, &noted, STAFF, NOW_MS)
        .await
        .unwrap();
    let hash = key.short_hash("+6281298765432");
    let mut book = shop.kin.read(&hash).await.unwrap();
    let joining = Joining {
        with: NATIVE.to_owned().min(by_phone.clone()),
        customer: by_phone.clone().max(NATIVE.to_owned()),
        evidence: Evidence::SimilarName,
    };
    for id in [NATIVE, by_phone.as_str()] {
        book.meet(id);
        shop.like(id, &days[0], "Soto Ayam").await;
    }
    book.join(std::slice::from_ref(&joining), NOW_MS);
    shop.kin
        .join(&hash, &book, &[joining], "sync-nightly", NOW_MS)
        .await
        .unwrap();
    let correction = Correction::read(ProfileField::Phone, "081298765432").unwrap();
    shop.receive(("waits", Kind::Correction), &[NATIVE], Some(&correction), NOW_MS)
        .await;
    (shop, days, by_phone)
}

/// The values that are found, each with where.
pub(crate) fn traces(all: &Texts) -> BTreeMap<&'static str, Vec<String>> {
    let found = TRACES.into_iter().map(|trace| (trace, found_in(all, trace)));
    found.filter(|(_, places)| !places.is_empty()).collect()
}
