//! Secrets that are fetched once, kept for a while, and never trusted for too long.
//!
//! A value is fresh for [`ttl_ms`](SecretSettings::ttl_ms) and fetched again after that. When the source
//! fails then, the old value is served for at most [`grace_ms`](SecretSettings::grace_ms) more, with a
//! warning; after that there is an error and no value: it fails closed. A source that answers "no such
//! secret" is believed at once.
//!
//! Of several callers that want one name at a time, one fetches and the others wait for it. Every value
//! is registered with the [`Redactor`] before anybody sees it.

#[cfg(feature = "ssm")]
pub mod ssm;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::clock::{self, Clock};
use crate::redact::{Redactor, Secret};

/// Why a source gave no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is no such secret.
    #[error("there is no such secret")]
    Missing,
    /// The source could not be asked, or did not want to answer.
    #[error("the source of secrets is not available: {code}")]
    Unavailable {
        /// What it said, as a code and never as a text: texts may hold anything.
        code: String,
    },
}

/// Why there is no secret to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret {name}: {source}")]
pub struct SecretError {
    /// The secret's name.
    pub name: String,
    /// Why the source gave none.
    pub source: SourceError,
}

impl SecretError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.source {
            SourceError::Missing => "SECRET_MISSING",
            SourceError::Unavailable { .. } => "SECRET_UNAVAILABLE",
        }
    }

    fn new(name: &str, source: SourceError) -> Self {
        Self {
            name: name.to_owned(),
            source,
        }
    }
}

/// Where secrets come from. Implement it with plain `async fn`s.
pub trait SecretSource {
    /// Fetches one secret.
    fn fetch(&self, name: &str) -> impl Future<Output = Result<Secret<String>, SourceError>> + Send;

    /// Fetches several, in the order of their names. A source that can do so in fewer calls does it
    /// here.
    fn fetch_many(
        &self,
        names: &[&str],
    ) -> impl Future<Output = Result<Vec<Secret<String>>, SecretError>> + Send
    where
        Self: Sync,
    {
        async move {
            let mut values = Vec::with_capacity(names.len());
            for name in names {
                let value = self.fetch(name).await;
                values.push(value.map_err(|error| SecretError::new(name, error))?);
            }
            Ok(values)
        }
    }
}

/// Secrets given beforehand, for tests and for a machine of one's own.
#[derive(Clone, Debug, Default)]
pub struct Fixed(HashMap<String, Secret<String>>);

impl Fixed {
    /// These secrets and no others.
    pub fn of<N: Into<String>, V: Into<String>>(secrets: impl IntoIterator<Item = (N, V)>) -> Self {
        let secrets = secrets.into_iter();
        Self(
            secrets
                .map(|(name, value)| (name.into(), Secret::new(value.into())))
                .collect(),
        )
    }
}

impl SecretSource for Fixed {
    async fn fetch(&self, name: &str) -> Result<Secret<String>, SourceError> {
        self.0.get(name).cloned().ok_or(SourceError::Missing)
    }
}

/// How long secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretSettings {
    /// How long a value is used without asking again.
    pub ttl_ms: i64,
    /// How long after that it is still used while the source fails.
    pub grace_ms: i64,
    /// How long the source is left in peace after it failed.
    pub retry_pause_ms: i64,
    /// How long the source is left in peace after it was last asked, however often
    /// [`Secrets::refresh`] is called.
    pub refresh_pause_ms: i64,
}

impl Default for SecretSettings {
    /// Five minutes, and ten more; one second; ten seconds.
    fn default() -> Self {
        Self {
            ttl_ms: 300_000,
            grace_ms: 600_000,
            retry_pause_ms: 1_000,
            refresh_pause_ms: 10_000,
        }
    }
}

/// Cached secrets.
///
/// ```
/// use lambda_edge::secrets::{Fixed, Secrets};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let secrets = Secrets::new(Fixed::of([("/mail/key", "s3cr3t-k3y")]));
/// let key = secrets.get("/mail/key").await?;
/// assert_eq!(key.expose(), "s3cr3t-k3y");
/// assert_eq!(secrets.get("/other").await.unwrap_err().code(), "SECRET_MISSING");
/// # Ok::<(), lambda_edge::secrets::SecretError>(()) }).unwrap();
/// ```
#[derive(Debug)]
pub struct Secrets<S> {
    source: S,
    settings: SecretSettings,
    redactor: Redactor,
    now_ms: Clock,
    entries: Mutex<HashMap<String, Arc<AsyncMutex<Entry>>>>,
}

/// What is known of one secret.
#[derive(Debug, Default)]
struct Entry {
    value: Option<Arc<Secret<String>>>,
    fetched_ms: i64,
    /// When the source was last asked, and what it answered if it failed.
    asked_ms: Option<i64>,
    failure: Option<SourceError>,
}

