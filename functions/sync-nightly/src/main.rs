//! The `sync-nightly` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sync_nightly::{ACTOR, Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge(ACTOR)?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    edge.run(service_fn(|event: LambdaEvent<Value>| {
        handle(event.payload, event.context.deadline, &deps)
    }))
    .await
}
