//! Region, credentials and endpoints as Lambda and its stand-ins put them into the environment.
//!
//! Of the places where the SDK could look, a function has only this one (AWS Lambda developer guide, "Using Lambda
//! environment variables", reserved variables), and the programs for operators are given theirs the same way.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The variable of the endpoint for every service.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// A configuration with what the environment says; the rest is the SDK's own.
pub(crate) fn configuration(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Builder {
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(variable("AWS_REGION").map(Region::new));
    builder.set_endpoint_url(variable(ENDPOINT));
    builder.set_credentials_provider(credentials(&variable).map(SharedCredentialsProvider::new));
    builder.service_config(Endpoints(variable))
}

/// The credentials of the role; they are those of this process for as long as it lives.
fn credentials(variable: impl Fn(&str) -> Option<String>) -> Option<Credentials> {
    Some(Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN"),
        None,
        "environment",
    ))
}

/// Endpoints of single services, such as `AWS_ENDPOINT_URL_DYNAMODB` (AWS SDKs and Tools Reference Guide,
/// "Service-specific endpoints").
struct Endpoints<F>(F);

impl<F> std::fmt::Debug for Endpoints<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoints(environment)")
    }
}

impl<F: Fn(&str) -> Option<String> + Send + Sync> LoadServiceConfig for Endpoints<F> {
    fn load_config(&self, asked: ServiceConfigKey<'_>) -> Option<String> {
        let service = asked.service_id().to_uppercase().replace(' ', "_");
        (self.0)(&format!("{}_{service}", asked.env()))
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials as _;
    use aws_sdk_dynamodb::config::Builder as Dynamo;
    use aws_sdk_s3::config::Builder as S3;

    use super::*;

    fn lambda(name: &str) -> Option<String> {
        let text = match name {
            "AWS_REGION" => "ap-southeast-3",
            "AWS_ACCESS_KEY_ID" => "ASIA",
            "AWS_SECRET_ACCESS_KEY" => "secret",
            "AWS_SESSION_TOKEN" => "token",
            "AWS_ENDPOINT_URL" => "http://127.0.0.1:1",
            "AWS_ENDPOINT_URL_DYNAMODB" => "http://127.0.0.1:2",
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[tokio::test]
    async fn the_environment_of_a_function_is_all_it_takes() {
        let config = configuration(lambda).build();
        assert_eq!(config.region().map(Region::as_ref), Some("ap-southeast-3"));
        let provider = config.credentials_provider().into_iter().next();
        let known = match provider {
            Some(provider) => provider.provide_credentials().await.ok(),
            None => None,
        };
        let known = known.map(|known| {
            let texts = [known.access_key_id(), known.secret_access_key()].map(str::to_owned);
            (texts, known.session_token().map(str::to_owned), known.expiry())
        });
        let said = (
            ["ASIA", "secret"].map(str::to_owned),
            Some("token".to_owned()),
            None,
        );
        assert_eq!(known, Some(said));
    }

    #[test]
    fn one_service_may_be_elsewhere() {
        let config = configuration(lambda).build();
        let dynamo = format!("{:?}", Dynamo::from(&config).build());
        let s3 = format!("{:?}", S3::from(&config).build());
        assert!(
            dynamo.contains("127.0.0.1:2") && !dynamo.contains("127.0.0.1:1"),
            "{dynamo}"
        );
        assert!(s3.contains("127.0.0.1:1") && !s3.contains("127.0.0.1:2"), "{s3}");
    }

    #[test]
    fn without_an_environment_nothing_is_made_up() {
        let config = configuration(|_| None).build();
        assert_eq!(config.region(), None);
        assert_eq!(config.endpoint_url(), None);
        assert!(config.credentials_provider().is_none());
    }
}
