//! The real router over a world of real engines, with a clock that the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod day;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use accept_exports::{Deps, router};
use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::ledger::Ledger;
use aws::quarantine::Quarantine;
use axum::Router;
use axum::body::Body;
use domain::api_key::{Scope, mint};
use domain::export::{Export, ExportState, export_id};
use domain::quarantine::Quarantined;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use testkit::World;
use tower::ServiceExt;

/// 2025-10-28T05:00:00Z, noon in Jakarta.
pub const NOON_MS: i64 = 1_761_627_600_000;

/// An API over a world.
pub struct Api {
    pub world: World,
    pub router: Router,
    /// A key of every scope.
    pub key: String,
    clock: Arc<AtomicI64>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    /// The answer's problem code, or an empty text.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// Fails unless this is a problem document of a status and a code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.code()),
            (status, code),
            "{}",
            self.text
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.json["status"], status);
    }

    /// Fails unless this is an answer of a status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        &self.json
    }
}

impl Api {
    pub async fn start() -> Self {
        let world = World::start().await;
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let router = router_over(&world.clients, &clock);
        let mut api = Self {
            world,
            router,
            key: String::new(),
            clock,
        };
        api.key = api.mint(&Scope::ALL, 1).await;
        api
    }

    /// A router of its own, with empty caches, over the clients that fail as told.
    pub fn faulty_router(&self) -> Router {
        router_over(&self.world.faulty, &self.clock)
    }

    /// A router of its own, with empty caches: another process.
    pub fn other_router(&self) -> Router {
        router_over(&self.world.clients, &self.clock)
    }

    /// Stores a key of scopes; `seed` makes it another one.
    pub async fn mint(&self, scopes: &[Scope], seed: u8) -> String {
        let (text, key) = mint([seed; 40], "test", scopes.to_vec(), NOON_MS);
        ApiKeys::new(&self.world.clients)
            .create(&key, "test")
            .await
            .unwrap();
        text
    }

    /// What this function's routes say of themselves.
    pub fn own_description(&self) -> utoipa::openapi::OpenApi {
        let clock = Arc::clone(&self.clock);
        let clock = Arc::new(move || clock.load(Ordering::SeqCst));
        accept_exports::description(Deps::new(&self.world.clients, clock))
    }

    /// `GET /openapi.json`, as anybody may ask for it.
    pub async fn whole_description(&self) -> Value {
        let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
        send(&self.router, request).await.is(200).clone()
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(
            &self.router,
            self.request("GET", path).body(Body::empty()).unwrap(),
        )
        .await
    }

    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = self
            .request(method, path)
            .header("content-type", "application/json");
        send(&self.router, request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A request with the key of every scope.
    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let key = format!("Bearer {}", self.key);
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", key)
    }

    /// The request that sends a file.
    pub fn file(
        &self,
        path: &str,
        idempotency_key: &str,
        media: &str,
        body: impl Into<Body>,
    ) -> Request<Body> {
        let request = self
            .request("POST", path)
            .header("idempotency-key", idempotency_key);
        request.header("content-type", media).body(body.into()).unwrap()
    }

    /// Stores an export that was read to its end.
    pub async fn finished_export(&self, key: &str) -> Export {
        let export = Export {
            id: export_id("exports", key),
            bucket: "exports".to_owned(),
            key: key.to_owned(),
            etag: "e1".to_owned(),
            state: ExportState::Done,
            received_ms: NOON_MS,
            finished_ms: Some(NOON_MS + 500),
            runs: 1,
            ..Export::default()
        };
        Ledger::new(&self.world.clients)
            .finish(&export, "ingest-sales", None)
            .await
            .unwrap()
    }

    /// Lists an open piece of an export.
    pub async fn quarantine(&self, export: &Export, byte_start: u64, code: &str) -> Quarantined {
        let piece = Quarantined {
            byte_start,
            byte_len: 42,
            pointer: format!("/data/{byte_start}"),
            ordinal: Some(byte_start),
            code: code.to_owned(),
            detail: "not an amount of money".to_owned(),
            preview: "{\"total\":\"…\"}".to_owned(),
            context: "{}".to_owned(),
            ..Quarantined::of(export, NOON_MS)
        };
        Quarantine::new(&self.world.clients)
            .list(std::slice::from_ref(&piece))
            .await
            .unwrap();
        piece
    }
}

fn router_over(clients: &Clients, clock: &Arc<AtomicI64>) -> Router {
    let clock = Arc::clone(clock);
    router(Deps::new(clients, Arc::new(move || clock.load(Ordering::SeqCst))))
}

/// Sends a request through the router.
pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Answer {
        status: head.status,
        headers: head.headers,
        text,
        json,
    }
}

/// Every item of a listing, page by page.
pub async fn walk(api: &Api, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{path}limit={limit}{after}")).await;
        let some = page.is(200)["items"].as_array().unwrap();
        assert!(some.len() <= limit);
        items.extend(some.iter().cloned());
        let Some(next) = page.json["next"].as_str() else {
            return items;
        };
        let parameter = if path.contains("audit") { "before" } else { "after" };
        after = format!("&{parameter}={next}");
    }
}

/// Whatever content an object has.
#[allow(dead_code, reason = "not every test opens objects")]
pub fn anything_at(key: &str) -> aws::objects::Wanted<'_> {
    aws::objects::Wanted {
        key,
        etag: None,
        version: None,
    }
}
