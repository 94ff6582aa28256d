//! The `send-mail` function: see the library of the same name.

use edge::config::Config;
use lambda_runtime::{Error, service_fn};
use send_mail::{Deps, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("send-mail")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    edge.run(service_fn(|event| handle(event, &deps))).await
}
