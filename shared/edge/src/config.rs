//! The settings of the functions: the only file that names variables of the environment, but for those of AWS itself,
//! which `aws::Clients` knows.

use aws::{Clients, Names};
use lambda_edge::env::{Env, EnvError};
use lambda_edge::log::LogSettings;
use lambda_edge::metrics::MetricsError;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings};

mod topups;

/// The crates that log at the level asked for; everybody else's stay at warnings.
const OUR_CRATES: [&str; 15] = [
    "ingest_sales",
    "accept_exports",
    "serve_feedback",
    "score_feedback",
    "serve_dashboard",
    "send_mail",
    "sync_nightly",
    "honour_rights",
    "serve_topups",
    "send_topups",
    "tell_partners",
    "edge",
    "partners",
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

/// For how many days words and profiles are kept where nobody says: two years.
const KEEP_DAYS: u32 = 730;
/// The zone that the schedules go by where nobody says.
const TIMEZONE: &str = "Asia/Jakarta";

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
            duties: self.or("DUTIES_TABLE", ""),
            topups: self.or("TOPUPS_TABLE", ""),
            exports: self.or("EXPORTS_BUCKET", ""),
        }
    }

    /// SDK clients for [`Config::names`].
    #[must_use]
    pub fn clients(&self) -> Clients {
        self.clients_for(self.names())
    }

    /// SDK clients for other names.
    #[must_use]
    pub fn clients_for(&self, names: Names) -> Clients {
        let env = self.env.clone();
        Clients::load(names, move |name| env.optional(name))
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

    /// The server from which the night fetches files, without a slash at the end; `None` where there is none.
    #[must_use]
    pub fn central_url(&self) -> Option<String> {
        self.url("CENTRAL_URL")
    }

    /// The name of the parameter that holds the token for that server.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn central_token_parameter(&self) -> Result<String, EnvError> {
        self.env.required("CENTRAL_TOKEN_PARAMETER")
    }

    /// The Moka API, without a slash at the end; `None` where the shop has none.
    #[must_use]
    pub fn moka_url(&self) -> Option<String> {
        self.url("MOKA_URL")
    }

    /// What the names of the parameters with the secrets for Moka begin with, without a slash at the end.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn moka_parameters(&self) -> Result<String, EnvError> {
        let path = self.env.required("MOKA_PARAMETERS")?;
        Ok(path.trim_end_matches('/').to_owned())
    }

    /// For how many days what guests and the shop wrote about a visit is kept.
    ///
    /// # Errors
    /// [`EnvError`] when it is no whole number.
    pub fn keep_words_days(&self) -> Result<u32, EnvError> {
        self.days("KEEP_WORDS_DAYS")
    }

    /// For how many days after their last visit it is kept who somebody is.
    ///
    /// # Errors
    /// [`EnvError`] when it is no whole number.
    pub fn keep_profiles_days(&self) -> Result<u32, EnvError> {
        self.days("KEEP_PROFILES_DAYS")
    }

    /// The zone that the schedules go by.
    #[must_use]
    pub fn time_zone(&self) -> String {
        self.or("TIMEZONE", TIMEZONE)
    }

    /// Whether a test run writes the functions' API descriptions instead of comparing them.
    #[must_use]
    pub fn updates_descriptions(&self) -> bool {
        self.env.optional("UPDATE_OPENAPI").is_some()
    }

    fn url(&self, name: &str) -> Option<String> {
        let url = self.env.optional(name)?;
        Some(url.trim_end_matches('/').to_owned())
    }

    fn days(&self, name: &str) -> Result<u32, EnvError> {
        if self.env.optional(name).is_none() {
            return Ok(KEEP_DAYS);
        }
        self.env.parse(name, "a whole number of days")
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
    fn a_shop_without_other_servers_needs_no_settings_for_them() {
        let bare = config(&[("CENTRAL_URL", "")]);
        assert_eq!((bare.central_url(), bare.moka_url()), (None, None));
        assert_eq!(
            bare.central_token_parameter().unwrap_err().to_string(),
            "CENTRAL_TOKEN_PARAMETER is not set"
        );
        let named = config(&[
            ("CENTRAL_URL", "https://files.example/"),
            ("MOKA_URL", "https://api.example"),
            ("MOKA_PARAMETERS", "/shop/moka/"),
        ]);
        assert_eq!(named.central_url().as_deref(), Some("https://files.example"));
        assert_eq!(named.moka_url().as_deref(), Some("https://api.example"));
        assert_eq!(named.moka_parameters().unwrap(), "/shop/moka");
    }

    #[test]
    fn what_is_kept_is_kept_for_two_years_unless_a_number_says_otherwise() {
        let set = config(&[("KEEP_WORDS_DAYS", "90"), ("KEEP_PROFILES_DAYS", "soon")]);
        assert_eq!(config(&[]).keep_words_days(), Ok(730));
        assert_eq!(set.keep_words_days(), Ok(90));
        assert_eq!(
            set.keep_profiles_days().unwrap_err().to_string(),
            "KEEP_PROFILES_DAYS is not a whole number of days"
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
