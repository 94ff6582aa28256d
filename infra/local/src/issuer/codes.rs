//! Codes: good once, for a minute, for whoever knows the verifier.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use lambda_edge::clock::{NoRandomness, random};
use ring::digest;

use super::people::Person;

/// How long a code is good, in milliseconds.
const LIFE_MS: i64 = 60_000;
/// How many codes wait at most; the oldest go first.
const CODES_MAX: usize = 1000;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// Who has signed in.
    pub(super) person: Person,
    /// What the client wants to find in the token.
    pub(super) nonce: Option<String>,
    /// The hash of what the client has to show (RFC 7636).
    pub(super) challenge: String,
}

impl Grant {
    /// Whether this is what the challenge was made from (RFC 7636 §4.6).
    pub(super) fn is_proved_by(&self, verifier: &str) -> bool {
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        (43..=128).contains(&verifier.len()) && BASE64.encode(hash) == self.challenge
    }
}

/// The codes that wait. They are gone after a restart, as is the page that they were meant for.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<HashMap<String, (Grant, i64)>>);

impl Codes {
    /// A new code for a grant.
    ///
    /// # Errors
    /// There is no randomness.
    pub(super) fn give(&self, grant: Grant, now_ms: i64) -> Result<String, NoRandomness> {
        let code = BASE64.encode(random::<32>()?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, (_, given_ms)| now_ms - *given_ms < LIFE_MS);
        if codes.len() >= CODES_MAX
            && let Some(oldest) = codes.iter().min_by_key(|(_, (_, given_ms))| *given_ms)
        {
            let oldest = oldest.0.clone();
            codes.remove(&oldest);
        }
        codes.insert(code.clone(), (grant, now_ms));
        Ok(code)
    }

    /// What a code stands for. It is good for nothing afterwards.
    pub(super) fn take(&self, code: &str, now_ms: i64) -> Option<Grant> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (grant, given_ms) = codes.remove(code)?;
        (now_ms - given_ms < LIFE_MS).then_some(grant)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant {
            person: serde_json::from_str(r#"{"subject": "sari", "name": "Ibu Sari", "roles": ["viewer"]}"#)
                .unwrap(),
            nonce: None,
            // RFC 7636, appendix B.
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute() {
        let codes = Codes::default();
        let (first, second) = (codes.give(grant(), 0).unwrap(), codes.give(grant(), 0).unwrap());
        assert_ne!(first, second);
        assert!(codes.take(&first, LIFE_MS - 1).is_some());
        assert!(codes.take(&first, LIFE_MS - 1).is_none());
        assert!(codes.take(&second, LIFE_MS).is_none());
        assert!(codes.take("", 0).is_none());
    }

    #[test]
    fn waiting_codes_are_bounded() {
        let codes = Codes::default();
        let first = codes.give(grant(), 0).unwrap();
        for at_ms in 1..=1000 {
            codes.give(grant(), at_ms).unwrap();
        }
        assert_eq!(codes.0.lock().unwrap().len(), CODES_MAX);
        assert!(codes.take(&first, 1000).is_none());
    }

    #[test]
    fn only_the_verifier_of_the_challenge_proves() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(grant().is_proved_by(verifier));
        assert!(!grant().is_proved_by(""));
        assert!(!grant().is_proved_by(&verifier.replace('d', "e")));
        // The method `plain` is not taken.
        assert!(!grant().is_proved_by(&grant().challenge));
    }
}
