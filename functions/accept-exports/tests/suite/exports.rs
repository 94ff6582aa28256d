//! Sending exports and seeing what became of them.

use std::collections::BTreeSet;

use crate::support;
use crate::support::{Answer, Api, NOON_MS, send};
use aws::ledger::Ledger;
use aws::objects::Objects;
use axum::body::Body;
use domain::export::{Control, Counts, Export, ExportState, Sums, export_id};
use domain::money::Money;
use http::Request;
use serde_json::json;
use testkit::faults::Plan;

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const FILE: &str = r#"{"data":[]}"#;

async fn stored(api: &Api, key: &str) -> Vec<u8> {
    let object = Objects::new(&api.world.clients)
        .open(support::anything_at(key), 0)
        .await
        .unwrap();
    object.body.collect().await.unwrap().to_vec()
}

fn accepted(answer: &Answer) -> (String, String) {
    let body = answer.is(202);
    (
        body["id"].as_str().unwrap().to_owned(),
        body["key"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn a_file_that_is_sent_lies_in_the_bucket_and_is_accepted() {
    let api = Api::start().await;
    let answer = send(
        &api.router,
        api.file(
            "/v1/exports?filename=hari-ini.json&outlet=moka-7",
            "k1",
            JSON,
            FILE,
        ),
    )
    .await;
    let (id, key) = accepted(&answer);
    assert_eq!(id, export_id("exports", &key));
    assert_eq!(answer.headers["location"], format!("/v1/exports/{id}"));
    assert!(
        key.starts_with("incoming/moka-7/2025-10-28/") && key.ends_with(".json"),
        "{key}"
    );
    assert_eq!(answer.json["state"], "accepted");
    assert_eq!(answer.json["links"]["self"], format!("/v1/exports/{id}"));
    assert_eq!(
        answer.json["links"]["quarantine"],
        format!("/v1/quarantine?export={id}")
    );
    assert_eq!(stored(&api, &key).await, FILE.as_bytes());
    let by_id = api.get(&format!("/v1/exports/{id}")).await;
    assert_eq!(by_id.is(200)["state"], "accepted");
    assert_eq!(by_id.json["size"], FILE.len());
    let by_key = api.get(&format!("/v1/exports?key={key}")).await;
    assert_eq!(by_key.is(200), &by_id.json);
}

#[tokio::test]
async fn the_ending_comes_from_the_bytes_then_the_name_then_the_type() {
    let api = Api::start().await;
    let table: [(&str, &str, &[u8], &str); 7] = [
        ("", JSON, b"{}", ".json"),
        ("", "application/x-ndjson", b"{}", ".ndjson"),
        ("", BYTES, &[0x1f, 0x8b, 8, 0], ".gz"),
        ("", "application/json; charset=utf-8", &[0x1f, 0x8b, 8, 0], ".gz"),
        ("", BYTES, &[0x28, 0xb5, 0x2f, 0xfd, 0], ".zst"),
        ("?filename=a.ndjson", BYTES, b"{}", ".ndjson"),
        ("?filename=a.gz", BYTES, b"{}", ".json"),
    ];
    for (at, (query, media, body, ending)) in table.into_iter().enumerate() {
        let request = api.file(
            &format!("/v1/exports{query}"),
            &format!("k{at}"),
            media,
            body.to_vec(),
        );
        let (_, key) = accepted(&send(&api.router, request).await);
        assert!(
            key.starts_with("incoming/api/2025-10-28/") && key.ends_with(ending),
            "{key} for {media} {query}"
        );
    }
}

#[tokio::test]
async fn the_same_request_again_is_the_same_export() {
    let api = Api::start().await;
    let first = accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
    api.pass_ms(6 * 24 * 3_600_000);
    api.world.faults.set(Plan::None);
    let again = send(&api.faulty_router(), api.file("/v1/exports", "k1", JSON, FILE)).await;
    assert_eq!(accepted(&again), first);
    // Key, claim, the claim that holds, the ledger: the object is not written again.
    assert_eq!(api.world.faults.calls(), 4);
    let other = accepted(&send(&api.router, api.file("/v1/exports", "k2", JSON, FILE)).await);
    assert_ne!(other, first);
}

#[tokio::test]
async fn a_repeated_request_tells_the_state_of_now() {
    let api = Api::start().await;
    let (id, key) = accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
    api.finished_export(&key).await;
    let again = send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await;
    assert_eq!(again.is(202)["state"], "done");
    assert_eq!(again.json["id"], id);
}

#[tokio::test]
async fn a_key_stands_for_one_content() {
    let api = Api::start().await;
    accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
    for (path, body) in [
        ("/v1/exports", "{}"),
        ("/v1/exports?outlet=pos-a", FILE),
        ("/v1/exports?filename=x", FILE),
    ] {
        send(&api.router, api.file(path, "k1", JSON, body))
            .await
            .refused(409, "IDEMPOTENCY_KEY_REUSED");
    }
    let upload = api.file("/v1/exports/upload", "k1", JSON, "{}");
    send(&api.router, upload)
        .await
        .refused(409, "IDEMPOTENCY_KEY_REUSED");
    // After a week it stands for nothing any more.
    api.pass_ms(7 * 24 * 3_600_000 + 1000);
    accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, "{}")).await);
}

