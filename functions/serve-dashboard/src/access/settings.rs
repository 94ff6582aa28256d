//! Which issuer says who people are, and what its claims are called.

use edge::config::Config;
use lambda_edge::env::EnvError;

/// The issuer as the template names it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer, exactly as it stands in its tokens.
    pub issuer: String,
    /// What the issuer calls this dashboard. It is a public client: there is no secret.
    pub client_id: String,
    /// The claim with the person's roles.
    pub roles_claim: String,
    /// The claim with the person's outlets.
    pub outlets_claim: String,
    /// Where people are sent to sign out of the issuer too, as it is. None: the
    /// `end_session_endpoint` of the issuer's description. Cognito has one that takes other
    /// parameters than the standard's, so it has to be spelled out.
    pub logout_url: Option<String>,
    /// Where the dashboard is reached, without a slash at the end.
    pub public_url: String,
}

impl Settings {
    /// What the environment says.
    ///
    /// # Errors
    /// [`EnvError`] when the issuer, the client id or the public address is not set.
    pub fn from_config(config: &Config) -> Result<Self, EnvError> {
        Ok(Self {
            issuer: config.oidc_issuer()?,
            client_id: config.oidc_client_id()?,
            roles_claim: config.oidc_roles_claim(),
            outlets_claim: config.oidc_outlets_claim(),
            logout_url: config.oidc_logout_url(),
            public_url: config.public_url()?,
        })
    }

    /// An address of this dashboard.
    pub(super) fn own(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}
