//! Staff access: who looks at the dashboard, and whether they may.
//!
//! People sign in at an OpenID Connect issuer (authorization code with PKCE, no client secret) and
//! come back with an ID token. What the token says becomes a session on the server; the browser only
//! gets the session's random id, in a `__Host-` cookie. The JSON API takes the issuer's tokens as
//! bearers without any session.
//!
//! | module | what it does |
//! |---|---|
//! | `settings` | which issuer, and what its claims are called |
//! | `fetch`, `issuer`, `keys` | what the issuer publishes, and the exchange of a code |
//! | `crypto`, `token` | whether a token is the issuer's, for us, in force; whom it names |
//! | `cookie`, `attempt`, `session` | what the browser and the store hold |
//! | `login`, `logout` | the way in and out |
//! | `guard`, `form` | what stands in front of every page and every form |
//! | `refusal`, `answer` | why somebody is refused, and the page that does not tell |
//!
//! A refusal is always the same page with the same code. The reason is in the log, and nowhere else.

mod answer;
mod attempt;
mod cookie;
mod crypto;
mod fetch;
mod form;
mod guard;
mod issuer;
mod keys;
mod login;
mod logout;
mod refusal;
mod session;
mod settings;
#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use aws::Clients;
use aws::link_keys::LinkKeysStore;
use axum::Router;
use axum::routing::{get, post};
use domain::staff::Person;

use crate::deps::Clock;
use attempt::Attempts;
use issuer::Issuer;
use session::Store;
use token::Use;

pub(crate) use form::Csrf;
pub(crate) use guard::{Staff, guarded};
pub use settings::Settings;

/// Where a sign-in begins.
const LOGIN: &str = "/dashboard/login";
/// Where the issuer sends people back to.
const CALLBACK: &str = "/dashboard/callback";
/// Where a session is ended, and where the issuer sends people afterwards.
const LOGOUT: &str = "/dashboard/logout";
/// The first page, where people land who wished for none.
const HOME: &str = "/dashboard";

/// Everything that decides on staff access; one for a process.
pub(crate) struct Access {
    settings: Settings,
    issuer: Issuer,
    attempts: Attempts,
    sessions: Store,
    clock: Clock,
}

impl Access {
    /// Access by the issuer of `settings`, with sessions in the store of `clients`.
    pub(crate) fn new(settings: Settings, clients: &Clients, clock: Clock) -> Self {
        Self {
            issuer: Issuer::new(&settings),
            settings,
            attempts: Attempts::new(LinkKeysStore::new(clients)),
            sessions: Store::new(clients),
            clock,
        }
    }

    /// The person that a bearer token of the issuer names, if the token is in force.
    ///
    /// Why another one is not goes to the log alone.
    pub(crate) async fn staff_of_bearer(&self, token: &str) -> Option<Person> {
        let now_ms = self.now_ms();
        match token::person(&self.issuer, &self.settings, token, Use::Api, now_ms).await {
            Ok(person) => Some(person),
            Err(refusal) => {
                refusal.log("a bearer token was refused");
                None
            }
        }
    }

    fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Access").finish_non_exhaustive()
    }
}

/// The routes of signing in and out.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(access: &Arc<Access>) -> Router<S> {
    let open = Router::new()
        .route(LOGIN, get(login::begin))
        .route(CALLBACK, get(login::finish))
        .route(LOGOUT, get(logout::done))
        .with_state(Arc::clone(access));
    let closed = Router::new().route(LOGOUT, post(logout::end));
    open.merge(guarded(access, closed.with_state(Arc::clone(access))))
}