#[tokio::test]
async fn keys_of_two_callers_do_not_meet() {
    let api = Api::start().await;
    let (first, _) = accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
    let other = api.mint(&[domain::api_key::Scope::Exports], 9).await;
    let mut request = api.file("/v1/exports", "k1", JSON, "{}");
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {other}").parse().unwrap());
    let (second, _) = accepted(&send(&api.router, request).await);
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_crash_at_any_call_is_healed_by_sending_again() {
    // Key, claim, object, acceptance: each call lost before or after it arrived.
    for lost in 1..4 {
        for plan in [Plan::CrashBefore(lost), Plan::CrashAfter(lost)] {
            let api = Api::start().await;
            api.world.faults.set(plan);
            let cut = send(&api.faulty_router(), api.file("/v1/exports", "k1", JSON, FILE)).await;
            assert!(cut.status.is_server_error(), "{plan:?}: {}", cut.text);
            let (id, key) = accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
            assert_eq!(stored(&api, &key).await, FILE.as_bytes(), "{plan:?}");
            assert_eq!(
                api.get(&format!("/v1/exports/{id}")).await.is(200)["state"],
                "accepted",
                "{plan:?}"
            );
            let again = accepted(&send(&api.router, api.file("/v1/exports", "k1", JSON, FILE)).await);
            assert_eq!(again, (id, key.clone()), "{plan:?}");
            assert_eq!(objects(&api), vec![key], "{plan:?}: one object in the bucket");
        }
    }
}

/// Keys of the objects in the bucket's folder.
fn objects(api: &Api) -> Vec<String> {
    let root = api.world.data().join("s3/exports");
    let (mut folders, mut keys) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
            match path.is_dir() {
                _ if hidden => {}
                true => folders.push(path),
                false => keys.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned()),
            }
        }
    }
    keys
}

#[allow(clippy::too_many_lines, reason = "a table of requests")]
#[tokio::test]
async fn a_request_that_does_not_fit_is_refused_and_writes_nothing() {
    let api = Api::start().await;
    let long = "x".repeat(256);
    let table = [
        (
            api.file("/v1/exports", "", JSON, FILE),
            400,
            "IDEMPOTENCY_KEY_INVALID",
        ),
        (
            api.file("/v1/exports", "two words", JSON, FILE),
            400,
            "IDEMPOTENCY_KEY_INVALID",
        ),
        (
            api.file("/v1/exports", &long, JSON, FILE),
            400,
            "IDEMPOTENCY_KEY_INVALID",
        ),
        (
            api.file("/v1/exports", "k", "text/csv", FILE),
            415,
            "MEDIA_TYPE_UNSUPPORTED",
        ),
        (api.file("/v1/exports", "k", JSON, ""), 400, "BODY_EMPTY"),
        (
            api.file("/v1/exports", "k", JSON, vec![b' '; (6 << 20) + 1]),
            413,
            "BODY_TOO_LARGE",
        ),
        (
            api.file("/v1/exports?outlet=Moka-1", "k", JSON, FILE),
            400,
            "PARAMETER_INVALID",
        ),
        (
            api.file("/v1/exports?outlet=gobiz-1", "k", JSON, FILE),
            400,
            "PARAMETER_INVALID",
        ),
        (
            api.file("/v1/exports?outlet=moka-..%2Fx", "k", JSON, FILE),
            400,
            "PARAMETER_INVALID",
        ),
        (
            api.file(&format!("/v1/exports?filename={long}"), "k", JSON, FILE),
            400,
            "PARAMETER_INVALID",
        ),
        (
            api.file("/v1/exports?file=x", "k", JSON, FILE),
            400,
            "QUERY_UNKNOWN",
        ),
    ];
    for (request, status, code) in table {
        let path = request.uri().to_string();
        let answer = send(&api.router, request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{path}: {}",
            answer.text
        );
    }
    let bare = api
        .request("POST", "/v1/exports")
        .header("content-type", JSON)
        .body(Body::from(FILE))
        .unwrap();
    send(&api.router, bare)
        .await
        .refused(400, "IDEMPOTENCY_KEY_MISSING");
    assert!(objects(&api).is_empty());
}

