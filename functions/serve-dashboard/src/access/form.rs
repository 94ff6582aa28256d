//! Forms: only those count that a page of ours has sent, in the session that it was made for.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use edge::problem::Problem;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName, ORIGIN};
use http::request::Parts;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// The field of a form that carries its session's token.
pub(super) const FIELD: &str = "csrf";
/// The largest form, in bytes.
const FORM_BYTES_MAX: usize = 64 << 10;
/// Fetch Metadata: where a browser says that a request comes from. No page can make it up.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// An origin that the browser keeps to itself, as it does for pages without referrer.
const HIDDEN_ORIGIN: &str = "null";

/// What every form of a session carries in its hidden field `csrf`.
#[derive(Clone, Debug)]
pub(crate) struct Csrf(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Csrf {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let csrf = parts.extensions.get::<Self>().cloned();
        let problem = || Problem::internal("a page asks for its token and has no guard").into_response();
        csrf.ok_or_else(problem)
    }
}

/// Lets a form pass, with its body unread again.
pub(super) async fn check(request: Request, csrf: &str, public_url: &str) -> Result<Request, Refusal> {
    check_source(request.headers(), public_url)?;
    let (parts, body) = request.into_parts();
    let media = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::FormUnreadable);
    }
    let body = to_bytes(body, FORM_BYTES_MAX)
        .await
        .map_err(|_| Refusal::FormUnreadable)?;
    let given = form_urlencoded::parse(&body).find(|(name, _)| name == FIELD);
    if !given.is_some_and(|(_, given)| same(&given, csrf)) {
        return Err(Refusal::FormToken);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// A browser says at least one of both; one that does says whether the page was ours.
fn check_source(headers: &HeaderMap, public_url: &str) -> Result<(), Refusal> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let origin = text(ORIGIN).filter(|origin| *origin != HIDDEN_ORIGIN);
    let own = match (text(SITE), origin) {
        (Some(site), None) => site == "same-origin",
        (Some(site), Some(origin)) => site == "same-origin" && is_ours(origin, public_url),
        (None, Some(origin)) => is_ours(origin, public_url),
        (None, None) => false,
    };
    own.then_some(()).ok_or(Refusal::FormFromElsewhere)
}

/// The public address may have a path; an origin has none (RFC 6454 §6.2).
fn is_ours(origin: &str, public_url: &str) -> bool {
    let rest = public_url.strip_prefix(origin);
    !origin.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Compares without telling by the time it takes how much is right.
fn same(given: &str, expected: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(expected)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use http::HeaderValue;

    const US: &str = "https://shop.example";

    #[test]
    fn only_a_page_of_ours_sends_forms() {
        let table = [
            (Some("same-origin"), Some(US), true),
            // Pages without referrer hide their origin even from themselves.
            (Some("same-origin"), Some("null"), true),
            (Some("same-origin"), None, true),
            (None, Some(US), true),
            (None, Some("null"), false),
            (None, None, false),
            (None, Some(""), false),
            (Some("same-site"), Some("https://other.shop.example"), false),
            (Some("cross-site"), Some("null"), false),
            (Some("cross-site"), Some(US), false),
            (Some("none"), None, false),
            (Some("same-origin"), Some("https://evil.example"), false),
            (None, Some("https://shop.exampl"), false),
            (None, Some("http://shop.example"), false),
            (None, Some("https://shop.example.evil.example"), false),
        ];
        for (site, origin, ours) in table {
            let mut headers = HeaderMap::new();
            let given = [(SITE, site), (ORIGIN, origin)];
            for (name, value) in given.into_iter().filter_map(|(name, value)| Some((name, value?))) {
                headers.insert(name, HeaderValue::from_static(value));
            }
            assert_eq!(check_source(&headers, US).is_ok(), ours, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn a_public_address_with_a_path_has_the_origin_in_front() {
        assert!(is_ours(US, "https://shop.example/back-office"));
    }
}
