//! A dashboard with two pages, a store, an issuer and a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::link_keys::LinkKeysStore;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use axum::routing::{get, post};
use edge::problem::Problem;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use testkit::World;
use tower::ServiceExt;

use super::super::{Access, Csrf, Settings, Staff, guarded, router};
use super::issuer::{CLIENT_ID, TestIssuer};

/// Where the dashboard is.
pub(super) const URL: &str = "https://shop.example";
/// Where the issuer sends people back to.
pub(super) const CALLBACK: &str = "https://shop.example/dashboard/callback";
/// A page, and a form.
pub(super) const PAGE: &str = "/dashboard/page";
pub(super) const FORM: &str = "/dashboard/form";

/// The dashboard.
pub(super) struct Shop {
    world: World,
    pub(super) issuer: TestIssuer,
    pub(super) access: Arc<Access>,
    clock: Arc<AtomicI64>,
    router: Router,
}

/// A sign-in as the browser sees it when it is sent to the issuer.
pub(super) struct Begun {
    /// The `__Host-login` cookie.
    pub(super) cookie: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) challenge: String,
}

/// An answer, read.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) cookies: Vec<String>,
    pub(super) body: String,
    /// What the log is told.
    pub(super) cause: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let problem = response.extensions().get::<Problem>().cloned();
        let (parts, body) = response.into_parts();
        let text = |name| {
            let values = parts.headers.get_all(name).iter();
            values
                .map(|value| value.to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        Self {
            status: parts.status,
            location: text(LOCATION).concat(),
            cookies: text(SET_COOKIE),
            body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
            cause: problem
                .as_ref()
                .and_then(Problem::cause)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The `name=value` of a cookie that is set.
    pub(super) fn cookie(&self, name: &str) -> String {
        let set = self.cookies.iter().find(|cookie| cookie.starts_with(name));
        set.unwrap().split(';').next().unwrap().to_owned()
    }
}

impl Shop {
    pub(super) async fn open() -> Self {
        let world = World::start().await;
        let issuer = TestIssuer::start();
        let settings = Settings {
            issuer: issuer.url.clone(),
            client_id: CLIENT_ID.to_owned(),
            roles_claim: "roles".to_owned(),
            outlets_claim: "outlets".to_owned(),
            logout_url: None,
            public_url: URL.to_owned(),
        };
        let clock = Arc::new(AtomicI64::new(1_795_310_473_123));
        let reading = Arc::clone(&clock);
        let clock_of = Arc::new(move || reading.load(Ordering::SeqCst));
        let access = Arc::new(Access::new(settings, &world.clients, clock_of));
        let pages = Router::new()
            .route(
                PAGE,
                get(|Staff(person): Staff, Csrf(csrf): Csrf| async move {
                    format!("{} {} {csrf}", person.subject, person.name)
                }),
            )
            .route(
                FORM,
                post(|body: String| async move { format!("changed {body}") }),
            );
        let router = guarded(&access, pages).merge(router(&access));
        Self {
            world,
            issuer,
            access,
            clock,
            router,
        }
    }

    pub(super) async fn close(self) {
        self.world.stop().await;
    }

    pub(super) fn now_s(&self) -> i64 {
        self.clock.load(Ordering::SeqCst) / 1000
    }

    pub(super) fn later(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// What the database has been written so far, in thousandths of a unit.
    pub(super) fn written(&self) -> u64 {
        self.world.clients.meter().read().write_milli
    }

    /// Makes a new key for guests' links.
    pub(super) async fn rotate_key(&self) {
        let keys = LinkKeysStore::new(&self.world.clients);
        keys.rotate(self.access.now_ms(), [9; 32], "test").await.unwrap();
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header(COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form from a page of the dashboard.
    pub(super) async fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }

    /// Goes to the issuer.
    pub(super) async fn begin(&self, wish: &str) -> Begun {
        let sent = self.get(&format!("/dashboard/login{wish}"), "").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.cause);
        let url = reqwest::Url::parse(&sent.location).unwrap();
        let asked = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        assert!(
            sent.location
                .starts_with(&format!("{}/authorize?tenant=1&", self.issuer.url))
        );
        assert_eq!(asked("response_type"), "code");
        assert_eq!(asked("client_id"), CLIENT_ID);
        assert_eq!(asked("redirect_uri"), CALLBACK);
        assert_eq!(asked("code_challenge_method"), "S256");
        assert!(asked("scope").split(' ').any(|scope| scope == "openid"));
        Begun {
            cookie: sent.cookie("__Host-login"),
            state: asked("state"),
            nonce: asked("nonce"),
            challenge: asked("code_challenge"),
        }
    }

    /// What an ID token for a sign-in says.
    pub(super) fn claims(&self, nonce: &str) -> Value {
        json!({
            "iss": self.issuer.url, "aud": CLIENT_ID, "sub": "sari", "name": "Ibu Sari", "nonce": nonce,
            "iat": self.now_s(), "exp": self.now_s() + 300, "roles": ["approver", "staff"],
            "outlets": "*",
        })
    }

    /// Comes back from the issuer with a code for this token.
    pub(super) async fn come_back(&self, begun: &Begun, token: String) -> Answer {
        self.issuer.promise("c0de", &begun.challenge, CALLBACK, token);
        self.callback(&begun.cookie, &format!("code=c0de&state={}", begun.state))
            .await
    }

    pub(super) async fn callback(&self, cookie: &str, query: &str) -> Answer {
        self.get(&format!("/dashboard/callback?{query}"), cookie).await
    }

    /// Signs in and answers the session's cookie.
    pub(super) async fn sign_in(&self) -> String {
        let begun = self.begin("").await;
        let token = self.issuer.token(&self.claims(&begun.nonce));
        let back = self.come_back(&begun, token).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.cause);
        back.cookie("__Host-session")
    }

    /// The token of a session's forms.
    pub(super) async fn csrf(&self, cookie: &str) -> String {
        let page = self.get(PAGE, cookie).await;
        page.body.rsplit(' ').next().unwrap().to_owned()
    }

    /// Whether a session is in force.
    pub(super) async fn is_in(&self, cookie: &str) -> bool {
        self.get(PAGE, cookie).await.status == StatusCode::OK
    }
}
