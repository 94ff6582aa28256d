//! The settings of the functions: the only file that names variables of the environment.

use aws::{Clients, Names};
use lambda_edge::env::{Env, EnvError};
use lambda_edge::log::LogSettings;
use lambda_edge::metrics::MetricsError;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings};

/// The crates that log at the level asked for; everybody else's stay at warnings.
const OUR_CRATES: [&str; 10] = [
    "ingest_sales",
    "accept_exports",
    "serve_feedback",
    "score_feedback",
    "serve_dashboard",
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
/// The claim of a person's token that names their roles where nobody says: Cognito's.
const ROLES_CLAIM: &str = "cognito:groups";
/// The claim that names their outlets where nobody says: an attribute of the template's user pool.
const OUTLETS_CLAIM: &str = "custom:outlets";

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
            feedback: self.or("FEEDBACK_TABLE", ""),
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

    /// The issuer of people's tokens (OpenID Connect Core 1.0 §2 `iss`), exactly as it writes itself.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn oidc_issuer(&self) -> Result<String, EnvError> {
        self.env.required("OIDC_ISSUER")
    }

    /// What the issuer calls this back office.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn oidc_client_id(&self) -> Result<String, EnvError> {
        self.env.required("OIDC_CLIENT_ID")
    }

    /// The claim of a token that names the person's roles.
    #[must_use]
    pub fn oidc_roles_claim(&self) -> String {
        self.or("OIDC_ROLES_CLAIM", ROLES_CLAIM)
    }

    /// The claim of a token that names the person's outlets.
    #[must_use]
    pub fn oidc_outlets_claim(&self) -> String {
        self.or("OIDC_OUTLETS_CLAIM", OUTLETS_CLAIM)
    }

    /// Where people are sent when they log out, in place of what the issuer's own description says; `None`:
    /// where that says.
    #[must_use]
    pub fn oidc_logout_url(&self) -> Option<String> {
        self.env.optional("OIDC_LOGOUT_URL")
    }

    /// Whether a test run writes the functions' API descriptions instead of comparing them.
    #[must_use]
    pub fn updates_descriptions(&self) -> bool {
        self.env.optional("UPDATE_OPENAPI").is_some()
    }

    fn or(&self, name: &str, default: &str) -> String {
        self.env.optional(name).unwrap_or_else(|| default.to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Config {
        Config {
            env: Env::of(variables.iter().copied()),
        }
    }

    #[test]
    fn an_issuer_has_to_be_named_and_its_claims_have_defaults() {
        let bare = config(&[]);
        assert_eq!(
            bare.oidc_issuer().unwrap_err().to_string(),
            "OIDC_ISSUER is not set"
        );
        assert_eq!(
            bare.oidc_client_id().unwrap_err().to_string(),
            "OIDC_CLIENT_ID is not set"
        );
        assert_eq!(bare.oidc_roles_claim(), "cognito:groups");
        assert_eq!(bare.oidc_outlets_claim(), "custom:outlets");
        assert_eq!(bare.oidc_logout_url(), None);
        let named = config(&[
            ("OIDC_ISSUER", "https://id.example/"),
            ("OIDC_ROLES_CLAIM", "roles"),
            ("OIDC_OUTLETS_CLAIM", "outlets"),
            ("OIDC_LOGOUT_URL", "https://id.example/logout"),
        ]);
        // An issuer is compared as it is written: the slash at its end belongs to it.
        assert_eq!(named.oidc_issuer().unwrap(), "https://id.example/");
        assert_eq!(named.oidc_roles_claim(), "roles");
        assert_eq!(named.oidc_outlets_claim(), "outlets");
        assert_eq!(
            named.oidc_logout_url().as_deref(),
            Some("https://id.example/logout")
        );
    }

    #[test]
    fn tables_have_the_names_of_the_environment() {
        let names = config(&[("FEEDBACK_TABLE", "feedback-1"), ("SALES_TABLE", "sales-1")]).names();
        assert_eq!(
            (&*names.feedback, &*names.sales, &*names.customers),
            ("feedback-1", "sales-1", "")
        );
    }
}
