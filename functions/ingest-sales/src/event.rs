//! The messages that start a run.

use domain::correlation;
use serde_json::Value;

use crate::failure::Failure;

/// An object that was created or overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedObject {
    /// The bucket.
    pub bucket: String,
    /// The key, as it is: EventBridge does not encode it.
    pub key: String,
    /// The entity tag, without quotes.
    pub etag: String,
    /// The version, where the bucket keeps versions.
    pub version: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// The event's id: the correlation of a file that brings none of its own.
    pub correlation: Option<String>,
}

/// The object that a queue message speaks of: its body is EventBridge's "Object Created" event.
///
/// # Errors
/// [`Failure::ForeignMessage`] when it is not.
pub fn created_object(message: &Value) -> Result<CreatedObject, Failure> {
    let body = text(message, "/body").ok_or(Failure::ForeignMessage("no body"))?;
    let event: Value =
        serde_json::from_str(body).map_err(|_| Failure::ForeignMessage("the body is not JSON"))?;
    let part = |pointer, what| text(&event, pointer).ok_or(Failure::ForeignMessage(what));
    Ok(CreatedObject {
        bucket: part("/detail/bucket/name", "no bucket")?.to_owned(),
        key: part("/detail/object/key", "no key")?.to_owned(),
        etag: part("/detail/object/etag", "no entity tag")?
            .trim_matches('"')
            .to_owned(),
        version: text(&event, "/detail/object/version-id").map(str::to_owned),
        size: event
            .pointer("/detail/object/size")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
        correlation: text(&event, "/id").and_then(correlation::accept),
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
