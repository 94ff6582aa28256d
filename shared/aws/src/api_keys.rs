//! API keys.

use domain::api_key::ApiKey;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, document, key, put_action, read_document};
use crate::error::StoreError;
use crate::keys;

/// The stored API keys.
#[derive(Clone, Debug)]
pub struct ApiKeys {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl ApiKeys {
    /// The API keys of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// One key.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let item = self.dynamo.get(&self.table, key(keys::API_KEYS, id)).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// Every key, revoked ones included.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn all(&self) -> Result<Vec<ApiKey>, StoreError> {
        let items = self
            .dynamo
            .all(self.dynamo.query(&self.table, keys::API_KEYS))
            .await?;
        items.iter().map(read_document).collect()
    }

    /// Stores a new key, with its audit record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a key of that id is there.
    pub async fn create(&self, new: &ApiKey, actor: &str) -> Result<(), StoreError> {
        let action = Action {
            at_ms: new.created_ms,
            actor,
            action: "api_key.created",
            subject: &new.id,
        };
        let mut facts = json!({ "name": new.name, "scopes": new.scopes });
        if let Some(partner) = &new.partner {
            facts["partner"] = json!(partner);
        }
        let changes = |_: &_| {
            let item = document(key(keys::API_KEYS, &new.id), new)?;
            Ok(vec![put_action(&self.table, item, Some(Condition::absent()))?])
        };
        self.audit.commit(action, &facts, changes).await.map(drop)
    }

    /// Revokes a key, with its audit record. A revoked key stays revoked since the first time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such key.
    pub async fn revoke(&self, id: &str, now_ms: i64, actor: &str) -> Result<ApiKey, StoreError> {
        let known = self.get(id).await?.ok_or(StoreError::NotFound)?;
        if known.revoked_ms.is_some() {
            return Ok(known);
        }
        let revoked = ApiKey {
            revoked_ms: Some(now_ms),
            ..known
        };
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "api_key.revoked",
            subject: id,
        };
        let changes = |_: &_| {
            let item = document(key(keys::API_KEYS, id), &revoked)?;
            Ok(vec![put_action(
                &self.table,
                item,
                Some(Condition::that("attribute_exists(pk)", [])),
            )?])
        };
        self.audit.commit(action, &json!({}), changes).await?;
        Ok(revoked)
    }
}
