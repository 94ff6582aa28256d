//! Batches that are done in part: what DynamoDB does when it is throttled, and no engine on a desk does.
//!
//! The first half of a batch goes to the engine, the rest comes back as not done, in the words of the
//! wire protocol: `UnprocessedItems` of `BatchWriteItem`, `UnprocessedKeys` of `BatchGetItem`.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Map, Value, json};

/// What was taken out of a request.
pub(crate) struct Undone {
    /// The answer's member for it.
    member: &'static str,
    /// By table, in the form of that member.
    rest: Map<String, Value>,
}

/// Cuts a batch in half; `None` where the request is no batch of two entries or more.
pub(crate) fn cut(request: &mut HttpRequest) -> Option<Undone> {
    let (_, operation) = request.headers().get("x-amz-target")?.rsplit_once('.')?;
    let member = match operation {
        "BatchWriteItem" => "UnprocessedItems",
        "BatchGetItem" => "UnprocessedKeys",
        _ => return None,
    };
    let mut body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    let mut rest = Map::new();
    for (table, wanted) in body.get_mut("RequestItems")?.as_object_mut()? {
        let mut undone = wanted.clone();
        let (all, rest_of_all) = match member {
            "UnprocessedItems" => (wanted.as_array_mut()?, undone.as_array_mut()?),
            _ => (
                wanted.get_mut("Keys")?.as_array_mut()?,
                undone.get_mut("Keys")?.as_array_mut()?,
            ),
        };
        let half = all.len().div_ceil(2);
        if half < all.len() {
            *rest_of_all = all.split_off(half);
            rest.insert(table.clone(), undone);
        }
    }
    if rest.is_empty() {
        return None;
    }
    replace(request.body_mut(), &body);
    let length = body.to_string().len().to_string();
    request.headers_mut().insert("content-length", length);
    Some(Undone { member, rest })
}

impl Undone {
    /// Tells the caller, in the engine's answer, what was not done.
    pub(crate) async fn tell(self, mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
        let body = std::mem::replace(answer.body_mut(), SdkBody::empty());
        let bytes = ByteStream::new(body).collect().await;
        let bytes = bytes
            .map_err(|error| ConnectorError::io(error.into()))?
            .into_bytes();
        let mut body: Value =
            serde_json::from_slice(&bytes).map_err(|error| ConnectorError::io(error.into()))?;
        let nothing_of_the_engine = body
            .get(self.member)
            .and_then(Value::as_object)
            .is_none_or(Map::is_empty);
        assert!(
            nothing_of_the_engine,
            "the engine left something undone by itself"
        );
        body[self.member] = json!(self.rest);
        replace(answer.body_mut(), &body);
        // They spoke of the engine's own body.
        answer.headers_mut().remove("x-amz-crc32");
        let length = body.to_string().len().to_string();
        answer.headers_mut().insert("content-length", length);
        Ok(answer)
    }
}

fn replace(body: &mut SdkBody, value: &Value) {
    *body = SdkBody::from(value.to_string());
}
