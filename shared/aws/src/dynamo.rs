//! The few DynamoDB calls that the adapters are made of, each metered.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    BatchStatementRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, TransactWriteItem,
    WriteRequest,
};

use crate::error::{StoreError, is_item_size, sort};
use crate::meter::{Direction, Meter};

pub(crate) use crate::attributes::{
    Condition, Item, bytes, document, key, number, put_action, read_bytes, read_document, read_number,
    read_text, text,
};

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

    /// Changes attributes of an item under a condition and makes the item where there is none. The names
    /// and values of `condition` serve `expression` too.
    pub(crate) async fn update(
        &self,
        table: &str,
        key: Item,
        expression: &str,
        condition: Condition,
    ) -> Result<(), StoreError> {
        let reply = self
            .client
            .update_item()
            .table_name(table)
            .set_key(Some(key))
            .update_expression(expression)
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("UpdateItem"))?;
        self.meter.count(Direction::Write, reply.consumed_capacity());
        Ok(())
    }

    /// Deletes an item, if there is one.
    pub(crate) async fn delete(&self, table: &str, key: Item) -> Result<(), StoreError> {
        let reply = self
            .client
            .delete_item()
            .table_name(table)
            .set_key(Some(key))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("DeleteItem"))?;
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
                None if has_item_too_large(&error) => return Err(StoreError::TooLarge("an item")),
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

/// Whether a transaction was cancelled because one of its items is larger than an item may be.
fn has_item_too_large<R>(error: &SdkError<TransactWriteItemsError, R>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return false;
    };
    let mut reasons = cancelled.cancellation_reasons().iter();
    reasons.any(|reason| reason.message().is_some_and(is_item_size))
}

fn statement_outcome(error: &aws_sdk_dynamodb::types::BatchStatementError) -> Result<bool, StoreError> {
    use aws_sdk_dynamodb::types::BatchStatementErrorCodeEnum as Code;
    match error.code() {
        Some(Code::ConditionalCheckFailed | Code::DuplicateItem | Code::TransactionConflict) => Ok(false),
        Some(Code::ProvisionedThroughputExceeded | Code::ThrottlingError | Code::RequestLimitExceeded) => {
            Err(StoreError::Throttled)
        }
        Some(Code::ValidationError) if error.message().is_some_and(is_item_size) => {
            Err(StoreError::TooLarge("an item"))
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