impl<S: SecretSource + Sync> Secrets<S> {
    /// Secrets of a source, kept as long as the default settings say.
    pub fn new(source: S) -> Self {
        Self {
            source,
            settings: SecretSettings::default(),
            redactor: Redactor::process(),
            now_ms: clock::now_ms,
            entries: Mutex::default(),
        }
    }

    /// The same, kept for other times.
    #[must_use]
    pub fn with_settings(self, settings: SecretSettings) -> Self {
        Self { settings, ..self }
    }

    /// The same, registered with another redactor than the process's.
    #[must_use]
    pub fn with_redactor(self, redactor: Redactor) -> Self {
        Self { redactor, ..self }
    }

    /// The same, with another clock.
    #[must_use]
    pub fn with_clock(self, now_ms: Clock) -> Self {
        Self { now_ms, ..self }
    }

    /// A secret, from the cache if it is fresh.
    ///
    /// # Errors
    /// [`SecretError`] when there is no such secret, or the source fails and what is kept is too old.
    pub async fn get(&self, name: &str) -> Result<Arc<Secret<String>>, SecretError> {
        let entry = self.entry(name);
        let mut entry = entry.lock().await;
        let now_ms = (self.now_ms)();
        let age_ms = now_ms.saturating_sub(entry.fetched_ms);
        if let Some(value) = entry.value.as_ref().filter(|_| age_ms < self.settings.ttl_ms) {
            return Ok(Arc::clone(value));
        }
        let failed_lately =
            entry.failure.is_some() && asked_within(&entry, now_ms, self.settings.retry_pause_ms);
        if !failed_lately {
            self.ask(name, &mut entry).await;
        }
        self.usable(name, &entry)
    }

    /// A secret that the other side has just refused: maybe it was rotated. Asks the source, unless it
    /// was asked a moment ago; so this can be called on every refusal without hammering it. Handing back
    /// the same `Arc` as before ([`Arc::ptr_eq`]) means that nothing has changed.
    ///
    /// # Errors
    /// As [`Secrets::get`].
    pub async fn refresh(&self, name: &str) -> Result<Arc<Secret<String>>, SecretError> {
        let entry = self.entry(name);
        let mut entry = entry.lock().await;
        if !asked_within(&entry, (self.now_ms)(), self.settings.refresh_pause_ms) {
            self.ask(name, &mut entry).await;
        }
        self.usable(name, &entry)
    }

    /// Fetches secrets while the function starts, in as few calls as the source allows.
    ///
    /// # Errors
    /// [`SecretError`] when the source fails or lacks one of them.
    pub async fn prefetch(&self, names: &[&str]) -> Result<(), SecretError> {
        let mut values = self.source.fetch_many(names).await?.into_iter();
        for name in names {
            let value = values
                .next()
                .ok_or_else(|| SecretError::new(name, SourceError::Missing))?;
            self.take_over(&mut *self.entry(name).lock().await, value);
        }
        Ok(())
    }

    fn entry(&self, name: &str) -> Arc<AsyncMutex<Entry>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(name) {
            return Arc::clone(entry);
        }
        Arc::clone(entries.entry(name.to_owned()).or_default())
    }

    /// Asks the source and keeps what it says.
    async fn ask(&self, name: &str, entry: &mut Entry) {
        match self.source.fetch(name).await {
            Ok(value) => self.take_over(entry, value),
            Err(error) => {
                tracing::warn!(secret_name = name, error = %error, "a secret could not be fetched");
                if error == SourceError::Missing {
                    entry.value = None;
                }
                entry.asked_ms = Some((self.now_ms)());
                entry.failure = Some(error);
            }
        }
    }

    fn take_over(&self, entry: &mut Entry, value: Secret<String>) {
        self.redactor.register(value.expose());
        let now_ms = (self.now_ms)();
        entry.fetched_ms = now_ms;
        entry.asked_ms = Some(now_ms);
        entry.failure = None;
        let unchanged = entry
            .value
            .as_ref()
            .is_some_and(|old| old.expose() == value.expose());
        if !unchanged {
            entry.value = Some(Arc::new(value));
        }
    }

    /// The value, if it is not too old by now.
    fn usable(&self, name: &str, entry: &Entry) -> Result<Arc<Secret<String>>, SecretError> {
        let age_ms = (self.now_ms)().saturating_sub(entry.fetched_ms);
        let longest = self.settings.ttl_ms.saturating_add(self.settings.grace_ms);
        match &entry.value {
            Some(value) if age_ms < longest => Ok(Arc::clone(value)),
            _ => {
                let failure = entry.failure.clone();
                Err(SecretError::new(name, failure.unwrap_or(SourceError::Missing)))
            }
        }
    }
}

fn asked_within(entry: &Entry, now_ms: i64, pause_ms: i64) -> bool {
    entry
        .asked_ms
        .is_some_and(|asked_ms| now_ms.saturating_sub(asked_ms) < pause_ms)
}
