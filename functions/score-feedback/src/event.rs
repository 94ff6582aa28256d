//! The stream records that start a run.

use aws::sales::summarised_day;
use domain::customer::OutletDay;
use domain::feedback::Answer;
use domain::receipt_id::ReceiptId;
use edge::stream::entity;
use serde_json::Value;

use crate::failure::Failure;

/// What a record says has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The answer about a receipt.
    Answer(ReceiptId),
    /// The sales of a day.
    Day(OutletDay),
    /// Nothing that figures are made of.
    Other,
}

/// Reads a record of the feedback table's stream or of the sales table's, told by what is in them.
///
/// # Errors
/// [`Failure::Unreadable`] when the record says that it is of an answer, and holds none.
pub(crate) fn change(record: &Value) -> Result<Change, Failure> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    if text("/dynamodb/NewImage/kind/S") == Some("answer") {
        let (_, _, answer) = entity::<Answer>(record, "answer").ok_or(Failure::Unreadable)?;
        return Ok(Change::Answer(answer.place));
    }
    let key = text("/dynamodb/Keys/pk/S").zip(text("/dynamodb/Keys/sk/S"));
    let day = key.and_then(|(pk, sk)| summarised_day(pk, sk));
    Ok(day.map_or(Change::Other, Change::Day))
}
