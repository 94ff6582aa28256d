//! Moka POS: tokens and the payments of outlets, in the form of its third API (`docs/moka.md`).
//!
//! What Moka does is known from programs that use it, not from a contract. Where they leave something open this
//! simulator takes the stricter reading: every refresh token is good once, every renewal makes the access token before
//! it void, a page begins after the last payment of the page before.

mod pages;
pub mod sample;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, Request, State};
use axum::http::{Response, Uri, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::transport::{self, Transport};
use crate::{Asked, Faults, hold};
use pages::Window;

/// The routes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /oauth/token`.
    Token,
    /// `GET /v3/outlets/{id}/reports/get_latest_transactions`.
    Page,
}

/// What goes wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Below the protocol; both routes. On the token route it comes after the renewal: the answer is lost, not the deed.
    Transport(Transport),
    /// The cursor is the one that led here.
    RepeatedCursor,
    /// No cursor, and not the end.
    MissingCursor,
    /// The cursor leads to the same route of another server, such as `http://127.0.0.1:9`.
    ElsewhereCursor(String),
    /// The cursor leaves a page out.
    JumpingCursor,
    /// The first page again, with the cursor that belongs here.
    FirstPage,
    /// The page begins with the last payment of the page before.
    Overlap,
    /// The newest first, whatever was asked for, and cursors that go back.
    NewestFirst,
    /// Nothing says whether it is the end.
    WithoutCompleted,
    /// Status 200 around an error.
    ErrorInside,
    /// A page for people instead of a document.
    NotJson,
    /// So many bytes of blanks behind the document.
    Padded(usize),
    /// The payments are another outlet's.
    OtherOutlet,
    /// Token: no refresh token in the answer; the old one stays good.
    NoRotation,
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Moka(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client_id: String,
    client_secret: String,
    tokens: Mutex<Tokens>,
    payments: Mutex<BTreeMap<String, Vec<Value>>>,
    faults: Faults<Route, Fault>,
    asked: Mutex<Vec<Asked<Route>>>,
}

#[derive(Debug)]
struct Tokens {
    /// The one that is good; `None` until the first one is shown, after a restart.
    refresh: Option<String>,
    access: Option<String>,
    renewals: u32,
}

#[derive(Deserialize)]
struct Renewal {
    grant_type: String,
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

impl Moka {
    /// A server with one application, whose first refresh token is this one, and no payments.
    #[must_use]
    pub fn new(client_id: &str, client_secret: &str, refresh_token: &str) -> Self {
        Self::with(client_id, client_secret, Some(refresh_token.to_owned()))
    }

    /// The same after a restart: it does not know any more which refresh token it gave out last, and takes the first
    /// one that its application shows.
    #[must_use]
    pub fn resumed(client_id: &str, client_secret: &str) -> Self {
        Self::with(client_id, client_secret, None)
    }

    fn with(client_id: &str, client_secret: &str, refresh: Option<String>) -> Self {
        Self(Arc::new(Inner {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            tokens: Mutex::new(Tokens {
                refresh,
                access: None,
                renewals: 0,
            }),
            payments: Mutex::default(),
            faults: Faults::default(),
            asked: Mutex::default(),
        }))
    }

    /// Adds payments to an outlet (Moka's id). One with the id of another takes its place: it was changed.
    pub fn add(&self, outlet: &str, payments: Vec<Value>) {
        let mut all = hold(&self.0.payments);
        let known = all.entry(outlet.to_owned()).or_default();
        for payment in payments {
            known.retain(|old| old["id"] != payment["id"]);
            known.push(payment);
        }
    }

    /// Makes the access token void, as time does.
    pub fn expire_access(&self) {
        hold(&self.0.tokens).access = None;
    }

    /// The refresh token that the next renewal has to bring; empty where any will do.
    #[must_use]
    pub fn refresh_token(&self) -> String {
        hold(&self.0.tokens).refresh.clone().unwrap_or_default()
    }

    /// Connects the shop anew, as its owner does by hand: this refresh token is good, and none before it.
    pub fn connect(&self, refresh_token: &str) {
        let mut tokens = hold(&self.0.tokens);
        tokens.refresh = Some(refresh_token.to_owned());
        tokens.access = None;
    }

    /// Lets the next requests to a route go wrong, so many times. See [`crate::ALWAYS`].
    pub fn fault(&self, route: Route, fault: Fault, times: u32) {
        self.0.faults.add(route, fault, times);
    }

