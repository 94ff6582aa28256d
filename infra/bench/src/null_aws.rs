//! Amazon without Amazon: S3 hands out one file, DynamoDB answers as little as is valid and keeps
//! nothing. What is measured against it is the function alone.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use bytes::Bytes;
use domain::outlet::Outlet;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LAST_MODIFIED};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::server::{Body, Server, reply};

/// The entity tag of the one object.
pub(crate) const OBJECT_ETAG: &str = "0123456789abcdef0123456789abcdef";
/// Bytes read from the file at a time.
const PIECE: usize = 256 << 10;
/// Thirty-two bytes in base 64: the key of hashed phone numbers, which the function asks for first.
const PHONE_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The server.
#[derive(Debug)]
pub(crate) struct NullAws {
    server: Server,
    calls: Arc<AtomicU64>,
}

impl NullAws {
    /// Starts with the file that every object is.
    pub(crate) async fn start(file: PathBuf) -> Result<Self> {
        let calls = Arc::new(AtomicU64::new(0));
        let (file, counted) = (Arc::new(file), Arc::clone(&calls));
        let server = Server::start(move |request| {
            let (file, counted) = (Arc::clone(&file), Arc::clone(&counted));
            async move {
                let done = if request.headers().contains_key("x-amz-target") {
                    counted.fetch_add(1, Ordering::Relaxed);
                    dynamo(request).await
                } else {
                    object(&file).await
                };
                done.unwrap_or_else(|_| reply(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()))
            }
        });
        Ok(Self {
            server: server.await?,
            calls,
        })
    }

    /// What goes into `AWS_ENDPOINT_URL`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Calls to DynamoDB so far.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

async fn dynamo(request: Request<Incoming>) -> Result<Response<Body>> {
    let target = request
        .headers()
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let answer = match operation.as_str() {
        "GetItem" => item(&serde_json::from_slice(&body)?)?,
        "BatchGetItem" => json!({ "Responses": {}, "UnprocessedKeys": {} }),
        "BatchExecuteStatement" => json!({ "Responses": vec![json!({}); statements(&body)] }),
        "BatchWriteItem" => json!({ "UnprocessedItems": {} }),
        "Query" => json!({ "Items": [], "Count": 0, "ScannedCount": 0 }),
        _ => json!({}),
    };
    let mut reply = reply(StatusCode::OK, answer.to_string());
    reply.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-amz-json-1.0"),
    );
    Ok(reply)
}

/// The two kinds of item that are there on any day: the key of phone numbers, and outlets.
fn item(request: &Value) -> Result<Value> {
    let key = |name: &str| {
        request
            .pointer(&format!("/Key/{name}/S"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    Ok(match (key("pk"), key("sk")) {
        ("K#phone", _) => json!({ "Item": { "pk": { "S": "K#phone" }, "d": { "B": PHONE_KEY } } }),
        ("U", id) => {
            let outlet = serde_json::to_string(&Outlet::undescribed(id, None, None))?;
            json!({ "Item": { "pk": { "S": "U" }, "sk": { "S": id }, "doc": { "S": outlet } } })
        }
        _ => json!({}),
    })
}

/// How many statements a batch has.
fn statements(body: &[u8]) -> usize {
    const NAME: &[u8] = br#""Statement":"#;
    body.windows(NAME.len()).filter(|window| *window == NAME).count()
}

async fn object(file: &PathBuf) -> Result<Response<Body>> {
    let file = tokio::fs::File::open(file).await?;
    let length = file.metadata().await?.len();
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (Frame::data(Bytes::from(piece)), file)))
    });
    let mut reply = Response::new(BodyExt::boxed(StreamBody::new(pieces)));
    let headers: [(HeaderName, String); 4] = [
        (ETAG, format!("\"{OBJECT_ETAG}\"")),
        (CONTENT_LENGTH, length.to_string()),
        (CONTENT_TYPE, "application/json".to_owned()),
        (LAST_MODIFIED, "Tue, 28 Oct 2025 16:00:00 GMT".to_owned()),
    ];
    for (name, value) in headers {
        reply.headers_mut().insert(name, HeaderValue::from_str(&value)?);
    }
    Ok(reply)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_answered_statement_by_statement() {
        let body =
            br#"{"Statements":[{"Statement":"INSERT INTO \"a\" VALUE {}"},{"Statement":"UPDATE \"a\""}]}"#;
        assert_eq!(statements(body), 2);
    }

    #[test]
    fn only_outlets_and_the_phone_key_are_there() {
        let get = |key: Value| item(&json!({ "TableName": "t", "Key": key })).unwrap();
        assert_eq!(
            get(json!({ "pk": { "S": "E#1" }, "sk": { "S": "V#2" } })),
            json!({})
        );
        assert!(
            get(json!({ "pk": { "S": "K#phone" } }))
                .pointer("/Item/d/B")
                .is_some()
        );
        let outlet = get(json!({ "pk": { "S": "U" }, "sk": { "S": "moka-7" } }));
        let document = outlet.pointer("/Item/doc/S").and_then(Value::as_str).unwrap();
        assert_eq!(serde_json::from_str::<Outlet>(document).unwrap().id, "moka-7");
    }
}
