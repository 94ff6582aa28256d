//! What the routes work with.

use std::sync::Arc;

use aws::Clients;
use aws::api_keys::ApiKeys;
use aws::audit::AuditTrail;
use aws::customers::Customers;
use aws::idempotency::IdempotencyRecords;
use aws::ledger::Ledger;
use aws::objects::Objects;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::sales::Sales;
use edge::config::Config;

use crate::auth::KeyCache;

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
    pub(crate) outlets: Outlets,
    pub(crate) quarantine: Quarantine,
    pub(crate) sales: Sales,
    pub(crate) known_keys: KeyCache,
    clock: Clock,
}

impl Deps {
    /// The stores that the configuration names, with the machine's clock. Opens the connection to
    /// the database in the background, so that the first request does not wait for it.
    pub async fn load(config: Config) -> Self {
        let deps = Self::new(&config.clients().await, Arc::new(edge::clock::now_ms));
        let api_keys = deps.api_keys.clone();
        tokio::spawn(async move {
            // The item does not exist; a failure will show again in the first request.
            if let Err(error) = api_keys.get("-").await {
                tracing::debug!(%error, "the database could not be reached at the start");
            }
        });
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
            outlets: Outlets::new(clients),
            quarantine: Quarantine::new(clients),
            sales: Sales::new(clients),
            known_keys: KeyCache::default(),
            clock,
        }
    }

    /// Now, in Unix milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Deps").finish_non_exhaustive()
    }
}
