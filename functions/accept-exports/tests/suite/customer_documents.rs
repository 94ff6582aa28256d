//! Customers: what is shown of them, to whom, and what is put on record.

use std::collections::BTreeMap;

use crate::support::day::{day, rupiah};
use crate::support::{Api, NOON_MS, send, walk};
use aws::customers::{Customers, StoredCustomer};
use aws::kin::KinBooks;
use axum::body::Body;
use domain::api_key::parse;
use domain::customer::{Customer, Fact, Profile, Rights, Visit};
use domain::money::Money;
use serde_json::{Value, json};
use testkit::faults::Plan;

const PHONE: &str = "+628120000001";

/// Sinta, who asked for what these rights say.
fn sinta(rights: Rights) -> Customer {
    let fact = |value: &str| {
        Some(Fact {
            told_ms: 1,
            value: value.to_owned(),
        })
    };
    let profile = Profile {
        name: fact("Sinta"),
        phone: fact(PHONE),
        email: fact("sinta@contoh.test"),
        ..Profile::default()
    };
    Customer {
        profile,
        rights,
        ..Customer::default()
    }
}

async fn store(api: &Api, id: &str, customer: Customer) {
    let stored = StoredCustomer { customer, version: 0 };
    let customers = Customers::new(&api.world.clients);
    customers.phone_key([7; 32]).await.unwrap();
    let lost = customers.write(&[(id.to_owned(), stored)]).await.unwrap();
    assert_eq!(lost, [""; 0]);
}

/// What the audit trail has of customers that were read, by their ids.
async fn read(api: &Api) -> BTreeMap<String, Vec<Value>> {
    let mut read: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for record in walk(api, "/v1/audit?", 50).await {
        if record["action"] == "customer.read" {
            let subject = record["subject"].as_str().unwrap().to_owned();
            read.entry(subject).or_default().push(record);
        }
    }
    read
}

#[tokio::test]
async fn a_customer_shows_totals_over_every_day_and_the_latest_hundred() {
    let api = Api::start().await;
    let first = day("moka-7", "2025-01-01");
    let days = (0..120).map(|at| {
        let outlet = if at % 2 == 0 { "moka-7" } else { "moka-8" };
        let visit = Visit {
            page_version: 1,
            visits: 2,
            total: rupiah(1000),
        };
        ((outlet.to_owned(), first.1.add_days(at).unwrap()), visit)
    });
    let mut customer = sinta(Rights::default());
    customer.days = days.collect();
    let cancelled = Visit {
        page_version: 2,
        visits: 0,
        total: Money::ZERO,
    };
    customer.days.insert(day("moka-7", "2025-12-31"), cancelled);
    store(&api, "OYAKO_MOKA_17", customer).await;
    let answer = api.get("/v1/customers/OYAKO_MOKA_17").await;
    let mut shown = answer.is(200).clone();
    let days = shown.as_object_mut().unwrap().remove("days").unwrap();
    let expected = json!({
        "id": "OYAKO_MOKA_17", "name": "Sinta", "phone": PHONE, "email": "sinta@contoh.test", "phone_problem": null,
        "contact_barred": null,
        "standing": { "erased_at": null, "restricted_at": null, "objected_at": null, "withdrawn_at": null },
        "visits": 240, "total": "120000", "first_visit": "2025-01-01", "last_visit": "2025-04-30",
    });
    assert_eq!(shown, expected);
    assert_eq!(days.as_array().unwrap().len(), 100);
    assert_eq!(
        days[0],
        json!({ "outlet": "moka-8", "date": "2025-04-30", "visits": 2, "total": "1000" })
    );
    api.get("/v1/customers/OYAKO_MOKA_18")
        .await
        .refused(404, "CUSTOMER_NOT_FOUND");
}

