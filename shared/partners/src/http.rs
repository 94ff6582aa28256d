//! The one HTTP client.
//!
//! - Addresses are `https`; `http` goes to this machine only.
//! - No redirect is followed and no proxy is asked, whatever the environment says.
//! - Connecting, every silence and the whole answer have time limits; bodies have sizes.
//! - A question is repeated only when no connection came about or the server said "not now", and a `POST` only where
//!   it cannot have been heard; at most [`Policy::tries`] times, with growing random waits (decorrelated jitter:
//!   AWS Architecture Blog, "Exponential Backoff And Jitter").

mod address;
mod repeat;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lambda_edge::redact::Secret;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::redirect;
use reqwest::{Client, RequestBuilder, StatusCode, Url};

pub use address::AddressError;
pub(crate) use address::Base;
pub use repeat::{RealWaits, Waits};

/// Who is asking, for the logs of whoever is asked.
pub(crate) const USER_AGENT: &str = concat!("warung-oyako/", env!("CARGO_PKG_VERSION"));
/// How long a connection may lie unused: a function that was frozen longer finds it dead.
const POOL_IDLE: Duration = Duration::from_secs(15);

/// Limits of a connection, and when a question is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The longest time until there is a connection.
    pub connect: Duration,
    /// The longest silence: until the answer begins, and between two pieces of it.
    pub idle: Duration,
    /// The longest time of one try, from its start to the last byte of the answer.
    pub whole: Duration,
    /// How often a question is asked at most, the first time included.
    pub tries: u32,
    /// The shortest wait before asking again.
    pub wait_first: Duration,
    /// The longest wait that we choose ourselves.
    pub wait_max: Duration,
    /// The longest wait that the server can ask for; it is obeyed up to here.
    pub retry_after_max: Duration,
    /// Whether every answer from 500 on counts as "not now", beside 429, 502, 503 and 504.
    pub every_server_error: bool,
}

impl Policy {
    /// The longest that a question takes under it, with every try and every wait.
    #[must_use]
    pub fn longest(&self) -> Duration {
        let wait = self.wait_max.max(self.wait_first).max(self.retry_after_max);
        let waits = wait.saturating_mul(self.tries.saturating_sub(1));
        self.whole.saturating_mul(self.tries).saturating_add(waits)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(20),
            whole: Duration::from_secs(300),
            tries: 5,
            wait_first: Duration::from_millis(500),
            wait_max: Duration::from_secs(20),
            retry_after_max: Duration::from_secs(30),
            every_server_error: false,
        }
    }
}

/// What kept an answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// No connection: the name, the network, or the certificate.
    #[error("no connection ({0})")]
    Connect(io::ErrorKind),
    /// The time was over.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended inside the answer, or before it.
    #[error("the connection broke off")]
    Broken,
    /// The server said "not now" every time it was asked. Its last status.
    #[error("status {0} at every try")]
    NotNow(u16),
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    #[error(transparent)]
    Away(#[from] Cause),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("the token has characters that no header may have")]
    Token,
}

/// The client could not be made: the machine's root certificates cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot be made: the machine's root certificates cannot be read")]
pub struct ClientError;

/// A client with its policy. Clones share connections.
#[derive(Clone)]
pub struct Http {
    client: Client,
    policy: Policy,
    waits: Arc<dyn Waits>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A client that waits in real time.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(policy: Policy) -> Result<Self, ClientError> {
        Self::with_waits(policy, Arc::new(RealWaits))
    }

