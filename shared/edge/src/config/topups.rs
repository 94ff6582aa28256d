//! The settings of top-ups.

use lambda_edge::env::EnvError;

use super::Config;

/// How requests to the supplier are signed where nobody says: not at all.
const SIGN: &str = "none";
const BALANCE_SIGN: &str = "check-balance";
/// How the supplier is asked about an order where nobody says: with the request it was sent.
const CHECK: &str = "resend";
/// Rupiah on deposit below which people are told, where nobody says.
const LOW_BALANCE: i64 = 500_000;
/// For how many days orders are kept where nobody says.
const KEEP_TOPUPS_DAYS: u32 = 400;
/// The fewest that a setting may say: a partner's key for a repeated request holds for as long.
const KEEP_TOPUPS_DAYS_AT_LEAST: u32 = 90;

impl Config {
    /// The supplier's server, without a slash at the end; `None` where the shop sells no top-ups.
    #[must_use]
    pub fn topup_url(&self) -> Option<String> {
        self.url("TOPUP_URL")
    }

    /// What the names of the parameters with the secrets of top-ups begin with, without a slash at the end.
    ///
    /// # Errors
    /// [`EnvError`] when it is not set.
    pub fn topup_parameters(&self) -> Result<String, EnvError> {
        let path = self.env.required("TOPUP_PARAMETERS")?;
        Ok(path.trim_end_matches('/').to_owned())
    }

    /// How requests to the supplier are signed: `none`, `url-safe`, `standard`, `hex` or `upper`.
    #[must_use]
    pub fn topup_sign(&self) -> String {
        self.or("TOPUP_SIGN", SIGN)
    }

    /// Which text is signed for the question about the deposit: `check-balance` or `empty-order`.
    #[must_use]
    pub fn topup_balance_sign(&self) -> String {
        self.or("TOPUP_BALANCE_SIGN", BALANCE_SIGN)
    }

    /// How the supplier may be asked about an order: `resend`, `flag` or `never`.
    #[must_use]
    pub fn topup_check(&self) -> String {
        self.or("TOPUP_CHECK", CHECK)
    }

    /// How many requests to the supplier may be under way at a time.
    ///
    /// # Errors
    /// [`EnvError`] when it is no whole number, or none at all.
    pub fn topup_lanes(&self) -> Result<u32, EnvError> {
        self.at_least("TOPUP_LANES", "a whole number from 1", 1, 1)
    }

    /// Rupiah on deposit with the supplier below which people are told.
    ///
    /// # Errors
    /// [`EnvError`] when it is no whole number.
    pub fn topup_low_balance(&self) -> Result<i64, EnvError> {
        self.env
            .parse_or("TOPUP_LOW_BALANCE", "a whole number of rupiah", LOW_BALANCE)
    }

    /// The proxy through which the supplier is reached; `None`: directly.
    #[must_use]
    pub fn topup_proxy_url(&self) -> Option<String> {
        self.url("TOPUP_PROXY_URL")
    }

    /// The address that the supplier knows this shop by; `None`: nobody looks.
    #[must_use]
    pub fn topup_address(&self) -> Option<String> {
        self.env.optional("TOPUP_ADDRESS")
    }

    /// A page that answers with the address it was asked from; `None`: nobody looks.
    #[must_use]
    pub fn topup_address_echo_url(&self) -> Option<String> {
        self.env.optional("TOPUP_ADDRESS_ECHO_URL")
    }

    /// The address that the supplier knows this shop by, where somebody looks: without a page to look at nobody does.
    #[must_use]
    pub fn topup_address_looked_at(&self) -> Option<String> {
        self.topup_address()
            .filter(|_| self.topup_address_echo_url().is_some())
    }

