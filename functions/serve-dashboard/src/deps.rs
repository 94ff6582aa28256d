//! What the routes work with.

use std::sync::Arc;

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::audit::AuditTrail;
use aws::cases::Cases;
use aws::clients::warm;
use aws::customers::Customers;
use aws::feedback::Feedback;
use aws::findings::Findings;
use aws::insights::Insights;
use aws::ledger::Ledger;
use aws::meter::Reading;
use aws::nights::Nights;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::requests::Requests;
use aws::sales::Sales;
use aws::topups::{Catalogue, Topups, Webhooks};
use domain::staff::Person;
use edge::auth::{AuthSource, KeyCache};
use edge::config::Config;
use edge::cost::count_write_units;
use edge::guest_links::GuestLinks;
use edge::people::People;
use lambda_edge::env::EnvError;
use lambda_edge::metrics::Metrics;

use crate::access::{Access, Settings};

/// For how many days top-ups are kept, where nobody says.
const KEEP_TOPUPS_DAYS: u32 = 400;
/// Rupiah of free deposit below which people are told, where nobody says.
const LOW_BALANCE: i64 = 500_000;

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The stores, the clock, the keys seen lately, and who may come in.
pub struct Deps {
    pub(crate) access: Arc<Access>,
    pub(crate) api_keys: ApiKeys,
    pub(crate) audit: AuditTrail,
    pub(crate) cases: Cases,
    pub(crate) customers: Customers,
    pub(crate) feedback: Feedback,
    pub(crate) findings: Findings,
    pub(crate) guest_links: GuestLinks,
    pub(crate) insights: Insights,
    pub(crate) ledger: Ledger,
    pub(crate) nights: Nights,
    pub(crate) outbox: Outbox,
    pub(crate) outlets: Outlets,
    pub(crate) people: People,
    pub(crate) quarantine: Quarantine,
    pub(crate) requests: Requests,
    pub(crate) sales: Sales,
    pub(crate) topups: Topups,
    pub(crate) catalogue: Catalogue,
    pub(crate) webhooks: Webhooks,
    /// Rupiah of free deposit below which people are told.
    pub(crate) low_balance: i64,
    /// The address that the supplier of top-ups knows us by, where somebody looks.
    pub(crate) topup_address: Option<String>,
    known_keys: KeyCache,
    clients: Clients,
    metrics: Option<Metrics>,
    clock: Clock,
}

impl Deps {
    /// The stores and the issuer that the configuration names, with the machine's clock and the
    /// connection to the database open.
    ///
    /// # Errors
    /// [`EnvError`] when the issuer or the public address is not set.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, EnvError> {
        let clock = Arc::new(lambda_edge::clock::now_ms);
        let settings = Settings::from_config(config)?;
        let clients = config.clients();
        let deps = Self {
            metrics: Some(metrics),
            topups: Topups::new(&clients, config.keep_topups_days()?),
            low_balance: config.topup_low_balance()?,
            ..Self::new(&clients, settings, clock)
        }
        .with_topup_address(config.topup_address_looked_at());
        // No key has this id; what counts is that the connection is open.
        warm(deps.api_keys.get("-")).await;
        Ok(deps)
    }

    /// The same, where the supplier of top-ups knows us by an address and somebody looks.
    #[must_use]
    pub fn with_topup_address(self, topup_address: Option<String>) -> Self {
        Self {
            topup_address,
            ..self
        }
    }

    /// The stores behind these clients, an issuer, and a clock.
    #[must_use]
    pub fn new(clients: &Clients, settings: Settings, clock: Clock) -> Self {
        Self {
            guest_links: GuestLinks::new(clients, settings.public_url.clone()),
            access: Arc::new(Access::new(settings, clients, Arc::clone(&clock))),
            api_keys: ApiKeys::new(clients),
            audit: AuditTrail::new(clients),
            cases: Cases::new(clients),
            customers: Customers::new(clients),
            feedback: Feedback::new(clients),
            findings: Findings::new(clients),
            insights: Insights::new(clients),
            ledger: Ledger::new(clients),
            nights: Nights::new(clients),
            outbox: Outbox::new(clients),
            outlets: Outlets::new(clients),
            people: People::new(clients),
            quarantine: Quarantine::new(clients),
            requests: Requests::new(clients),
            sales: Sales::new(clients),
            topups: Topups::new(clients, KEEP_TOPUPS_DAYS),
            catalogue: Catalogue::new(clients),
            webhooks: Webhooks::new(clients),
            low_balance: LOW_BALANCE,
            topup_address: None,
            known_keys: KeyCache::default(),
            clients: clients.clone(),
            metrics: None,
            clock,
        }
    }

    /// Counts what the database has cost since a reading.
    pub(crate) fn count_cost(&self, before: Reading) {
        if let Some(metrics) = &self.metrics {
            count_write_units(metrics, before, self.cost());
        }
    }

    /// What the database has cost so far.
    pub(crate) fn cost(&self) -> Reading {
        self.clients.meter().read()
    }

    /// Now, in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }

    /// Where the API is reached, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        self.guest_links.public_url()
    }
}

impl AuthSource for Deps {
    const TAKES_STAFF: bool = true;

    fn api_keys(&self) -> &ApiKeys {
        &self.api_keys
    }

    fn known_keys(&self) -> &KeyCache {
        &self.known_keys
    }

    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }

    async fn staff(&self, token: &str) -> Option<Person> {
        self.access.staff_of_bearer(token).await
    }
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Deps").finish_non_exhaustive()
    }
}