    /// Takes every fault back.
    pub fn heal(&self) {
        self.0.faults.clear();
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked<Route>> {
        hold(&self.0.asked).clone()
    }

    fn note(&self, route: Route, uri: &Uri, authorised: bool) {
        hold(&self.0.asked).push(Asked {
            route,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            authorised,
        });
    }

    /// New tokens for a good refresh token.
    fn renew(&self, renewal: &Renewal, rotate: bool) -> Option<Value> {
        let mut tokens = hold(&self.0.tokens);
        let good = renewal.grant_type == "refresh_token"
            && renewal.client_id == self.0.client_id
            && renewal.client_secret == self.0.client_secret
            && tokens
                .refresh
                .as_ref()
                .is_none_or(|good| *good == renewal.refresh_token);
        if !good {
            return None;
        }
        tokens.renewals += 1;
        let access = format!("access-{:04}", tokens.renewals);
        tokens.access = Some(access.clone());
        let mut answer = json!({"access_token": access, "token_type": "Bearer", "expires_in": 7200});
        let next = if rotate {
            let next = format!("refresh-{:04}", tokens.renewals);
            answer["refresh_token"] = json!(next);
            next
        } else {
            renewal.refresh_token.clone()
        };
        tokens.refresh = Some(next);
        Some(answer)
    }
}

/// The routes over a server's state.
pub fn router(moka: Moka) -> Router {
    Router::new()
        .route("/oauth/token", post(token))
        .route("/v3/outlets/{outlet}/reports/get_latest_transactions", get(page))
        .with_state(moka)
}

async fn token(State(moka): State<Moka>, OriginalUri(uri): OriginalUri, body: Bytes) -> Response<Body> {
    let fault = moka.0.faults.take(&Route::Token);
    let renewal = serde_json::from_slice::<Renewal>(&body).ok();
    let rotate = fault != Some(Fault::NoRotation);
    let answer = match fault {
        // Refused before it was looked at.
        Some(Fault::Transport(Transport::RetryAfter(..))) => None,
        _ => renewal.and_then(|renewal| moka.renew(&renewal, rotate)),
    };
    moka.note(Route::Token, &uri, answer.is_some());
    let text = answer.as_ref().map(Value::to_string).unwrap_or_default();
    match (fault, answer) {
        (Some(Fault::Transport(fault)), _) => fault.answer(text.into()).await,
        (Some(Fault::NotJson), _) => "<html>Selamat datang</html>".into_response(),
        (_, Some(_)) => text.into_response(),
        (_, None) => transport::plain(401),
    }
}

async fn page(
    State(moka): State<Moka>,
    OriginalUri(uri): OriginalUri,
    Path(outlet): Path<String>,
    request: Request,
) -> Response<Body> {
    let sent = transport::bearer(request.headers());
    let authorised = sent.is_some() && sent == hold(&moka.0.tokens).access.as_deref();
    moka.note(Route::Page, &uri, authorised);
    if !authorised {
        return transport::plain(401);
    }
    let Some(mut window) = Window::read(uri.query().unwrap_or_default()) else {
        return transport::plain(400);
    };
    let fault = moka.0.faults.take(&Route::Page);
    window.newest_first |= fault == Some(Fault::NewestFirst);
    let all = hold(&moka.0.payments).get(&outlet).cloned().unwrap_or_default();
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let here = format!("http://{}{}", host.unwrap_or_default(), uri.path());
    let mut document = pages::document(&all, &window, &here, fault.as_ref());
    match fault {
        Some(Fault::Transport(fault)) => return fault.answer(document.to_string().into()).await,
        Some(Fault::NotJson) => return "<html>Selamat datang</html>".into_response(),
        Some(Fault::Padded(more)) => return format!("{document}{}", " ".repeat(more)).into_response(),
        Some(Fault::ErrorInside) => document["meta"] = json!({"code": 500, "errors": ["try again"]}),
        Some(Fault::RepeatedCursor) => {
            document["data"]["next_url"] = json!(format!("{here}?{}", uri.query().unwrap_or_default()))
        }
        Some(Fault::MissingCursor) => {
            document["data"]["next_url"] = Value::Null;
            document["data"]["completed"] = json!(false);
        }
        Some(Fault::ElsewhereCursor(base)) => {
            document["data"]["next_url"] = json!(format!("{base}{}?since=1", uri.path()));
        }
        Some(Fault::WithoutCompleted) => {
            if let Some(data) = document["data"].as_object_mut() {
                data.remove("completed");
            }
        }
        Some(Fault::OtherOutlet) => {
            for payment in document["data"]["payments"].as_array_mut().into_iter().flatten() {
                payment["outlet_id"] = json!(1);
            }
        }
        _ => {}
    }
    document.to_string().into_response()
}
