//! Which customers are known under a phone number, and who of them is one person.
//!
//! The books stand in the customers table, whose keys alone may tell of phone numbers; what is on record
//! names customers' ids.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::kin::{Joining, KinBook};
use serde_json::{Value, json};

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Dynamo, Item, at_version, delete_action, partition, put_action, read_document, read_text, versioned,
};
use crate::error::StoreError;
use crate::keys::{self, PK};

/// The books in the customers table, each under the hash of its phone number
/// (`domain::customer::PhoneKey::short_hash`).
#[derive(Clone, Debug)]
pub struct KinBooks {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl KinBooks {
    /// The books of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().customers.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// The book of a phone number, strongly consistent; an empty one of version zero where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn read(&self, hash: &str) -> Result<KinBook, StoreError> {
        let item = self.dynamo.get(&self.table, partition(&keys::kin(hash))).await?;
        item.as_ref()
            .map_or_else(|| Ok(KinBook::default()), read_document)
    }

    /// The books of many phone numbers by their hashes, strongly consistent, each hash at most once; a number
    /// without a book is not in the answer.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn read_many(&self, hashes: &[String]) -> Result<HashMap<String, KinBook>, StoreError> {
        let wanted = hashes.iter().map(|hash| partition(&keys::kin(hash)));
        let items = self.dynamo.get_many(&self.table, wanted.collect()).await?;
        let read = |item: &Item| {
            let hash = read_text(item, PK)?
                .strip_prefix("H#")
                .ok_or(StoreError::Damaged("a key of no book"))?;
            Ok((hash.to_owned(), read_document(item)?))
        };
        items.iter().map(read).collect()
    }

    /// Writes a book, made from the one of its version, after customers were met or forgotten: that is on record
    /// with what it is part of. A book without members is deleted, so that no trace of the number stays.
    /// Answers the book as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the book is not as it was read any more.
    pub async fn write(&self, hash: &str, book: &KinBook) -> Result<KinBook, StoreError> {
        let next = next(book);
        if let Some(action) = self.action(hash, book, &next)? {
            self.dynamo.transact(vec![action]).await?;
        }
        Ok(next)
    }

    /// Writes a book in which customers were joined, with the audit record of it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the book is not as it was read any more.
    pub async fn join(
        &self,
        hash: &str,
        book: &KinBook,
        joinings: &[Joining],
        actor: &str,
        at_ms: i64,
    ) -> Result<KinBook, StoreError> {
        let joined = joinings.iter().map(|joining| {
            json!({
                "customer": joining.customer, "with": joining.with, "evidence": joining.evidence.as_str(),
            })
        });
        let facts = json!({ "joined": joined.collect::<Vec<_>>() });
        let action = Action {
            at_ms,
            actor,
            action: "kin.joined",
            subject: joinings.first().map_or("", |joining| &joining.with),
        };
        self.change(hash, book, action, &facts).await
    }

    /// Writes a book in which a customer was parted from the others, with the audit record of it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the book is not as it was read any more.
    pub async fn part(
        &self,
        hash: &str,
        book: &KinBook,
        customer: &str,
        actor: &str,
        at_ms: i64,
    ) -> Result<KinBook, StoreError> {
        let action = Action {
            at_ms,
            actor,
            action: "kin.parted",
            subject: customer,
        };
        self.change(hash, book, action, &json!({})).await
    }

    async fn change(
        &self,
        hash: &str,
        book: &KinBook,
        action: Action<'_>,
        facts: &Value,
    ) -> Result<KinBook, StoreError> {
        let next = next(book);
        let changes = |_: &_| Ok(self.action(hash, book, &next)?.into_iter().collect());
        self.audit.commit(action, facts, changes).await?;
        Ok(next)
    }

    /// What puts the next version of a book in place of the one it was made from; `None` where there is neither.
    fn action(
        &self,
        hash: &str,
        book: &KinBook,
        next: &KinBook,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let place = partition(&keys::kin(hash));
        let unchanged = at_version(book.version);
        match (next.version, book.version) {
            (0, 0) => Ok(None),
            (0, _) => delete_action(&self.table, place, Some(unchanged)).map(Some),
            (version, _) => {
                let item = versioned(place, next, version)?;
                put_action(&self.table, item, Some(unchanged)).map(Some)
            }
        }
    }
}

/// The book as its next version; without members, as one that is not stored.
fn next(book: &KinBook) -> KinBook {
    if book.members.is_empty() {
        return KinBook::default();
    }
    KinBook {
        version: book.version.saturating_add(1),
        ..book.clone()
    }
}
