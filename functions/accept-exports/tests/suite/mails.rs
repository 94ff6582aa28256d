//! Mails that were not sent, and the correlation that ties requests, files and mails together.

use crate::support;
use crate::support::{Api, NOON_MS, send, walk};
use aws::outbox::Outbox;
use domain::api_key::Scope;
use domain::export::{Export, export_id};
use domain::mail::{Mail, MailCause, MailState, mail_id};
use serde_json::{Value, json};

#[tokio::test]
async fn a_mail_names_what_it_is_about_and_no_words() {
    let api = Api::start().await;
    let trouble = mail(&api, 1, MailState::Failed).await;
    let low = Mail {
        id: mail_id("low_score", "moka-7_20251028_a", "f1"),
        cause: MailCause::LowScore {
            outlet: "moka-7".to_owned(),
            outlet_name: Some("Pusat".to_owned()),
            receipt: "moka-7_20251028_a".to_owned(),
            case: "case_1".to_owned(),
            revision: 1,
        },
        created_ms: NOON_MS + 2,
        ..trouble.clone()
    };
    assert!(Outbox::new(&api.world.clients).put(&low).await.unwrap());
    let listed = walk(&api, "/v1/mails/not-sent?", 100).await;
    let about = |item: &Value| json!([item["cause"], item["export"], item["receipt"], item["case"]]);
    let MailCause::ExportTrouble { export, .. } = trouble.cause else {
        panic!("another cause")
    };
    assert_eq!(
        about(&listed[0]),
        json!(["export_trouble", export.id, null, null])
    );
    assert_eq!(
        about(&listed[1]),
        json!(["low_score", null, "moka-7_20251028_a", "case_1"])
    );
}

/// Puts a mail of a state into the outbox.
async fn mail(api: &Api, number: i64, state: MailState) -> Mail {
    let key = format!("incoming/{number}.json");
    let export = Export {
        id: export_id("exports", &key),
        key,
        ..Export::default()
    };
    let mail = Mail {
        id: mail_id("failed", &export.id, "e1"),
        cause: MailCause::ExportTrouble {
            export: Box::new(export),
            reasons: Vec::new(),
        },
        state,
        attempts: 3,
        due_ms: NOON_MS,
        created_ms: NOON_MS + number,
        correlation: Some(format!("req_{number}")),
        outcome: Some("MessageRejected".to_owned()),
    };
    assert!(Outbox::new(&api.world.clients).put(&mail).await.unwrap());
    mail
}

