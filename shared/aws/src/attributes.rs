//! Attributes, keys and conditions: the small change of every adapter.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::insight::InsightError;
use domain::page::PageError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::keys::{DOC, PK, SK, VERSION};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A condition on a write.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    pub(crate) names: Option<HashMap<String, String>>,
    pub(crate) values: Option<Item>,
}

impl Condition {
    /// There is no such item yet.
    pub(crate) fn absent() -> Self {
        Self {
            expression: "attribute_not_exists(pk)".to_owned(),
            ..Self::default()
        }
    }

    /// An expression over values; attribute names in it must not be reserved words.
    pub(crate) fn that(
        expression: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Self {
        let values: Item = values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Self {
            expression: expression.to_owned(),
            names: None,
            // Amazon's engines refuse an empty map.
            values: (!values.is_empty()).then_some(values),
        }
    }

    /// Names a reserved word that the expression uses.
    pub(crate) fn naming(mut self, placeholder: &str, name: &str) -> Self {
        self.names
            .get_or_insert_default()
            .insert(placeholder.to_owned(), name.to_owned());
        self
    }
}

/// The stored entity still has the version it was read at; zero is one that was not there.
pub(crate) fn at_version(expected: u64) -> Condition {
    match expected {
        0 => Condition::absent(),
        expected => Condition::that("v = :v", [(":v", number(expected))]),
    }
}

/// A put as one action of a transaction.
pub(crate) fn put_action(
    table: &str,
    item: Item,
    condition: Option<Condition>,
) -> Result<TransactWriteItem, StoreError> {
    let mut put = Put::builder().table_name(table).set_item(Some(item));
    if let Some(condition) = condition {
        put = put
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values);
    }
    let put = put.build().map_err(|_| StoreError::Damaged("nothing to put"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A deletion as one action of a transaction; of what is not there it is none.
pub(crate) fn delete_action(
    table: &str,
    key: Item,
    condition: Option<Condition>,
) -> Result<TransactWriteItem, StoreError> {
    let mut delete = Delete::builder().table_name(table).set_key(Some(key));
    if let Some(condition) = condition {
        delete = delete
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values);
    }
    let delete = delete
        .build()
        .map_err(|_| StoreError::Damaged("nothing to delete"))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// A change of an item's attributes as one action of a transaction; makes the item where there is none. The names and
/// values of `condition` serve `expression` too; an empty condition is none.
pub(crate) fn update_action(
    table: &str,
    key: Item,
    expression: &str,
    condition: Condition,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key))
        .update_expression(expression)
        .set_condition_expression((!condition.expression.is_empty()).then_some(condition.expression))
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values);
    let update = update
        .build()
        .map_err(|_| StoreError::Damaged("nothing to change"))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// A key of both parts.
pub(crate) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

/// A key of one part, as the customers table has it.
pub(crate) fn partition(pk: &str) -> Item {
    HashMap::from([(PK.to_owned(), text(pk))])
}

pub(crate) fn read_text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value
        .map(String::as_str)
        .ok_or(StoreError::Damaged("a text attribute is missing"))
}

pub(crate) fn read_number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    let value = item
        .get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|value| value.parse().ok());
    value.ok_or(StoreError::Damaged("a number attribute is missing"))
}

pub(crate) fn read_bytes<'a>(item: &'a Item, name: &str) -> Result<&'a [u8], StoreError> {
    let value = item.get(name).and_then(|value| value.as_b().ok());
    value
        .map(|blob| blob.as_ref())
        .ok_or(StoreError::Damaged("a bytes attribute is missing"))
}

/// An item that holds an entity as JSON.
pub(crate) fn document(key: Item, entity: &impl Serialize) -> Result<Item, StoreError> {
    let mut item = key;
    let json = serde_json::to_string(entity)
        .map_err(|_| StoreError::Damaged("an entity can't be written as JSON"))?;
    item.insert(DOC.to_owned(), text(json));
    Ok(item)
}

/// An item that holds an entity as JSON, with the version that guards it.
pub(crate) fn versioned(key: Item, entity: &impl Serialize, version: u64) -> Result<Item, StoreError> {
    let mut item = document(key, entity)?;
    item.insert(VERSION.to_owned(), number(version));
    Ok(item)
}

/// The entity that an item holds as JSON.
pub(crate) fn read_document<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    serde_json::from_str(read_text(item, DOC)?).map_err(|_| StoreError::Damaged("a document can't be read"))
}

impl From<PageError> for StoreError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::UnknownFormat(_) => Self::Damaged("a page of an unknown format"),
            PageError::Damaged(what) => Self::Damaged(what),
            PageError::Compression(_) | PageError::Columns(_) => Self::Damaged("a page can't be unpacked"),
        }
    }
}

impl From<InsightError> for StoreError {
    fn from(error: InsightError) -> Self {
        match error {
            InsightError::UnknownFormat(_) => Self::Damaged("figures of an unknown format"),
            InsightError::Damaged(what) => Self::Damaged(what),
            InsightError::Compression(_) | InsightError::Coding(_) => {
                Self::Damaged("figures can't be unpacked")
            }
        }
    }
}
