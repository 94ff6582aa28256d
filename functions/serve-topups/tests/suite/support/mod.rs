//! The real router over a world of real engines, with a clock that the test moves, and the steps of the supplier's side
//! without a supplier.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod supplier;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::parameters::Parameters;
use aws::topups::{Catalogue, Filter, Topups};
use axum::Router;
use axum::body::Body;
use domain::api_key::{ApiKey, Scope, mint};
use domain::topup::number::Operator;
use domain::topup::order::Order;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::rupiah::Rupiah;
use domain::topup::step::Check;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use lambda_edge::metrics::Metrics;
use lambda_edge::secrets::SecretSettings;
use serde_json::{Value, json};
use serve_topups::{Deps, Patience, Settings, router};
use testkit::World;
use tower::ServiceExt;

/// 2025-10-28T05:00:00Z, noon in Jakarta.
pub const NOON_MS: i64 = 1_761_627_600_000;
pub const MINUTE_MS: i64 = 60_000;
pub const HOUR_MS: i64 = 3_600_000;
/// The partner that most tests are of.
pub const PARTNER: &str = "kios-1";
/// A number of Telkomsel's.
pub const NUMBER: &str = "081234567890";
/// The token of the supplier's address.
pub const TOKEN: &str = "tokenOfReports0123456789";
pub const FOLDER: &str = "/shop/topups";

/// A shop that sells top-ups.
pub struct Shop {
    pub world: World,
    pub router: Router,
    /// The key of [`PARTNER`].
    pub key: String,
    /// A key of the shop's own, for products and partners.
    pub boss: String,
    pub settings: Settings,
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
    }

    /// Fails unless this is an answer of a status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        &self.json
    }

    /// The id of the order that was taken.
    #[track_caller]
    pub fn refid(&self) -> String {
        self.json["refid"].as_str().expect(&self.text).to_owned()
    }

    /// Seconds to wait.
    pub fn retry_after(&self) -> i64 {
        self.headers["retry-after"].to_str().unwrap().parse().unwrap()
    }
}

/// Settings with a supplier, under which nobody waits for an order to end.
pub fn settings() -> Settings {
    Settings {
        is_on: true,
        parameters: Some(FOLDER.to_owned()),
        check: Check::Resend,
        patience: Patience {
            looks: 0,
            pause: Duration::ZERO,
        },
        secrets: SecretSettings {
            refresh_pause_ms: 0,
            ..SecretSettings::default()
        },
        ..Settings::default()
    }
}

pub fn partner(id: &str) -> Partner {
    Partner {
        id: id.to_owned(),
        name: "Kios Satu".to_owned(),
        active: true,
        products: None,
        daily_cap: Rupiah::new(1_000_000),
        per_minute: 1000,
        cutoff: CutoffChoice::Refuse,
        webhook: None,
        secret: 0,
        signs_from: 0,
        secret_ms: 0,
        version: 0,
    }
}

pub fn product(code: &str, price: i64) -> Product {
    Product {
        code: code.to_owned(),
        name: format!("Pulsa {price}"),
        kind: Kind::Pulsa,
        operator: Some(Operator::Telkomsel),
        cost: Rupiah::new(price - 400),
        price: Rupiah::new(price),
        active: true,
        repeatable: false,
        breaker: Breaker::default(),
        version: 0,
    }
}

/// An order of `S10`.
pub fn wanted(number: &str) -> Value {
    json!({ "product": "S10", "destination": number })
}

impl Shop {
    /// A shop with the products `S10` (10,500) and `P20` (electricity), and one partner.
    pub async fn open() -> Self {
        let world = World::start().await;
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let settings = settings();
        let router = router_over(&world.clients, &settings, &clock);
        let mut shop = Self {
            world,
            router,
            key: String::new(),
            boss: String::new(),
            settings,
            clock,
        };
        let electricity = Product {
            kind: Kind::Pln,
            operator: None,
            ..product("P20", 21_000)
        };
        for product in [product("S10", 10_500), electricity] {
            shop.sell(&product).await;
        }
        shop.describe(partner(PARTNER)).await;
        shop.parameter("report-tokens", TOKEN).await;
        shop.parameter("webhook-key", "0123456789abcdef0123456789abcdef")
            .await;
        shop.key = shop.mint(&[Scope::Topups], Some(PARTNER), 1).await;
        shop.boss = shop.mint(&[Scope::TopupsManage], None, 2).await;
        shop
    }

