//! The way in: OpenID Connect's authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, OpenID
//! Connect Core 1.0 §3.1).

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use http::header::{HOST, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::attempt::{Attempt, LOGIN_MS};
use super::refusal::{Refusal, word};
use super::session::{SESSION_MS, random_text};
use super::token::{self, Use};
use super::{Access, CALLBACK, HOME, LOGIN, answer, cookie};

/// What is asked of the issuer: an ID token with the person's name.
const SCOPES: &str = "openid profile";
/// The longest path that is kept while somebody signs in, in bytes.
const PATH_MAX: usize = 1024;

/// The address that a sign-in begins at.
#[derive(Deserialize)]
pub(super) struct Wish {
    to: Option<String>,
}

/// The issuer's answer (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(super) struct IssuersAnswer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Sends a person to the issuer.
pub(super) async fn begin(
    State(access): State<Arc<Access>>,
    wish: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let to = wish.ok().and_then(|Query(wish)| wish.to);
    let to = to.filter(|path| is_own(path)).unwrap_or_else(|| HOME.to_owned());
    if is_other_name(&access.settings.public_url, headers.get(HOST)) {
        return redirect(&access.settings.own(&address(&to)), Vec::new());
    }
    let begun = access.begin(to).await;
    begun.unwrap_or_else(|refusal| answer::login_failed(&refusal))
}

/// Takes a person who comes back from the issuer.
pub(super) async fn finish(
    State(access): State<Arc<Access>>,
    said: Result<Query<IssuersAnswer>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let finished = match said {
        Ok(Query(said)) => access.finish(said, &headers).await,
        Err(_) => Err(Refusal::AnswerUnreadable),
    };
    let mut response = finished.unwrap_or_else(|refusal| answer::login_failed(&refusal));
    // Whatever came of it, this sign-in is over.
    let cleared = cookie::clear(cookie::LOGIN);
    response
        .headers_mut()
        .extend(cleared.map(|value| (SET_COOKIE, value)));
    response
}

impl Access {
    async fn begin(&self, to: String) -> Result<Response, Refusal> {
        let now_ms = self.now_ms();
        let description = self.issuer.description(now_ms).await?;
        let attempt = Attempt {
            state: random_text()?,
            nonce: random_text()?,
            verifier: random_text()?,
            to,
            ends_ms: now_ms.saturating_add(LOGIN_MS),
        };
        let mut url = description.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.own(CALLBACK))
            .append_pair("scope", SCOPES)
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge(&attempt.verifier))
            .append_pair("code_challenge_method", "S256");
        let sealed = self.attempts.seal(&attempt, now_ms).await?;
        let cookie = cookie::set(cookie::LOGIN, &sealed, LOGIN_MS / 1000);
        Ok(redirect(url.as_str(), cookie.into_iter().collect()))
    }

    async fn finish(&self, said: IssuersAnswer, headers: &HeaderMap) -> Result<Response, Refusal> {
        let now_ms = self.now_ms();
        let sealed = cookie::read(headers, cookie::LOGIN).ok_or(Refusal::LoginUnknown)?;
        let attempt = self.attempts.open(sealed, now_ms).await?;
        let attempt = attempt.ok_or(Refusal::LoginUnknown)?;
        if said.state.as_ref() != Some(&attempt.state) {
            return Err(Refusal::StateDiffers);
        }
        if said.iss.is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(Refusal::AnswerOfAnother);
        }
        if let Some(error) = said.error {
            return Err(Refusal::IssuerRefused(word(&error)));
        }
        let code = said.code.ok_or(Refusal::CodeMissing)?;
        let redirect_uri = self.settings.own(CALLBACK);
        let token = self
            .issuer
            .exchange(&code, &attempt.verifier, &redirect_uri, now_ms)
            .await?;
        let shown_for = Use::Login(&attempt.nonce);
        let person = token::person(&self.issuer, &self.settings, &token, shown_for, now_ms).await?;
        tracing::info!(actor = person.actor(), "somebody signed in");
        // An id that the browser had before is never used on: somebody may have put it there.
        if let Some(before) = cookie::read(headers, cookie::SESSION) {
            self.sessions.end(before).await?;
        }
        let id = self.sessions.open(person, now_ms).await?;
        let cookie = cookie::set(cookie::SESSION, &id, SESSION_MS / 1000);
        Ok(redirect(&attempt.to, cookie.into_iter().collect()))
    }
}

