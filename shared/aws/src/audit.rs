//! The audit trail, and changes that are made together with their record of it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::audit::{AuditRecord, chain_of};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, document, key, put_action, read_document, text};
use crate::error::StoreError;
use crate::keys::{self, KIND};

/// How often a record is tried again because another writer extended the chain first.
const APPEND_TRIES: u32 = 20;

/// The audit trail.
#[derive(Clone, Debug)]
pub struct AuditTrail {
    dynamo: Dynamo,
    table: String,
}

/// What an action was, for its audit record.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// A function's name, or `key:` and the id of an API key.
    pub actor: &'a str,
    /// What was done, such as `export.ingested`.
    pub action: &'a str,
    /// To what.
    pub subject: &'a str,
}

impl AuditTrail {
    /// The audit trail of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
        }
    }

    /// Records an action and makes its changes, all or nothing. `changes` is asked anew for every try.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a condition of the changes does not hold.
    pub(crate) async fn commit(
        &self,
        action: Action<'_>,
        facts: &serde_json::Value,
        mut changes: impl FnMut(&AuditRecord) -> Result<Vec<TransactWriteItem>, StoreError>,
    ) -> Result<AuditRecord, StoreError> {
        let chain = chain_of(action.subject);
        for _ in 0..APPEND_TRIES {
            let last = self.last(chain).await?;
            let who = (action.actor, action.action, action.subject);
            let record = AuditRecord::after(last.as_ref(), chain, action.at_ms, who, facts.to_string());
            let mut actions = changes(&record)?;
            let mut item = document(
                key(keys::audit(chain), keys::audit_number(record.number)),
                &record,
            )?;
            item.insert(KIND.to_owned(), text("audit"));
            actions.push(put_action(&self.table, item, Some(Condition::absent()))?);
            let own = actions.len().saturating_sub(1);
            match self.dynamo.transact_or_why(actions).await? {
                Ok(()) => return Ok(record),
                // The chain grew in between: its end has moved, the changes may still hold.
                Err(refused) if refused.iter().all(|at| *at == own) => {}
                Err(_) => return Err(StoreError::Conflict),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Records an action that changes nothing else in this store.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn record(
        &self,
        action: Action<'_>,
        facts: &serde_json::Value,
    ) -> Result<AuditRecord, StoreError> {
        self.commit(action, facts, |_| Ok(Vec::new())).await
    }

    /// The last record of a chain.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn last(&self, chain: u8) -> Result<Option<AuditRecord>, StoreError> {
        let query = self.dynamo.query(&self.table, &keys::audit(chain));
        let (items, _) = self
            .dynamo
            .page(query.scan_index_forward(false).limit(1).consistent_read(true))
            .await?;
        items.first().map(read_document).transpose()
    }

    /// Records of a chain: at most `limit`, newest first, before a number, or oldest first, after one.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn list(&self, chain: u8, from: Position, limit: i32) -> Result<Vec<AuditRecord>, StoreError> {
        let query = self.dynamo.query(&self.table, &keys::audit(chain)).limit(limit);
        let query = match from {
            Position::Before(number) => query
                .key_condition_expression("pk = :pk AND sk < :at")
                .expression_attribute_values(":at", text(keys::audit_number(number)))
                .scan_index_forward(false),
            Position::After(number) => query
                .key_condition_expression("pk = :pk AND sk > :at")
                .expression_attribute_values(":at", text(keys::audit_number(number)))
                .consistent_read(true),
        };
        let (items, _) = self.dynamo.page(query).await?;
        items.iter().map(read_document).collect()
    }
}

/// Where a listing begins.
#[derive(Clone, Copy, Debug)]
pub enum Position {
    /// Downwards from a number, itself not included.
    Before(u64),
    /// Upwards from a number, itself not included.
    After(u64),
}

impl Position {
    /// The newest records.
    pub const NEWEST: Self = Self::Before(999_999_999_999);
}
