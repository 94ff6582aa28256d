//! The log of people's rights names ids and nobody. A test binary of its own: nothing else has a log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use domain::api_key::Scope;
use serde_json::json;
use support::people::{self, EMAIL, PHONE, PHONE_TYPED, SITI};
use support::{Shop, seed};
use testkit::log::Lines;

/// Everything that somebody does with a person's data, right and wrong.
async fn use_everything(shop: &Shop, case: &str) {
    let request = [
        ("kind", "correction"),
        ("customer", SITI),
        ("field", "name"),
        ("value", "Siti Rohmah"),
    ];
    let noted = shop
        .post("approver", "/dashboard/people/requests", &request)
        .await;
    let noted = noted.is(303).headers["location"].to_str().unwrap().to_owned();
    for (path, fields) in [
        ("/dashboard/people/find".to_owned(), vec![("q", PHONE_TYPED)]),
        ("/dashboard/people/find".to_owned(), vec![("q", "siti rahma")]),
        (
            format!("{noted}/check"),
            vec![("method", "called_back"), ("told", "0812-0000-1111")],
        ),
        (
            format!("{noted}/check"),
            vec![("method", "in_person"), ("told", EMAIL)],
        ),
        (format!("{noted}/execute"), vec![]),
        (format!("{noted}/copy"), vec![]),
        (
            "/dashboard/people/affected".to_owned(),
            vec![("from", "2025-10-27"), ("to", "2025-10-27")],
        ),
        (format!("{case}/contact"), vec![]),
    ] {
        shop.post("approver", &path, &fields).await;
        shop.post("operator", &path, &fields).await.is(403);
    }
    for path in [
        format!("/dashboard/people/{SITI}"),
        "/dashboard/people".to_owned(),
        noted,
    ] {
        shop.get("approver", &path).await.is(200);
    }
    let write = &[Scope::PeopleWrite];
    let phone = json!({ "phone": PHONE });
    shop.call(write, "POST", "/v1/people/find", Some(&phone))
        .await
        .is(200);
    shop.call(write, "GET", &format!("/v1/people/{SITI}/copy"), None)
        .await
        .is(200);
}

#[tokio::test]
async fn every_look_at_a_person_is_logged_by_ids_alone() {
    let shop = Shop::start().await;
    people::all(&shop).await;
    let answer = people::rate(&shop, true).await;
    let case = seed::case(&shop, &answer).await;
    let lines = Lines::default();
    let guard = lines.listen();
    use_everything(&shop, &format!("/dashboard/cases/moka-7/{}", case.id)).await;
    drop(guard);
    let text = lines.text();
    for told in [
        "person.viewed",
        "person.sought",
        "person.copied",
        "people.affected_listed",
        "person.contact_shown",
        SITI,
        "staff:sari",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(
        text.contains("/dashboard/people/{customer}"),
        "the route and not the path: {text}"
    );
    for secret in [
        "Siti", "siti", "Rahma", "Rohmah", "Budi", "5098", "3450", "0000", "@example", "asin", "a-token",
        "Sari",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}
