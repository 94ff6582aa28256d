//! SDK clients, made once per process from one configuration and one TLS stack.

use std::future::Future;
use std::sync::Arc;

use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;

use crate::Meter;
use crate::dynamo::Dynamo;
use crate::environment;
use crate::error::StoreError;

/// The physical names of what a function uses; empty where it uses none.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The sales table.
    pub sales: String,
    /// The customers table.
    pub customers: String,
    /// The operations table.
    pub operations: String,
    /// The feedback table.
    pub feedback: String,
    /// The duties table.
    pub duties: String,
    /// The table of top-ups.
    pub topups: String,
    /// The bucket of exports.
    pub exports: String,
}

/// The SDK's configuration and what hangs on it.
#[derive(Clone, Debug)]
pub struct Clients {
    config: SdkConfig,
    names: Arc<Names>,
    dynamo: Dynamo,
}

/// How long one attempt at a call may take.
const ATTEMPT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);
/// How long a connection may take to open.
const CONNECT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(3);
/// How long the start waits for its first call: a start may take ten seconds in all.
const WARM_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(2);
/// Attempts at one call; the SDK waits between them with exponential backoff and jitter.
const ATTEMPTS: u32 = 5;

impl Clients {
    /// Reads the SDK's configuration from where the platform puts it, endpoint overrides included: `variable` answers
    /// a variable of the environment.
    #[must_use]
    pub fn load(names: Names, variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let config = environment::configuration(variable)
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts)
            .build();
        Self::with_config(config, names)
    }

    /// Uses a configuration made elsewhere.
    #[must_use]
    pub fn with_config(config: SdkConfig, names: Names) -> Self {
        let dynamo = Dynamo::new(aws_sdk_dynamodb::Client::new(&config));
        Self {
            config,
            names: Arc::new(names),
            dynamo,
        }
    }

    /// The SDK's configuration.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The physical names.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// What the database calls made through these clients came to.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        self.dynamo.meter()
    }

    pub(crate) fn dynamo(&self) -> Dynamo {
        self.dynamo.clone()
    }
}

/// Makes a first call while the process starts, so that the first event finds the connection open.
///
/// Opening one costs a TLS handshake, and only during its start does Lambda give a function of any size a
/// whole processor (AWS Lambda developer guide, "Lambda execution environment lifecycle", init phase). The call has
/// to be awaited: once the process asks for its first event, the platform may stop it at any moment.
/// What comes of the call does not matter, a failure shows again with the first event.
pub async fn warm<T>(call: impl Future<Output = Result<T, StoreError>>) {
    match tokio::time::timeout(WARM_TIMEOUT, call).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the database could not be reached at the start"),
        Err(_) => tracing::debug!("the database did not answer at the start"),
    }
}
