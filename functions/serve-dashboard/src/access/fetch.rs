//! Asking the issuer: short, small, and only over a connection that nobody can listen to.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use serde::de::DeserializeOwned;

use super::refusal::word;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer taken, in bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;

/// Why the issuer did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// An address is not one to send a person or a code to.
    #[error("an address of the issuer is not https")]
    Insecure,
    /// No connection, no answer in time.
    #[error("the issuer does not answer: {0}")]
    Unreachable(String),
    /// An answer, but not the one asked for. Its status and its error code, if it has one.
    #[error("the issuer answered {0} {1}")]
    Refused(u16, String),
    /// An answer larger than any that makes sense.
    #[error("the issuer's answer is too large")]
    TooLarge,
    /// An answer that is not what the standard says. What was expected.
    #[error("the issuer's answer is not {0}")]
    Unreadable(&'static str),
    /// Asked a moment ago without success.
    #[error("the issuer did not answer a moment ago")]
    Resting,
}

/// The HTTP client, made when it is first needed: it reads the machine's root certificates.
#[derive(Default)]
pub(super) struct Fetch(OnceLock<Client>);

impl Fetch {
    /// The document at an address.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: Url,
        expected: &'static str,
    ) -> Result<T, FetchError> {
        answer(self.client()?.get(url), expected).await
    }

    /// The answer to a form.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        url: Url,
        form: &[(&str, &str)],
        expected: &'static str,
    ) -> Result<T, FetchError> {
        answer(self.client()?.post(url).form(form), expected).await
    }

    fn client(&self) -> Result<Client, FetchError> {
        if let Some(client) = self.0.get() {
            return Ok(client.clone());
        }
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // An error means that somebody was quicker: one is installed either way.
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| FetchError::Unreachable(cause(error)))?;
        Ok(self.0.get_or_init(|| client).clone())
    }
}

/// The endpoint of an issuer: `https`, or `http` on this machine where the issuer is on it too.
pub(super) fn endpoint(address: &str, issuer: &str) -> Result<Url, FetchError> {
    let url = Url::parse(address).map_err(|_| FetchError::Unreadable("an address"))?;
    let local = is_loopback(&url) && Url::parse(issuer).is_ok_and(|issuer| is_loopback(&issuer));
    match url.scheme() {
        "https" => Ok(url),
        "http" if local => Ok(url),
        _ => Err(FetchError::Insecure),
    }
}

/// Names are not enough: `localhost` is whatever the machine's resolver says.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

async fn answer<T: DeserializeOwned>(
    request: RequestBuilder,
    expected: &'static str,
) -> Result<T, FetchError> {
    let unreachable = |error| FetchError::Unreachable(cause(error));
    let mut response = request.send().await.map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    if response.status() != http::StatusCode::OK {
        let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let code = said.get("error").and_then(serde_json::Value::as_str);
        return Err(FetchError::Refused(
            response.status().as_u16(),
            word(code.unwrap_or_default()),
        ));
    }
    serde_json::from_slice(&body).map_err(|_| FetchError::Unreadable(expected))
}

/// What went wrong, without the address: a query may hold what is nobody's business.
fn cause(error: reqwest::Error) -> String {
    error.without_url().to_string()
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn only_https_or_this_machine_is_asked() {
        let here = "http://127.0.0.1:8080/_local/issuer";
        let table = [
            ("https://id.example/token", "https://id.example", true),
            ("http://id.example/token", "https://id.example", false),
            ("http://127.0.0.1:8080/token", here, true),
            ("http://[::1]:8080/token", here, true),
            // An issuer elsewhere has no business on this machine without encryption.
            ("http://127.0.0.1/latest/meta-data", "https://id.example", false),
            ("http://169.254.169.254/latest/meta-data", here, false),
            ("http://localhost:8080/token", here, false),
            ("file:///etc/passwd", here, false),
            ("javascript:alert(1)", here, false),
            ("no address", here, false),
        ];
        for (address, issuer, allowed) in table {
            assert_eq!(endpoint(address, issuer).is_ok(), allowed, "{address}");
        }
    }
}
