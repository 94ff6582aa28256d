//! The simulators where they stand on one machine: over a folder, and under a path of another server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use domain::when::Zone;
use serde_json::{Value, json};
use sims::{central, moka};
use tower::ServiceExt;

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    (
        status,
        to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec(),
    )
}

fn get(path: &str, token: &str) -> Request<Body> {
    Request::get(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn what_is_put_into_the_folder_is_listed_and_nothing_else_is_reached() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("central");
    std::fs::create_dir_all(folder.join("2026-11-21/moka-1")).unwrap();
    std::fs::write(folder.join("2026-11-21/moka-1/a.json"), "{}").unwrap();
    std::fs::write(folder.join("2026-11-21/b.json"), "[]").unwrap();
    std::fs::write(folder.join("2026-11-21/.hidden"), "x").unwrap();
    std::fs::write(data.path().join("secret"), "x").unwrap();
    let router = central::router(central::Central::over_folder("token", folder));

    let (status, body) = ask(&router, get("/v1/days/2026-11-21", "token")).await;
    assert_eq!(status, StatusCode::OK);
    let listing: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(listing["count"], 2);
    assert_eq!(listing["files"][0]["outlet"], "moka-1");
    assert_eq!(
        listing["files"][0]["sha256"],
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
    assert_eq!(listing["files"][1]["outlet"], Value::Null);

    assert_eq!(
        ask(&router, get("/v1/files/a.json", "token")).await,
        (StatusCode::OK, b"{}".to_vec())
    );
    for path in [
        "/v1/files/.hidden",
        "/v1/files/secret",
        "/v1/files/..%2Fsecret",
        "/v1/files/..%2F..%2Fsecret",
        "/v1/days/..%2F..",
    ] {
        assert_eq!(
            ask(&router, get(path, "token")).await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        ask(&router, get("/v1/files/a.json", "another")).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn under_a_path_of_another_server_cursors_lead_back_under_it() {
    let state = moka::Moka::new("id", "secret", "first");
    let date = "2026-11-21".parse().unwrap();
    state.add("1", moka::sample::day("1", date, &Zone::default(), 3));
    let router = Router::new().nest("/_local/moka", moka::router(state));
    let renewal = json!({"grant_type": "refresh_token", "client_id": "id", "client_secret": "secret", "refresh_token": "first"});
    let request = Request::post("/_local/moka/oauth/token")
        .body(Body::from(renewal.to_string()))
        .unwrap();
    let (_, body) = ask(&router, request).await;
    let tokens: Value = serde_json::from_slice(&body).unwrap();
    let access = tokens["access_token"].as_str().unwrap();

    let path = "/_local/moka/v3/outlets/1/reports/get_latest_transactions";
    let query = "per_page=2&since=1795194000&until=1795280400&time_filter=updated_at&reorder_type=ASC";
    let (_, body) = ask(&router, get(&format!("{path}?{query}"), access)).await;
    let page: Value = serde_json::from_slice(&body).unwrap();
    let next = page["data"]["next_url"].as_str().unwrap();
    let rest = next.strip_prefix("http://127.0.0.1:8080").unwrap();
    assert!(rest.starts_with(&format!("{path}?")), "{rest}");
    let (_, body) = ask(&router, get(rest, access)).await;
    let page: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(page["data"]["payments"].as_array().unwrap().len(), 1);
    assert_eq!(page["data"]["completed"], true);
}
