//! The `honour-rights` function: see the library of the same name.

use edge::config::Config;
use honour_rights::{Deps, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("honour-rights")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    let work = |event: LambdaEvent<Value>| handle(event.payload, event.context.deadline, &deps);
    edge.run(service_fn(work)).await
}
