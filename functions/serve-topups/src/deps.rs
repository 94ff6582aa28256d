//! What the routes work with.

use std::sync::Arc;

use aws::api_keys::ApiKeys;
use aws::clients::warm;
use aws::limits::Limits;
use aws::meter::Reading;
use aws::parameters::Parameters;
use aws::topups::{Catalogue, Topups, Webhooks};
use aws::{Clients, StoreError};
use domain::topup::number::Prefixes;
use domain::topup::step::Rules;
use edge::auth::{AuthSource, KeyCache};
use edge::config::Config;
use edge::cost::count_write_units;
use edge::problem::{Problem, TOPUP_OFF};
use lambda_edge::env::EnvError;
use lambda_edge::metrics::{Metrics, Unit};
use lambda_edge::redact::Secret;
use lambda_edge::secrets::{SecretError, SecretSource, Secrets, SourceError};

use crate::prefixes::SETTING;
use crate::settings::Settings;

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The parameter whose bytes every partner's webhook secrets are made from.
const WEBHOOK_KEY: &str = "webhook-key";
/// The parameter with the tokens of the supplier's address, the newest and those before it.
const REPORT_TOKENS: &str = "report-tokens";

/// The stores, the settings, the clock, and the secrets and keys seen lately.
pub struct Deps {
    pub(crate) catalogue: Catalogue,
    pub(crate) limits: Limits,
    pub(crate) topups: Topups,
    pub(crate) webhooks: Webhooks,
    pub(crate) settings: Settings,
    secrets: Secrets<Stored>,
    api_keys: ApiKeys,
    known_keys: KeyCache,
    clients: Clients,
    metrics: Option<Metrics>,
    clock: Clock,
}

impl Deps {
    /// The stores and settings that the configuration names, with the machine's clock and the connection to the
    /// database open.
    ///
    /// # Errors
    /// [`EnvError`] when a setting can't be read.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, EnvError> {
        let settings = Settings::from_config(config)?;
        let clock = Arc::new(lambda_edge::clock::now_ms);
        let deps = Self::new(&config.clients(), settings, clock).with_metrics(metrics);
        // No key has this id; what counts is that the connection is open.
        warm(deps.api_keys.get("-")).await;
        Ok(deps)
    }

    /// The stores behind these clients, settings, and a clock.
    #[must_use]
    pub fn new(clients: &Clients, settings: Settings, clock: Clock) -> Self {
        Self {
            catalogue: Catalogue::new(clients),
            limits: Limits::new(clients),
            topups: Topups::new(clients, settings.keep_days),
            webhooks: Webhooks::new(clients),
            secrets: Secrets::new(Stored(Parameters::new(clients))).with_settings(settings.secrets),
            settings,
            api_keys: ApiKeys::new(clients),
            known_keys: KeyCache::default(),
            clients: clients.clone(),
            metrics: None,
            clock,
        }
    }

    /// The same, with somebody who counts.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Now, in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// How the supplier may be asked.
    pub(crate) const fn rules(&self) -> Rules {
        Rules {
            check: self.settings.check,
        }
    }

    /// Whose numbers begin how: the shop's own table, or the one that comes with the program.
    pub(crate) async fn prefixes(&self) -> Result<Prefixes, Problem> {
        let Some(own) = self.catalogue.setting(SETTING).await? else {
            return Ok(Prefixes::built_in());
        };
        Ok(Prefixes::read(&own).unwrap_or_else(|error| {
            // Nothing that can't be read is ever stored; an older program may know less.
            tracing::error!(%error, "the stored prefixes can't be read, so the built-in ones hold");
            Prefixes::built_in()
        }))
    }

    /// What the secrets of partners' webhooks are made from.
    pub(crate) async fn webhook_key(&self) -> Result<Arc<Secret<String>>, Problem> {
        let name = self.parameter(WEBHOOK_KEY).ok_or_else(|| {
            Problem::new(&TOPUP_OFF).detail(
                "Belum ada kunci webhook: atur parameter rahasianya.",
                "There is no key of webhooks: set the parameter with it.",
            )
        })?;
        let key = self.secrets.get(&name).await;
        key.map_err(|error| Problem::internal(error.to_string()))
    }

    /// The tokens of the supplier's address, with commas between them. With `anew` they are fetched again, unless
    /// that was done a moment ago.
    pub(crate) async fn report_tokens(&self, anew: bool) -> Result<Arc<Secret<String>>, SecretError> {
        let name = self.parameter(REPORT_TOKENS).ok_or_else(|| SecretError {
            name: REPORT_TOKENS.to_owned(),
            source: SourceError::Missing,
        })?;
        if anew {
            self.secrets.refresh(&name).await
        } else {
            self.secrets.get(&name).await
        }
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let folder = self.settings.parameters.as_ref()?;
        Some(format!("{folder}/{name}"))
    }

    /// Counts what the database has cost since a reading.
    pub(crate) fn count_cost(&self, before: Reading) {
        if let Some(metrics) = &self.metrics {
            count_write_units(metrics, before, self.cost());
        }
    }

    /// Counts an order that waits for people from now on.
    pub(crate) fn count_for_person(&self) {
        if let Some(metrics) = &self.metrics {
            metrics.add("TopupsForPerson", Unit::Count, 1);
        }
    }

    /// What the database has cost so far.
    pub(crate) fn cost(&self) -> Reading {
        self.clients.meter().read()
    }
}

/// The Parameter Store as a source of secrets.
#[derive(Debug)]
struct Stored(Parameters);

impl SecretSource for Stored {
    async fn fetch(&self, name: &str) -> Result<Secret<String>, SourceError> {
        let found = self.0.get_many(&[name]).await;
        let mut found = found.map_err(|error| SourceError::Unavailable {
            code: match error {
                StoreError::Unavailable { code, .. } => code,
                other => other.to_string(),
            },
        })?;
        let parameter = found.remove(name).ok_or(SourceError::Missing)?;
        Ok(Secret::new(parameter.into_inner()))
    }
}

impl AuthSource for Deps {
    fn api_keys(&self) -> &ApiKeys {
        &self.api_keys
    }

    fn known_keys(&self) -> &KeyCache {
        &self.known_keys
    }

    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Deps").finish_non_exhaustive()
    }
}