#[tokio::test]
async fn who_must_not_be_contacted_is_shown_without_number_and_address() {
    const AT_MS: i64 = 1_761_609_600_000;
    let at = Some(AT_MS);
    let rights = |restricted_ms, objected_ms, withdrawn_ms| Rights {
        restricted_ms,
        objected_ms,
        withdrawn_ms,
        ..Rights::default()
    };
    // Who was erased and came back has told the number anew.
    let back = Rights {
        erased_ms: at,
        ..Rights::default()
    };
    let table = [
        (rights(None, None, None), None, ""),
        (
            rights(at, None, None),
            Some("CONTACT_RESTRICTED"),
            "restricted_at",
        ),
        (rights(None, at, None), Some("CONTACT_OBJECTED"), "objected_at"),
        (rights(None, None, at), Some("CONSENT_WITHDRAWN"), "withdrawn_at"),
        (rights(None, at, at), Some("CONTACT_OBJECTED"), "withdrawn_at"),
        (rights(at, at, at), Some("CONTACT_RESTRICTED"), "objected_at"),
        (back, None, "erased_at"),
    ];
    let api = Api::start().await;
    for (number, (rights, barred, told)) in table.into_iter().enumerate() {
        let id = format!("OYAKO_MOKA_{number}");
        store(&api, &id, sinta(rights)).await;
        let answer = api.get(&format!("/v1/customers/{id}")).await;
        let shown = answer.is(200);
        assert_eq!(shown["contact_barred"], json!(barred), "{id}");
        for field in ["phone", "email"] {
            assert_eq!(shown[field].is_null(), barred.is_some(), "{id} {field}");
        }
        for (name, at) in shown["standing"].as_object().unwrap() {
            assert!(
                at.is_null() || at == "2025-10-28T00:00:00.000Z",
                "{id} {name} {at}"
            );
        }
        assert_eq!(shown["standing"][told].is_string(), !told.is_empty(), "{id}");
    }
}

#[tokio::test]
async fn what_was_asked_for_under_another_id_of_the_person_holds_too() {
    let api = Api::start().await;
    let restricted = Rights {
        restricted_ms: Some(NOON_MS),
        ..Rights::default()
    };
    let (one, other) = ("OYAKO_MOKA_1", "OYAKO_MOKA_2");
    store(&api, one, sinta(Rights::default())).await;
    store(&api, other, sinta(restricted)).await;
    let path = format!("/v1/customers/{one}");
    let before = api.get(&path).await;
    assert_eq!(
        before.is(200)["phone"],
        PHONE,
        "nobody knows yet that they are one"
    );
    let key = Customers::new(&api.world.clients)
        .phone_key([7; 32])
        .await
        .unwrap();
    let (books, hash) = (KinBooks::new(&api.world.clients), key.short_hash(PHONE));
    let mut book = books.read(&hash).await.unwrap();
    for id in [one, other] {
        book.meet(id);
    }
    let profiles = [one, other].map(|id| (id.to_owned(), sinta(Rights::default()).profile));
    let joinings = book.joins(&profiles.into());
    book.join(&joinings, NOON_MS);
    books.write(&hash, &book).await.unwrap();
    let after = api.get(&path).await;
    assert_eq!(after.is(200)["contact_barred"], "CONTACT_RESTRICTED");
    assert!(after.json["phone"].is_null() && !after.text.contains("contoh.test"));
    assert!(after.json["standing"]["restricted_at"].is_string());
    let barred: Vec<Value> = read(&api).await[one]
        .iter()
        .map(|record| record["facts"].clone())
        .collect();
    assert_eq!(
        barred,
        [
            json!({ "contact_barred": "CONTACT_RESTRICTED" }),
            json!({ "contact_barred": null })
        ],
        "the latest first"
    );
}

#[tokio::test]
async fn a_reading_is_on_record_and_what_cannot_be_is_not_shown() {
    let api = Api::start().await;
    let (id, path) = ("OYAKO_MOKA_17", "/v1/customers/OYAKO_MOKA_17");
    store(&api, id, sinta(Rights::default())).await;
    api.get("/v1/customers/OYAKO_MOKA_18")
        .await
        .refused(404, "CUSTOMER_NOT_FOUND");
    assert!(read(&api).await.is_empty(), "nobody was shown");
    // Ingestion makes the key before there are customers; making it here would be further calls.
    let customers = Customers::new(&api.world.clients);
    customers.phone_key([7; 32]).await.unwrap();
    let ask = || api.request("GET", path).body(Body::empty()).unwrap();
    api.world.faults.set(Plan::None);
    send(&api.faulty_router(), ask()).await.is(200);
    let calls = api.world.faults.calls();
    for call in 0..calls {
        api.world.faults.set(Plan::CrashBefore(call));
        let cut = send(&api.faulty_router(), ask()).await;
        cut.refused(503, "STORE_UNAVAILABLE");
        assert!(
            !cut.text.contains("Sinta") && !cut.text.contains(PHONE),
            "{}",
            cut.text
        );
    }
    let read = read(&api).await;
    assert_eq!(read.keys().collect::<Vec<_>>(), [id]);
    assert_eq!(read[id].len(), 1, "the write of the record was the last call");
    assert_eq!(
        read[id][0]["actor"],
        format!("key:{}", parse(&api.key).unwrap().0)
    );
}
