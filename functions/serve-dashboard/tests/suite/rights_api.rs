//! What people ask for about their data, by the API: the same as by the pages.

use crate::support;
use crate::support::people::{BUDI, PHONE_TYPED, SITI, carry_out, note, shop};
use domain::api_key::Scope;
use serde_json::{Value, json};

const BOTH: &[Scope] = &[Scope::PeopleRead, Scope::PeopleWrite];
const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn the_list_begins_with_what_is_due_first_and_marks_what_is_late() {
    let shop = shop().await;
    let late = note(&shop, &[("kind", "objection"), ("customer", BUDI)]).await;
    shop.pass_ms(HOUR_MS);
    let next = note(&shop, &[("kind", "erasure"), ("customer", SITI)]).await;
    let refused = note(&shop, &[("kind", "withdrawal"), ("customer", SITI)]).await;
    shop.post(
        "approver",
        &format!("{refused}/refuse"),
        &[("reason", "repeated")],
    )
    .await
    .is(303);
    // Sessions of these tests end after eight hours, so the clock goes on for keys only.
    let list = shop.call(BOTH, "GET", "/v1/rights", None).await;
    let ids = |answer: &support::Answer| -> Vec<String> {
        let items = answer.json["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| format!("/dashboard/people/requests/{}", item["id"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(ids(list.is(200)), [late.clone(), next.clone()]);
    let all = shop.call(BOTH, "GET", "/v1/rights?state=all", None).await;
    assert_eq!(ids(all.is(200)).len(), 3);
    assert_eq!(ids(&all).last(), Some(&late));
    let first = shop.call(BOTH, "GET", "/v1/rights?limit=1", None).await;
    let cursor = first.is(200).json["next"].as_str().unwrap();
    let second = shop
        .call(BOTH, "GET", &format!("/v1/rights?limit=1&after={cursor}"), None)
        .await;
    assert_eq!(ids(second.is(200)), std::slice::from_ref(&next));
    let mut page = shop
        .get("auditor", "/dashboard/people")
        .await
        .is(200)
        .main()
        .to_owned();
    for (address, name) in [(&late, "req_late"), (&next, "req_next")] {
        page = page.replace(address.rsplit('/').next().unwrap(), name);
    }
    insta::assert_snapshot!("people-auditor", page);
    shop.pass_ms(72 * HOUR_MS - 1);
    let overdue = shop.call(BOTH, "GET", "/v1/rights", None).await;
    let marks: Vec<&Value> = overdue.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["overdue"])
        .collect();
    assert_eq!(marks, [true, false]);
    shop.call(BOTH, "GET", "/v1/rights?state=late", None)
        .await
        .refused(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let shop = shop().await;
    let call = async |path: &str, body: Value| shop.call(BOTH, "POST", path, Some(&body)).await;
    let noted = call("/v1/rights", json!({ "kind": "restriction", "customer": SITI })).await;
    let id = noted.is(201).json["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/rights/{id}");
    call(&format!("{path}/execute"), json!({}))
        .await
        .refused(409, "RIGHTS_UNCHECKED");
    let check = json!({ "method": "called_back", "told": PHONE_TYPED });
    let checked = call(&format!("{path}/check"), check.clone()).await;
    assert_eq!(checked.is(200).json["state"], "verified");
    assert_eq!(
        call(&format!("{path}/execute"), json!({})).await.is(200).json["state"],
        "executing"
    );
    call(&format!("{path}/check"), check)
        .await
        .refused(409, "RIGHTS_SETTLED");
    carry_out(&shop, &path).await;
    let done = shop.call(&[Scope::PeopleRead], "GET", &path, None).await;
    assert_eq!(done.is(200).json["state"], "done");
    assert!(done.json["proof"]["audit"].is_string(), "{}", done.text);
    let person = shop.call(BOTH, "GET", &format!("/v1/people/{SITI}"), None).await;
    assert_eq!(
        person.is(200).json["portrait"]["class"],
        Value::Null,
        "no class while restricted"
    );

    let lift = call(
        "/v1/rights",
        json!({ "kind": "lift_restriction", "customer": SITI }),
    )
    .await;
    let path = format!("/v1/rights/{}", lift.is(201).json["id"].as_str().unwrap());
    let check = json!({ "method": "called_back", "told": PHONE_TYPED });
    call(&format!("{path}/check"), check).await.is(200);
    call(&format!("{path}/execute"), json!({})).await.is(200);
    carry_out(&shop, &path).await;
    let person = shop.call(BOTH, "GET", &format!("/v1/people/{SITI}"), None).await;
    assert_eq!(person.is(200).json["portrait"]["class"], "new");
    assert_eq!(person.json["members"][0]["rights"]["restricted_at"], Value::Null);
}

#[tokio::test]
async fn what_can_come_to_nothing_is_refused_with_its_reason() {
    let shop = shop().await;
    let call = async |path: &str, body: Value| shop.call(BOTH, "POST", path, Some(&body)).await;
    let noted = call("/v1/rights", json!({ "kind": "erasure", "customer": BUDI })).await;
    let path = format!("/v1/rights/{}", noted.is(201).json["id"].as_str().unwrap());
    call(&format!("{path}/refuse"), json!({ "reason": "mood" }))
        .await
        .refused(422, "BODY_INVALID");
    let refused = call(&format!("{path}/refuse"), json!({ "reason": "kept_by_law" })).await;
    assert_eq!(refused.is(200).json["refusal"], "kept_by_law");
    let wrong = [
        (
            json!({ "kind": "access", "customer": "OYAKO_X" }),
            404,
            "PERSON_NOT_FOUND",
        ),
        (json!({ "kind": "forget", "customer": SITI }), 422, "BODY_INVALID"),
        (
            json!({ "kind": "correction", "customer": SITI }),
            422,
            "BODY_INVALID",
        ),
        (json!({ "kind": "access" }), 422, "BODY_INVALID"),
        // Consent is given anew, by the guest; nobody else can.
        (
            json!({ "kind": "lift_withdrawal", "customer": SITI }),
            422,
            "BODY_INVALID",
        ),
        (
            json!({ "kind": "lift_objection", "customer": SITI }),
            409,
            "RIGHTS_NOTHING_TO_LIFT",
        ),
    ];
    for (body, status, code) in wrong {
        call("/v1/rights", body).await.refused(status, code);
    }
}

#[tokio::test]
async fn each_route_needs_its_scope() {
    let shop = shop().await;
    let one = format!("/v1/people/{SITI}");
    let write = [
        ("POST", "/v1/people/find".to_owned()),
        ("GET", one.clone()),
        ("GET", format!("{one}/copy")),
        ("POST", format!("{one}/part")),
        ("POST", format!("{one}/reunite")),
        ("GET", "/v1/people/affected".to_owned()),
        ("POST", "/v1/rights".to_owned()),
        ("POST", "/v1/rights/req_x/check".to_owned()),
        ("POST", "/v1/rights/req_x/execute".to_owned()),
        ("POST", "/v1/rights/req_x/refuse".to_owned()),
    ];
    for (method, path) in write {
        shop.call(
            &[Scope::PeopleRead, Scope::CustomersRead],
            method,
            &path,
            Some(&json!({})),
        )
        .await
        .refused(403, "SCOPE_MISSING");
    }
    for path in ["/v1/rights", "/v1/rights/req_x"] {
        shop.call(&[Scope::AuditRead], "GET", path, None)
            .await
            .refused(403, "SCOPE_MISSING");
    }
}
