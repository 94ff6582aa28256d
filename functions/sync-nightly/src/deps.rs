//! What the function works with.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::api_keys::ApiKeys;
use aws::bookmarks::Bookmarks;
use aws::cases::Cases;
use aws::clients::warm;
use aws::customers::Customers;
use aws::feedback::Feedback;
use aws::findings::Findings;
use aws::habits::Habits;
use aws::insights::Insights;
use aws::kin::KinBooks;
use aws::ledger::Ledger;
use aws::link_keys::LinkKeysStore;
use aws::nights::Nights;
use aws::objects::Objects;
use aws::outlets::Outlets;
use aws::sales::Sales;
use aws::setups::Setups;
use aws::{Clients, StoreError};
use domain::customer::PhoneKey;
use domain::quarantine::RULES_VERSION;
use domain::when::Zone;
use edge::config::Config;
use lambda_edge::metrics::Metrics;
use tokio::sync::OnceCell;

use crate::servers::{Servers, Settings};

/// What the function works with.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// The outlets there are.
    pub outlets: Outlets,
    /// The days they have sales for.
    pub sales: Sales,
    /// The guests, for their visits.
    pub customers: Customers,
    /// Low scores and what became of them.
    pub cases: Cases,
    /// Where a task that did not get to the end goes on.
    pub bookmarks: Bookmarks,
    /// Nights and their parts.
    pub nights: Nights,
    /// What reconciliation found.
    pub findings: Findings,
    /// What guests like.
    pub habits: Habits,
    /// Which guests may be one person.
    pub kin: KinBooks,
    /// What became of each export.
    pub ledger: Ledger,
    /// The bucket.
    pub objects: Objects,
    /// The backups of the configuration.
    pub setups: Setups,
    /// What guests say.
    pub feedback: Feedback,
    /// Figures.
    pub insights: Insights,
    /// The keys of the API, for the backup.
    pub api_keys: ApiKeys,
    /// The keys of guests' links, for the backup.
    pub link_keys: LinkKeysStore,
    /// The servers of other people.
    pub servers: Servers,
    /// The zone that the schedules go by.
    pub zone: Zone,
    /// What else the backup says, by name.
    pub settings: BTreeMap<String, String>,
    /// The key that hides phone numbers, once it was needed: see [`Deps::phone_key`].
    pub hiding: Arc<OnceCell<PhoneKey>>,
    /// The clock, Unix milliseconds.
    pub now_ms: fn() -> i64,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    ///
    /// # Errors
    /// When a server is named without where its secrets are, or the time zone is none.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, lambda_runtime::Error> {
        let clients = config.clients();
        let now_ms = lambda_edge::clock::now_ms;
        let servers = Servers::new(&clients, Settings::load(config)?, now_ms);
        let mut deps = Self::new(&clients, metrics, now_ms).with_servers(servers);
        deps.zone = Zone::named(&config.time_zone())?;
        deps.settings = settings(config);
        // What it answers does not matter; what counts is that the connection is open.
        warm(deps.outlets.list(None, 1)).await;
        Ok(deps)
    }

    /// What the function works with, over clients made elsewhere. No other people's server is asked.
    #[must_use]
    pub fn new(clients: &Clients, metrics: Metrics, now_ms: fn() -> i64) -> Self {
        Self {
            clients: clients.clone(),
            outlets: Outlets::new(clients),
            sales: Sales::new(clients),
            customers: Customers::new(clients),
            cases: Cases::new(clients),
            bookmarks: Bookmarks::new(clients),
            nights: Nights::new(clients),
            findings: Findings::new(clients),
            habits: Habits::new(clients),
            kin: KinBooks::new(clients),
            ledger: Ledger::new(clients),
            objects: Objects::new(clients),
            setups: Setups::new(clients),
            feedback: Feedback::new(clients),
            insights: Insights::new(clients),
            api_keys: ApiKeys::new(clients),
            link_keys: LinkKeysStore::new(clients),
            servers: Servers::new(clients, Settings::default(), now_ms),
            zone: Zone::default(),
            settings: BTreeMap::new(),
            hiding: Arc::default(),
            now_ms,
            metrics,
        }
    }

    /// The same, with servers to ask.
    #[must_use]
    pub fn with_servers(self, servers: Servers) -> Self {
        Self { servers, ..self }
    }

    /// The key that hides phone numbers, read once.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read, or the operating system has no randomness for a first key.
    pub async fn phone_key(&self) -> Result<&PhoneKey, StoreError> {
        let read = async {
            let fresh = lambda_edge::clock::random();
            let fresh = fresh.map_err(|_| StoreError::Damaged("the operating system's randomness"))?;
            self.customers.phone_key(fresh).await
        };
        self.hiding.get_or_try_init(|| read).await
    }

    /// The clock.
    pub(crate) fn now(&self) -> i64 {
        (self.now_ms)()
    }
}

/// What a backup says beside outlets and keys. No secrets: of these it has not even the names.
fn settings(config: &Config) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::from([
        ("record_rules".to_owned(), RULES_VERSION.to_string()),
        ("schedules.time_zone".to_owned(), config.time_zone()),
    ]);
    let addresses = [
        ("central.url", config.central_url()),
        ("moka.url", config.moka_url()),
    ];
    for (name, address) in addresses {
        settings.extend(address.map(|address| (name.to_owned(), address)));
    }
    settings
}
