//! One request on one connection.

use std::fmt;
use std::io;

use domain::topup::reply::{self, NotUnderstood};
use lambda_edge::redact::Secret;
use reqwest::{Client, Response, Url, redirect};

use super::{KiosError, Proxy, Sent, Times};
use crate::http::{USER_AGENT, install_crypto};

/// The longest answer that is read. Those that there are have a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// The supplier's address, and the way there.
#[derive(Clone)]
pub(super) struct Transport {
    client: Client,
    base: Url,
    via_proxy: bool,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("via_proxy", &self.via_proxy)
            .finish_non_exhaustive()
    }
}

impl Transport {
    pub(super) fn new(base_url: &str, egress: Option<&Proxy>, times: Times) -> Result<Self, KiosError> {
        let base = plain(base_url).ok_or(KiosError::Address)?;
        install_crypto();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .http1_only()
            .connect_timeout(times.connect)
            .timeout(times.whole)
            // A connection that is used again may die under a request, and libraries repeat what then seems unsent.
            .pool_max_idle_per_host(0)
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::none())
            .referer(false);
        let client = match egress {
            None => client.no_proxy(),
            Some(proxy) => client.proxy(way(proxy).ok_or(KiosError::Proxy)?),
        };
        Ok(Self {
            client: client.build().map_err(|_| KiosError::Client)?,
            base,
            via_proxy: egress.is_some(),
        })
    }

    /// Asks for a path under the supplier's address.
    pub(super) async fn get(&self, path: &str, query: &Secret<String>) -> Sent {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(path);
        }
        url.set_query(Some(query.expose()));
        // An error of this library has the address in it: it ends here.
        match self.client.get(url).send().await {
            Ok(response) => answer(response).await,
            Err(error) => self.failure(&error),
        }
    }

    /// Only what certainly came before the first byte is "not sent". A proxy of ours may have sent it on: then all that
    /// counts is that the proxy itself was not there.
    fn failure(&self, error: &reqwest::Error) -> Sent {
        if error.is_builder() {
            return Sent::NotSent("the request cannot be made");
        }
        if error.is_connect() && (!self.via_proxy || is_absent(error)) {
            return Sent::NotSent(if error.is_timeout() {
                "no connection in time"
            } else if error.is_dns() {
                "the name is not known"
            } else {
                "no connection"
            });
        }
        let why = if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "the proxy did not pass it on"
        } else {
            "the connection broke off"
        };
        Sent::Lost(why, Vec::new())
    }
}

/// A good answer's body. Anything else may hide a purchase; what it says is for people to read.
async fn answer(response: Response) -> Sent {
    let status = response.status().as_u16();
    let (said, broken) = said(response).await;
    match (status, broken) {
        (200..=299, None) => Sent::Answer(said),
        (200..=299, Some(why)) => Sent::Lost(why, said),
        (300..=399, _) => Sent::Lost("a redirect, which is not followed", said),
        (401 | 403, _) => Sent::NotTaken("a status of 401 or 403", said),
        (400..=499, None) if reply::read(&said) == Err(NotUnderstood::AboutUs) => {
            Sent::NotTaken("a status from 400 to 499, and a word about who we are", said)
        }
        (400..=499, _) => Sent::Lost("a status from 400 to 499", said),
        _ => Sent::Lost("a status from 500 on", said),
    }
}

/// What came of a body, and why that is no whole one, where it is none.
async fn said(mut response: Response) -> (Vec<u8>, Option<&'static str>) {
    let mut body = Vec::new();
    let broken = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > BODY_MAX => {
                break Some("an answer that is too long");
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) if reply::read(&body) == Err(NotUnderstood::Empty) => break Some("an empty answer"),
            Ok(None) => break None,
            Err(error) if error.is_timeout() => break Some("no whole answer in time"),
            Err(_) => break Some("half an answer"),
        }
    };
    (body, broken)
}

/// Whether the other end of the first connection was not there at all.
fn is_absent(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            let kind = io.kind();
            return matches!(
                kind,
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
            );
        }
        source = inner.source();
    }
    error.is_dns()
}

/// An address of a server and nothing more. `http` is what the supplier speaks (`docs/kiosampm.md`).
fn plain(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(url)
}

/// The proxy as the client takes it.
pub(crate) fn way(proxy: &Proxy) -> Option<reqwest::Proxy> {
    let way = reqwest::Proxy::all(plain(&proxy.url)?).ok()?;
    match &proxy.login {
        None => Some(way),
        Some(login) => {
            let (user, password) = login.expose().split_once(':')?;
            Some(way.basic_auth(user, password))
        }
    }
}
