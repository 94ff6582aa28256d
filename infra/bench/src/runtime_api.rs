//! The Lambda Runtime API, as far as a function needs it: the next event, and its answer.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};

use crate::server::{Body, Server, reply};

/// A function's side of the service.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    server: Server,
    events: mpsc::UnboundedSender<Bytes>,
    polls: mpsc::UnboundedReceiver<Instant>,
    answers: mpsc::UnboundedReceiver<(Instant, Result<Bytes, Bytes>)>,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    polls: mpsc::UnboundedSender<Instant>,
    answers: mpsc::UnboundedSender<(Instant, Result<Bytes, Bytes>)>,
}

impl RuntimeApi {
    /// Starts with no event waiting.
    pub(crate) async fn start() -> Result<Self> {
        let (events, waiting) = mpsc::unbounded_channel();
        let (poll, polls) = mpsc::unbounded_channel();
        let (answer, answers) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            events: Mutex::new(waiting),
            polls: poll,
            answers: answer,
        });
        let server = Server::start(move |request| serve(request, Arc::clone(&shared))).await?;
        Ok(Self {
            server,
            events,
            polls,
            answers,
        })
    }

    /// What goes into `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.server.address.to_string()
    }

    /// When the function next asked for an event.
    pub(crate) async fn polled(&mut self) -> Result<Instant> {
        self.polls.recv().await.context("the server runs")
    }

    /// Hands the function an event and waits for the answer; answers when it came.
    pub(crate) async fn invoke(&mut self, event: &Value) -> Result<Instant> {
        self.events.send(Bytes::from(event.to_string()))?;
        let (at, answer) = self.answers.recv().await.context("the server runs")?;
        let answer = match answer {
            Ok(answer) => serde_json::from_slice::<Value>(&answer)?,
            Err(error) => bail!("the function failed: {}", String::from_utf8_lossy(&error)),
        };
        match answer.get("batchItemFailures").and_then(Value::as_array) {
            Some(failures) if failures.is_empty() => Ok(at),
            _ => bail!("the function did not take the file: {answer}"),
        }
    }
}

async fn serve(request: Request<Incoming>, shared: Arc<Shared>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET && path.ends_with("/invocation/next") {
        return next(&shared).await;
    }
    let now = Instant::now();
    let body = request
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let answer = if path.ends_with("/response") {
        Ok(body)
    } else {
        Err(body)
    };
    // Nobody waits for an answer any more once the measurement is over.
    drop(shared.answers.send((now, answer)));
    reply(StatusCode::ACCEPTED, Bytes::new())
}

async fn next(shared: &Shared) -> Response<Body> {
    let gone = || reply(StatusCode::GONE, Bytes::new());
    if shared.polls.send(Instant::now()).is_err() {
        return gone();
    }
    let Some(event) = shared.events.lock().await.recv().await else {
        return gone();
    };
    let mut reply = reply(StatusCode::OK, event);
    let headers = reply.headers_mut();
    for (name, value) in [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        // The year 2100: no measurement comes near its deadline.
        ("lambda-runtime-deadline-ms", "4102444800000"),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:ap-southeast-3:000000000000:function:bench",
        ),
        ("content-type", "application/json"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}
