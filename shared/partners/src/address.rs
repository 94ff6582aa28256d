//! The public address that others see us under. The supplier lets one address in, so it is looked at by the way that
//! orders go: through the same proxy where there is one.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{Client, redirect};

use crate::http::{AddressError, Base, USER_AGENT, install_crypto};
use crate::kios::{self, Proxy};

/// How long the question may take.
const WHOLE: Duration = Duration::from_secs(10);
/// The longest answer: an address, and whatever a line needs to end.
const BODY_MAX: usize = 256;

/// Why the address is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeenError {
    /// Where to ask is no address that may be asked.
    #[error("where to ask for our address: {0}")]
    Address(#[from] AddressError),
    /// The proxy's address or its user is none.
    #[error("the proxy's address or login cannot be used")]
    Proxy,
    /// No answer came.
    #[error("nobody told our address")]
    Away,
    /// An answer came that is no address.
    #[error("what was told is no address")]
    NotAnAddress,
}

impl SeenError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address(_) | Self::Proxy => "ECHO_ADDRESS",
            Self::Away => "ECHO_UNREACHABLE",
            Self::NotAnAddress => "ECHO_ANSWER",
        }
    }
}

/// The address that a server sees us under which answers with nothing but it, such as `https://checkip.amazonaws.com`.
///
/// # Errors
/// [`SeenError`].
pub async fn seen_address(echo_url: &str, egress: Option<&Proxy>) -> Result<IpAddr, SeenError> {
    let url = Base::parse(echo_url)?;
    install_crypto();
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .timeout(WHOLE)
        .pool_max_idle_per_host(0)
        .retry(reqwest::retry::never())
        .redirect(redirect::Policy::none())
        .referer(false);
    let client = match egress {
        None => client.no_proxy(),
        Some(proxy) => client.proxy(kios::way(proxy).ok_or(SeenError::Proxy)?),
    };
    let client = client.build().map_err(|_| SeenError::Away)?;
    let asked = client.get(url.url().clone()).send().await;
    let mut answer = asked.map_err(|_| SeenError::Away)?;
    if answer.status().as_u16() != 200 {
        return Err(SeenError::Away);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| SeenError::Away)? {
        if body.len() + chunk.len() > BODY_MAX {
            return Err(SeenError::NotAnAddress);
        }
        body.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(body).map_err(|_| SeenError::NotAnAddress)?;
    text.trim().parse().map_err(|_| SeenError::NotAnAddress)
}
