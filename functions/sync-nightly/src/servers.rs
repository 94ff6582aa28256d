//! The servers of other people, as far as the settings name any. Nothing is made, read or asked before it is needed.

mod tokens;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws::parameters::Parameters;
use aws::{Clients, StoreError};
use domain::night::Trouble;
use edge::config::Config;
use lambda_edge::clock::Clock;
use lambda_edge::env::EnvError;
use lambda_edge::redact::{Redactor, Secret};
use partners::central::{Central, Limits};
use partners::http::{Http, Policy, RealWaits, Waits};
use partners::moka::{self, Moka};

pub(crate) use tokens::Tokens;

/// The code of a token for the central server that can't be used.
const CENTRAL_TOKEN: &str = "CENTRAL_TOKEN";
/// The longest time of one try for a page of Moka.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// The first wait after Moka said "not now", and the longest that it can ask for: several runs ask at a time, and
/// what it allows is counted by the minute, if at all.
const MOKA_WAIT: Duration = Duration::from_secs(2);
const MOKA_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Where the central server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CentralSettings {
    /// Its address.
    pub url: String,
    /// The name of the parameter that holds the token for it.
    pub token_parameter: String,
}

/// Where Moka is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MokaSettings {
    /// Its address.
    pub url: String,
    /// What the names of its parameters begin with, without a slash at the end.
    pub parameters: String,
}

/// Which servers there are, and how they are asked.
#[derive(Clone)]
pub struct Settings {
    /// The central server, if the shop has one.
    pub central: Option<CentralSettings>,
    /// Moka, if the shop uses it.
    pub moka: Option<MokaSettings>,
    /// Limits of a connection, and when a question is asked again.
    pub policy: Policy,
    /// Waiting and chance.
    pub waits: Arc<dyn Waits>,
}

impl Default for Settings {
    /// No servers, and the usual policy.
    fn default() -> Self {
        Self {
            central: None,
            moka: None,
            policy: Policy::default(),
            waits: Arc::new(RealWaits),
        }
    }
}

impl Settings {
    /// The servers that the environment names.
    ///
    /// # Errors
    /// When it names one without where its secrets are.
    pub fn load(config: &Config) -> Result<Self, EnvError> {
        let central = config.central_url().map(|url| {
            let token_parameter = config.central_token_parameter()?;
            Ok(CentralSettings { url, token_parameter })
        });
        let moka = config.moka_url().map(|url| {
            let parameters = config.moka_parameters()?;
            Ok(MokaSettings { url, parameters })
        });
        Ok(Self {
            central: central.transpose()?,
            moka: moka.transpose()?,
            ..Self::default()
        })
    }
}

/// The servers of other people. Clones share connections and tokens.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    settings: Settings,
    clients: Clients,
    parameters: Parameters,
    now_ms: Clock,
    central: OnceLock<Http>,
    moka: OnceLock<Moka<Tokens>>,
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers")
            .field("central", &self.0.settings.central)
            .field("moka", &self.0.settings.moka)
            .finish_non_exhaustive()
    }
}

/// Why a server can't be asked.
#[derive(Clone, Debug)]
pub(crate) struct Unusable {
    code: &'static str,
    detail: String,
}

/// Why a server whose secret is read each time can't be asked.
#[derive(Debug)]
pub(crate) enum NotAtHand {
    /// The secret could not be read. It may be at the next try.
    Store(StoreError),
    /// Something is wrong with the settings or the secret.
    Unusable(Unusable),
}

impl NotAtHand {
    /// What is to be told of it.
    pub(crate) fn trouble(&self, source: &str) -> Trouble {
        match self {
            Self::Store(error) => Trouble::new(None, source, CENTRAL_TOKEN, &error.to_string()),
            Self::Unusable(unusable) => unusable.trouble(source, None),
        }
    }
}

impl From<Unusable> for NotAtHand {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

impl Unusable {
    fn new(code: &'static str, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        Self { code, detail }
    }

    /// What is to be told of it.
    pub(crate) fn trouble(&self, source: &str, outlet: Option<&str>) -> Trouble {
        Trouble::new(outlet, source, self.code, &self.detail)
    }
}

impl Servers {
    /// The servers of these settings, whose secrets are in the parameters of these clients.
    #[must_use]
    pub fn new(clients: &Clients, settings: Settings, now_ms: Clock) -> Self {
        Self(Arc::new(Inner {
            settings,
            clients: clients.clone(),
            parameters: Parameters::new(clients),
            now_ms,
            central: OnceLock::new(),
            moka: OnceLock::new(),
        }))
    }