#[tokio::test]
async fn only_mails_that_were_not_sent_are_listed_the_oldest_first() {
    let api = Api::start().await;
    let mut expected = Vec::new();
    let states = [
        MailState::Failed,
        MailState::Sent,
        MailState::Unknown,
        MailState::Queued,
        MailState::Failed,
        MailState::Sending,
    ];
    for (number, state) in (0..).zip(states) {
        let mail = mail(&api, number, state).await;
        if matches!(state, MailState::Failed | MailState::Unknown) {
            expected.push(mail.id);
        }
    }
    for limit in [1, 2, 100] {
        let listed = walk(&api, "/v1/mails/not-sent?", limit).await;
        let ids: Vec<&str> = listed.iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "limit {limit}");
        assert_eq!(listed[0]["correlation"], "req_0");
        assert_eq!(listed[0]["outcome"], "MessageRejected");
    }
    for query in ["after=*", "after=YQ", "limit=0", "limit=501"] {
        api.get(&format!("/v1/mails/not-sent?{query}"))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_mail_is_sent_again_by_a_person_once_and_with_a_trace() {
    let api = Api::start().await;
    let failed = mail(&api, 1, MailState::Failed).await;
    let path = format!("/v1/mails/{}/send-again", failed.id);
    let queued = api.call("POST", &path, &Value::Null).await;
    assert_eq!(queued.is(202)["state"], "queued");
    let outbox = Outbox::new(&api.world.clients);
    let stored = outbox.get(&failed.id).await.unwrap().unwrap();
    assert_eq!((stored.state, stored.attempts), (MailState::Queued, 0));
    assert_eq!(outbox.due(api.now_ms()).await.unwrap(), [stored]);
    api.call("POST", &path, &Value::Null)
        .await
        .refused(409, "MAIL_UNDER_WAY");
    assert!(walk(&api, "/v1/mails/not-sent?", 100).await.is_empty());
    let trail = api.get("/v1/audit").await;
    let newest = &trail.is(200)["items"][0];
    assert_eq!(newest["action"], "mail.send_again_asked");
    assert_eq!(newest["facts"], json!({ "was": "failed", "attempts": 3 }));
    api.call("POST", "/v1/mails/mail_none/send-again", &Value::Null)
        .await
        .refused(404, "MAIL_NOT_FOUND");
}

#[tokio::test]
async fn a_request_keeps_the_correlation_it_came_with_or_gets_one() {
    let api = Api::start().await;
    let given = |text: &str| {
        let request = api.request("GET", "/v1/health").header("x-correlation-id", text);
        request.body(axum::body::Body::empty()).unwrap()
    };
    let kept = send(&api.router, given("till-7:2025-10-28")).await;
    assert_eq!(kept.headers["x-correlation-id"], "till-7:2025-10-28");
    for bad in ["", "two words", "\"quoted\"", &"x".repeat(65)] {
        let answer = send(&api.router, given(bad)).await;
        let own = answer.headers["x-correlation-id"].to_str().unwrap();
        assert!(own.starts_with("req_") && own.len() == 28, "{bad:?}: {own}");
    }
    let (one, other) = (api.get("/v1/health").await, api.get("/v1/health").await);
    assert_ne!(one.headers["x-correlation-id"], other.headers["x-correlation-id"]);
}

#[tokio::test]
async fn a_file_and_a_replay_carry_the_correlation_of_their_request() {
    let api = Api::start().await;
    let mut request = api.file("/v1/exports", "k1", "application/json", "{\"data\":[]}");
    request
        .headers_mut()
        .insert("x-correlation-id", "till-7".parse().unwrap());
    let answer = send(&api.router, request).await;
    let key = answer.is(202)["key"].as_str().unwrap().to_owned();
    let objects = aws::objects::Objects::new(&api.world.clients);
    let object = objects.open(support::anything_at(&key), 0).await.unwrap();
    assert_eq!(object.correlation.as_deref(), Some("till-7"));
    let id = answer.json["id"].as_str().unwrap();
    assert_eq!(
        api.get(&format!("/v1/exports/{id}")).await.is(200)["correlation"],
        "till-7"
    );

    let export = api.finished_export("incoming/a.json").await;
    let piece = api.quarantine(&export, 7, "MONEY_INVALID").await;
    let path = format!("/v1/quarantine/{}.{}/replay", piece.export_id, piece.local_id());
    let request = api.request("POST", &path).header("x-correlation-id", "desk-1");
    send(&api.router, request.body(axum::body::Body::empty()).unwrap())
        .await
        .is(202);
    let stored = aws::quarantine::Quarantine::new(&api.world.clients)
        .get(&piece.export_id, &piece.local_id())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.correlation.as_deref(), Some("desk-1"));
}

#[tokio::test]
async fn a_key_without_the_scope_reads_and_sends_no_mail() {
    let api = Api::start().await;
    let others: Vec<Scope> = Scope::ALL
        .into_iter()
        .filter(|scope| *scope != Scope::Admin)
        .collect();
    let key = api.mint(&others, 2).await;
    let failed = mail(&api, 1, MailState::Failed).await;
    for (method, path) in [
        ("GET", "/v1/mails/not-sent".to_owned()),
        ("POST", format!("/v1/mails/{}/send-again", failed.id)),
    ] {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {key}"));
        send(&api.router, request.body(axum::body::Body::empty()).unwrap())
            .await
            .refused(403, "SCOPE_MISSING");
    }
}
