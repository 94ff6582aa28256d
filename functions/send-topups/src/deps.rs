//! What the function works with.

use std::sync::Arc;

use aws::Clients;
use aws::clients::warm;
use aws::leases::Leases;
use aws::outbox::Outbox;
use aws::topups::{Catalogue, Topups};
use domain::topup::rupiah::Rupiah;
use domain::topup::step::{Check, Rules};
use edge::config::Config;
use lambda_edge::clock::Clock;
use lambda_edge::metrics::Metrics;
use partners::http::{RealWaits, Waits};

use crate::supplier::{Supplier, SupplierSettings};

/// How the function works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The supplier; `None` where the shop sells no top-ups (any more).
    pub supplier: Option<SupplierSettings>,
    /// How many requests to the supplier may be under way at a time.
    pub lanes: u32,
    /// Below which balance people are told.
    pub low_balance: Rupiah,
    /// Which address is ours, and who says so.
    pub address: Option<AddressSettings>,
    /// For how many days orders are kept.
    pub keep_days: u32,
}

/// The address that the supplier knows us by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressSettings {
    /// The address.
    pub expected: String,
    /// A page that says from which address it was asked.
    pub echo_url: String,
}

impl Settings {
    /// What the environment says.
    ///
    /// # Errors
    /// When it says something that can't be.
    pub fn load(config: &Config) -> Result<Self, lambda_runtime::Error> {
        let address = config.topup_address().zip(config.topup_address_echo_url());
        Ok(Self {
            supplier: SupplierSettings::load(config)?,
            lanes: config.topup_lanes()?,
            low_balance: Rupiah::new(config.topup_low_balance()?),
            address: address.map(|(expected, echo_url)| AddressSettings { expected, echo_url }),
            keep_days: config.keep_topups_days()?,
        })
    }
}

/// What the function works with.
#[derive(Clone)]
pub struct Deps {
    /// Every client, for the meter.
    pub clients: Clients,
    /// Orders and books.
    pub topups: Topups,
    /// Settings that the function keeps.
    pub catalogue: Catalogue,
    /// Mails to the shop.
    pub outbox: Outbox,
    /// Who works which lane.
    pub leases: Leases,
    /// The supplier, if there is one.
    pub supplier: Option<Supplier>,
    /// How many lanes there are.
    pub lanes: u32,
    /// Below which balance people are told.
    pub low_balance: Rupiah,
    /// Which address is ours, and who says so.
    pub address: Option<AddressSettings>,
    /// Waiting before a store is tried again.
    pub waits: Arc<dyn Waits>,
    /// The clock, Unix milliseconds.
    pub now_ms: Clock,
    /// What is counted.
    pub metrics: Metrics,
}

impl Deps {
    /// What the environment names.
    ///
    /// # Errors
    /// When it says something that can't be.
    pub async fn load(config: &Config, metrics: Metrics) -> Result<Self, lambda_runtime::Error> {
        let settings = Settings::load(config)?;
        let deps = Self::new(&config.clients(), settings, metrics, lambda_edge::clock::now_ms);
        // No order has this id; what counts is that the connection is open.
        warm(deps.topups.get("-")).await;
        Ok(deps)
    }

    /// What the function works with, over clients made elsewhere.
    #[must_use]
    pub fn new(clients: &Clients, settings: Settings, metrics: Metrics, now_ms: Clock) -> Self {
        let supplier = settings.supplier;
        Self {
            clients: clients.clone(),
            topups: Topups::new(clients, settings.keep_days),
            catalogue: Catalogue::new(clients),
            outbox: Outbox::new(clients),
            leases: Leases::topups(clients),
            supplier: supplier.map(|supplier| Supplier::new(clients, supplier, now_ms)),
            lanes: settings.lanes,
            low_balance: settings.low_balance,
            address: settings.address,
            waits: Arc::new(RealWaits),
            now_ms,
            metrics,
        }
    }

    /// The clock.
    pub(crate) fn now(&self) -> i64 {
        (self.now_ms)()
    }

    /// The rules that steps go by.
    pub(crate) fn rules(&self) -> Rules {
        // Without a supplier nobody is asked.
        let check = self.supplier.as_ref().map_or(Check::Never, Supplier::check);
        Rules { check }
    }
}
