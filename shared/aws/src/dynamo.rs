//! The few DynamoDB calls that the adapters are made of, each metered.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementRequest, KeysAndAttributes, Put, PutRequest, ReturnConsumedCapacity,
    TransactWriteItem, WriteRequest,
};
use domain::page::PageError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{StoreError, sort};
use crate::keys::{DOC, PK, SK};
use crate::meter::{Direction, Meter};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Rounds of asking again for what a batch left undone, with growing pauses between them.
const BATCH_ROUNDS: u32 = 8;

#[derive(Clone, Debug)]
pub(crate) struct Dynamo {
    client: Client,
    meter: Arc<Meter>,
}

impl Dynamo {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            meter: Arc::new(Meter::default()),
        }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// One item, strongly consistent.
    pub(crate) async fn get(&self, table: &str, key: Item) -> Result<Option<Item>, StoreError> {
        let reply = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("GetItem"))?;
        self.meter.count(Direction::Read, reply.consumed_capacity());
        Ok(reply.item)
    }

    /// Many items, strongly consistent, in no order; a hundred to a request.
    pub(crate) async fn get_many(&self, table: &str, keys: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for keys in keys.chunks(100) {
            let mut left = keys.to_vec();
            for round in 0.. {
                let wanted = KeysAndAttributes::builder()
                    .set_keys(Some(left))
                    .consistent_read(true)
                    .build();
                let wanted = wanted.map_err(|_| StoreError::Damaged("no keys to read"))?;
                let reply = self
                    .client
                    .batch_get_item()
                    .request_items(table, wanted)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(sort("BatchGetItem"))?;
                self.meter.count(Direction::Read, reply.consumed_capacity());
                items.extend(
                    reply
                        .responses
                        .into_iter()
                        .flat_map(HashMap::into_values)
                        .flatten(),
                );
                left = reply
                    .unprocessed_keys
                    .into_iter()
                    .flat_map(HashMap::into_values)
                    .flat_map(|k| k.keys)
                    .collect();
                if left.is_empty() {
                    break;
                }
                pause(round).await?;
            }
        }
        Ok(items)
    }

    /// Puts an item under a condition; with no condition it replaces what is there.
    pub(crate) async fn put(
        &self,
        table: &str,
        item: Item,
        condition: Option<Condition>,
    ) -> Result<(), StoreError> {
        let mut request = self
            .client
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(condition) = condition {
            request = request
                .condition_expression(condition.expression)
                .set_expression_attribute_names(condition.names)
                .set_expression_attribute_values(condition.values);
        }
        let reply = request.send().await.map_err(sort("PutItem"))?;
        self.meter.count(Direction::Write, reply.consumed_capacity());
        Ok(())
    }

    /// Puts many items without conditions, twenty-five to a request; nothing is left behind.
    pub(crate) async fn put_many(&self, table: &str, items: Vec<Item>) -> Result<(), StoreError> {
        for items in items.chunks(25) {
            let mut left = items
                .iter()
                .map(|item| write_request(item.clone()))
                .collect::<Result<Vec<_>, _>>()?;
            for round in 0.. {
                let reply = self
                    .client
                    .batch_write_item()
                    .request_items(table, left)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(sort("BatchWriteItem"))?;
                self.meter.count(Direction::Write, reply.consumed_capacity());
                left = reply
                    .unprocessed_items
                    .into_iter()
                    .flat_map(HashMap::into_values)
                    .flatten()
                    .collect();
                if left.is_empty() {
                    break;
                }
                pause(round).await?;
            }
        }
        Ok(())
    }

    /// All or nothing. A failed condition is [`StoreError::Conflict`].
    pub(crate) async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        self.transact_or_why(actions)
            .await?
            .map_err(|_| StoreError::Conflict)
    }

    /// All or nothing; answers which actions' conditions did not hold, or met another transaction.
    pub(crate) async fn transact_or_why(
        &self,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<usize>>, StoreError> {
        let reply = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let reply = match reply {
            Err(error) => match refused_actions(&error) {
                Some(refused) => return Ok(Err(refused)),
                None => return Err(sort("TransactWriteItems")(error)),
            },
            Ok(reply) => reply,
        };
        self.meter.count(Direction::Write, reply.consumed_capacity());
        Ok(Ok(()))
    }

    /// Runs single writes together, each with its own condition. Answers, in order, whether each was
    /// done; `false` is a condition that did not hold.
    pub(crate) async fn write_each(
        &self,
        statements: Vec<BatchStatementRequest>,
    ) -> Result<Vec<bool>, StoreError> {
        let reply = self
            .client
            .batch_execute_statement()
            .set_statements(Some(statements))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("BatchExecuteStatement"))?;
        self.meter.count(Direction::Write, reply.consumed_capacity());
        let answers = reply.responses.unwrap_or_default();
        answers
            .iter()
            .map(|answer| answer.error().map_or(Ok(true), statement_outcome))
            .collect()
    }

    /// Starts a query on a partition.
    pub(crate) fn query(&self, table: &str, partition: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Runs one request of a query: its items and where the next one begins.
    pub(crate) async fn page(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let reply = query.send().await.map_err(sort("Query"))?;
        self.meter.count(Direction::Read, reply.consumed_capacity());
        Ok((reply.items.unwrap_or_default(), reply.last_evaluated_key))
    }

    /// Runs a query to its end.
    pub(crate) async fn all(&self, query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let (some, next) = self.page(query.clone().set_exclusive_start_key(start)).await?;
            items.extend(some);
            if next.is_none() {
                return Ok(items);
            }
            start = next;
        }
    }
}

/// Which actions a cancelled transaction was cancelled for; `None` when it failed otherwise.
fn refused_actions<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Vec<usize>> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error()? else {
        return None;
    };
    let refused = |code: &str| matches!(code, "ConditionalCheckFailed" | "TransactionConflict");
    let reasons = cancelled.cancellation_reasons().iter().enumerate();
    let refused: Vec<usize> = reasons
        .filter(|(_, reason)| reason.code().is_some_and(refused))
        .map(|(at, _)| at)
        .collect();
    (!refused.is_empty()).then_some(refused)
}

fn statement_outcome(error: &aws_sdk_dynamodb::types::BatchStatementError) -> Result<bool, StoreError> {
    use aws_sdk_dynamodb::types::BatchStatementErrorCodeEnum as Code;
    match error.code() {
        Some(Code::ConditionalCheckFailed | Code::DuplicateItem | Code::TransactionConflict) => Ok(false),
        Some(Code::ProvisionedThroughputExceeded | Code::ThrottlingError | Code::RequestLimitExceeded) => {
            Err(StoreError::Throttled)
        }
        code => Err(StoreError::Unavailable {
            operation: "BatchExecuteStatement",
            code: code.map_or("Unknown", Code::as_str).to_owned(),
            source: error.message().unwrap_or_default().into(),
        }),
    }
}

fn write_request(item: Item) -> Result<WriteRequest, StoreError> {
    let put = PutRequest::builder()
        .set_item(Some(item))
        .build()
        .map_err(|_| StoreError::Damaged("nothing to put"))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// Waits before a batch is asked again for what it left undone; gives up after [`BATCH_ROUNDS`].
async fn pause(round: u32) -> Result<(), StoreError> {
    if round >= BATCH_ROUNDS {
        return Err(StoreError::Throttled);
    }
    tokio::time::sleep(std::time::Duration::from_millis(50 << round)).await;
    Ok(())
}

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
            values: Some(values),
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
