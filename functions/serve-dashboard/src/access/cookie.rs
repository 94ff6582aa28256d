//! The cookies of a browser: the random id of a session, or a sealed sign-in.
//!
//! The prefix `__Host-` makes a browser take them from this host alone, over an encrypted connection
//! or on this machine, for all paths (RFC 6265bis §4.1.3.2): no other host of the domain can plant one.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, HeaderMap, HeaderValue};

/// The cookie of a session.
pub(super) const SESSION: &str = "__Host-session";
/// The cookie of a sign-in that is under way.
pub(super) const LOGIN: &str = "__Host-login";

/// The value of a cookie.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| known.trim() == name)?;
    Some(value.trim())
}

/// The header that sets a cookie for so many seconds.
pub(super) fn set(name: &'static str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let cookie = Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        // Lax and not Strict: people come back from the issuer, and from links in mails.
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(seconds));
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// The header that takes a cookie away.
pub(super) fn clear(name: &'static str) -> Option<HeaderValue> {
    set(name, "", 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_in_one_or_several_headers() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-session=x"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-login=y=; b"));
        assert_eq!(read(&headers, SESSION), Some("x"));
        assert_eq!(read(&headers, LOGIN), Some("y="));
        assert_eq!(read(&headers, "session"), None);
    }

    #[test]
    fn a_cookie_is_out_of_reach_for_scripts_and_other_hosts() {
        let header = set(SESSION, "id", 60).unwrap();
        let mut parts: Vec<&str> = header.to_str().unwrap().split("; ").collect();
        parts.sort_unstable();
        assert_eq!(
            parts,
            [
                "HttpOnly",
                "Max-Age=60",
                "Path=/",
                "SameSite=Lax",
                "Secure",
                "__Host-session=id"
            ]
        );
        assert!(clear(SESSION).unwrap().to_str().unwrap().contains("Max-Age=0"));
    }
}
