//! API keys seen lately, so that a warm process checks one without a call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::api_key::ApiKey;

/// How long a key is remembered, in milliseconds: a revoked key may work that much longer in a
/// process that has just seen it.
const KEY_LIFE_MS: i64 = 30_000;
/// How many keys are remembered.
const KEYS_MAX: usize = 1000;

/// Keys seen lately and when they were read. Unknown ids are not remembered: a new key works at once.
#[derive(Default)]
pub struct KeyCache(Mutex<HashMap<String, (Arc<ApiKey>, i64)>>);

impl KeyCache {
    pub(super) fn get(&self, id: &str, now_ms: i64) -> Option<Arc<ApiKey>> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, read_ms) = keys.get(id)?;
        (now_ms.saturating_sub(*read_ms) < KEY_LIFE_MS).then(|| Arc::clone(key))
    }

    pub(super) fn remember(&self, key: Arc<ApiKey>, now_ms: i64) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(key.id.clone(), (key, now_ms));
    }

    /// Forgets a key, so that its revocation holds at once in this process.
    pub fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("KeyCache").finish_non_exhaustive()
    }
}
