//! The real router over a world of real engines, with people who are signed in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod duties;
pub mod people;
pub mod seed;
pub mod tokens;
pub mod topups;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::api_keys::ApiKeys;
use aws::sessions::Sessions;
use axum::Router;
use axum::body::Body;
use domain::api_key::{Scope, mint};
use domain::staff::{Outlets, Person, Role};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use serve_dashboard::{Deps, Settings, router};
use sha2::{Digest, Sha256};
use testkit::World;
use tower::ServiceExt;

/// 2025-10-28T05:00:00Z, noon in Jakarta.
pub const NOON_MS: i64 = 1_761_627_600_000;
/// Where the dashboard is reached.
pub const URL: &str = "https://warung.example";
/// What forms of these sessions carry.
pub const CSRF: &str = "a-token";

/// A dashboard over a world.
pub struct Shop {
    pub world: World,
    pub router: Router,
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
    /// Fails unless this is an answer of a status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails unless this is a kind page of a status with a code.
    #[track_caller]
    pub fn refused_kindly(&self, status: u16, code: &str) {
        self.is(status);
        assert_eq!(self.headers["content-type"], "text/html; charset=utf-8");
        assert!(
            self.text.contains(&format!("<code>{code}</code>")),
            "{}",
            self.text
        );
    }

    /// Fails unless this is a problem document of a status and a code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        self.is(status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.json["code"], code);
    }

    /// The content of the page, without what stands around it.
    #[track_caller]
    pub fn main(&self) -> &str {
        let (_, rest) = self.text.split_once("<main").expect("a page has a main part");
        rest.split_once("</main>").expect("it ends").0
    }
}

impl Shop {
    /// An empty shop.
    pub async fn start() -> Self {
        Self::over(World::start().await, settings()).await
    }

    /// An empty shop over a world.
    pub async fn over(world: World, settings: Settings) -> Self {
        let clock = Arc::new(AtomicI64::new(NOON_MS));
        let shop = Self {
            router: router(deps(&world, settings, &clock)),
            world,
            clock,
        };
        for (id, person) in people() {
            shop.sign_in(id, &person).await;
        }
        shop
    }

    /// Stores the session that a sign-in makes.
    async fn sign_in(&self, id: &str, person: &Person) {
        let sessions = Sessions::new(&self.world.clients);
        let hash = |kind: &str| {
            let digest = Sha256::digest(format!("{kind}\n{}", cookie(id)));
            data_encoding::HEXLOWER.encode(&digest)
        };
        let session = json!({ "person": person, "csrf": CSRF }).to_string();
        let end = NOON_MS + 8 * 3_600_000;
        sessions.put(&hash("session"), &session, end).await.unwrap();
        sessions
            .put(&hash("seen"), &NOON_MS.to_string(), end)
            .await
            .unwrap();
    }

    /// The same shop, known to the supplier of top-ups by an address that somebody looks at.
    pub fn knowing_address(self, address: &str) -> Self {
        let deps = deps(&self.world, settings(), &self.clock);
        let router = router(deps.with_topup_address(Some(address.to_owned())));
        Self { router, ..self }
    }

    pub fn pass_ms(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// A page as one of [`people`] sees it.
    pub async fn get(&self, who: &str, path: &str) -> Answer {
        let request = Request::builder().uri(path).header("cookie", session(who));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form that one of [`people`] sends from a page of ours.
    pub async fn post(&self, who: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", CSRF);
        for (name, value) in fields {
            form.append_pair(name, value);
        }
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("cookie", session(who))
            .header("origin", URL)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.finish())).unwrap()).await
    }

    /// A call of the API with a key of these scopes.
    pub async fn call(&self, scopes: &[Scope], method: &str, path: &str, body: Option<&Value>) -> Answer {
        let seed = scopes.iter().fold(1, |seed: u8, scope| {
            seed.wrapping_mul(7).wrapping_add(*scope as u8)
        });
        let (text, key) = mint([seed; 40], "test", scopes.to_vec(), NOON_MS);
        ApiKeys::new(&self.world.clients).create(&key, "test").await.ok();
        self.call_with(&text, method, path, body).await
    }

    /// A call of the API with a key or a token.
    pub async fn call_with(&self, bearer: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {bearer}"))
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer {
            status: head.status,
            headers: head.headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

fn deps(world: &World, settings: Settings, clock: &Arc<AtomicI64>) -> Deps {
    let clock = Arc::clone(clock);
    Deps::new(
        &world.clients,
        settings,
        Arc::new(move || clock.load(Ordering::SeqCst)),
    )
}

/// An issuer that no test asks.
pub fn settings() -> Settings {
    Settings {
        issuer: "http://127.0.0.1:1/issuer".to_owned(),
        client_id: "dashboard".to_owned(),
        roles_claim: "roles".to_owned(),
        outlets_claim: "outlets".to_owned(),
        logout_url: None,
        public_url: URL.to_owned(),
    }
}

/// Who is signed in: one of each role, another approver, and two who hold one outlet only.
fn people() -> Vec<(&'static str, Person)> {
    let person = |subject: &str, name: &str, role, outlets| Person {
        subject: subject.to_owned(),
        name: name.to_owned(),
        roles: [role].into(),
        outlets,
    };
    let one = Outlets::Only(["moka-7".to_owned()].into());
    vec![
        ("viewer", person("rina", "Rina", Role::Viewer, Outlets::All)),
        ("operator", person("budi", "Budi", Role::Operator, Outlets::All)),
        (
            "auditor",
            person("anton", "Pak Anton", Role::Auditor, Outlets::All),
        ),
        ("limited", person("tini", "Tini", Role::Operator, one.clone())),
        (
            "approver",
            person("sari", "Bu Sari", Role::Approver, Outlets::All),
        ),
        (
            "second",
            person("hasan", "Pak Hasan", Role::Approver, Outlets::All),
        ),
        ("local", person("wati", "Bu Wati", Role::Approver, one)),
        (
            "without",
            person("joko", "Joko", Role::Operator, Outlets::Only([].into())),
        ),
    ]
}

fn cookie(id: &str) -> String {
    format!("{id:-<43}")
}

/// The cookie of one of [`people`].
pub fn session(who: &str) -> String {
    format!("__Host-session={}", cookie(who))
}
