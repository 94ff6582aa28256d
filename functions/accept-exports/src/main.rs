//! The HTTP API as a Lambda function; see the library.

use accept_exports::{Deps, router};
use edge::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_environment();
    edge::log::start(&config.log_level());
    lambda_http::run(router(Deps::load(config).await)).await
}