    /// Whether there is a central server.
    pub(crate) fn has_central(&self) -> bool {
        self.0.settings.central.is_some()
    }

    /// Whether Moka is asked.
    pub(crate) fn has_moka(&self) -> bool {
        self.0.settings.moka.is_some()
    }

    /// The central server, with the token as it is now: one that was replaced is used at once.
    pub(crate) async fn central(&self) -> Result<Central, NotAtHand> {
        let Inner {
            settings, parameters, ..
        } = &*self.0;
        let Some(CentralSettings { url, token_parameter }) = &settings.central else {
            return Err(Unusable::new("CENTRAL_ADDRESS", "there is no address any more").into());
        };
        let found = parameters.get_many(&[token_parameter]).await;
        let token = found.map_err(NotAtHand::Store)?.remove(token_parameter);
        let missing = || Unusable::new(CENTRAL_TOKEN, "the parameter with the token is missing");
        let token = token.ok_or_else(missing)?;
        Redactor::process().register(token.expose());
        let token = Secret::new(token.into_inner());
        // Asking for a file twice does no harm, whatever the server failed at.
        let policy = Policy {
            every_server_error: true,
            ..settings.policy.clone()
        };
        let http = made(&self.0.central, || self.http(policy, "CENTRAL_UNREACHABLE"))?;
        Central::new(url, token, http, Limits::default())
            .map_err(|error| Unusable::new(error.code(), &error).into())
    }

    /// Moka. One for the whole process: its clones share tokens.
    pub(crate) fn moka(&self) -> Result<Moka<Tokens>, Unusable> {
        made(&self.0.moka, || self.new_moka())
    }

    fn new_moka(&self) -> Result<Moka<Tokens>, Unusable> {
        let inner = &*self.0;
        let Some(MokaSettings { url, parameters }) = &inner.settings.moka else {
            return Err(Unusable::new("MOKA_ADDRESS", "there is no address any more"));
        };
        let waits = Arc::clone(&inner.settings.waits);
        let tokens = Tokens::new(&inner.clients, parameters, waits, inner.now_ms);
        let http = self.http(moka_policy(&inner.settings.policy), "MOKA_UNREACHABLE")?;
        Moka::new(url, tokens, http, moka::Limits::default(), inner.now_ms)
            .map_err(|error| Unusable::new(error.code(), &error))
    }

    fn http(&self, policy: Policy, code: &'static str) -> Result<Http, Unusable> {
        let waits = Arc::clone(&self.0.settings.waits);
        Http::with_waits(policy, waits).map_err(|error| Unusable::new(code, error))
    }

    /// Waits before something is tried again.
    pub(crate) async fn pause(&self, time: Duration) {
        self.0.settings.waits.wait(time).await;
    }
}

/// What was made once, or is made now. That it can't be made is not kept: it may be at the next try.
fn made<T: Clone>(once: &OnceLock<T>, make: impl FnOnce() -> Result<T, Unusable>) -> Result<T, Unusable> {
    if let Some(made) = once.get() {
        return Ok(made.clone());
    }
    let new = make()?;
    Ok(once.get_or_init(|| new).clone())
}

/// How Moka is asked. Its servers fail now and then, whatever they are asked.
fn moka_policy(usual: &Policy) -> Policy {
    Policy {
        every_server_error: true,
        whole: usual.whole.min(PAGE_TIME),
        wait_first: MOKA_WAIT,
        wait_max: usual.wait_max.max(MOKA_WAIT),
        retry_after_max: MOKA_RETRY_AFTER,
        ..usual.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_made_is_made_at_the_next_try_and_then_kept() {
        let once = OnceLock::new();
        let failed = made::<u8>(&once, || Err(Unusable::new("X", "not now")));
        assert_eq!(failed.unwrap_err().code, "X");
        assert_eq!(made(&once, || Ok(1)).unwrap(), 1);
        assert_eq!(made(&once, || Ok(2)).unwrap(), 1);
        assert_eq!(made(&once, || Err(Unusable::new("X", "not now"))).unwrap(), 1);
    }

    #[test]
    fn moka_is_asked_patiently_and_renewed_hastily() {
        let policy = moka_policy(&Policy::default());
        assert!(policy.every_server_error);
        assert_eq!((policy.whole, policy.tries), (PAGE_TIME, 5));
        assert_eq!(policy.retry_after_max, Duration::from_secs(60));
        assert!(moka::renewal_policy(&policy).longest() <= Duration::from_secs(60));
    }
}
