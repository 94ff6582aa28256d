//! Where tasks that take more than one run go on.

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, key, put_action, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BOOKMARK, BOOKMARK_AT};

/// The bookmarks in the operations table, one per task.
#[derive(Clone, Debug)]
pub struct Bookmarks {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Bookmarks {
    /// The bookmarks of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// Where a task goes on, strongly consistent; `None` when it was never begun.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn read(&self, task: &str) -> Result<Option<String>, StoreError> {
        // A query, because whoever writes audit records may make those here already.
        let query = self
            .dynamo
            .query(&self.table, &keys::bookmark(task))
            .consistent_read(true);
        let (items, _) = self.dynamo.page(query).await?;
        let at = items.first().map(|item| read_text(item, BOOKMARK_AT));
        Ok(at.transpose()?.map(str::to_owned))
    }

    /// Notes where a task goes on. Of two runs the later one counts: what lies before either place is done.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn put(&self, task: &str, at: &str) -> Result<(), StoreError> {
        let mut item = key(keys::bookmark(task), BOOKMARK);
        item.insert(BOOKMARK_AT.to_owned(), text(at));
        self.dynamo.put(&self.table, item, None).await
    }
    /// Moves a bookmark from a place to the next, with the audit record of what this completes: both or neither.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the bookmark lies somewhere else: of several runs, or of one that lost the
    /// answer, one has its record.
    pub async fn complete(
        &self,
        task: &str,
        (from, to): (&str, &str),
        action: Action<'_>,
        facts: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let changes = |_: &_| {
            let mut item = key(keys::bookmark(task), BOOKMARK);
            item.insert(BOOKMARK_AT.to_owned(), text(to));
            let there = Condition::that("#at = :from", [(":from", text(from))]);
            let there = there.naming("#at", BOOKMARK_AT);
            Ok(vec![put_action(&self.table, item, Some(there))?])
        };
        self.audit.commit(action, facts, changes).await.map(drop)
    }
}
