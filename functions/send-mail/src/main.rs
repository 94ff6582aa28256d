//! Starts the function.

use edge::config::Config;
use lambda_runtime::{Error, run, service_fn};
use send_mail::{Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    edge::log::start(&config.log_level());
    let deps = Deps::load(config).await?;
    run(service_fn(|event| handle(event, &deps))).await
}
