//! The Lambda Runtime API: how a function fetches its next event and hands back the result.
//!
//! Paths and headers are those of the AWS Lambda developer guide, "Using the Lambda runtime API". Each
//! function process has its own path prefix, so the process that answers is known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::http::{self as web, Answer};
use crate::id;

/// Largest response of a function. Lambda's own limit is 6 MB.
const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024 + 64 * 1024;

/// Bytes of an error report that are kept.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// What a function said to an event.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It returned this.
    Response(Bytes),
    /// It failed, with this report.
    Error(Bytes),
}

/// An event for a function process.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The event.
    pub(crate) payload: Bytes,
    /// When it must be done, in milliseconds since the Unix epoch.
    pub(crate) deadline_ms: i64,
    /// ARN of the function.
    pub(crate) function_arn: String,
    /// Where the outcome goes.
    pub(crate) reply: oneshot::Sender<Outcome>,
}

/// The API's side of one function process.
#[derive(Debug)]
struct Desk {
    deliveries: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    current: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
}

/// The function processes by path prefix; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuntimeApi {
    desks: Arc<Mutex<HashMap<String, Arc<Desk>>>>,
}

impl RuntimeApi {
    /// Opens the prefix of a new process and returns where its events are sent.
    pub(crate) fn open(&self, prefix: &str) -> mpsc::Sender<Delivery> {
        let (sender, deliveries) = mpsc::channel(1);
        let desk = Desk {
            deliveries: tokio::sync::Mutex::new(deliveries),
            current: Mutex::new(None),
        };
        self.desks().insert(prefix.to_owned(), Arc::new(desk));
        sender
    }

    /// Closes the prefix of a process that ended.
    pub(crate) fn close(&self, prefix: &str) {
        self.desks().remove(prefix);
    }

    fn desks(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Desk>>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request of a function process.
    pub(crate) async fn handle(self, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let parts = path.split_once("/2018-06-01/runtime/");
        let Some((prefix, operation)) = parts else {
            return refuse(StatusCode::NOT_FOUND, "no such path");
        };
        let desk = self.desks().get(prefix.trim_matches('/')).cloned();
        let Some(desk) = desk else {
            return refuse(StatusCode::FORBIDDEN, "this process was replaced");
        };
        let parts: Vec<&str> = operation.split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => desk.next().await,
            (&Method::POST, ["invocation", id, kind @ ("response" | "error")]) => {
                let limit = if *kind == "response" {
                    MAX_RESPONSE_BYTES
                } else {
                    MAX_ERROR_BYTES
                };
                match web::read(request.into_body(), limit).await {
                    Ok(body) if *kind == "response" => desk.finish(id, Outcome::Response(body)),
                    Ok(body) => desk.finish(id, Outcome::Error(body)),
                    Err(error) => {
                        let report = json!({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": error.to_string()});
                        drop(desk.finish(id, Outcome::Error(report.to_string().into())));
                        refuse(StatusCode::PAYLOAD_TOO_LARGE, "the response is too large")
                    }
                }
            }
            (&Method::POST, ["init", "error"]) => {
                let report = web::read(request.into_body(), MAX_ERROR_BYTES)
                    .await
                    .unwrap_or_default();
                tracing::error!(report = %String::from_utf8_lossy(&report), "a function did not start");
                accepted()
            }
            _ => refuse(StatusCode::NOT_FOUND, "no such operation"),
        }
    }
}

impl Desk {
    async fn next(&self) -> Answer {
        let delivery = self.deliveries.lock().await.recv().await;
        let Some(delivery) = delivery else {
            return refuse(StatusCode::GONE, "stopping");
        };
        let request_id = id::uuid();
        let mut response = web::answer(StatusCode::OK, "application/json", delivery.payload);
        let trace = format!(
            "Root=1-{:08x}-{}",
            delivery.deadline_ms / 1000,
            &request_id.replace('-', "")[..24]
        );
        let headers = [
            ("lambda-runtime-aws-request-id", request_id.clone()),
            ("lambda-runtime-deadline-ms", delivery.deadline_ms.to_string()),
            ("lambda-runtime-invoked-function-arn", delivery.function_arn),
            ("lambda-runtime-trace-id", trace),
        ];
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((request_id, delivery.reply));
        response
    }

    fn finish(&self, id: &str, outcome: Outcome) -> Answer {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match current.take_if(|(request_id, _)| request_id == id) {
            Some((_, reply)) => {
                // Nobody waits for an invocation that ran out of time.
                drop(reply.send(outcome));
                accepted()
            }
            None => refuse(StatusCode::BAD_REQUEST, "not the current invocation"),
        }
    }
}

fn accepted() -> Answer {
    web::json(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn refuse(status: StatusCode, message: &str) -> Answer {
    web::json(
        status,
        &json!({"errorType": "InvalidRequest", "errorMessage": message}),
    )
}
