//! The only reader of the environment.

use aws::{Clients, Names};

/// A variable that a function needs and the environment lacks.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set")]
pub struct Missing(&'static str);

/// What the template tells a function. Each function asks for what it needs, so that a missing value
/// shows when the function starts and not when it is used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Config;

impl Config {
    /// The environment of this process.
    #[must_use]
    pub fn from_environment() -> Self {
        Self
    }

    /// Physical names of tables and bucket; empty where the template gives this function none.
    #[must_use]
    pub fn names(self) -> Names {
        Names {
            sales: optional("SALES_TABLE").unwrap_or_default(),
            customers: optional("CUSTOMERS_TABLE").unwrap_or_default(),
            operations: optional("OPERATIONS_TABLE").unwrap_or_default(),
            exports: optional("EXPORTS_BUCKET").unwrap_or_default(),
        }
    }

    /// SDK clients for [`Config::names`].
    pub async fn clients(self) -> Clients {
        Clients::load(self.names()).await
    }

    /// Where the API is reached, without a slash at the end.
    ///
    /// # Errors
    /// [`Missing`] when it is not set.
    pub fn public_url(self) -> Result<String, Missing> {
        Ok(required("PUBLIC_URL")?.trim_end_matches('/').to_owned())
    }

    /// The admin's address, to which mails go.
    ///
    /// # Errors
    /// [`Missing`] when it is not set.
    pub fn admin_email(self) -> Result<String, Missing> {
        required("ADMIN_EMAIL")
    }

    /// The address that mails come from.
    ///
    /// # Errors
    /// [`Missing`] when it is not set.
    pub fn mail_from(self) -> Result<String, Missing> {
        required("MAIL_FROM")
    }

    /// The least level of log lines to write, such as `info`.
    #[must_use]
    pub fn log_level(self) -> String {
        optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned())
    }
}

fn required(name: &'static str) -> Result<String, Missing> {
    optional(name).ok_or(Missing(name))
}

#[allow(clippy::disallowed_methods, reason = "the one reader of the environment")]
fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
