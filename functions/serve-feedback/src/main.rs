//! The `serve-feedback` function, the guest's page: see the library of the same name.

use edge::config::Config;
use lambda_http::{Adapter, Error};
use serve_feedback::{Deps, router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_environment();
    let edge = config.edge("serve-feedback")?;
    let deps = Deps::load(&config, edge.metrics().clone()).await?;
    edge.run(Adapter::from(router(deps))).await
}
