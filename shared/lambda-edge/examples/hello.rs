//! The least a function needs: answers its event, with logs, metrics and masking in place.

use lambda_edge::env::Env;
use lambda_edge::log::LogSettings;
use lambda_edge::metrics::Unit;
use lambda_edge::{Edge, EdgeSettings};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let level = Env::process().optional("LOG_LEVEL");
    let edge = Edge::start(EdgeSettings {
        function: "hello",
        namespace: "Examples",
        dimensions: &[],
        log: LogSettings {
            level: level.as_deref().unwrap_or("info"),
            crates: &[module_path!()],
        },
    })?;
    let metrics = &edge.metrics().clone();
    edge.run(service_fn(|event: LambdaEvent<Value>| async move {
        metrics.add("Greetings", Unit::Count, 1);
        tracing::info!("greeting");
        Ok::<_, Error>(json!({"hello": event.payload["name"]}))
    }))
    .await
}
