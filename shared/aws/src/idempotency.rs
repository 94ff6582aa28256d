//! Idempotency records: which answer a caller's key already has.

use serde::{Deserialize, Serialize};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, document, key, number, read_document};
use crate::error::StoreError;
use crate::keys::{self, EXPIRES_AT};

/// What a caller's key stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyRecord {
    /// A hash of the request's content: the same key with other content is a mistake.
    pub fingerprint: String,
    /// The id of what the first request made.
    pub outcome: String,
    /// Unix milliseconds after which the key means nothing any more. The table forgets records late,
    /// so readers compare too.
    pub expires_ms: i64,
}

/// The idempotency records.
#[derive(Clone, Debug)]
pub struct IdempotencyRecords {
    dynamo: Dynamo,
    table: String,
}

impl IdempotencyRecords {
    /// The records of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
        }
    }

    /// Claims a key for a request. Answers the record that holds: this one, or the earlier one that
    /// has not expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn claim(
        &self,
        scope: &str,
        caller_key: &str,
        record: IdempotencyRecord,
        now_ms: i64,
    ) -> Result<IdempotencyRecord, StoreError> {
        let mut item = document(key(keys::idempotency(scope), caller_key), &record)?;
        item.insert(EXPIRES_AT.to_owned(), number(record.expires_ms / 1000));
        let free = Condition::that(
            "attribute_not_exists(pk) OR expires_at < :now",
            [(":now", number(now_ms / 1000))],
        );
        match self.dynamo.put(&self.table, item, Some(free)).await {
            Ok(()) => Ok(record),
            Err(StoreError::Conflict) => {
                let held = self
                    .dynamo
                    .get(&self.table, key(keys::idempotency(scope), caller_key))
                    .await?;
                read_document(&held.ok_or(StoreError::Conflict)?)
            }
            Err(error) => Err(error),
        }
    }
}
