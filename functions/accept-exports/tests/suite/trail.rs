//! Audit trail and API keys.

use crate::support::{Api, NOON_MS, send, walk};
use aws::api_keys::ApiKeys;
use aws::audit::{Action, AuditTrail};
use axum::body::Body;
use domain::api_key::Scope;
use serde_json::{Value, json};

async fn record(api: &Api, subject: &str, at_ms: i64) {
    let action = Action {
        at_ms,
        actor: "test",
        action: "test.done",
        subject,
    };
    AuditTrail::new(&api.world.clients)
        .record(action, &json!({ "n": at_ms }))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_audit_trail_is_listed_by_time_over_all_chains_and_by_number_in_one() {
    let api = Api::start().await;
    for at in 0..40 {
        record(&api, &format!("subject-{}", at % 11), NOON_MS + at).await;
    }
    let everything = walk(&api, "/v1/audit?", 200).await;
    assert_eq!(everything.len(), 41, "the key's own record too");
    let times: Vec<&str> = everything
        .iter()
        .map(|item| item["at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    for limit in [1, 7, 40, 41] {
        assert_eq!(walk(&api, "/v1/audit?", limit).await, everything, "limit {limit}");
    }
    let chain = everything[0]["chain"].as_u64().unwrap();
    let of_chain: Vec<&Value> = everything.iter().filter(|item| item["chain"] == chain).collect();
    let walked = walk(&api, &format!("/v1/audit?chain={chain}&"), 2).await;
    assert_eq!(walked.iter().collect::<Vec<_>>(), of_chain);
    let upwards = api.get(&format!("/v1/audit?chain={chain}&after=0&limit=2")).await;
    let numbers: Vec<u64> = upwards.is(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(everything[0]["facts"], json!({ "n": NOON_MS + 39 }));
    for query in [
        "chain=8",
        "chain=x",
        "after=1",
        "chain=1&after=1&before=3",
        "chain=1&before=x",
        "before=7",
        "limit=201",
    ] {
        api.get(&format!("/v1/audit?{query}"))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn verification_counts_every_record_of_a_whole_trail() {
    let api = Api::start().await;
    for at in 0..20 {
        record(&api, &format!("subject-{at}"), NOON_MS + at).await;
    }
    let answer = api.get("/v1/audit/verify").await;
    assert_eq!(
        answer.is(200),
        &json!({ "ok": true, "records": 21, "breaks": [] })
    );
}

#[tokio::test]
async fn verification_shows_an_edit_and_a_gap() {
    let api = Api::start().await;
    for at in 0..4 {
        record(&api, "one subject", NOON_MS + at).await;
    }
    let chain = domain::audit::chain_of("one subject");
    let numbers = AuditTrail::new(&api.world.clients)
        .list(chain, aws::audit::Position::NEWEST, 50)
        .await
        .unwrap();
    let last = numbers[0].number;
    change_record(&api, chain, last - 2, true).await;
    change_record(&api, chain, last - 1, false).await;
    let answer = api.get("/v1/audit/verify").await;
    assert_eq!(answer.is(200)["ok"], false);
    let breaks: Vec<(u64, &str)> = answer.json["breaks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (found["number"].as_u64().unwrap(), found["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(breaks, [(last - 2, "edited"), (last, "gap")]);
}

/// Edits or removes a record behind the API's back.
async fn change_record(api: &Api, chain: u8, number: u64, edit: bool) {
    use aws_sdk_dynamodb::types::AttributeValue as Value;
    let client = aws_sdk_dynamodb::Client::new(api.world.clients.config());
    let (pk, sk) = (Value::S(format!("A#{chain}")), Value::S(format!("{number:012}")));
    if !edit {
        client
            .delete_item()
            .table_name("OperationsTable")
            .key("pk", pk)
            .key("sk", sk)
            .send()
            .await
            .unwrap();
        return;
    }
    let read = client
        .get_item()
        .table_name("OperationsTable")
        .key("pk", pk)
        .key("sk", sk)
        .send()
        .await
        .unwrap();
    let mut item = read.item.unwrap();
    let edited = item["doc"].as_s().unwrap().replace("test.done", "test.gone");
    item.insert("doc".to_owned(), Value::S(edited));
    client
        .put_item()
        .table_name("OperationsTable")
        .set_item(Some(item))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let api = Api::start().await;
    let body = json!({ "name": " kasir pusat ", "scopes": ["sales:read", "exports", "exports"] });
    let made = api.call("POST", "/v1/keys", &body).await;
    let key = made.is(201)["key"].as_str().unwrap().to_owned();
    assert_eq!(made.json["name"], "kasir pusat");
    assert_eq!(made.json["scopes"], json!(["exports", "sales:read"]));
    assert_eq!(made.json["created_at"], "2025-10-28T05:00:00.000Z");
    let (id, secret) = domain::api_key::parse(&key).unwrap();
    assert_eq!(made.json["id"], id);
    let listed = api.get("/v1/keys").await;
    assert_eq!(listed.is(200)["items"].as_array().unwrap().len(), 2);
    assert!(!listed.text.contains(secret));
    let stored = ApiKeys::new(&api.world.clients).get(id).await.unwrap().unwrap();
    assert!(stored.admits(secret) && !format!("{stored:?}").contains(secret));
}

#[tokio::test]
async fn a_key_for_top_ups_is_one_partners() {
    let api = Api::start().await;
    let ask = |scopes: Value, partner: Value| {
        let body = json!({ "name": "kios", "scopes": scopes, "partner": partner });
        let api = &api;
        async move { api.call("POST", "/v1/keys", &body).await }
    };
    let made = ask(json!(["topups"]), json!("kios-12")).await;
    assert_eq!(made.is(201)["partner"], "kios-12");
    let key = ApiKeys::new(&api.world.clients)
        .get(made.json["id"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(key.unwrap().partner.as_deref(), Some("kios-12"));
    let wrong = [
        (json!(["topups"]), json!(null)),
        (json!(["topups"]), json!("Kios 12")),
        (json!(["sales:read"]), json!("kios-12")),
    ];
    for (scopes, partner) in wrong {
        let refused = ask(scopes, partner).await;
        refused.refused(422, "BODY_INVALID");
        assert_eq!(refused.json["errors"][0]["pointer"], "/partner");
    }
    let listed = api.get("/v1/keys").await;
    let partners: Vec<&Value> = listed.is(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["partner"])
        .collect();
    assert!(partners.contains(&&json!("kios-12")) && partners.contains(&&json!(null)));
}

#[tokio::test]
async fn a_key_grants_only_what_it_has_itself() {
    let api = Api::start().await;
    let admin = api.mint(&[Scope::Admin], 7).await;
    let ask = |scopes: Value| {
        let body = json!({ "name": "kasir", "scopes": scopes }).to_string();
        let mut request = api
            .request("POST", "/v1/keys")
            .header("content-type", "application/json");
        request
            .headers_mut()
            .unwrap()
            .insert("authorization", format!("Bearer {admin}").parse().unwrap());
        request.body(Body::from(body)).unwrap()
    };
    let refused = send(&api.router, ask(json!(["admin", "customers:read"]))).await;
    refused.refused(403, "SCOPE_NOT_HELD");
    assert!(
        refused.json["detail_en"]
            .as_str()
            .unwrap()
            .contains("customers:read")
    );
    send(&api.router, ask(json!(["admin"]))).await.is(201);
    send(&api.router, ask(json!([])))
        .await
        .refused(422, "BODY_INVALID");
}

#[tokio::test]
async fn revoking_is_idempotent_and_never_of_oneself() {
    let api = Api::start().await;
    let made = api
        .call(
            "POST",
            "/v1/keys",
            &json!({ "name": "kasir", "scopes": ["exports"] }),
        )
        .await;
    let path = format!("/v1/keys/{}", made.is(201)["id"].as_str().unwrap());
    api.pass_ms(1000);
    let revoked = api.call("DELETE", &path, &json!(null)).await;
    assert_eq!(revoked.is(200)["revoked_at"], "2025-10-28T05:00:01.000Z");
    api.pass_ms(1000);
    assert_eq!(
        api.call("DELETE", &path, &json!(null)).await.is(200),
        &revoked.json
    );
    api.call("DELETE", "/v1/keys/none", &json!(null))
        .await
        .refused(404, "KEY_NOT_FOUND");
    let (own, _) = domain::api_key::parse(&api.key).unwrap();
    api.call("DELETE", &format!("/v1/keys/{own}"), &json!(null))
        .await
        .refused(409, "KEY_IN_USE");
    api.get("/v1/keys").await.is(200);
}
