//! The few DynamoDB calls that the adapters are made of, each metered.

mod batches;
mod walks;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, TransactWriteItem};

use crate::error::{StoreError, is_item_size, sort};
use crate::meter::{Direction, Meter};

pub(crate) use crate::attributes::{
    Condition, Item, at_version, bytes, delete_action, document, key, number, partition, put_action,
    read_bytes, read_document, read_number, read_text, text, update_action, versioned,
};

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

    /// Deletes an item under a condition.
    pub(crate) async fn delete_if(
        &self,
        table: &str,
        key: Item,
        condition: Condition,
    ) -> Result<(), StoreError> {
        let reply = self
            .client
            .delete_item()
            .table_name(table)
            .set_key(Some(key))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("DeleteItem"))?;
        self.meter.count(Direction::Write, reply.consumed_capacity());
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

    /// Reads on in a whole table, in no order: items whose key begins with a text, and where the next request
    /// begins. One that finds nothing may still have a next one.
    pub(crate) async fn scan(
        &self,
        table: &str,
        begins: &str,
        start: Option<Item>,
        limit: i32,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let reply = self
            .client
            .scan()
            .table_name(table)
            .filter_expression("begins_with(pk, :begins)")
            .expression_attribute_values(":begins", text(begins))
            .set_exclusive_start_key(start)
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("Scan"))?;
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
