//! Quarantined records: listing, replay, discard.

use std::collections::BTreeSet;

use crate::support::{Answer, Api, send, walk};
use aws::quarantine::Quarantine;
use axum::body::Body;
use domain::export::{Export, ExportState};
use domain::quarantine::{QuarantineState, Quarantined};
use serde_json::{Value, json};

fn id_of(piece: &Quarantined) -> String {
    format!("{}.{}", piece.export_id, piece.local_id())
}

fn ids(answer: &Answer) -> Vec<String> {
    let items = answer.is(200)["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_quarantined_piece_is_shown_with_its_reason_and_a_hint() {
    let api = Api::start().await;
    let export = api.finished_export("incoming/a.json").await;
    let piece = api.quarantine(&export, 1200, "MONEY_INVALID").await;
    let shown = api.get(&format!("/v1/quarantine/{}", id_of(&piece))).await;
    let mut shown_json = shown.is(200).clone();
    let fields = shown_json.as_object_mut().unwrap();
    assert!(
        fields.remove("hint_id").unwrap().is_string(),
        "a known code has a hint: {}",
        shown.text
    );
    assert!(fields.remove("hint_en").unwrap().is_string());
    let expected = json!({
        "id": format!("{}.00000000001200-1200", export.id), "export": export.id, "key": "incoming/a.json",
        "code": "MONEY_INVALID", "pointer": "/data/1200", "detail": "not an amount of money",
        "byte_start": 1200, "byte_len": 42, "state": "open", "attempts": 1, "rules": 1,
        "preview": "{\"total\":\"…\"}", "first_seen": "2025-10-28T05:00:00.000Z",
        "last_seen": "2025-10-28T05:00:00.000Z", "decided_by": null, "reason": null,
    });
    assert_eq!(shown_json, expected);
    for id in ["x", ".", "exp_a.", ".1", "exp_none.00000000000001"] {
        api.get(&format!("/v1/quarantine/{id}"))
            .await
            .refused(404, "QUARANTINE_NOT_FOUND");
    }
}

#[tokio::test]
async fn pieces_are_listed_by_export_and_over_all_exports_page_by_page() {
    let api = Api::start().await;
    let (a, b) = (
        api.finished_export("incoming/a.json").await,
        api.finished_export("incoming/b.json").await,
    );
    let mut all = BTreeSet::new();
    for export in [&a, &b] {
        for at in 0..3 {
            all.insert(id_of(&api.quarantine(export, at * 10, "MONEY_INVALID").await));
        }
    }
    for limit in [1, 2, 4, 100] {
        let open: Vec<Value> = walk(&api, "/v1/quarantine?", limit).await;
        let open_ids: BTreeSet<String> = open
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!((open.len(), &open_ids), (6, &all), "limit {limit}");
        let of_a = walk(&api, &format!("/v1/quarantine?export={}&", a.id), limit).await;
        let starts: Vec<u64> = of_a
            .iter()
            .map(|item| item["byte_start"].as_u64().unwrap())
            .collect();
        assert_eq!(starts, [0, 10, 20], "limit {limit}");
    }
    assert!(ids(&api.get("/v1/quarantine?export=exp_none").await).is_empty());
    assert!(ids(&api.get("/v1/quarantine?export=").await).is_empty());
    for query in ["limit=0", "after=!", "after=YQ"] {
        api.get(&format!("/v1/quarantine?{query}"))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_replay_is_asked_for_once_and_again_when_it_never_ended() {
    let api = Api::start().await;
    let export = api.finished_export("incoming/a.json").await;
    let piece = api.quarantine(&export, 5, "MONEY_INVALID").await;
    let path = format!("/v1/quarantine/{}/replay", id_of(&piece));
    let replay = || async {
        send(
            &api.router,
            api.request("POST", &path).body(Body::empty()).unwrap(),
        )
        .await
    };
    api.pass_ms(1000);
    let asked = replay().await;
    assert_eq!(asked.is(202)["state"], "replaying");
    assert_eq!(asked.json["attempts"], 1, "the run counts itself");
    assert!(asked.json["decided_by"].as_str().unwrap().starts_with("key:"));
    assert!(
        ids(&api.get("/v1/quarantine").await).is_empty(),
        "it is not open any more"
    );
    assert_eq!(
        ids(&api.get(&format!("/v1/quarantine?export={}", export.id)).await).len(),
        1
    );
    api.pass_ms(15 * 60_000 - 1);
    replay().await.refused(409, "QUARANTINE_REPLAYING");
    api.pass_ms(1);
    replay().await.is(202);
}

#[tokio::test]
async fn a_record_of_an_unfinished_export_is_not_replayed() {
    let api = Api::start().await;
    let export = Export {
        id: "exp_x".to_owned(),
        etag: "e1".to_owned(),
        state: ExportState::Processing,
        ..Export::default()
    };
    aws::ledger::Ledger::new(&api.world.clients)
        .progress(&export)
        .await
        .unwrap();
    let piece = api.quarantine(&export, 5, "MONEY_INVALID").await;
    let path = format!("/v1/quarantine/{}/replay", id_of(&piece));
    api.call("POST", &path, &json!(null))
        .await
        .refused(409, "EXPORT_NOT_FINISHED");
    let many = api.call("POST", "/v1/quarantine/replay", &json!({})).await;
    assert_eq!(many.is(202), &json!({ "asked": 0, "skipped": 1, "more": false }));
    assert_eq!(ids(&api.get("/v1/quarantine").await).len(), 1);
}

#[tokio::test]
async fn a_discard_says_who_and_why_and_can_be_taken_back() {
    let api = Api::start().await;
    let export = api.finished_export("incoming/a.json").await;
    let piece = api.quarantine(&export, 5, "MONEY_INVALID").await;
    let path = format!("/v1/quarantine/{}", id_of(&piece));
    let discard = |reason: &str| {
        let body = json!({ "reason": reason });
        let path = format!("{path}/discard");
        let api = &api;
        async move { api.call("POST", &path, &body).await }
    };
    for reason in ["", "ab", "  ab  ", &"x".repeat(501)] {
        discard(reason).await.refused(422, "BODY_INVALID");
    }
    api.call("POST", &format!("{path}/discard"), &json!({}))
        .await
        .refused(422, "BODY_INVALID");
    let done = discard(" salah ketik ").await;
    assert_eq!(done.is(200)["state"], "discarded");
    assert_eq!(done.json["reason"], "salah ketik");
    assert!(done.json["decided_by"].as_str().unwrap().starts_with("key:"));
    assert_eq!(
        discard("salah ketik").await.is(200),
        &done.json,
        "the same request again changes nothing"
    );
    discard("alasan lain").await.refused(409, "QUARANTINE_SETTLED");
    let replay = api.call("POST", &format!("{path}/replay"), &json!(null)).await;
    assert_eq!(replay.is(202)["state"], "replaying");
    assert_eq!(replay.json["reason"], json!(null));
    discard("salah ketik").await.refused(409, "QUARANTINE_REPLAYING");
}

#[tokio::test]
async fn what_was_taken_stays_taken() {
    let api = Api::start().await;
    let export = api.finished_export("incoming/a.json").await;
    let piece = api.quarantine(&export, 5, "MONEY_INVALID").await;
    let taken = Quarantined {
        state: QuarantineState::Replayed,
        attempts: 2,
        ..piece.clone()
    };
    Quarantine::new(&api.world.clients)
        .settle(&piece, &taken, None, "ingest-sales")
        .await
        .unwrap();
    let path = format!("/v1/quarantine/{}", id_of(&piece));
    api.call("POST", &format!("{path}/replay"), &json!(null))
        .await
        .refused(409, "QUARANTINE_SETTLED");
    let discard = api
        .call("POST", &format!("{path}/discard"), &json!({ "reason": "salah" }))
        .await;
    discard.refused(409, "QUARANTINE_SETTLED");
    api.call("POST", "/v1/quarantine/exp_none.1/replay", &json!(null))
        .await
        .refused(404, "QUARANTINE_NOT_FOUND");
    let none = api
        .call(
            "POST",
            "/v1/quarantine/exp_none.1/discard",
            &json!({ "reason": "salah" }),
        )
        .await;
    none.refused(404, "QUARANTINE_NOT_FOUND");
}

#[tokio::test]
async fn many_are_replayed_by_export_and_code() {
    let api = Api::start().await;
    let (a, b) = (
        api.finished_export("incoming/a.json").await,
        api.finished_export("incoming/b.json").await,
    );
    for export in [&a, &b] {
        api.quarantine(export, 1, "MONEY_INVALID").await;
        api.quarantine(export, 2, "DATE_INVALID").await;
    }
    let replay = |body: Value| {
        let api = &api;
        async move { api.call("POST", "/v1/quarantine/replay", &body).await.is(202)["asked"].clone() }
    };
    assert_eq!(replay(json!({ "export": a.id, "code": "DATE_INVALID" })).await, 1);
    assert_eq!(replay(json!({ "code": "MONEY_INVALID" })).await, 2);
    assert_eq!(replay(json!({ "export": a.id })).await, 0);
    assert_eq!(replay(json!({})).await, 1);
    assert!(ids(&api.get("/v1/quarantine").await).is_empty());
    api.call("POST", "/v1/quarantine/replay", &json!({ "export": "" }))
        .await
        .refused(422, "BODY_INVALID");
    api.call("POST", "/v1/quarantine/replay", &json!({ "all": true }))
        .await
        .refused(422, "BODY_INVALID");
}

#[tokio::test]
async fn one_request_replays_two_hundred_and_says_that_there_are_more() {
    let api = Api::start().await;
    let export = api.finished_export("incoming/a.json").await;
    let first = api.quarantine(&export, 0, "MONEY_INVALID").await;
    let more: Vec<Quarantined> = (1..203)
        .map(|at| Quarantined {
            byte_start: at,
            ..first.clone()
        })
        .collect();
    Quarantine::new(&api.world.clients).list(&more).await.unwrap();
    let answer = api.call("POST", "/v1/quarantine/replay", &json!({})).await;
    assert_eq!(
        answer.is(202),
        &json!({ "asked": 200, "skipped": 0, "more": true })
    );
    let answer = api.call("POST", "/v1/quarantine/replay", &json!({})).await;
    assert_eq!(
        answer.is(202),
        &json!({ "asked": 3, "skipped": 0, "more": false })
    );
}
