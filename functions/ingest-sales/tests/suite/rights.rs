//! What a person asked for stands, however often files are read again; and whoever is stored is found by their number.

use crate::support;
use crate::support::{Shop, bought_by, page, payment, revised};
use aws::customers::StoredCustomer;
use domain::customer::{Customer, Profile, ProfileField};
use domain::export::{Export, ExportState};
use domain::when::{Zone, read_moment};
use serde_json::{Value, json};
use testkit::faults::Plan;

const SINTA: &str = "OYAKO_MOKA_7";

fn moment(text: &str) -> i64 {
    read_moment(text, &Zone::default()).unwrap().unwrap().at_ms
}

async fn stored(shop: &Shop) -> StoredCustomer {
    let mut known = shop.deps.customers.read(&[SINTA.to_owned()]).await.unwrap();
    known.remove(SINTA).unwrap()
}

/// Changes the customer as a request of theirs does.
async fn change(shop: &Shop, how: impl FnOnce(&mut Customer)) {
    let mut stored = stored(shop).await;
    how(&mut stored.customer);
    let lost = shop.deps.customers.write(&[(SINTA.to_owned(), stored)]).await;
    assert_eq!(lost.unwrap(), [""; 0]);
}

fn name(customer: &Customer) -> Option<&str> {
    customer.profile.name.as_ref().map(|name| name.value.as_str())
}

fn named(mut sale: Value, name: &str, told: &str) -> Value {
    sale["customer_name"] = name.into();
    sale["updated_at"] = told.into();
    sale
}

