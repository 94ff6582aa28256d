//! Addresses to put large files to.

use crate::support;
use crate::support::{Answer, Api, send};
use aws::objects::Objects;
use axum::body::Body;
use domain::export::export_id;
use serde_json::{Value, json};

const JSON: &str = "application/json";

async fn stored(api: &Api, key: &str) -> Vec<u8> {
    let object = Objects::new(&api.world.clients)
        .open(support::anything_at(key), 0)
        .await
        .unwrap();
    object.body.collect().await.unwrap().to_vec()
}

async fn begin(api: &Api, idempotency_key: &str, body: &Value) -> Answer {
    send(
        &api.router,
        api.file("/v1/exports/upload", idempotency_key, JSON, body.to_string()),
    )
    .await
}

#[tokio::test]
async fn a_large_file_is_put_where_the_answer_says() {
    let api = Api::start().await;
    let body =
        json!({ "filename": "besar.ndjson.gz", "content_type": "application/gzip", "outlet": "majoo-pusat" });
    let answer = begin(&api, "k1", &body).await;
    let place = answer.is(201);
    let key = place["key"].as_str().unwrap();
    assert!(
        key.starts_with("incoming/majoo-pusat/2025-10-28/") && key.ends_with(".gz"),
        "{key}"
    );
    assert_eq!(place["id"], export_id("exports", key));
    assert_eq!(place["upload"]["method"], "PUT");
    assert_eq!(place["upload"]["expires_at"], "2025-10-28T06:00:00.000Z");
    let mut put = reqwest::Client::new().put(place["upload"]["url"].as_str().unwrap());
    for (name, value) in place["upload"]["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    let reply = put.body("0123456789").send().await.unwrap();
    assert!(reply.status().is_success(), "{}", reply.status());
    assert_eq!(stored(&api, key).await, b"0123456789");
    let id = place["id"].as_str().unwrap();
    assert_eq!(
        api.get(&format!("/v1/exports/{id}")).await.is(200)["state"],
        "accepted"
    );
}

#[tokio::test]
async fn a_repeated_upload_gets_a_fresh_address_of_the_same_place() {
    let api = Api::start().await;
    let first = begin(&api, "k1", &json!({})).await;
    api.pass_ms(60_000);
    let again = begin(&api, "k1", &json!({})).await;
    assert_eq!(again.is(201)["key"], first.is(201)["key"]);
    assert_eq!(again.json["id"], first.json["id"]);
    assert_eq!(again.json["upload"]["expires_at"], "2025-10-28T06:01:00.000Z");
    begin(&api, "k1", &json!({ "outlet": "pos-a" }))
        .await
        .refused(409, "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn an_upload_that_does_not_fit_is_refused_field_by_field() {
    let api = Api::start().await;
    let answer = begin(
        &api,
        "k1",
        &json!({ "filename": "x".repeat(256), "content_type": "text/csv", "outlet": "x" }),
    )
    .await;
    answer.refused(422, "BODY_INVALID");
    let pointers: Vec<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/filename", "/outlet", "/content_type"]);
    begin(&api, "k1", &json!({ "size": 1 }))
        .await
        .refused(422, "BODY_INVALID");
    let bare = api
        .request("POST", "/v1/exports/upload")
        .header("content-type", JSON)
        .body(Body::from("{}"))
        .unwrap();
    send(&api.router, bare)
        .await
        .refused(400, "IDEMPOTENCY_KEY_MISSING");
}
