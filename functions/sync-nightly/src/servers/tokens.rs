//! The tokens for Moka, in the Parameter Store; who may renew them is a lease in the duties table.
//!
//! The store has no conditional writing. So the parameter that a person puts, `refresh-token`, is never written here:
//! what renewals bring is kept in parameters of its own, which say which token of a person it comes from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::leases::Leases;
use aws::parameters::{Parameter, Parameters};
use aws::{Clients, StoreError as Unread};
use data_encoding::HEXLOWER;
use lambda_edge::clock::{self, Clock};
use lambda_edge::redact::{Redactor, Secret};
use partners::http::Waits;
use partners::moka::{Held, RENEWAL_LEASE_MS, Renewed, StoreError, TokenStore, access_text};

const CLIENT_ID: &str = "client-id";
const CLIENT_SECRET: &str = "client-secret";
/// Put by a person.
const REFRESH_TOKEN: &str = "refresh-token";
/// The refresh token that came last of that one.
const RENEWED_TOKEN: &str = "renewed-token";
const ACCESS_TOKEN: &str = "access-token";
const NAMES: [&str; 5] = [
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    RENEWED_TOKEN,
    ACCESS_TOKEN,
];

/// What the lease is called.
const LEASE: &str = "moka";
/// How often the lease is asked for, and how long to wait in between: together longer than [`RENEWAL_LEASE_MS`].
const LOOKS: u32 = 100;
const LOOK_PAUSE: Duration = Duration::from_secs(2);
const LOOK_PAUSE_MS: i64 = 2_000;

/// The tokens for Moka.
pub(crate) struct Tokens {
    parameters: Parameters,
    leases: Leases,
    /// What the parameters' names begin with.
    path: String,
    /// What this process is called where it holds the lease, since it last asked for it.
    holder: Mutex<Option<String>>,
    waits: Arc<dyn Waits>,
    now_ms: Clock,
}

impl Tokens {
    /// The tokens under a path, in the stores of these clients.
    pub(super) fn new(clients: &Clients, path: &str, waits: Arc<dyn Waits>, now_ms: Clock) -> Self {
        Self {
            parameters: Parameters::new(clients),
            leases: Leases::new(clients),
            path: path.to_owned(),
            holder: Mutex::default(),
            waits,
            now_ms,
        }
    }

    fn name(&self, of: &str) -> String {
        format!("{}/{of}", self.path)
    }

    /// A name that no other process has.
    fn holder(&self) -> Result<String, StoreError> {
        let mut holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = &*holder {
            return Ok(holder.clone());
        }
        let random = clock::random::<16>().map_err(|_| StoreError::Unavailable("NoRandomness".to_owned()))?;
        Ok(holder.insert(HEXLOWER.encode(&random)).clone())
    }

    async fn put(&self, of: &str, value: &str) -> Result<(), StoreError> {
        let put = self.parameters.put(&self.name(of), value).await;
        put.map(drop).map_err(unavailable)
    }
}

impl TokenStore for Tokens {
    async fn lock(&self, until_ms: i64) -> Result<(), StoreError> {
        let holder = self.holder()?;
        for _ in 0..LOOKS {
            let now_ms = (self.now_ms)();
            let taken = self.leases.take(LEASE, &holder, now_ms, RENEWAL_LEASE_MS).await;
            if taken.map_err(unavailable)? {
                return Ok(());
            }
            if now_ms.saturating_add(LOOK_PAUSE_MS) > until_ms {
                break;
            }
            self.waits.wait(LOOK_PAUSE).await;
        }
        Err(StoreError::Busy)
    }

    async fn read(&self) -> Result<Held, StoreError> {
        let names = NAMES.map(|of| self.name(of));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut found = self.parameters.get_many(&names).await.map_err(unavailable)?;
        let mut take = |of: &'static str| take(&mut found, &self.name(of)).ok_or(StoreError::Missing(of));
        let application = (take(CLIENT_ID)?, take(CLIENT_SECRET)?);
        let put_by_hand = take(REFRESH_TOKEN)?;
        let (renewed, access) = (take(RENEWED_TOKEN).ok(), take(ACCESS_TOKEN).ok());
        let [renewed, access] =
            [&renewed, &access].map(|kept| kept.as_ref().map(|text| text.expose().as_str()));
        Ok(Held::read(application, put_by_hand, renewed, access))
    }

    async fn keep(&self, renewed: &Renewed) -> Result<(), StoreError> {
        let tokens = [Some(&renewed.access.token), renewed.refresh_token.as_ref()];
        for token in tokens.into_iter().flatten() {
            Redactor::process().register(token.expose());
        }
        if let Some(refresh) = renewed.refresh_text() {
            self.put(RENEWED_TOKEN, refresh.expose()).await?;
        }
        let access = access_text(&renewed.origin, &renewed.access);
        if let Err(error) = self.put(ACCESS_TOKEN, access.expose()).await {
            // Whoever comes next renews once more, with the refresh token that is kept.
            tracing::warn!(error = %error, "moka.access_token_not_kept");
        }
        Ok(())
    }

    async fn unlock(&self) {
        let Ok(holder) = self.holder() else { return };
        if let Err(error) = self.leases.give_back(LEASE, &holder).await {
            tracing::warn!(error = %error, "moka.lease_not_given_back");
        }
    }

    fn forget(&self) {
        // Under another name this process has to wait for it like all others.
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The value of a parameter, from now on hidden in every line that is written.
fn take(found: &mut HashMap<String, Parameter>, name: &str) -> Option<Secret<String>> {
    let value = found.remove(name)?.into_inner();
    let secret = value.trim();
    // What a kept token's parameter says before the token is no secret, and is in no line.
    Redactor::process().register(secret.rsplit(' ').next().unwrap_or(secret));
    Some(Secret::new(secret.to_owned()))
}

/// A code for why a store did not do it: texts may hold anything.
fn unavailable(error: Unread) -> StoreError {
    StoreError::Unavailable(match error {
        Unread::Unavailable { code, .. } => code,
        Unread::Throttled => "Throttled".to_owned(),
        Unread::Conflict => "Conflict".to_owned(),
        Unread::NotFound => "NotFound".to_owned(),
        Unread::TooLarge(_) => "TooLarge".to_owned(),
        Unread::Damaged(_) => "Damaged".to_owned(),
    })
}
