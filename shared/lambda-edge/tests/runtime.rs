//! A whole function's process against a Lambda Runtime API on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_edge::metrics::Unit;
use lambda_edge::{Edge, EdgeSettings, correlation, log::LogSettings};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use support::{Request, Server};

/// The function: it does what the event says.
async fn handle(event: LambdaEvent<Value>, edge: &Edge) -> Result<Value, Error> {
    edge.metrics().add("Handled", Unit::Count, 1);
    if let Some(id) = event.payload["correlate"].as_str() {
        correlation::set(id);
    }
    tracing::info!("working");
    match event.payload["do"].as_str() {
        Some("fail") => Err("no such mailbox: ani@example.com".into()),
        Some("panic") => panic!("lost ani@example.com"),
        _ => Ok(json!({"did": event.payload["do"]})),
    }
}

#[test]
#[ignore = "the function's process, which the other tests start"]
fn function() {
    let log = LogSettings {
        level: "debug",
        crates: &[module_path!()],
    };
    let edge = Edge::start(EdgeSettings {
        function: "do-things",
        namespace: "Things",
        dimensions: &[],
        log,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let handler = service_fn(|event| handle(event, &edge));
    // It ends with an error: the platform goes away.
    assert!(runtime.block_on(edge.clone().run(handler)).is_err());
}

/// What a process wrote and what it answered.
struct Run {
    lines: Vec<Value>,
    answers: Vec<Request>,
}

impl Run {
    fn with_message(&self, message: &str) -> Vec<&Value> {
        self.lines
            .iter()
            .filter(|line| line["message"] == message)
            .collect()
    }

    fn metrics(&self) -> Vec<&Value> {
        self.lines
            .iter()
            .filter(|line| line.get("_aws").is_some())
            .collect()
    }
}

/// Runs the function with these events, one after another, and takes the platform away.
async fn run(events: &[Value]) -> Run {
    let bodies: Vec<String> = events.iter().map(Value::to_string).collect();
    let next = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        if request.line.starts_with("POST") {
            return Some((202, String::new(), String::new()));
        }
        let number = next.fetch_add(1, Ordering::SeqCst);
        let headers = format!(
            "lambda-runtime-aws-request-id: request-{number}\r\nlambda-runtime-deadline-ms: 1795310473123\r\n\
             lambda-runtime-trace-id: Root=1-trace-{number};Parent=x;Sampled=1\r\n"
        );
        Some((200, headers, bodies.get(number)?.clone()))
    })
    .await;
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args([
            "function",
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("AWS_LAMBDA_RUNTIME_API", server.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "do-things")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = tokio::task::spawn_blocking(move || child.output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text
        .lines()
        .filter_map(|line| line.find('{').map(|at| &line[at..]));
    let lines = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let posts = server
        .requests()
        .into_iter()
        .filter(|request| request.line.starts_with("POST"));
    Run {
        lines,
        answers: posts.collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invocation_is_logged_with_its_ids_and_counted_once() {
    let run = run(&[json!({"do": "a", "correlate": "order-7"}), json!({"do": "b"})]).await;
    let working = run.with_message("working");
    assert_eq!(working.len(), 2, "{:?}", run.lines);
    assert_eq!(working[0]["request_id"], "request-0");
    assert_eq!(working[0]["trace_id"], "1-trace-0");
    assert_eq!(working[0]["function"], "do-things");
    assert_eq!(working[0]["cold_start"], true);
    assert_eq!(working[0]["correlation_id"], "order-7");
    assert_eq!(working[1]["request_id"], "request-1");
    assert_eq!(working[1]["cold_start"], false);
    assert_eq!(
        working[1].get("correlation_id"),
        None,
        "nothing leaks into the next invocation"
    );
    let metrics = run.metrics();
    assert_eq!(metrics.len(), 2);
    assert_eq!(metrics[0]["ColdStarts"], 1);
    assert_eq!(metrics[0]["correlation_id"], "order-7");
    assert_eq!(metrics[1].get("ColdStarts"), None);
    assert_eq!(metrics[1].get("correlation_id"), None);
    assert_eq!(metrics[1]["request_id"], "request-1");
    assert_eq!(run.with_message("started").len(), 1);
    assert_eq!(run.answers[0].body, r#"{"did":"a"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_invocation_is_one_error_line_and_keeps_its_metrics() {
    let run = run(&[json!({"do": "fail"})]).await;
    let errors: Vec<&Value> = run.lines.iter().filter(|line| line["level"] == "ERROR").collect();
    let about_handler: Vec<_> = errors
        .iter()
        .filter(|line| line["request_id"] == "request-0")
        .collect();
    assert_eq!(about_handler.len(), 1, "{errors:?}");
    assert_eq!(about_handler[0]["message"], "invocation failed");
    assert_eq!(about_handler[0]["error"], "no such mailbox: [email]");
    assert_eq!(run.metrics()[0]["Handled"], 1);
    let answer: Value = serde_json::from_str(&run.answers[0].body).unwrap();
    assert!(run.answers[0].line.ends_with("/request-0/error"));
    assert_eq!(answer["errorMessage"], "no such mailbox: [email]");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_one_masked_line_and_keeps_its_metrics() {
    let run = run(&[json!({"do": "panic"})]).await;
    let panicked = run.with_message("panicked");
    assert_eq!(panicked.len(), 1, "{:?}", run.lines);
    assert_eq!(panicked[0]["panic"], "lost [email]");
    assert_eq!(panicked[0]["request_id"], "request-0");
    assert!(panicked[0]["location"].as_str().unwrap().contains("runtime.rs"));
    assert_eq!(run.metrics().len(), 1);
    assert_eq!(run.metrics()[0]["Handled"], 1);
}
