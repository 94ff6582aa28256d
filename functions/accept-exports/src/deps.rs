//! What the routes work with.

use std::sync::Arc;

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::audit::AuditTrail;
use aws::clients::warm;
use aws::customers::Customers;
use aws::idempotency::IdempotencyRecords;
use aws::ledger::Ledger;
use aws::meter::Reading;
use aws::objects::Objects;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::sales::Sales;
use edge::auth::{AuthSource, KeyCache};
use edge::config::Config;
use edge::cost::count_write_units;
use edge::people::People;
use lambda_edge::metrics::Metrics;

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The stores, the clock and the keys seen lately.
pub struct Deps {
    pub(crate) api_keys: ApiKeys,
    pub(crate) audit: AuditTrail,
    pub(crate) customers: Customers,
    pub(crate) idempotency: IdempotencyRecords,
    pub(crate) ledger: Ledger,
    pub(crate) objects: Objects,
    pub(crate) outbox: Outbox,
    pub(crate) outlets: Outlets,
    pub(crate) people: People,
    pub(crate) quarantine: Quarantine,
    pub(crate) sales: Sales,
    pub(crate) known_keys: KeyCache,
    clients: Clients,
    metrics: Option<Metrics>,
    clock: Clock,
}

impl Deps {
    /// The stores that the configuration names, with the machine's clock and the
    /// connection to the database open.
    pub async fn load(config: &Config, metrics: Metrics) -> Self {
        let clock = Arc::new(lambda_edge::clock::now_ms);
        let deps = Self {
            metrics: Some(metrics),
            ..Self::new(&config.clients(), clock)
        };
        // No key has this id; what counts is that the connection is open.
        warm(deps.api_keys.get("-")).await;
        deps
    }

    /// The stores behind these clients, and a clock.
    #[must_use]
    pub fn new(clients: &Clients, clock: Clock) -> Self {
        Self {
            api_keys: ApiKeys::new(clients),
            audit: AuditTrail::new(clients),
            customers: Customers::new(clients),
            idempotency: IdempotencyRecords::new(clients),
            ledger: Ledger::new(clients),
            objects: Objects::new(clients),
            outbox: Outbox::new(clients),
            outlets: Outlets::new(clients),
            people: People::new(clients),
            quarantine: Quarantine::new(clients),
            sales: Sales::new(clients),
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
