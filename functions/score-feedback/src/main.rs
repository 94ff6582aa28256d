//! The `score-feedback` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use score_feedback::{Deps, handle};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("score-feedback")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await;
    edge.run(service_fn(|event: LambdaEvent<Value>| {
        handle(event.payload, &deps)
    }))
    .await
}
