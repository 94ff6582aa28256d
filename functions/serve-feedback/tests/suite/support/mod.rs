//! The real router over a world of real engines, with a clock that the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod day;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::feedback::Feedback;
use axum::Router;
use axum::body::Body;
use domain::api_key::{Scope, mint};
use domain::feedback::Answer;
use domain::receipt_id::ReceiptId;
use http::{HeaderMap, Request, StatusCode};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use serde_json::Value;
use serve_feedback::{Deps, router};
use testkit::World;
use tower::ServiceExt;

/// 2025-10-28T05:00:00Z, noon in Jakarta.
pub const NOON_MS: i64 = 1_761_627_600_000;
/// Where the pages are.
pub const URL: &str = "https://oyako.example";

/// The function over a world.
pub struct Shop {
    pub world: World,
    pub router: Router,
    /// A key of every scope.
    pub key: String,
    clock: Arc<AtomicI64>,
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
    pub json: Value,
}

impl Reply {
    /// Fails unless this is a page of a status.
    #[track_caller]
    pub fn is_page(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "text/html; charset=utf-8");
        &self.text
    }

    /// Fails unless this is a page that says a code.
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str) -> &str {
        let page = self.is_page(status);
        assert!(page.contains(&format!(": {code}<")), "{page}");
        page
    }

    /// Fails unless this is a problem document of a status and a code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        let said = (
            self.status.as_u16(),
            self.json["code"].as_str().unwrap_or_default(),
        );
        assert_eq!(said, (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
    }

    /// Fails unless this is an answer of a status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        &self.json
    }
}

impl Shop {
    pub async fn start() -> Self {
        let world = World::start().await;
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let router = router_over(&world.clients, &clock);
        let (key, stored) = mint([1; 40], "test", Scope::ALL.to_vec(), NOON_MS);
        let keys = ApiKeys::new(&world.clients);
        keys.create(&stored, "test").await.unwrap();
        Self {
            world,
            router,
            key,
            clock,
        }
    }

    /// A router with caches of its own over clients that fail as told.
    pub fn faulty_router(&self) -> Router {
        router_over(&self.world.faulty, &self.clock)
    }

    /// A router with caches of its own: another process.
    pub fn other_router(&self) -> Router {
        router_over(&self.world.clients, &self.clock)
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn pass_days(&self, days: i64) {
        self.pass_ms(days * 86_400_000);
    }

    /// What the shop asks for, with the key of every scope.
    pub async fn api(&self, method: &str, path: &str) -> Reply {
        let key = format!("Bearer {}", self.key);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", key);
        send(&self.router, request.body(Body::empty()).unwrap()).await
    }

    /// The path of the guest's page of a receipt, from the API.
    pub async fn link(&self, receipt: &ReceiptId) -> String {
        let reply = self.api("GET", &format!("/v1/links/{receipt}")).await;
        let url = reply.is(200)["url"].as_str().unwrap();
        url.strip_prefix(URL).unwrap().to_owned()
    }

    /// What a guest's phone asks for.
    pub async fn get(&self, path: &str) -> Reply {
        send(&self.router, browsing(path).body(Body::empty()).unwrap()).await
    }

    /// The form as a guest's phone sends it.
    pub async fn send(&self, path: &str, form: &str) -> Reply {
        send(&self.router, posting(path, form.to_owned())).await
    }

    /// What is stored about a receipt.
    pub async fn answer(&self, receipt: &ReceiptId) -> Option<Answer> {
        Feedback::new(&self.world.clients).get(receipt).await.unwrap()
    }
}

fn router_over(clients: &Clients, clock: &Arc<AtomicI64>) -> Router {
    router(deps(clients, clock))
}

pub fn deps(clients: &Clients, clock: &Arc<AtomicI64>) -> Deps {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    Deps::new(clients, URL.to_owned(), clock)
}

pub fn browsing(path: &str) -> http::request::Builder {
    Request::builder()
        .uri(path)
        .header("accept", "text/html,application/xhtml+xml;q=0.9")
}

/// A form from a guest's phone.
pub fn posting(path: &str, form: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", "oyako.example")
        .header("origin", "null")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .unwrap();
    from(&mut request, "36.68.1.2");
    request
}

/// Makes a request come from an address, as API Gateway tells it.
pub fn from(request: &mut Request<Body>, address: &str) {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.http.source_ip = Some(address.to_owned());
    request
        .extensions_mut()
        .insert(RequestContext::ApiGatewayV2(context));
}

/// Sends a request through a router.
pub async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Reply {
        status: head.status,
        headers: head.headers,
        json: serde_json::from_str(&text).unwrap_or_default(),
        bytes,
        text,
    }
}
