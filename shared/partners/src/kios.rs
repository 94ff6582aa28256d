//! kiosAMPM, the supplier of top-ups (source document 002; `docs/kiosampm.md`).
//!
//! A purchase is a `GET`, which every library, proxy and cache takes for a question that may be asked again. So there
//! is one connection for one request, nothing repeats it, nothing follows a redirect, and what became of a request
//! that may have been heard is [`Sent::Lost`] and never "not sent".
//!
//! Credentials stand in the address. It is made in one place and shown nowhere: no error and no `Debug` has it.

mod balance;
mod request;
mod sign;
mod transport;

use std::fmt;
use std::time::Duration;

use domain::topup::rupiah::Rupiah;
use domain::topup::step::Check;
use lambda_edge::redact::Secret;

pub use balance::BalanceError;
pub use sign::{BalanceText, Sign, UnknownBalanceText, UnknownSign};

use request::Requests;
use transport::Transport;
pub(crate) use transport::way;

/// What the supplier knows us by.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The member's id.
    pub member: String,
    /// The PIN.
    pub pin: Secret<String>,
    /// The password.
    pub password: Secret<String>,
}

/// A proxy of our own with the address that the supplier lets in.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where it is: `http` or `https`, without a user in it.
    pub url: String,
    /// `user:password`, where it asks for them.
    pub login: Option<Secret<String>>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The longest time until there is a connection.
    pub connect: Duration,
    /// The longest time of a request, from its start to the last byte of the answer. The supplier promises an answer
    /// within 60 seconds (source document 002, "Periode Transaksi").
    pub whole: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(75),
        }
    }
}

/// Why the supplier cannot be spoken to at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KiosError {
    /// The address is not a plain one of `http` or `https`.
    #[error("the supplier's address is not a plain address of a server")]
    Address,
    /// The member, the PIN or the password is empty, or has a character that the signature cannot hold.
    #[error("the member, the PIN or the password is empty or has characters that cannot be sent")]
    Credentials,
    /// The proxy's address or its user is none.
    #[error("the proxy's address or login cannot be used")]
    Proxy,
    /// The machine's root certificates cannot be read.
    #[error("the HTTP client cannot be made: the machine's root certificates cannot be read")]
    Client,
}

impl KiosError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "KIOS_ADDRESS",
            Self::Credentials => "KIOS_CREDENTIALS",
            Self::Proxy => "KIOS_PROXY",
            Self::Client => "KIOS_CLIENT",
        }
    }
}

/// What became of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Sent {
    /// The body of an answer with a status from 200 to 299: at least one byte, at most 64 KiB.
    Answer(Vec<u8>),
    /// There was no connection, so nothing was sent. Why.
    NotSent(&'static str),
    /// It may have been heard, and there is no answer. Why, and what came all the same: at most 64 KiB, never to be taken
    /// for an answer.
    Lost(&'static str, Vec<u8>),
    /// It was refused on account of who we are, with a status from 400 to 499. It may have been heard all the same. Why,
    /// and what came with the refusal.
    NotTaken(&'static str, Vec<u8>),
}

impl fmt::Debug for Sent {
    /// Without the answer: numbers and serial numbers are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(body) => write!(f, "Answer({} bytes)", body.len()),
            Self::NotSent(why) => f.debug_tuple("NotSent").field(why).finish(),
            Self::Lost(why, said) => write!(f, "Lost({why}, {} bytes)", said.len()),
            Self::NotTaken(why, said) => write!(f, "NotTaken({why}, {} bytes)", said.len()),
        }
    }
}

/// The supplier. Clones share nothing but its settings: there are no connections to share.
#[derive(Clone, Debug)]
pub struct Kios {
    requests: Requests,
    transport: Transport,
}

impl Kios {
    /// The supplier at an address such as `http://36.37.85.130:9998`, under which its paths are; asked through a proxy
    /// if there is one, and through none otherwise, whatever the environment says.
    ///
    /// # Errors
    /// [`KiosError`].
    pub fn new(
        base_url: &str,
        credentials: Credentials,
        sign: Sign,
        egress: Option<Proxy>,
    ) -> Result<Self, KiosError> {
        Self::with_times(base_url, credentials, sign, egress, Times::default())
    }

    /// The same with other times.
    ///
    /// # Errors
    /// [`KiosError`].
    pub fn with_times(
        base_url: &str,
        credentials: Credentials,
        sign: Sign,
        egress: Option<Proxy>,
        times: Times,
    ) -> Result<Self, KiosError> {
        Ok(Self {
            requests: Requests::new(credentials, sign)?,
            transport: Transport::new(base_url, egress.as_ref(), times)?,
        })
    }

    /// The same, with another text signed for the question about the deposit.
    #[must_use]
    pub fn signing_balance(self, text: BalanceText) -> Self {
        Self {
            requests: self.requests.signing_balance(text),
            ..self
        }
    }

    /// Sends an order. Once: whoever calls this a second time with the same order has to know why.
    pub async fn buy(&self, product: &str, dest: &str, refid: &str) -> Sent {
        let query = self.requests.purchase(product, dest, refid, false);
        self.transport.get("trx", &query).await
    }

    /// Asks what became of an order that was sent: as the supplier is known to take such questions. Where it is known
    /// to take none, nothing is sent.
    pub async fn ask(&self, product: &str, dest: &str, refid: &str, check: Check) -> Sent {
        let flag = match check {
            Check::Resend => false,
            Check::Flag => true,
            Check::Never => return Sent::NotSent("the supplier is not asked"),
        };
        let query = self.requests.purchase(product, dest, refid, flag);
        self.transport.get("trx", &query).await
    }

    /// What is left of our deposit.
    ///
    /// # Errors
    /// [`BalanceError`].
    pub async fn balance(&self) -> Result<Rupiah, BalanceError> {
        match self.transport.get("balance", &self.requests.balance()).await {
            Sent::Answer(body) => balance::read(&body),
            Sent::NotSent(why) => Err(BalanceError::NotSent(why)),
            Sent::Lost(why, _) => Err(BalanceError::Lost(why)),
            Sent::NotTaken(..) => Err(BalanceError::AboutUs),
        }
    }
}
