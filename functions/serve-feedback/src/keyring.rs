//! The keys of guest links as this process has them, so that a warm process opens a link without a call.

use std::sync::{Arc, Mutex, PoisonError};

use domain::guest_link::{LinkKeys, Opened};
use edge::auth::AuthSource;
use edge::problem::{LINK_FORGED, Problem};

use crate::Deps;

/// How long the keys are taken as read, in milliseconds. A key that another process has made since
/// then opens its links all the same: see [`Deps::open`].
const KEYS_LIFE_MS: i64 = 300_000;
/// How long a link that no key opens is taken as forged without looking for newer keys, in
/// milliseconds: guessing at links costs a read every ten seconds and no more.
const KEYS_FRESH_MS: i64 = 10_000;

/// The keys and when they were read.
#[derive(Default)]
pub(crate) struct KeyRing(Mutex<Option<(Arc<LinkKeys>, i64)>>);

impl KeyRing {
    /// The keys, if they were read less than `life_ms` ago.
    fn get(&self, now_ms: i64, life_ms: i64) -> Option<Arc<LinkKeys>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, read_ms) = held.as_ref()?;
        (now_ms.saturating_sub(*read_ms) < life_ms).then(|| Arc::clone(keys))
    }

    fn remember(&self, keys: &Arc<LinkKeys>, now_ms: i64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((Arc::clone(keys), now_ms));
    }

    /// Forgets the keys, so that a new one seals at once in this process.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Deps {
    /// The keys of guest links.
    pub(crate) async fn link_keys(&self) -> Result<Arc<LinkKeys>, Problem> {
        self.keys_read_within(KEYS_LIFE_MS).await
    }

    /// Opens a link. Whatever is wrong with one that does not open, the answer is the same.
    pub(crate) async fn open(&self, token: &str) -> Result<Opened, Problem> {
        let keys = self.link_keys().await?;
        if let Ok(opened) = keys.open(token) {
            return Ok(opened);
        }
        let keys = self.keys_read_within(KEYS_FRESH_MS).await?;
        keys.open(token).map_err(|_| Problem::new(&LINK_FORGED))
    }

    async fn keys_read_within(&self, life_ms: i64) -> Result<Arc<LinkKeys>, Problem> {
        let now_ms = self.now_ms();
        if let Some(known) = self.key_ring.get(now_ms, life_ms) {
            return Ok(known);
        }
        let keys = self.link_keys.load(now_ms, fresh_key()?).await?;
        let keys = Arc::new(keys);
        self.key_ring.remember(&keys, now_ms);
        Ok(keys)
    }
}

/// Random bytes for a key.
///
/// # Errors
/// When the machine has no randomness to give.
pub(crate) fn fresh_key() -> Result<[u8; 32], Problem> {
    lambda_edge::clock::random::<32>().map_err(|error| Problem::internal(error.to_string()))
}
