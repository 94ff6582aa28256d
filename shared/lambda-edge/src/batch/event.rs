//! The messages in a raw Lambda event, each with what names it in the answer.

use serde_json::Value;

/// The event is no batch: it has no list of `Records`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event without records")]
pub struct NotABatch;

impl NotABatch {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "NOT_A_BATCH"
    }
}

/// The messages of an SQS event, each with its `messageId`. One without gets the empty identifier, with
/// which its failure becomes that of the whole batch.
///
/// # Errors
/// [`NotABatch`] when the event has no list of records.
pub fn sqs_messages(event: &Value) -> Result<Vec<(String, &Value)>, NotABatch> {
    records(event, &["/messageId"])
}

/// The records of a DynamoDB or Kinesis stream's event, each with its sequence number. One without gets
/// the empty identifier, with which its failure becomes that of the whole batch.
///
/// # Errors
/// [`NotABatch`] when the event has no list of records.
pub fn stream_records(event: &Value) -> Result<Vec<(String, &Value)>, NotABatch> {
    records(event, &["/dynamodb/SequenceNumber", "/kinesis/sequenceNumber"])
}

fn records<'a>(event: &'a Value, pointers: &[&str]) -> Result<Vec<(String, &'a Value)>, NotABatch> {
    let records = event.get("Records").and_then(Value::as_array).ok_or(NotABatch)?;
    let identified = records.iter().map(|record| {
        let found = pointers.iter().find_map(|pointer| record.pointer(pointer));
        let id = found.and_then(Value::as_str).unwrap_or_default();
        (id.to_owned(), record)
    });
    Ok(identified.collect())
}
