//! Where a ledger keeps its records.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Record, RecordId, Version};

/// Why a store did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It could not be asked, or refused. A write may have happened or not.
    #[error("the store failed: {operation}: {code}")]
    Unavailable {
        /// What was asked of it.
        operation: &'static str,
        /// What it said, as a code.
        code: String,
    },
    /// What it holds is no record.
    #[error("a stored record can't be read")]
    Damaged,
}

impl StoreError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "LEDGER_STORE_UNAVAILABLE",
            Self::Damaged => "LEDGER_STORE_DAMAGED",
        }
    }
}

/// A place that keeps records and can compare before it writes. Implement it with plain `async fn`s.
///
/// Each write either happens as a whole or not at all, and `false` means that it did not happen *this
/// time*: a store that repeats a call whose answer got lost may answer `false` for what it has done.
pub trait Store {
    /// The record under an id, as the last write left it.
    fn get(&self, id: &RecordId) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Writes a record where there is none, or where a finished one's time is over at `now_ms`.
    fn put_new(
        &self,
        id: &RecordId,
        record: &Record,
        now_ms: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Replaces the record, if it is at this version.
    fn put(
        &self,
        id: &RecordId,
        record: &Record,
        expected: &Version,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Removes the record, if it is at this version.
    fn delete(
        &self,
        id: &RecordId,
        expected: &Version,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// Records in memory, for tests. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<BTreeMap<RecordId, Record>>>);

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, BTreeMap<RecordId, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn get(&self, id: &RecordId) -> Result<Option<Record>, StoreError> {
        Ok(self.records().get(id).cloned())
    }

    async fn put_new(&self, id: &RecordId, record: &Record, now_ms: i64) -> Result<bool, StoreError> {
        let mut records = self.records();
        let over = |held: &Record| held.keep_until_ms().is_some_and(|until_ms| until_ms <= now_ms);
        let free = records.get(id).is_none_or(over);
        if free {
            records.insert(id.clone(), record.clone());
        }
        Ok(free)
    }

    async fn put(&self, id: &RecordId, record: &Record, expected: &Version) -> Result<bool, StoreError> {
        let mut records = self.records();
        let holds = records.get(id).is_some_and(|held| held.version == *expected);
        if holds {
            records.insert(id.clone(), record.clone());
        }
        Ok(holds)
    }

    async fn delete(&self, id: &RecordId, expected: &Version) -> Result<bool, StoreError> {
        let mut records = self.records();
        let holds = records.get(id).is_some_and(|held| held.version == *expected);
        if holds {
            records.remove(id);
        }
        Ok(holds)
    }
}
