//! Stream records of the operations table: the state changes that start functions.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// The entity that a stream record's new image holds, if it holds one of this kind.
///
/// Reads the wire form of a record, `{"dynamodb":{"NewImage":{"doc":{"S":"…"}}}}`, and answers its
/// sequence number, its state and the entity.
#[must_use]
pub fn entity<T: DeserializeOwned>(record: &Value, kind: &str) -> Option<(String, String, T)> {
    let image = record.get("dynamodb")?.get("NewImage")?;
    let text = |name: &str| image.get(name)?.get("S")?.as_str();
    if text("kind") != Some(kind) {
        return None;
    }
    let sequence = record
        .get("dynamodb")?
        .get("SequenceNumber")?
        .as_str()?
        .to_owned();
    let entity = serde_json::from_str(text("doc")?).ok()?;
    Some((sequence, text("state").unwrap_or_default().to_owned(), entity))
}
