//! What can be bought, who may buy it, and the settings of top-ups: everything that people change, each with its
//! audit record.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::topup::partner::Partner;
use domain::topup::product::Product;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::next_action;
use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Dynamo, Item, delete_action, key, put_action, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::topups as keys;
use crate::keys::{DOC, KIND};

/// The products, the partners and the settings in the table of top-ups.
#[derive(Clone, Debug)]
pub struct Catalogue {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Catalogue {
    /// The catalogue of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().topups.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// All products, in the order of their codes.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn products(&self) -> Result<Vec<Product>, StoreError> {
        self.all(keys::PRODUCTS).await
    }

    /// One product, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn product(&self, code: &str) -> Result<Option<Product>, StoreError> {
        self.one(keys::PRODUCTS, code).await
    }

    /// All partners, in the order of their ids.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn partners(&self) -> Result<Vec<Partner>, StoreError> {
        self.all(keys::PARTNERS).await
    }

    /// One partner, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn partner(&self, id: &str) -> Result<Option<Partner>, StoreError> {
        self.one(keys::PARTNERS, id).await
    }

    /// Writes a product as the version after its own: that of the product it was made from, zero where there was
    /// none. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the stored product does not have that version any more.
    pub async fn put_product(
        &self,
        product: &Product,
        actor: &str,
        at_ms: i64,
    ) -> Result<Product, StoreError> {
        let next = Product {
            version: product.version.saturating_add(1),
            ..product.clone()
        };
        let facts = json!({
            "kind": next.kind.as_str(), "cost": next.cost, "price": next.price, "active": next.active,
            "repeatable": next.repeatable, "price_differs": next.breaker.price_differs,
            "code_unknown": next.breaker.code_unknown, "version": next.version,
        });
        let what = ("topup.product_changed", next.code.as_str());
        let place = key(keys::PRODUCTS, &next.code);
        let change = || next_action(&self.table, place.clone(), &next, next.version);
        self.put(what, (actor, at_ms), &facts, change).await?;
        Ok(next)
    }

    /// As [`Catalogue::put_product`], a partner. The audit record does not name its webhook, whose address may be a
    /// secret of the partner's.
    ///
    /// # Errors
    /// As [`Catalogue::put_product`].
    pub async fn put_partner(
        &self,
        partner: &Partner,
        actor: &str,
        at_ms: i64,
    ) -> Result<Partner, StoreError> {
        let next = Partner {
            version: partner.version.saturating_add(1),
            ..partner.clone()
        };
        let facts = json!({
            "active": next.active, "products": next.products.as_ref().map(|products| products.len()),
            "daily_cap": next.daily_cap, "per_minute": next.per_minute, "cutoff": next.cutoff,
            "webhook": next.webhook.is_some(), "secret": next.secret, "version": next.version,
        });
        let what = ("topup.partner_changed", next.id.as_str());
        let place = key(keys::PARTNERS, &next.id);
        let change = || next_action(&self.table, place.clone(), &next, next.version);
        self.put(what, (actor, at_ms), &facts, change).await?;
        Ok(next)
    }

    /// A setting, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let item = self.dynamo.get(&self.table, key(keys::SETTINGS, name)).await?;
        item.map(|item| read_text(&item, DOC).map(str::to_owned))
            .transpose()
    }

    /// Puts a setting in place of what is there, or takes it away. The audit record says how long it is, and not
    /// what.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn put_setting(
        &self,
        name: &str,
        value: Option<&str>,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let facts = json!({ "bytes": value.map(str::len) });
        let change = || {
            let mut item: Item = key(keys::SETTINGS, name);
            let Some(value) = value else {
                return delete_action(&self.table, item, None);
            };
            item.insert(KIND.to_owned(), text("setting"));
            item.insert(DOC.to_owned(), text(value));
            put_action(&self.table, item, None)
        };
        let what = ("topup.setting_changed", name);
        self.put(what, (actor, at_ms), &facts, change).await
    }

    async fn put(
        &self,
        (action, subject): (&str, &str),
        (actor, at_ms): (&str, i64),
        facts: &Value,
        change: impl Fn() -> Result<TransactWriteItem, StoreError>,
    ) -> Result<(), StoreError> {
        let action = Action {
            at_ms,
            actor,
            action,
            subject,
        };
        let changes = |_: &_| Ok(vec![change()?]);
        self.audit.commit(action, facts, changes).await.map(drop)
    }

    async fn one<T: DeserializeOwned>(&self, list: &str, id: &str) -> Result<Option<T>, StoreError> {
        // An empty key would fail the call.
        if id.is_empty() {
            return Ok(None);
        }
        let item = self.dynamo.get(&self.table, key(list, id)).await?;
        item.as_ref().map(read_document).transpose()
    }

    async fn all<T: DeserializeOwned>(&self, list: &str) -> Result<Vec<T>, StoreError> {
        let query = self.dynamo.query(&self.table, list).consistent_read(true);
        let items = self.dynamo.all(query).await?;
        items.iter().map(read_document).collect()
    }
}
