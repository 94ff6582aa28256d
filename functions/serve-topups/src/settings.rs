//! How this function is set up.

use std::net::IpAddr;
use std::time::Duration;

use domain::topup::step::Check;
use edge::config::Config;
use lambda_edge::env::EnvError;
use lambda_edge::secrets::SecretSettings;

/// For how many days orders are kept where nobody says, as `edge::config` has it.
const KEEP_DAYS: u32 = 400;

/// How long an answer waits for an order to end.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often the order is looked at.
    pub looks: u32,
    /// The pause before each look.
    pub pause: Duration,
}

impl Default for Patience {
    /// Five seconds: most orders that end at once have ended by then, and API Gateway waits for thirty.
    fn default() -> Self {
        Self {
            looks: 20,
            pause: Duration::from_millis(250),
        }
    }
}

/// What the template says of top-ups.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether there is a supplier at all.
    pub is_on: bool,
    /// What the names of the parameters with secrets begin with; `None` where there are none.
    pub parameters: Option<String>,
    /// How the supplier may be asked about an order.
    pub check: Check,
    /// The address that the supplier knows; `None` where nobody looks.
    pub address: Option<String>,
    /// The addresses that reports come from; none: nobody looks.
    pub report_sources: Vec<IpAddr>,
    /// Whether a report from another address is passed over.
    pub report_sources_enforced: bool,
    /// Whether a webhook may go to this machine.
    pub webhooks_local: bool,
    /// For how many days orders are kept.
    pub keep_days: u32,
    /// How long an answer waits for an order to end.
    pub patience: Patience,
    /// How long secrets are remembered.
    pub secrets: SecretSettings,
}

impl Default for Settings {
    /// No supplier.
    fn default() -> Self {
        Self {
            is_on: false,
            parameters: None,
            check: Check::Never,
            address: None,
            report_sources: Vec::new(),
            report_sources_enforced: false,
            webhooks_local: false,
            keep_days: KEEP_DAYS,
            patience: Patience::default(),
            secrets: SecretSettings::default(),
        }
    }
}

impl Settings {
    /// The settings of the configuration.
    ///
    /// # Errors
    /// [`EnvError`] when one can't be read, or there is a supplier and no place for its secrets.
    pub fn from_config(config: &Config) -> Result<Self, EnvError> {
        let unreadable = |name: &str, expected| EnvError::Unreadable {
            name: name.to_owned(),
            expected,
        };
        let is_on = config.topup_url().is_some();
        let parameters = match config.topup_parameters() {
            Ok(parameters) => Some(parameters),
            Err(error) if is_on => return Err(error),
            Err(_) => None,
        };
        let check = config.topup_check().parse();
        let sources = config.topup_report_sources();
        let sources: Result<Vec<IpAddr>, _> = sources.iter().map(|source| source.parse()).collect();
        Ok(Self {
            is_on,
            parameters,
            check: check.map_err(|_| unreadable("TOPUP_CHECK", "resend, flag or never"))?,
            address: config.topup_address_looked_at(),
            report_sources: sources
                .map_err(|_| unreadable("TOPUP_REPORT_SOURCES", "addresses with commas between them"))?,
            report_sources_enforced: config.topup_report_sources_enforced()?,
            webhooks_local: config.topup_webhooks_local()?,
            keep_days: config.keep_topups_days()?,
            ..Self::default()
        })
    }
}
