//! The `tell-partners` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tell_partners::{ACTOR, Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge(ACTOR)?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    let work = |event: LambdaEvent<Value>| handle(event.payload, event.context.deadline, &deps);
    edge.run(service_fn(work)).await
}
