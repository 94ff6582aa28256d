//! The `ingest-sales` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge(ingest_sales::ACTOR)?;
    let deps = ingest_sales::Deps::load(&config, edge.metrics().clone()).await?;
    edge.run(service_fn(|event: LambdaEvent<Value>| {
        ingest_sales::handle(event.payload, event.context.deadline, &deps)
    }))
    .await
}
