//! The settings of the functions: the only file that names variables of the environment.

use aws::{Clients, Names};
use lambda_edge::env::{Env, EnvError};
use lambda_edge::log::LogSettings;
use lambda_edge::metrics::MetricsError;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings};

/// The crates that log at the level asked for; everybody else's stay at warnings.
const OUR_CRATES: [&str; 7] = [
    "ingest_sales",
    "accept_exports",
    "send_mail",
    "sync_nightly",
    "edge",
    "aws",
    "domain",
];
/// Indonesia's: its phone numbers are masked in logs without a plus sign too.
const COUNTRY_CODE: &str = "62";
/// Where metrics go when nobody says: the one-machine run has no other use for the name.
const NAMESPACE: &str = "BackOffice";

/// What the template tells a function. Each function asks for what it needs, so that a missing value
/// shows when the function starts and not when it is used.
#[derive(Clone, Debug)]
pub struct Config {
    env: Env,
}

impl Config {
    /// The environment of this process.
    #[must_use]
    pub const fn from_environment() -> Self {
        Self { env: Env::process() }
    }

    /// Starts the log and the metrics of a function.
    ///
    /// # Errors
    /// When the namespace of the metrics is one that CloudWatch does not take.
    pub fn edge(&self, function: &str) -> Result<Edge, MetricsError> {
        Redactor::process().mask_country_code(COUNTRY_CODE);
        Edge::start(EdgeSettings {
            function,
            namespace: &self.or("METRICS_NAMESPACE", NAMESPACE),
            // None: CloudWatch bills every metric times every value of a dimension.
            dimensions: &[],
            log: LogSettings {
                level: &self.or("LOG_LEVEL", "info"),
                crates: &OUR_CRATES,
            },
        })
    }

    /// Physical names of tables and bucket; empty where the template gives this function none.
    #[must_use]
    pub fn names(&self) -> Names {
        Names {
            sales: self.or("SALES_TABLE", ""),
            customers: self.or("CUSTOMERS_TABLE", ""),
            operations: self.or("OPERATIONS_TABLE", ""),
            exports: self.or("EXPORTS_BUCKET", ""),
        }
    }

    /// SDK clients for [`Config::names`].
    pub async fn clients(&self) -> Clients {
        Clients::load(self.names()).await
    }

    /// Where the API is reached, without a slash at the end.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn public_url(&self) -> Result<String, EnvError> {
        let url = self.env.required("PUBLIC_URL")?;
        Ok(url.trim_end_matches('/').to_owned())
    }

    /// The admin's address, to which mails go.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn admin_email(&self) -> Result<String, EnvError> {
        self.env.required("ADMIN_EMAIL")
    }

    /// The address that mails come from.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn mail_from(&self) -> Result<String, EnvError> {
        self.env.required("MAIL_FROM")
    }

    fn or(&self, name: &str, default: &str) -> String {
        self.env.optional(name).unwrap_or_else(|| default.to_owned())
    }
}