    /// The same shop under other settings.
    pub fn under(&self, change: impl FnOnce(&mut Settings)) -> Router {
        let mut settings = self.settings.clone();
        change(&mut settings);
        router_over(&self.world.clients, &settings, &self.clock)
    }

    /// A router of its own, with empty caches: another process.
    pub fn other_router(&self) -> Router {
        self.under(|_| ())
    }

    /// A router that counts.
    pub fn counting_router(&self, metrics: &Metrics) -> Router {
        let clock = Arc::clone(&self.clock);
        let clock = Arc::new(move || clock.load(Ordering::SeqCst));
        let deps = Deps::new(&self.world.clients, self.settings.clone(), clock);
        router(deps.with_metrics(metrics.clone()))
    }

    /// A router over the clients that fail as told.
    pub fn faulty_router(&self) -> Router {
        router_over(&self.world.faulty, &self.settings, &self.clock)
    }

    pub fn description(&self) -> utoipa::openapi::OpenApi {
        let clock = Arc::clone(&self.clock);
        let clock = Arc::new(move || clock.load(Ordering::SeqCst));
        serve_topups::description(Deps::new(&self.world.clients, self.settings.clone(), clock))
    }

    /// Stores a key; `seed` makes it another one.
    pub async fn mint(&self, scopes: &[Scope], partner: Option<&str>, seed: u8) -> String {
        let (text, key) = mint([seed; 40], "test", scopes.to_vec(), NOON_MS);
        let key = ApiKey {
            partner: partner.map(str::to_owned),
            ..key
        };
        let keys = ApiKeys::new(&self.world.clients);
        keys.create(&key, "test").await.unwrap();
        text
    }

    pub async fn parameter(&self, name: &str, value: &str) {
        let parameters = Parameters::new(&self.world.clients);
        parameters.put(&format!("{FOLDER}/{name}"), value).await.unwrap();
    }

    pub fn catalogue(&self) -> Catalogue {
        Catalogue::new(&self.world.clients)
    }

    pub fn topups(&self) -> Topups {
        Topups::new(&self.world.clients, self.settings.keep_days)
    }

    /// Puts a product in place of what is known under its code.
    pub async fn sell(&self, product: &Product) {
        let known = self.catalogue().product(&product.code).await.unwrap();
        let product = Product {
            version: known.map_or(0, |known| known.version),
            ..product.clone()
        };
        let put = self.catalogue().put_product(&product, "test", NOON_MS).await;
        put.unwrap();
    }

    /// Puts a partner in place of what is known under its id.
    pub async fn describe(&self, partner: Partner) {
        let known = self.catalogue().partner(&partner.id).await.unwrap();
        let partner = Partner {
            version: known.map_or(0, |known| known.version),
            ..partner
        };
        let put = self.catalogue().put_partner(&partner, "test", NOON_MS).await;
        put.unwrap();
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn now_ms(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub async fn order(&self, key: &str) -> Order {
        self.topups().get(key).await.unwrap().unwrap()
    }

    /// Every order of a partner.
    pub async fn orders(&self, partner: &str) -> Vec<Order> {
        let page = self.topups().list(partner, &Filter::ALL, None, 200).await;
        page.unwrap().0
    }

    /// A request of the partner's.
    pub async fn get(&self, path: &str) -> Answer {
        send(&self.router, request("GET", path, &self.key, None)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send(&self.router, request("POST", path, &self.key, Some(body))).await
    }

    /// A request of the shop's own.
    pub async fn manage(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        send(&self.router, request(method, path, &self.boss, body)).await
    }

    /// The partner's order, under a key.
    pub async fn buy(&self, key: &str, body: &Value) -> Answer {
        send(&self.router, self.buying(key, body)).await
    }

    pub fn buying(&self, key: &str, body: &Value) -> Request<Body> {
        buying(&self.key, key, body)
    }
}

pub fn router_over(clients: &Clients, settings: &Settings, clock: &Arc<AtomicI64>) -> Router {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    router(Deps::new(clients, settings.clone(), clock))
}

pub fn request(method: &str, path: &str, key: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.body(body).unwrap()
}

pub fn buying(api_key: &str, key: &str, body: &Value) -> Request<Body> {
    let mut request = request("POST", "/v1/topups", api_key, Some(body));
    let key = HeaderValue::from_bytes(key.as_bytes()).unwrap();
    request.headers_mut().insert("idempotency-key", key);
    request
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
