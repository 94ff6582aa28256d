//! What the routes work with.

use std::sync::Arc;

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::clients::warm;
use aws::feedback::Feedback;
use aws::limits::Limits;
use aws::meter::Reading;
use aws::outlets::Outlets;
use aws::sales::Sales;
use edge::auth::{AuthSource, KeyCache};
use edge::config::Config;
use edge::cost::count_write_units;
use edge::guest_links::GuestLinks;
use lambda_edge::env::EnvError;
use lambda_edge::metrics::Metrics;

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The stores, the clock and the keys seen lately.
pub struct Deps {
    pub(crate) feedback: Feedback,
    pub(crate) limits: Limits,
    pub(crate) guest_links: GuestLinks,
    pub(crate) outlets: Outlets,
    pub(crate) sales: Sales,
    api_keys: ApiKeys,
    known_keys: KeyCache,
    clients: Clients,
    metrics: Option<Metrics>,
    clock: Clock,
}

impl Deps {
    /// The stores that the configuration names, with the machine's clock and the connection to the
    /// database open.
    ///
    /// # Errors
    /// [`EnvError`] when the address of the pages is not set.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, EnvError> {
        let clock = Arc::new(lambda_edge::clock::now_ms);
        let deps = Self {
            metrics: Some(metrics),
            ..Self::new(&config.clients(), config.public_url()?, clock)
        };
        // No key has this id; what counts is that the connection is open.
        warm(deps.api_keys.get("-")).await;
        Ok(deps)
    }

    /// The stores behind these clients, the address of the pages, and a clock.
    #[must_use]
    pub fn new(clients: &Clients, public_url: String, clock: Clock) -> Self {
        Self {
            feedback: Feedback::new(clients),
            limits: Limits::new(clients),
            guest_links: GuestLinks::new(clients, public_url),
            outlets: Outlets::new(clients),
            sales: Sales::new(clients),
            api_keys: ApiKeys::new(clients),
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
}

impl AuthSource for Deps {
    fn api_keys(&self) -> &ApiKeys {
        &self.api_keys
    }

    fn known_keys(&self) -> &KeyCache {
        &self.known_keys
    }

    fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Deps").finish_non_exhaustive()
    }
}
