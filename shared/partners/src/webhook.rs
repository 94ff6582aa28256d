//! Messages to partners, at addresses that they chose themselves.
//!
//! A partner's address must not become a way into our own network: it is `https`, and neither the address nor any that
//! its name leads to is a private one. What was looked at is what is connected to, so a name cannot lead elsewhere in
//! between. No redirect is followed, nothing is repeated, and the body of the answer is not read.

mod public;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url, redirect};

use crate::http::{ClientError, USER_AGENT, install_crypto};

pub use public::is_public;

/// How long a message may take.
const WHOLE: Duration = Duration::from_secs(10);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The address is no plain one of `https`, or a header is none.
    #[error("the address cannot be used")]
    Address,
    /// The address is not a public one.
    #[error("the address is not a public one")]
    Private,
    /// No connection: the name, the network, or the certificate.
    #[error("no connection")]
    Connect,
    /// The time was over.
    #[error("no answer in time")]
    Timeout,
    /// The connection ended before there was an answer.
    #[error("the connection broke off")]
    Broken,
}

impl Cause {
    /// A word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Private => "private_address",
            Self::Connect => "no_connection",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
        }
    }
}

/// Whether messages may go to an address, as far as that can be told without asking for its name. With `allow_local`
/// plain `http` to this machine is fine too.
///
/// # Errors
/// [`Cause::Address`] or [`Cause::Private`].
pub fn check(url: &str, allow_local: bool) -> Result<(), Cause> {
    read(url, allow_local).map(drop)
}

/// The client. Clones share it.
#[derive(Clone)]
pub struct Webhooks {
    client: Client,
    allow_local: bool,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("allow_local", &self.allow_local)
            .finish_non_exhaustive()
    }
}

impl Webhooks {
    /// A client; with `allow_local` it also sends to this machine and to private networks, as a run on one machine
    /// and tests have to.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(allow_local: bool) -> Result<Self, ClientError> {
        install_crypto();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .http1_only()
            .timeout(WHOLE)
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .dns_resolver(Arc::new(Resolver { allow_local }))
            .build()
            .map_err(|_| ClientError)?;
        Ok(Self { client, allow_local })
    }

    /// Posts a JSON document once and answers the status, whatever it is.
    ///
    /// # Errors
    /// [`Cause`]. Only after `Address`, `Private` and `Connect` it is certain that nothing arrived.
    pub async fn send(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<u16, Cause> {
        let url = read(url, self.allow_local)?;
        let mut sent = HeaderMap::new();
        sent.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Cause::Address)?;
            sent.insert(name, HeaderValue::from_str(value).map_err(|_| Cause::Address)?);
        }
        let request = self.client.post(url).headers(sent).body(body);
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) => Err(cause(&error)),
        }
    }
}

fn read(text: &str, allow_local: bool) -> Result<Url, Cause> {
    let url = Url::parse(text.trim()).map_err(|_| Cause::Address)?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let host = url.host_str().filter(|_| is_plain).ok_or(Cause::Address)?;
    let literal = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    match (url.scheme(), literal) {
        // Connecting to a literal asks no resolver, so it is looked at here.
        ("https", Ok(address)) if !allow_local && !is_public(address) => Err(Cause::Private),
        ("https", _) => Ok(url),
        ("http", Ok(address)) if allow_local && address.is_loopback() => Ok(url),
        _ => Err(Cause::Address),
    }
}

/// Asks the system for a name's addresses and hands on none if one of them is not public.
struct Resolver {
    allow_local: bool,
}

/// What the resolver says of a name that leads inside.
#[derive(Debug)]
struct LeadsInside;

impl fmt::Display for LeadsInside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to an address that is not public")
    }
}

impl std::error::Error for LeadsInside {}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_local = self.allow_local;
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if !allow_local && found.iter().any(|address| !is_public(address.ip())) {
                return Err(LeadsInside.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

fn cause(error: &reqwest::Error) -> Cause {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<LeadsInside>() {
            return Cause::Private;
        }
        source = inner.source();
    }
    if error.is_builder() {
        Cause::Address
    } else if error.is_connect() {
        Cause::Connect
    } else if error.is_timeout() {
        Cause::Timeout
    } else {
        Cause::Broken
    }
}
