//! Outlets as people describe them, or as exports first name them.

use domain::outlet::Outlet;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, document, key, put_action, read_document};
use crate::error::StoreError;
use crate::keys;

/// The outlets.
#[derive(Clone, Debug)]
pub struct Outlets {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Outlets {
    /// The outlets of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// One outlet.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<Outlet>, StoreError> {
        let item = self.dynamo.get(&self.table, key(keys::OUTLETS, id)).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// An outlet as an export names it: the one that is known, or from now on an undescribed one.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn get_or_register(
        &self,
        id: &str,
        name: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Outlet, StoreError> {
        if let Some(known) = self.get(id).await? {
            return Ok(known);
        }
        let new = Outlet::undescribed(id, name, zone);
        match self
            .dynamo
            .put(
                &self.table,
                document(key(keys::OUTLETS, id), &new)?,
                Some(Condition::absent()),
            )
            .await
        {
            Ok(()) => Ok(new),
            Err(StoreError::Conflict) => self.get(id).await?.ok_or(StoreError::Conflict),
            Err(error) => Err(error),
        }
    }

    /// Outlets by id, after one, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn list(&self, after: Option<&str>, limit: i32) -> Result<Vec<Outlet>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, keys::OUTLETS)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":after", crate::dynamo::text(after.unwrap_or(" ")))
            .limit(limit);
        let (items, _) = self.dynamo.page(query).await?;
        items.iter().map(read_document).collect()
    }

    /// Describes an outlet, with its audit record.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn describe(&self, outlet: &Outlet, now_ms: i64, actor: &str) -> Result<(), StoreError> {
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "outlet.described",
            subject: &outlet.id,
        };
        let facts = json!({ "zone": outlet.zone, "cutoff_hour": outlet.cutoff_hour });
        let changes = |_: &_| {
            Ok(vec![put_action(
                &self.table,
                document(key(keys::OUTLETS, &outlet.id), outlet)?,
                None,
            )?])
        };
        self.audit.commit(action, &facts, changes).await.map(drop)
    }
}
