//! Calls that do many things at once, and what they left undone asked for again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    BatchStatementError, BatchStatementRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity,
    WriteRequest,
};

use super::{Dynamo, Item};
use crate::error::{StoreError, is_item_size, sort};
use crate::meter::Direction;

/// Rounds of asking again for what a batch left undone, with growing pauses between them.
const BATCH_ROUNDS: u32 = 8;

impl Dynamo {
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
}

fn statement_outcome(error: &BatchStatementError) -> Result<bool, StoreError> {
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
