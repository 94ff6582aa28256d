//! The issuer: what it publishes about itself (OpenID Connect Discovery 1.0), its keys, and the
//! exchange of a code for a token. What is published is kept for an hour.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use serde::Deserialize;

use super::fetch::{Fetch, FetchError, endpoint};
use super::keys::{Key, KeySet, Keys};
use super::refusal::Refusal;
use super::settings::Settings;

/// How long a description or a key set is believed, in milliseconds.
const LIFE_MS: i64 = 3_600_000;
/// A key set is asked for again because of an unknown key at most this often, in milliseconds:
/// anybody can make up key ids.
const UNKNOWN_KEY_MS: i64 = 60_000;
/// How long an issuer that did not answer is left alone, in milliseconds.
const REST_MS: i64 = 5_000;

/// What the issuer says about itself.
#[derive(Debug, Deserialize)]
struct Published {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
}

/// The issuer's addresses, each one checked.
#[derive(Debug)]
pub(super) struct Description {
    /// Where people sign in.
    pub(super) authorization: Url,
    /// Where they sign out, if the issuer has such a place.
    pub(super) end_session: Option<Url>,
    token: Url,
    keys: Url,
}

/// Something read from the issuer, and when.
struct Read<T>(Arc<T>, i64);

impl<T> Read<T> {
    fn fresh(&self, now_ms: i64) -> Option<Arc<T>> {
        (now_ms.saturating_sub(self.1) < LIFE_MS).then(|| Arc::clone(&self.0))
    }
}

#[derive(Default)]
struct Known {
    description: Option<Read<Description>>,
    keys: Option<Read<Keys>>,
    /// When the issuer last failed to answer.
    failed_ms: Option<i64>,
}

/// One issuer, and what it has told.
pub(super) struct Issuer {
    id: String,
    client_id: String,
    fetch: Fetch,
    known: Mutex<Known>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Issuer {
    /// The issuer of the settings; nothing is asked yet.
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            id: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            fetch: Fetch::default(),
            known: Mutex::default(),
        }
    }

    /// The issuer's addresses.
    pub(super) async fn description(&self, now_ms: i64) -> Result<Arc<Description>, FetchError> {
        let known = self.known(|known| known.description.as_ref()?.fresh(now_ms));
        if let Some(description) = known {
            return Ok(description);
        }
        let description = Arc::new(self.rested(now_ms, self.read_description()).await?);
        self.known(|known| known.description = Some(Read(Arc::clone(&description), now_ms)));
        Ok(description)
    }

    /// The key of this id.
    pub(super) async fn key(&self, kid: Option<&str>, now_ms: i64) -> Result<Key, Refusal> {
        let fresh = self.known(|known| {
            let read = known.keys.as_ref()?;
            Some((read.fresh(now_ms)?, now_ms.saturating_sub(read.1)))
        });
        if let Some((keys, age_ms)) = fresh {
            match keys.find(kid) {
                Some(key) => return Ok(key.clone()),
                None if age_ms < UNKNOWN_KEY_MS => return Err(Refusal::KeyUnknown),
                None => {}
            }
        }
        let address = self.description(now_ms).await?.keys.clone();
        let set: KeySet = self.rested(now_ms, self.fetch.get(address, "a key set")).await?;
        let keys = Arc::new(Keys::new(set));
        self.known(|known| known.keys = Some(Read(Arc::clone(&keys), now_ms)));
        keys.find(kid).cloned().ok_or(Refusal::KeyUnknown)
    }

    /// The ID token for a code (RFC 6749 §4.1.3, RFC 7636 §4.5). A code is good once.
    pub(super) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
        now_ms: i64,
    ) -> Result<String, Refusal> {
        let address = self.description(now_ms).await?.token.clone();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("client_id", &self.client_id),
            ("code_verifier", verifier),
        ];
        match self.fetch.post::<Tokens>(address, &form, "an ID token").await {
            Ok(tokens) => Ok(tokens.id_token),
            // RFC 6749 §5.2: what is wrong is the code, not the issuer.
            Err(FetchError::Refused(400 | 401, code)) => Err(Refusal::IssuerRefused(code)),
            Err(error) => Err(error.into()),
        }
    }

    async fn read_description(&self) -> Result<Description, FetchError> {
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.id.trim_end_matches('/')
        );
        let published: Published = self
            .fetch
            .get(endpoint(&address, &self.id)?, "an issuer's description")
            .await?;
        if published.issuer != self.id {
            return Err(FetchError::Unreadable("of the issuer asked"));
        }
        let endpoint = |address: &str| endpoint(address, &self.id);
        Ok(Description {
            authorization: endpoint(&published.authorization_endpoint)?,
            end_session: published
                .end_session_endpoint
                .as_deref()
                .map(endpoint)
                .transpose()?,
            token: endpoint(&published.token_endpoint)?,
            keys: endpoint(&published.jwks_uri)?,
        })
    }

    /// Asks, unless the issuer has just failed to answer: each question may take seconds.
    async fn rested<T>(
        &self,
        now_ms: i64,
        question: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let failed_ms = self.known(|known| known.failed_ms);
        if failed_ms.is_some_and(|failed_ms| now_ms.saturating_sub(failed_ms) < REST_MS) {
            return Err(FetchError::Resting);
        }
        let answer = question.await;
        self.known(|known| known.failed_ms = answer.is_err().then_some(now_ms));
        answer
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