/// The address at which a sign-in begins that ends at this path.
pub(super) fn address(to: &str) -> String {
    if to == HOME || !is_own(to) {
        return LOGIN.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("to", to)
        .finish();
    format!("{LOGIN}?{query}")
}

/// Sends a browser on with a GET, whatever it came with.
pub(super) fn redirect(to: &str, cookies: Vec<HeaderValue>) -> Response {
    let Ok(to) = HeaderValue::from_str(to) else {
        return redirect(HOME, cookies);
    };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response();
    let cookies = cookies.into_iter().map(|cookie| (SET_COOKIE, cookie));
    for (name, value) in cookies {
        response.headers_mut().append(name, value);
    }
    response
}

/// Whether a path is one of the dashboard's. Anything else would let a link to the sign-in lead
/// elsewhere; browsers read `\` as `/` and skip control characters.
fn is_own(path: &str) -> bool {
    let rest = path.strip_prefix(HOME);
    let begins = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    begins && path.len() <= PATH_MAX && path.bytes().all(plain)
}

/// Whether this machine was asked by its other name. People come back to the public address, and the
/// cookie of a sign-in that began at `localhost` would not be there.
fn is_other_name(public_url: &str, host: Option<&HeaderValue>) -> bool {
    let port = public_url.strip_prefix("http://127.0.0.1");
    port.is_some_and(|port| host.is_some_and(|host| *host == *format!("localhost{port}")))
}

/// RFC 7636 §4.2, method `S256`.
fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_dashboard_are_kept() {
        let table = [
            ("/dashboard", true),
            ("/dashboard?outlet=moka-1&from=2026-11-01", true),
            ("/dashboard/menu/Ayam%20Goreng?lang=en", true),
            ("/dashboardx", false),
            ("/dashboard.evil.example", false),
            ("//evil.example/dashboard", false),
            ("https://evil.example/dashboard", false),
            ("/dashboard/\\evil.example", false),
            ("/dashboard/\r\nset-cookie: a=b", false),
            ("/\t/evil.example", false),
            ("javascript:alert(1)", false),
            ("", false),
        ];
        for (path, own) in table {
            assert_eq!(is_own(path), own, "{path:?}");
        }
        assert!(!is_own(&format!("/dashboard?{}", "x".repeat(PATH_MAX))));
    }

    #[test]
    fn a_sign_in_begins_where_it_ends() {
        let here = "http://127.0.0.1:8080";
        let table = [
            (here, Some("localhost:8080"), true),
            (here, Some("127.0.0.1:8080"), false),
            (here, Some("localhost:9090"), false),
            (here, None, false),
            // Behind a proxy the host is another one for good.
            ("https://shop.example", Some("localhost"), false),
            ("https://shop.example", Some("abc.execute-api.example"), false),
        ];
        for (public_url, host, other) in table {
            let host = host.map(HeaderValue::from_static);
            assert_eq!(
                is_other_name(public_url, host.as_ref()),
                other,
                "{public_url} {host:?}"
            );
        }
    }

    #[test]
    fn a_wish_is_carried_to_the_sign_in() {
        assert_eq!(address("/dashboard"), "/dashboard/login");
        assert_eq!(
            address("/dashboard/cases?state=open&lang=en"),
            "/dashboard/login?to=%2Fdashboard%2Fcases%3Fstate%3Dopen%26lang%3Den"
        );
    }

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
