//! An item of any kind, as a walk through its table finds it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::habit::Habit;
use domain::insight::{Insight, Period, Scope};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::customers::{self, StoredCustomer};
use crate::dynamo::{Item, read_document, read_number, read_text};
use crate::error::StoreError;
use crate::insights::insight;
use crate::keys::kinds::Kind;
use crate::keys::{EXPIRES_AT, PK, SK};
use crate::{habits, keys};

/// An item, and what kind of thing it is.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What it is.
    pub kind: Kind,
    pub(super) item: Item,
}

/// The value of an attribute. Bytes are in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Attribute {
    /// Text.
    S(String),
    /// A number, as the database writes it.
    N(String),
    /// Bytes.
    B(String),
    /// A set of texts, in order.
    Ss(Vec<String>),
}

impl Stored {
    /// Both parts of its key; the second one is empty in a table that has none.
    ///
    /// # Errors
    /// [`StoreError`] when it has no key, which no item does.
    pub fn key(&self) -> Result<(&str, &str), StoreError> {
        let sk = read_text(&self.item, SK).unwrap_or_default();
        Ok((read_text(&self.item, PK)?, sk))
    }

    /// When the database may delete it by itself, Unix milliseconds; `None` for what stays.
    #[must_use]
    pub fn expires_ms(&self) -> Option<i64> {
        let seconds: i64 = read_number(&self.item, EXPIRES_AT).ok()?;
        Some(seconds.saturating_mul(1_000))
    }

    /// What an item holds that is kept as a document.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be read.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        read_document(&self.item)
    }

    /// A customer, with their id.
    ///
    /// # Errors
    /// As [`Stored::document`].
    pub fn customer(&self) -> Result<(String, StoredCustomer), StoreError> {
        customers::stored(&self.item)
    }

    /// What a customer likes, with their id.
    ///
    /// # Errors
    /// As [`Stored::document`].
    pub fn habit(&self) -> Result<(String, Habit), StoreError> {
        let (id, stored) = habits::stored(&self.item)?;
        Ok((id, stored.habit))
    }

    /// The number whose book this is, hashed.
    ///
    /// # Errors
    /// As [`Stored::document`].
    pub fn book_of(&self) -> Result<&str, StoreError> {
        let hash = self.key()?.0.strip_prefix(&keys::kin(""));
        hash.ok_or(StoreError::Damaged("a key of no book"))
    }

    /// Figures of an outlet or of all of them, and of when.
    ///
    /// # Errors
    /// As [`Stored::document`].
    pub fn figures(&self) -> Result<(Scope, Period, Insight), StoreError> {
        let (pk, sk) = self.key()?;
        let (scope, period) = keys::figures(pk, sk).ok_or(StoreError::Damaged("a key of no figures"))?;
        Ok((scope, period, insight(&self.item)?))
    }

    /// Figures of a day in a group of outlets: the group's, or one outlet's among them.
    ///
    /// # Errors
    /// As [`Stored::document`].
    pub fn group_figures(&self) -> Result<Insight, StoreError> {
        insight(&self.item)
    }

    /// All of it, by attribute.
    ///
    /// # Errors
    /// [`StoreError`] for a type of attribute that nothing here writes.
    pub fn attributes(&self) -> Result<BTreeMap<&str, Attribute>, StoreError> {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => Ok(Attribute::S(text.clone())),
            AttributeValue::N(number) => Ok(Attribute::N(number.clone())),
            AttributeValue::B(bytes) => Ok(Attribute::B(data_encoding::HEXLOWER.encode(bytes.as_ref()))),
            AttributeValue::Ss(texts) => {
                let mut texts = texts.clone();
                texts.sort();
                Ok(Attribute::Ss(texts))
            }
            _ => Err(StoreError::Damaged("an attribute of an unknown type")),
        };
        let attributes = self.item.iter();
        attributes
            .map(|(name, of)| Ok((name.as_str(), value(of)?)))
            .collect()
    }
}
