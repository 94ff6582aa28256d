//! Records in a DynamoDB table, alone or among other items.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Record, RecordId, Store, StoreError, Version};

/// What a table calls the attributes that the ledger uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The partition key, a text.
    pub partition_key: String,
    /// The sort key, a text, if the table has one.
    pub sort_key: Option<String>,
    /// What partition keys of the ledger begin with, so that they share a table with other items.
    pub prefix: String,
    /// The attribute that the table's time to live looks at: Unix seconds.
    pub expires_at: String,
}

impl Default for Attributes {
    /// `pk`, `sk`, `idempotency#` and `expires_at`.
    fn default() -> Self {
        Self {
            partition_key: "pk".to_owned(),
            sort_key: Some("sk".to_owned()),
            prefix: "idempotency#".to_owned(),
            expires_at: "expires_at".to_owned(),
        }
    }
}

/// The attributes that are the ledger's own.
const OWNER: &str = "owner";
const REVISION: &str = "revision";
const RECORD: &str = "record";

type Item = HashMap<String, AttributeValue>;

/// A table. Needs `dynamodb:GetItem`, `PutItem` and `DeleteItem` on it, and time to live on its
/// `expires_at`. Each `begin` that finds nothing is one write, each note and each finish another.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    attributes: Attributes,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, attributes: Attributes) -> Self {
        Self {
            client,
            name: name.into(),
            attributes,
        }
    }

    fn key(&self, id: &RecordId) -> Item {
        let Attributes {
            partition_key,
            sort_key,
            prefix,
            ..
        } = &self.attributes;
        let text = |text: String| AttributeValue::S(text);
        match sort_key {
            Some(sort_key) => HashMap::from([
                (partition_key.clone(), text(format!("{prefix}{}", id.scope()))),
                (sort_key.clone(), text(id.key().to_owned())),
            ]),
            None => {
                // A scope can hold the separator; its length keeps two ids from being one.
                let whole = format!("{prefix}{}#{}#{}", id.scope().len(), id.scope(), id.key());
                HashMap::from([(partition_key.clone(), text(whole))])
            }
        }
    }

    fn item(&self, id: &RecordId, record: &Record) -> Result<Item, StoreError> {
        let mut item = self.key(id);
        let json = serde_json::to_string(record).map_err(|_| StoreError::Damaged)?;
        item.insert(RECORD.to_owned(), AttributeValue::S(json));
        item.insert(OWNER.to_owned(), AttributeValue::S(record.version.owner.clone()));
        item.insert(REVISION.to_owned(), number(record.version.revision));
        if let Some(keep_until_ms) = record.keep_until_ms() {
            // Rounded up: the table may forget late, never early.
            let seconds = keep_until_ms.div_euclid(1_000) + 1;
            item.insert(self.attributes.expires_at.clone(), number(seconds));
        }
        Ok(item)
    }

    /// The condition that the record is at a version: its expression, names and values.
    fn is_at(version: &Version) -> (String, HashMap<String, String>, Item) {
        let names = [("#owner", OWNER), ("#revision", REVISION)];
        let values = HashMap::from([
            (":owner".to_owned(), AttributeValue::S(version.owner.clone())),
            (":revision".to_owned(), number(version.revision)),
        ]);
        (
            "#owner = :owner AND #revision = :revision".to_owned(),
            own(&names),
            values,
        )
    }
}

impl Store for Table {
    async fn get(&self, id: &RecordId) -> Result<Option<Record>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .consistent_read(true);
        let reply = request.set_key(Some(self.key(id))).send().await;
        let Some(item) = reply.map_err(failed("GetItem"))?.item else {
            return Ok(None);
        };
        let json = item
            .get(RECORD)
            .and_then(|value| value.as_s().ok())
            .ok_or(StoreError::Damaged)?;
        serde_json::from_str(json)
            .map(Some)
            .map_err(|_| StoreError::Damaged)
    }

    async fn put_new(&self, id: &RecordId, record: &Record, now_ms: i64) -> Result<bool, StoreError> {
        let names = [
            ("#key", self.attributes.partition_key.as_str()),
            ("#expires_at", self.attributes.expires_at.as_str()),
        ];
        let request = self.client.put_item().table_name(&self.name);
        let request = request
            .set_item(Some(self.item(id, record)?))
            .condition_expression("attribute_not_exists(#key) OR #expires_at <= :now")
            .set_expression_attribute_names(Some(own(&names)))
            .expression_attribute_values(":now", number(now_ms.div_euclid(1_000)));
        done("PutItem", request.send().await)
    }

    async fn put(&self, id: &RecordId, record: &Record, expected: &Version) -> Result<bool, StoreError> {
        let (condition, names, values) = Self::is_at(expected);
        let request = self.client.put_item().table_name(&self.name);
        let request = request
            .set_item(Some(self.item(id, record)?))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        done("PutItem", request.send().await)
    }

    async fn delete(&self, id: &RecordId, expected: &Version) -> Result<bool, StoreError> {
        let (condition, names, values) = Self::is_at(expected);
        let request = self.client.delete_item().table_name(&self.name);
        let request = request
            .set_key(Some(self.key(id)))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        done("DeleteItem", request.send().await)
    }
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn own(names: &[(&str, &str)]) -> HashMap<String, String> {
    let names = names.iter();
    names
        .map(|(name, attribute)| ((*name).to_owned(), (*attribute).to_owned()))
        .collect()
}

/// Whether a conditional write happened.
fn done<T, E: ProvideErrorMetadata, R>(
    operation: &'static str,
    reply: Result<T, SdkError<E, R>>,
) -> Result<bool, StoreError> {
    match reply {
        Ok(_) => Ok(true),
        Err(error) if code(&error) == "ConditionalCheckFailedException" => Ok(false),
        Err(error) => Err(failed(operation)(error)),
    }
}

fn failed<E: ProvideErrorMetadata, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> StoreError {
    move |error| StoreError::Unavailable {
        operation,
        code: code(&error).to_owned(),
    }
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    match error {
        SdkError::ServiceError(refused) => refused.err().code().unwrap_or("Unknown"),
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "NoConnection",
        SdkError::ResponseError(_) => "BrokenAnswer",
        _ => "NotSent",
    }
}
