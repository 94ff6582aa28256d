//! What tokens say.

use serde_json::{Value, json};

use super::people::Person;
use super::{CLIENT_ID, OUTLETS_CLAIM, ROLES_CLAIM};

/// How long a token is good, in seconds.
pub(super) const LIFE_S: i64 = 3600;

/// One person's tokens.
pub(super) struct Token<'a> {
    /// This issuer.
    pub(super) issuer: &'a str,
    /// Where an access token is good.
    pub(super) audience: &'a str,
    /// Who has signed in.
    pub(super) person: &'a Person,
    /// Unix seconds.
    pub(super) now_s: i64,
}

impl Token<'_> {
    /// The ID token (OpenID Connect Core 1.0 §2): who has signed in.
    pub(super) fn identity(&self, nonce: Option<&str>) -> Value {
        let mut claims = self.common();
        claims["aud"] = json!(CLIENT_ID);
        claims["name"] = json!(self.person.name);
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        claims
    }

    /// The access token (RFC 9068 §2.2): what the API takes as a bearer.
    pub(super) fn access(&self) -> Value {
        let mut claims = self.common();
        claims["aud"] = json!(self.audience);
        claims["client_id"] = json!(CLIENT_ID);
        claims
    }

    /// What every token says, the outlets always among it: `*` for all.
    fn common(&self) -> Value {
        let outlets = match &self.person.outlets {
            Some(outlets) => json!(outlets),
            None => json!(["*"]),
        };
        json!({
            "iss": self.issuer,
            "sub": self.person.subject,
            "iat": self.now_s,
            "exp": self.now_s + LIFE_S,
            ROLES_CLAIM: self.person.roles,
            OUTLETS_CLAIM: outlets,
        })
    }
}
