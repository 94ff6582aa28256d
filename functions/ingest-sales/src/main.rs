//! The `ingest-sales` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    edge::log::start(&config.log_level());
    let deps = ingest_sales::Deps::load(config).await?;
    run(service_fn(|event: LambdaEvent<Value>| {
        ingest_sales::handle(event.payload, event.context.deadline, &deps)
    }))
    .await
}