    /// The addresses that the supplier's reports come from, as far as anybody knows.
    #[must_use]
    pub fn topup_report_sources(&self) -> Vec<String> {
        let sources = self.or("TOPUP_REPORT_SOURCES", "");
        let sources = sources.split(',').map(str::trim);
        sources
            .filter(|source| !source.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Whether a report from another address is passed over; otherwise that is only logged.
    ///
    /// # Errors
    /// [`EnvError`] when it is neither `true` nor `false`.
    pub fn topup_report_sources_enforced(&self) -> Result<bool, EnvError> {
        self.yes_or_no("TOPUP_REPORT_SOURCES_ENFORCED")
    }

    /// Whether a partner's webhook may go to this machine: on one machine alone.
    ///
    /// # Errors
    /// [`EnvError`] when it is neither `true` nor `false`.
    pub fn topup_webhooks_local(&self) -> Result<bool, EnvError> {
        self.yes_or_no("TOPUP_WEBHOOKS_LOCAL")
    }

    /// For how many days orders are kept.
    ///
    /// # Errors
    /// [`EnvError`] when it is no whole number, or fewer than a partner may repeat a request for.
    pub fn keep_topups_days(&self) -> Result<u32, EnvError> {
        self.at_least(
            "KEEP_TOPUPS_DAYS",
            "a whole number of days from 90",
            KEEP_TOPUPS_DAYS_AT_LEAST,
            KEEP_TOPUPS_DAYS,
        )
    }

    fn at_least(
        &self,
        name: &str,
        expected: &'static str,
        least: u32,
        default: u32,
    ) -> Result<u32, EnvError> {
        let number = self.env.parse_or(name, expected, default)?;
        if number < least {
            return Err(EnvError::Unreadable {
                name: name.to_owned(),
                expected,
            });
        }
        Ok(number)
    }

    fn yes_or_no(&self, name: &str) -> Result<bool, EnvError> {
        self.env.parse_or(name, "true or false", false)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use lambda_edge::env::Env;

    use super::*;

    fn config(variables: &[(&str, &str)]) -> Config {
        Config {
            env: Env::of(variables.iter().copied()),
        }
    }

    #[test]
    fn a_shop_without_a_supplier_needs_no_settings_for_one() {
        let bare = config(&[("TOPUP_URL", ""), ("TOPUP_PROXY_URL", "")]);
        assert_eq!(
            (
                bare.topup_url(),
                bare.topup_proxy_url(),
                bare.topup_address(),
                bare.topup_address_echo_url()
            ),
            (None, None, None, None)
        );
        assert_eq!((&*bare.topup_sign(), &*bare.topup_check()), ("none", "resend"));
        assert_eq!(bare.topup_balance_sign(), "check-balance");
        assert_eq!(
            (bare.topup_lanes(), bare.topup_low_balance()),
            (Ok(1), Ok(500_000))
        );
        assert_eq!(bare.topup_report_sources(), Vec::<String>::new());
        assert_eq!(bare.topup_report_sources_enforced(), Ok(false));
        assert_eq!(bare.topup_webhooks_local(), Ok(false));
        assert_eq!(
            bare.topup_parameters().unwrap_err().to_string(),
            "TOPUP_PARAMETERS is not set"
        );
    }

    #[test]
    fn a_supplier_is_described_by_its_settings() {
        let set = config(&[
            ("TOPUP_URL", "http://192.0.2.7:9998/"),
            ("TOPUP_PARAMETERS", "/shop/topups/"),
            ("TOPUP_SIGN", "url-safe"),
            ("TOPUP_CHECK", "never"),
            ("TOPUP_LANES", "3"),
            ("TOPUP_LOW_BALANCE", "2000000"),
            ("TOPUP_REPORT_SOURCES", "192.0.2.7, 192.0.2.8,"),
            ("TOPUP_REPORT_SOURCES_ENFORCED", "true"),
        ]);
        assert_eq!(set.topup_url().as_deref(), Some("http://192.0.2.7:9998"));
        assert_eq!(set.topup_parameters().unwrap(), "/shop/topups");
        assert_eq!((&*set.topup_sign(), &*set.topup_check()), ("url-safe", "never"));
        assert_eq!(
            (set.topup_lanes(), set.topup_low_balance()),
            (Ok(3), Ok(2_000_000))
        );
        assert_eq!(set.topup_report_sources(), ["192.0.2.7", "192.0.2.8"]);
        assert_eq!(set.topup_report_sources_enforced(), Ok(true));
    }

    #[test]
    fn no_lane_and_too_few_days_are_mistakes() {
        let set = config(&[("TOPUP_LANES", "0"), ("KEEP_TOPUPS_DAYS", "30")]);
        assert_eq!(
            set.topup_lanes().unwrap_err().to_string(),
            "TOPUP_LANES is not a whole number from 1"
        );
        assert_eq!(
            set.keep_topups_days().unwrap_err().to_string(),
            "KEEP_TOPUPS_DAYS is not a whole number of days from 90"
        );
        assert_eq!(config(&[]).keep_topups_days(), Ok(400));
    }
}
