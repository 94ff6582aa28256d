//! Outlets as people describe them, or as exports first name them.

use std::collections::BTreeSet;

use domain::outlet::Outlet;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, document, key, put_action, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, DOC};

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

    /// The outlets of these ids that are known, in no order; a hundred to a request.
    ///
    /// # Errors
    /// As [`Outlets::get`].
    pub async fn many(&self, ids: &BTreeSet<&str>) -> Result<Vec<Outlet>, StoreError> {
        let wanted = ids.iter().map(|id| key(keys::OUTLETS, *id));
        let items = self.dynamo.get_many(&self.table, wanted.collect()).await?;
        items.iter().map(read_document).collect()
    }

    /// An outlet as an export names it: the one that is known, or from now on an undescribed one. One that is
    /// known without a name gets the first name that an export tells.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn get_or_register(
        &self,
        id: &str,
        name: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Outlet, StoreError> {
        if let Some(item) = self.dynamo.get(&self.table, key(keys::OUTLETS, id)).await? {
            let known: Outlet = read_document(&item)?;
            return match (&known.name, name) {
                (None, Some(name)) => self.named(known, read_text(&item, DOC)?, name).await,
                _ => Ok(known),
            };
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

    /// Gives a nameless outlet, stored as `was`, a name, unless somebody described it meanwhile.
    async fn named(&self, known: Outlet, was: &str, name: &str) -> Result<Outlet, StoreError> {
        let place = key(keys::OUTLETS, &known.id);
        let named = Outlet {
            name: Some(name.to_owned()),
            ..known
        };
        let as_it_was = Condition::that("doc = :was", [(":was", text(was))]);
        match self
            .dynamo
            .put(&self.table, document(place, &named)?, Some(as_it_was))
            .await
        {
            Ok(()) => Ok(named),
            Err(StoreError::Conflict) => self.get(&named.id).await?.ok_or(StoreError::Conflict),
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
            .expression_attribute_values(":after", text(after.unwrap_or(" ")))
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