#[tokio::test]
async fn the_largest_body_is_taken() {
    let api = Api::start().await;
    let (_, key) = accepted(
        &send(
            &api.router,
            api.file("/v1/exports", "k", JSON, vec![b' '; 6 << 20]),
        )
        .await,
    );
    assert_eq!(stored(&api, &key).await.len(), 6 << 20);
}

#[tokio::test]
async fn a_finished_export_shows_all_that_the_ledger_has() {
    let api = Api::start().await;
    let key = "incoming/moka/toko + é.json";
    let amount = |text: i64| Money::from_raw(text);
    let export = Export {
        id: export_id("exports", key),
        bucket: "exports".to_owned(),
        key: key.to_owned(),
        etag: "e1".to_owned(),
        size: 1000,
        state: ExportState::Done,
        dialect: Some("moka.v3".to_owned()),
        counts: Counts {
            received: 10,
            stored: 5,
            unchanged: 2,
            stale: 1,
            quarantined: 2,
        },
        sums: Sums {
            total: amount(459_009_000),
            not_sold: amount(10_000),
            refunded: amount(0),
        },
        control: Some(Control {
            count: Some(10),
            sum: Some(amount(459_019_000)),
            matches: "all".to_owned(),
        }),
        rejected: [("MONEY_INVALID".to_owned(), 2)].into(),
        notes: [("MONEY_ROUNDED".to_owned(), 1)].into(),
        unknown_fields: [("warna".to_owned(), 10)].into(),
        days: vec![("moka-7".to_owned(), "2025-10-27".parse().unwrap())],
        days_total: 1,
        received_ms: NOON_MS,
        finished_ms: Some(NOON_MS + 1500),
        runs: 2,
        ..Export::default()
    };
    Ledger::new(&api.world.clients)
        .finish(&export, "ingest-sales", None)
        .await
        .unwrap();
    let answer = api
        .get("/v1/exports?key=incoming/moka/toko%20%2B%20%C3%A9.json")
        .await;
    let expected = json!({
        "id": export.id, "key": key, "bucket": "exports", "etag": "e1", "size": 1000, "state": "done",
        "dialect": "moka.v3", "received": 10, "stored": 5, "unchanged": 2, "stale": 1, "quarantined": 2,
        "sums": { "total": "45900.9", "not_sold": "1", "refunded": "0" },
        "control": { "count": 10, "sum": "45901.9", "matches": "all" },
        "rejected": { "MONEY_INVALID": 2 }, "notes": { "MONEY_ROUNDED": 1 }, "unknown_fields": { "warna": 10 },
        "days": [{
            "outlet": "moka-7", "date": "2025-10-27", "guest_links": "/v1/links?outlet=moka-7&date=2025-10-27",
        }],
        "days_total": 1, "failure": null,
        "received_at": "2025-10-28T05:00:00.000Z", "finished_at": "2025-10-28T05:00:01.500Z", "runs": 2,
        "correlation": null,
        "links": {
            "self": format!("/v1/exports/{}", export.id),
            "quarantine": format!("/v1/quarantine?export={}", export.id),
        },
    });
    assert_eq!(answer.is(200), &expected);
}

#[tokio::test]
async fn an_export_nobody_saw_is_not_found() {
    let api = Api::start().await;
    for path in [
        "/v1/exports/exp_none",
        "/v1/exports?key=incoming/none.json",
        "/v1/exports/%20",
    ] {
        let answer = api.get(path).await;
        answer.refused(404, "EXPORT_NOT_FOUND");
        assert!(
            answer.json["detail"].as_str().unwrap().contains("beberapa detik"),
            "{}",
            answer.text
        );
    }
    api.get("/v1/exports").await.refused(400, "PARAMETER_MISSING");
    api.get("/v1/exports?key=elsewhere/x.json")
        .await
        .refused(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn two_requests_at_once_with_one_key_make_one_export() {
    let api = Api::start().await;
    let requests: Vec<Request<Body>> = (0..6)
        .map(|_| api.file("/v1/exports", "k1", JSON, FILE))
        .collect();
    let mut tasks = Vec::new();
    for request in requests {
        let router = api.router.clone();
        tasks.push(tokio::spawn(async move { send(&router, request).await }));
    }
    let mut seen = BTreeSet::new();
    for task in tasks {
        seen.insert(accepted(&task.await.unwrap()));
    }
    assert_eq!(seen.len(), 1);
    assert_eq!(objects(&api).len(), 1);
}
