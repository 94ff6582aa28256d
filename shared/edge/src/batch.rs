//! Partial batches: one bad message never takes its neighbours down with it.

use std::future::Future;

use serde::Serialize;

/// The messages of a batch that are to come again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The identifiers of those messages.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message that is to come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// A queue's message id, or a stream's sequence number.
    pub item_identifier: String,
}

/// Handles the messages of a queue one after another and answers those that failed.
pub async fn each<T, F, E>(messages: Vec<(String, T)>, mut handle: impl FnMut(T) -> F) -> BatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let mut response = BatchResponse::default();
    for (id, message) in messages {
        if let Err(error) = handle(message).await {
            tracing::warn!(message_id = %id, error = %error, "message will come again");
            response
                .batch_item_failures
                .push(ItemFailure { item_identifier: id });
        }
    }
    response
}

/// Handles the records of a stream in order and stops at the first that failed: a stream hands out
/// everything from there on again.
pub async fn in_order<T, F, E>(records: Vec<(String, T)>, mut handle: impl FnMut(T) -> F) -> BatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let mut response = BatchResponse::default();
    for (id, record) in records {
        if let Err(error) = handle(record).await {
            tracing::warn!(sequence_number = %id, error = %error, "stream will be read again from here");
            response
                .batch_item_failures
                .push(ItemFailure { item_identifier: id });
            break;
        }
    }
    response
}
