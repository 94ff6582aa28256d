//! The `serve-topups` function, the API of partners: see the library of the same name.

use edge::config::Config;
use lambda_http::{Adapter, Error};
use serve_topups::{Deps, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("serve-topups")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    edge.run(Adapter::from(router(deps))).await
}
