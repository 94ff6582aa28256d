//! The way out: the session ends here first, then at the issuer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::{HeaderMap, SET_COOKIE};

use super::{Access, LOGOUT, answer, cookie};

/// Ends the session. The guard has let the form pass.
///
/// The answer is a page that leads on to the issuer, and no redirect: a page's policy allows forms to
/// end at its own origin alone, and browsers hold redirects to that.
pub(super) async fn end(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    if let Some(id) = cookie::read(&headers, cookie::SESSION)
        && let Err(refusal) = access.sessions.end(id).await
    {
        return answer::login_failed(&refusal);
    }
    let onward = access.end_session_address().await;
    let mut response = answer::signed_out(onward.as_deref());
    let cleared = cookie::clear(cookie::SESSION);
    response
        .headers_mut()
        .extend(cleared.map(|value| (SET_COOKIE, value)));
    response
}

/// Where the issuer sends people who have signed out there too.
pub(super) async fn done() -> Response {
    answer::signed_out(None)
}

impl Access {
    /// Where a person signs out of the issuer too (OpenID Connect RP-Initiated Logout 1.0 §2).
    async fn end_session_address(&self) -> Option<String> {
        if let Some(address) = &self.settings.logout_url {
            return Some(address.clone());
        }
        let description = match self.issuer.description(self.now_ms()).await {
            Ok(description) => description,
            Err(error) => {
                // The session here has ended; only the one at the issuer lives on.
                tracing::warn!(cause = %error, "nobody can be sent to the issuer to sign out");
                return None;
            }
        };
        let mut url = description.end_session.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", &self.settings.own(LOGOUT));
        Some(url.into())
    }
}
