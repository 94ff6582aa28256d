//! A queue's function: a bad message comes again alone, and one there is no time for is not begun.

use lambda_edge::batch::{BatchResponse, Deadline, sqs_messages};
use lambda_edge::log::LogSettings;
use lambda_edge::{Edge, EdgeSettings, correlation};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

/// The time one message may take, in milliseconds.
const ONE_MESSAGE_MS: i64 = 2_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let edge = Edge::start(EdgeSettings {
        function: "sort-parcels",
        namespace: "Parcels",
        dimensions: &[],
        log: LogSettings {
            level: "info",
            crates: &[module_path!()],
        },
    })?;
    edge.run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<BatchResponse, Error> {
    let messages = sqs_messages(&event.payload)?;
    Ok(Deadline::of_invocation(ONE_MESSAGE_MS).each(messages, sort).await)
}

async fn sort(message: &Value) -> Result<(), Error> {
    let body = message["body"].as_str().ok_or("a message without a body")?;
    let parcel: Value = serde_json::from_str(body)?;
    let id = parcel["id"].as_str().ok_or("a parcel without an id")?;
    correlation::set(id);
    tracing::info!("sorted");
    Ok(())
}