    /// A client that waits as it is told: tests need neither time nor luck.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn with_waits(policy: Policy, waits: Arc<dyn Waits>) -> Result<Self, ClientError> {
        install_crypto();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(policy.connect)
            .read_timeout(policy.idle)
            .timeout(policy.whole)
            .pool_idle_timeout(POOL_IDLE)
            .redirect(redirect::Policy::none())
            // This client's own repeats are the only ones: layers of them multiply.
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .build()
            .map_err(|_| ClientError)?;
        Ok(Self {
            client,
            policy,
            waits,
        })
    }

    /// The answer to a `GET`, whatever its status, unless that says "not now" to the last.
    pub(crate) async fn get(&self, url: &Url, token: &Secret<String>) -> Result<Answer, HttpError> {
        address::check(url)?;
        let bearer = bearer(token)?;
        self.repeated(
            &self.policy,
            |status| self.is_not_now(status),
            || self.client.get(url.clone()).header(AUTHORIZATION, bearer.clone()),
        )
        .await
    }

    /// The answer to a `POST` of JSON, under a policy of its own. What it asks for may happen although no answer comes,
    /// so it is asked again only where it cannot have happened: without a connection, and when the server refused to
    /// look (429).
    pub(crate) async fn post(
        &self,
        url: &Url,
        json: &serde_json::Value,
        policy: &Policy,
    ) -> Result<Answer, HttpError> {
        address::check(url)?;
        self.repeated(
            policy,
            |status| status == StatusCode::TOO_MANY_REQUESTS,
            || self.client.post(url.clone()).timeout(policy.whole).json(json),
        )
        .await
    }

    /// The policy that a `GET` is under.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Waits as between two tries, for what a caller has to do again by itself.
    pub(crate) async fn pause(&self) {
        self.waits.wait(self.policy.wait_first).await;
    }

    /// Asks until there is an answer that is not "not now", or the tries are over.
    async fn repeated(
        &self,
        policy: &Policy,
        not_now: impl Fn(StatusCode) -> bool,
        request: impl Fn() -> RequestBuilder,
    ) -> Result<Answer, HttpError> {
        let mut wait = policy.wait_first;
        let mut tried = 1;
        loop {
            let (cause, asked_for) = match request().send().await {
                Ok(response) if not_now(response.status()) => (
                    Cause::NotNow(response.status().as_u16()),
                    repeat::seconds(response.headers().get(RETRY_AFTER)),
                ),
                Ok(response) => return Ok(Answer(response)),
                Err(error) => match cause(&error) {
                    cause @ Cause::Connect(_) => (cause, None),
                    // It may have been heard, or would take as long again.
                    cause => return Err(cause.into()),
                },
            };
            if tried >= policy.tries {
                return Err(cause.into());
            }
            tried += 1;
            wait = repeat::next_wait(policy, wait, self.waits.as_ref());
            self.waits.wait(repeat::obeyed(policy, wait, asked_for)).await;
        }
    }

    fn is_not_now(&self, status: StatusCode) -> bool {
        matches!(status.as_u16(), 429 | 502 | 503 | 504)
            || (self.policy.every_server_error && status.is_server_error())
    }
}

/// An answer whose body is not read yet.
#[derive(Debug)]
pub(crate) struct Answer(reqwest::Response);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// How many bytes the server says will come.
    pub(crate) fn length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// The next piece of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Cause> {
        self.0.chunk().await.map_err(|error| cause(&error))
    }

    /// The whole body, if it has at most so many bytes. No more than that is ever kept.
    pub(crate) async fn body(mut self, bytes_max: usize) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > bytes_max {
                return Err(HttpError::TooLarge(bytes_max));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Says once for a process whose cryptography TLS is to use.
pub(crate) fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error means that somebody was quicker: one is installed either way.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

fn bearer(token: &Secret<String>) -> Result<HeaderValue, HttpError> {
    let text = Secret::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| HttpError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What went wrong, as one of a few words: a library's own text may quote an address.
fn cause(error: &reqwest::Error) -> Cause {
    if error.is_connect() {
        return Cause::Connect(kind(error));
    }
    if error.is_timeout() {
        Cause::Timeout
    } else {
        Cause::Broken
    }
}

/// The innermost kind of input or output error: a refused connection is one, a bad certificate is `InvalidData`.
fn kind(error: &reqwest::Error) -> io::ErrorKind {
    let mut found = if error.is_timeout() {
        io::ErrorKind::TimedOut
    } else {
        io::ErrorKind::Other
    };
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            found = io.kind();
        }
        source = inner.source();
    }
    found
}
