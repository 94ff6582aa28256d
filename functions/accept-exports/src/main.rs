//! The `accept-exports` function, the HTTP API: see the library of the same name.

use accept_exports::{Deps, router};
use edge::config::Config;
use lambda_http::{Adapter, Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("accept-exports")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await;
    edge.run(Adapter::from(router(deps))).await
}
