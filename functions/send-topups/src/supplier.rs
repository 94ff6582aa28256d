//! The supplier, as far as the settings name one, and what it knows us by.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws::Clients;
use aws_sdk_ssm::Client;
use domain::topup::step::Check;
use edge::config::Config;
use lambda_edge::clock::Clock;
use lambda_edge::redact::{Redactor, Secret};
use lambda_edge::secrets::Secrets;
use lambda_edge::secrets::ssm::ParameterStore;
use partners::kios::{BalanceText, Credentials, Kios, Proxy, Sign, Times};

use crate::Failure;

/// The parameters with what the supplier knows us by, below the prefix of the settings.
const MEMBER_ID: &str = "member-id";
const PIN: &str = "pin";
const PASSWORD: &str = "password";
/// User and password of our own proxy, with a colon in between.
const PROXY: &str = "proxy";

/// Where the supplier is, and how it is spoken to.
#[derive(Clone, Debug)]
pub struct SupplierSettings {
    /// Its address, without a slash at the end.
    pub url: String,
    /// What the names of the parameters begin with, without a slash at the end.
    pub parameters: String,
    /// How requests are signed.
    pub sign: Sign,
    /// What is signed for the question about the deposit.
    pub balance_text: BalanceText,
    /// How it may be asked about an order.
    pub check: Check,
    /// Our own proxy, from whose address the supplier is reached; `None`: directly.
    pub proxy_url: Option<String>,
    /// How long a request may take.
    pub times: Times,
}

impl SupplierSettings {
    /// The supplier that the environment names; `None` where the shop sells no top-ups.
    ///
    /// # Errors
    /// When it names one without where its secrets are, or says something else that can't be.
    pub fn load(config: &Config) -> Result<Option<Self>, lambda_runtime::Error> {
        let Some(url) = config.topup_url() else {
            return Ok(None);
        };
        let unknown = |name: &str, value: &str| format!("{name} can't be {value:?}");
        let (sign, check) = (config.topup_sign(), config.topup_check());
        let balance = config.topup_balance_sign();
        Ok(Some(Self {
            url,
            parameters: config.topup_parameters()?,
            sign: sign.parse().map_err(|_| unknown("TOPUP_SIGN", &sign))?,
            balance_text: balance
                .parse()
                .map_err(|_| unknown("TOPUP_BALANCE_SIGN", &balance))?,
            check: check.parse().map_err(|_| unknown("TOPUP_CHECK", &check))?,
            proxy_url: config.topup_proxy_url(),
            times: Times::default(),
        }))
    }
}

/// The supplier. Clones share its secrets, which are read when they are first needed and kept for a few minutes.
#[derive(Clone)]
pub struct Supplier(Arc<Inner>);

struct Inner {
    settings: SupplierSettings,
    secrets: Secrets<ParameterStore>,
    /// The client that was made last, and what it was made with.
    made: Mutex<Option<(Known, Kios)>>,
}

/// What the supplier, and our own proxy, know us by.
#[derive(Clone)]
struct Known {
    member: Arc<Secret<String>>,
    pin: Arc<Secret<String>>,
    password: Arc<Secret<String>>,
    proxy: Option<Arc<Secret<String>>>,
}

impl Known {
    /// Whether these are the same secrets, by where they lie: one that did not change stays in its place.
    fn is(&self, other: &Self) -> bool {
        let proxies = match (&self.proxy, &other.proxy) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        proxies
            && Arc::ptr_eq(&self.member, &other.member)
            && Arc::ptr_eq(&self.pin, &other.pin)
            && Arc::ptr_eq(&self.password, &other.password)
    }
}

impl fmt::Debug for Supplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.0.settings;
        f.debug_struct("Supplier")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

impl Supplier {
    /// The supplier of these settings, whose secrets are in the parameters of these clients.
    #[must_use]
    pub fn new(clients: &Clients, settings: SupplierSettings, now_ms: Clock) -> Self {
        let store = ParameterStore::new(Client::new(clients.config()));
        Self(Arc::new(Inner {
            settings,
            secrets: Secrets::new(store).with_clock(now_ms),
            made: Mutex::default(),
        }))
    }

    /// How it may be asked about an order.
    #[must_use]
    pub fn check(&self) -> Check {
        self.0.settings.check
    }

    /// The way to it: our own proxy, where there is one.
    ///
    /// # Errors
    /// [`Failure`] when the proxy's secret can't be read.
    pub(crate) async fn proxy(&self) -> Result<Option<Proxy>, Failure> {
        let login = self.proxy_login().await?;
        Ok(self.proxy_with(login.as_deref()))
    }

    /// The client, with the secrets as they are now.
    ///
    /// # Errors
    /// [`Failure`] when a secret can't be read, or can't be used.
    pub(crate) async fn kios(&self) -> Result<Kios, Failure> {
        let known = Known {
            member: self.secret(MEMBER_ID).await?,
            pin: self.secret(PIN).await?,
            password: self.secret(PASSWORD).await?,
            proxy: self.proxy_login().await?,
        };
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((with, kios)) = &*made
            && with.is(&known)
        {
            return Ok(kios.clone());
        }
        let kios = self.make(&known)?;
        *made = Some((known, kios.clone()));
        Ok(kios)
    }

    /// Reads the secrets anew: the supplier has just refused them, and maybe they were replaced.
    pub(crate) async fn was_refused(&self) {
        for name in [MEMBER_ID, PIN, PASSWORD] {
            // What can't be read now is read, and told, when it is needed next.
            drop(self.0.secrets.refresh(&self.name(name)).await);
        }
    }

    fn make(&self, known: &Known) -> Result<Kios, Failure> {
        let settings = &self.0.settings;
        let own = |secret: &Secret<String>| Secret::new(secret.expose().trim().to_owned());
        let credentials = Credentials {
            member: known.member.expose().trim().to_owned(),
            pin: own(&known.pin),
            password: own(&known.password),
        };
        let proxy = self.proxy_with(known.proxy.as_deref());
        Kios::with_times(&settings.url, credentials, settings.sign, proxy, settings.times)
            .map(|kios| kios.signing_balance(settings.balance_text))
            .map_err(|error| Failure::Supplier(error.to_string()))
    }

    fn proxy_with(&self, login: Option<&Secret<String>>) -> Option<Proxy> {
        let url = self.0.settings.proxy_url.clone()?;
        let login = login.map(|login| {
            let login = login.expose().trim();
            // The password may show without the user in front of it.
            let (_, password) = login.split_once(':').unwrap_or_default();
            Redactor::process().register(password);
            Secret::new(login.to_owned())
        });
        Some(Proxy { url, login })
    }

    /// User and password of the proxy; `None` where there is no proxy.
    async fn proxy_login(&self) -> Result<Option<Arc<Secret<String>>>, Failure> {
        match self.0.settings.proxy_url {
            Some(_) => Ok(Some(self.secret(PROXY).await?)),
            None => Ok(None),
        }
    }

    async fn secret(&self, of: &str) -> Result<Arc<Secret<String>>, Failure> {
        Ok(self.0.secrets.get(&self.name(of)).await?)
    }

    fn name(&self, of: &str) -> String {
        format!("{}/{of}", self.0.settings.parameters)
    }
}
