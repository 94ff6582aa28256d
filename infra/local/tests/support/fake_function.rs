//! A function for the tests: speaks the Lambda Runtime API, writes down each event, and fails when the event
//! says so.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any test waits.
const FOREVER: Duration = Duration::from_secs(3600);

#[allow(
    clippy::disallowed_methods,
    reason = "what AWS tells a function is in its environment"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let base = format!(
        "{}/2018-06-01/runtime/invocation",
        variable("AWS_LAMBDA_RUNTIME_API")
    );
    let client = local::web_client()?;
    loop {
        let next = client
            .get(format!("{base}/next"))
            .send()
            .await?
            .error_for_status()?;
        let id = next.headers()["lambda-runtime-aws-request-id"]
            .to_str()?
            .to_owned();
        let event: Value = next.json().await?;
        write_down(&event)?;
        let (kind, body) = match answer(&event).await {
            Ok(body) => ("response", body),
            Err(report) => (
                "error",
                json!({"errorType": report, "errorMessage": "as asked", "stackTrace": []}),
            ),
        };
        client
            .post(format!("{base}/{id}/{kind}"))
            .body(body.to_string())
            .send()
            .await?;
    }
}

/// One line of JSON for each event, in the file that the tests read.
fn write_down(event: &Value) -> std::io::Result<()> {
    let line =
        json!({"function": variable("AWS_LAMBDA_FUNCTION_NAME"), "pid": std::process::id(), "event": event});
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(variable("RECORD"))?;
    file.write_all(format!("{line}\n").as_bytes())
}

async fn answer(event: &Value) -> Result<Value, &'static str> {
    if event["requestContext"].is_object() {
        return http(event).await;
    }
    if event["task"] == "fails-until-mended" && !mended() {
        return Err("Asked.Error");
    }
    let mut failures = Vec::new();
    for record in event["Records"].as_array().into_iter().flatten() {
        let text = record["body"]
            .as_str()
            .map_or_else(|| record.to_string(), str::to_owned);
        let first = record["attributes"]["ApproximateReceiveCount"] == "1";
        if text.contains("hang-once") && first || text.contains("hang-always") {
            tokio::time::sleep(FOREVER).await;
        }
        if text.contains("crash-once") && first {
            std::process::exit(3);
        }
        if text.contains("fails-until-mended") && !mended() {
            return Err("Asked.Error");
        }
        if text.contains("error-always") {
            return Err("Asked.Error");
        }
        if text.contains("item-fails-always") || text.contains("item-fails-once") && first {
            let id = record["messageId"]
                .as_str()
                .or_else(|| record["dynamodb"]["SequenceNumber"].as_str());
            failures.push(json!({"itemIdentifier": id}));
        }
    }
    Ok(json!({"batchItemFailures": failures}))
}

/// Whether the test has mended the cause of failures.
fn mended() -> bool {
    std::path::Path::new(&format!("{}.mended", variable("RECORD"))).exists()
}

async fn http(event: &Value) -> Result<Value, &'static str> {
    match event["rawPath"].as_str().unwrap_or_default() {
        "/v1/error" => Err("Asked.Error"),
        "/v1/until-mended" => {
            while !mended() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(json!({"statusCode": 200}))
        }
        "/v1/hang" => {
            tokio::time::sleep(FOREVER).await;
            Ok(Value::Null)
        }
        "/v1/environment" => {
            let names = [
                "AWS_ENDPOINT_URL",
                "PUBLIC_URL",
                "OIDC_ISSUER",
                "AWS_REGION",
                "TABLE",
                "BUCKET",
                "CENTRAL_URL",
                "MOKA_URL",
                "HOME",
            ];
            let values: serde_json::Map<String, Value> = names
                .iter()
                .map(|name| ((*name).to_owned(), json!(variable(name))))
                .collect();
            Ok(json!({"statusCode": 200, "body": Value::Object(values).to_string()}))
        }
        "/v1/exports" => {
            let item = json!({"state": "done", "received": 2, "stored": 1, "quarantined": 1});
            Ok(json!({"statusCode": 200, "body": json!({"items": [item]}).to_string()}))
        }
        _ => Ok(json!({
            "statusCode": 201,
            "headers": {"content-type": "application/json", "x-a": "1"},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": event.to_string(),
        })),
    }
}
