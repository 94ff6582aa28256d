//! What a first start has to make before anybody can use the API.

use anyhow::Context as _;
use aws::api_keys::ApiKeys;
use aws::{Clients, Names};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;
use domain::api_key::{Scope, mint};

/// Makes a key of every scope for this machine's owner, in the store behind `endpoint_url`; answers its text.
///
/// # Errors
/// The store can't be written, or the operating system has no randomness.
pub async fn api_key(endpoint_url: String) -> anyhow::Result<String> {
    let owner = Credentials::new("test", "test", None, None, "local");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .credentials_provider(SharedCredentialsProvider::new(owner))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint_url)
        .build();
    let names = Names {
        operations: "OperationsTable".to_owned(),
        ..Names::default()
    };
    let random = lambda_edge::clock::random().context("no randomness")?;
    let (text, key) = mint(random, "local", Scope::ALL.to_vec(), lambda_edge::clock::now_ms());
    ApiKeys::new(&Clients::with_config(config, names))
        .create(&key, "local")
        .await
        .context("the key is not stored")?;
    Ok(text)
}