/// Opens a file's entry again and reads it from its start, as a rebuild does.
async fn read_again(shop: &Shop, export: Export) {
    let open = Export {
        state: ExportState::Processing,
        ..export
    };
    shop.deps.ledger.reopen(&open).await.unwrap();
    ingest_sales::run::go_on(open, i64::MAX, &shop.deps)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_does_not_come_back_from_any_file() {
    let shop = Shop::open().await;
    let sale = bought_by(payment(1, 1, 10_000), 7);
    let first = shop
        .take("incoming/a.json", page(std::slice::from_ref(&sale)))
        .await;
    assert_eq!(name(&stored(&shop).await.customer), Some("Tamu 7"));
    change(&shop, |sinta| {
        assert!(sinta.erase(moment("2025-10-29T09:00:00+07:00")));
    })
    .await;
    let erased = stored(&shop).await;
    read_again(&shop, first).await;
    shop.take(
        "incoming/b.json",
        page(&[sale.clone(), bought_by(payment(2, 2, 5_000), 8)]),
    )
    .await;
    let now = stored(&shop).await;
    assert_eq!(
        (&now.customer, now.version),
        (&erased.customer, erased.version),
        "known facts are not even written"
    );
    // A revision after the erasure, another sale of that day that comes late, and a record that was refused at first.
    let late = named(sale, "Sinta", "2025-11-03T10:00:00.000+07:00");
    shop.take(
        "incoming/c.json",
        page(&[late, bought_by(payment(3, 3, 2_000), 7)]),
    )
    .await;
    let now = stored(&shop).await.customer;
    assert_eq!(now.profile, Profile::default());
    assert_eq!(
        (now.visits(), now.total().unwrap().to_string()),
        (2, "12000".to_owned()),
        "the books go on"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_that_is_replayed_brings_no_erased_person_back() {
    let shop = Shop::open().await;
    let sale = bought_by(payment(1, 1, 10_000), 7);
    shop.take("incoming/a.json", page(std::slice::from_ref(&sale)))
        .await;
    let elsewhere = support::at_outlet(bought_by(payment(2, 2, 2_000), 7), 7);
    shop.take("incoming/moka-100818/b.json", page(&[elsewhere])).await;
    change(&shop, |sinta| {
        assert!(sinta.erase(moment("2025-10-29T09:00:00+07:00")));
    })
    .await;
    let mut piece = shop.refused("incoming/moka-100818/b.json").await.remove(0);
    let before = piece.clone();
    piece.context = piece
        .context
        .replace("\"folder_outlet\":\"moka-100818\"", "\"folder_outlet\":null");
    piece.state = domain::quarantine::QuarantineState::Replaying;
    let asked = shop.deps.quarantine.decide(&before, &piece, "key:test").await;
    asked.unwrap();
    ingest_sales::replay::run(piece, &shop.deps).await.unwrap();
    let now = stored(&shop).await.customer;
    assert_eq!((now.visits(), now.profile), (2, Profile::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_again_after_the_erasure_is_known_by_that_visit() {
    let shop = Shop::open().await;
    shop.take("incoming/a.json", page(&[bought_by(payment(1, 1, 10_000), 7)]))
        .await;
    change(&shop, |sinta| {
        assert!(sinta.erase(moment("2025-10-29T09:00:00+07:00")));
    })
    .await;
    let mut again = bought_by(payment(2, 2, 5_000), 7);
    for field in ["created_at", "updated_at"] {
        again[field] = "2025-11-05T12:00:00.000+07:00".into();
    }
    shop.take("incoming/b.json", page(&[again])).await;
    let now = stored(&shop).await.customer;
    assert_eq!((name(&now), now.visits()), (Some("Tamu 7"), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_value_stays_and_another_newer_one_is_taken() {
    let shop = Shop::open().await;
    let sale = bought_by(payment(1, 1, 10_000), 7);
    shop.take("incoming/a.json", page(std::slice::from_ref(&sale)))
        .await;
    change(&shop, |sinta| {
        let at_ms = moment("2025-10-29T09:00:00+07:00");
        assert!(sinta.correct(ProfileField::Name, Some("Sinta Dewi"), at_ms));
    })
    .await;
    // The same telling, an older other one, and the wrong value told as late as can be.
    let wrong_again = named(
        revised(sale.clone(), 1, 11_000),
        "Tamu 7",
        "2026-10-28T12:00:00+07:00",
    );
    for (at, told) in [
        sale.clone(),
        named(sale.clone(), "Shinta", "2025-10-28T20:00:00.000+07:00"),
        wrong_again,
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("incoming/again-{at}.json");
        shop.take(&key, page(&[told])).await;
        assert_eq!(name(&stored(&shop).await.customer), Some("Sinta Dewi"), "{key}");
    }
    let married = named(sale, "Sinta Wijaya", "2026-11-01T12:00:00.000+07:00");
    shop.take("incoming/new.json", page(&[married])).await;
    assert_eq!(name(&stored(&shop).await.customer), Some("Sinta Wijaya"));
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_an_erased_person_that_come_late_are_not_kept_and_stars_are() {
    let shop = Shop::open().await;
    let row = |minute: u32, menu: &str, report: &str| {
        json!({
            "ID_Pelanggan": "7", "Nama_Pelanggan": "Rina", "NoHP_Pelanggan": "081255500101",
            "Tanggal_Order": format!("2025-10-28 12:{minute:02}:00"), "Total_Harga": 30_000, "Nama_Menu": menu,
            "Isi_Laporan": report,
        })
    };
    let file = |rows: &[Value]| Value::from(rows.to_vec()).to_string();
    let said = row(1, "Soto Ayam", "4 - salam dari Rina");
    shop.take("incoming/pos-1/a.json", file(std::slice::from_ref(&said)))
        .await;
    let day = ("pos-1".to_owned(), "2025-10-28".parse().unwrap());
    let known = shop.deps.feedback.of_day(&day).await.unwrap().remove(0);
    let id = known.customer.clone().unwrap();
    let mut customers = shop.deps.customers.read(std::slice::from_ref(&id)).await.unwrap();
    let mut rina = customers.remove(&id).unwrap();
    assert!(rina.customer.erase(moment("2025-10-29T09:00:00+07:00")));
    shop.deps.customers.write(&[(id, rina)]).await.unwrap();
    let bare = known.without_words();
    let erased = shop
        .deps
        .feedback
        .erase_words(&known, &bare, "honour-rights", 1)
        .await;
    erased.unwrap();
    let late = row(2, "Es Teh", "2 - dari Rina juga");
    shop.take("incoming/pos-1/b.json", file(&[said, late])).await;
    let answers = shop.deps.feedback.of_day(&day).await.unwrap();
    let told = answers.iter().map(|answer| {
        let said = answer.effective();
        (said.dishes.values().next().copied(), said.comment)
    });
    assert_eq!(told.collect::<Vec<_>>(), [(Some(4), None), (Some(2), None)]);
    let everything = format!("{answers:?}");
    assert!(!everything.contains("Rina"), "{everything}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_whose_only_sale_was_never_paid_is_known_of_the_customer() {
    let shop = Shop::open().await;
    let mut voided = bought_by(payment(1, 1, 10_000), 7);
    voided["is_deleted"] = true.into();
    voided["checkouts"][0]["is_deleted"] = true.into();
    shop.take("incoming/a.json", page(&[voided])).await;
    let day = ("moka-100818".to_owned(), "2025-10-28".parse().unwrap());
    let receipts = shop.deps.sales.read_page(&day).await.unwrap().unwrap().receipts;
    let named = domain::customer::visits_of(&receipts, 1);
    assert_eq!(named[SINTA].visits, 0, "the sale does not count");
    let sinta = stored(&shop).await.customer;
    assert_eq!((sinta.visits(), sinta.days.contains_key(&day)), (0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_another_one_replaces_is_remembered_as_a_hash() {
    let shop = Shop::open().await;
    let sale = bought_by(payment(1, 1, 10_000), 7);
    shop.take("incoming/a.json", page(std::slice::from_ref(&sale)))
        .await;
    let before = stored(&shop).await.customer;
    assert!(before.former_numbers.is_empty());
    let mut moved = named(sale, "Tamu 7", "2025-11-01T12:00:00.000+07:00");
    moved["customer_phone"] = "0813-5555-7777".into();
    shop.take("incoming/b.json", page(&[moved])).await;
    let now = stored(&shop).await.customer;
    assert_eq!(now.number(), Some("+6281355557777"));
    let hash = shop.deps.phone_key.short_hash(before.number().unwrap());
    assert_eq!(now.former_numbers, [hash].into());
}

/// The ids that a number is known to be of.
async fn known_by(shop: &Shop, e164: &str) -> Vec<String> {
    let found = shop.deps.customers.with_number(e164, 100).await.unwrap();
    assert!(!found.has_more);
    found.ids
}

/// Has all customers in the index, so that it alone is asked.
async fn index(shop: &Shop) {
    while !shop.deps.customers.index_phones(100).await.unwrap().is_over {}
}

/// A sale with a number, told at a time of the first of November.
fn numbered(sale: Value, number: &str, told: &str) -> Value {
    let mut sale = named(sale, "Sinta", &format!("2025-11-01T{told}:00.000+07:00"));
    sale["customer_phone"] = number.into();
    sale
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_file_tells_of_is_found_by_their_number_at_once_and_nobody_by_one_of_before() {
    let shop = Shop::open().await;
    index(&shop).await;
    // A number that is sold for its looks, and that two have.
    let fancy = "+6281233333333";
    let sales = [1, 2].map(|guest| {
        numbered(
            bought_by(payment(guest, guest, 5_000), 6 + guest),
            "0812-3333-3333",
            "12:00",
        )
    });
    shop.take("incoming/a.json", page(&sales)).await;
    let both = [SINTA.to_owned(), "OYAKO_MOKA_8".to_owned()];
    assert_eq!(known_by(&shop, fancy).await, both);
    change(&shop, |sinta| {
        (sinta.rights.restricted_ms, sinta.rights.objected_ms) = (Some(1), Some(1));
    })
    .await;
    let version = stored(&shop).await.version;
    let read_again = shop.take("incoming/b.json", [page(&sales), b"\n".to_vec()].concat());
    assert_eq!(read_again.await.counts.stored, 0);
    assert_eq!(
        stored(&shop).await.version,
        version,
        "nothing new, nothing written"
    );
    assert_eq!(known_by(&shop, fancy).await, both);
    let moved = numbered(sales[0].clone(), "0813-5555-7777", "13:00");
    shop.take("incoming/c.json", page(&[moved])).await;
    assert_eq!(known_by(&shop, fancy).await, both[1..]);
    assert_eq!(known_by(&shop, "+6281355557777").await, both[..1]);
    change(&shop, |sinta| {
        assert!(sinta.erase(moment("2025-11-02T09:00:00+07:00")));
    })
    .await;
    assert_eq!(known_by(&shop, "+6281355557777").await, [""; 0]);
    shop.take("incoming/d.json", page(&sales)).await;
    assert_eq!(known_by(&shop, fancy).await, both[1..], "erased stays erased");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_call_a_run_leaves_nobody_stored_whom_their_number_does_not_find() {
    let (one, other) = ("+6281355557777", "+6281366668888");
    let mut plans = vec![Plan::None];
    while let Some(plan) = plans.pop() {
        let shop = Shop::open().await;
        index(&shop).await;
        let first = [1, 2].map(|n| numbered(bought_by(payment(n, n, 5_000), 6 + n), one, "12:00"));
        shop.take("incoming/a.json", page(&first)).await;
        let moved = numbered(first[0].clone(), other, "13:00");
        let new = numbered(bought_by(payment(3, 3, 5_000), 9), one, "13:00");
        let message = shop
            .world
            .put_and_announce("incoming/b.json", page(&[moved, new]))
            .await;
        shop.world.faults.set(plan);
        shop.deliver(&message, &shop.faulty).await;
        if plan == Plan::None {
            let calls = shop.world.faults.calls();
            assert!(calls > 5, "{calls}");
            plans.extend((0..calls).flat_map(|call| [Plan::CrashBefore(call), Plan::CrashAfter(call)]));
        }
        for id in [7, 8, 9].map(|n| format!("OYAKO_MOKA_{n}")) {
            let customer = shop.deps.customers.find(&id).await.unwrap().unwrap_or_default();
            for number in [one, other] {
                let is_found = known_by(&shop, number).await.contains(&id);
                assert_eq!(is_found, customer.number() == Some(number), "{plan:?} {id}");
            }
        }
        assert!(shop.deliver(&message, &shop.deps).await, "{plan:?}");
        assert_eq!(known_by(&shop, one).await, ["OYAKO_MOKA_8", "OYAKO_MOKA_9"]);
        assert_eq!(known_by(&shop, other).await, ["OYAKO_MOKA_7"]);
    }
}
