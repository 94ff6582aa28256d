//! Real engines on loopback ports of their own.

use std::path::{Path, PathBuf};

use aws::{Clients, Names};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use local::args::Config;
use serde_json::{Value, json};
use serde_norway::Value as Yaml;
use tempfile::TempDir;

use crate::Faults;

/// A world: engines, clients that reach them directly, and clients that reach them through faults.
#[derive(Debug)]
pub struct World {
    /// Clients without faults.
    pub clients: Clients,
    /// Clients that go through [`World::faults`]; they never try a call twice.
    pub faulty: Clients,
    /// The switch of the faults.
    pub faults: Faults,
    /// The address of the engines.
    pub url: String,
    engines: Option<local::Running>,
    folder: TempDir,
}

/// The repository's root.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository has a root")
}

impl World {
    /// Starts an empty world, in which nothing expires.
    pub async fn start() -> Self {
        Self::of(&lasting_stores()).await
    }

    /// Starts an empty world, in which what the template lets expire does so by the engine's clock.
    pub(crate) async fn start_expiring() -> Self {
        Self::of(&stores_only()).await
    }

    async fn of(stores: &str) -> Self {
        crate::name_tls_stack();
        let folder = tempfile::tempdir().expect("a folder");
        let template = folder.path().join("template.yaml");
        std::fs::write(&template, stores).expect("the template is written");
        let config = Config {
            template,
            data_dir: folder.path().join("data"),
            port: 0,
            aws_port: 0,
            functions_dir: folder.path().to_owned(),
            samples_dir: None,
        };
        let engines = local::start(&config, |_| async { Ok("none".to_owned()) })
            .await
            .expect("the engines start");
        let faults = Faults::default();
        let url = engines.aws_url.clone();
        let direct = aws_smithy_http_client::Builder::new().build_http();
        let names = Names {
            sales: "SalesTable".to_owned(),
            customers: "CustomersTable".to_owned(),
            operations: "OperationsTable".to_owned(),
            feedback: "FeedbackTable".to_owned(),
            duties: "DutiesTable".to_owned(),
            topups: "TopupsTable".to_owned(),
            exports: "exports".to_owned(),
        };
        Self {
            clients: Clients::with_config(config_for(&url, direct.clone()), names.clone()),
            faulty: Clients::with_config(config_for(&url, faults.client(direct)), names),
            faults,
            url,
            engines: Some(engines),
            folder,
        }
    }

    /// Puts an object into the bucket and answers its entity tag.
    pub async fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) -> String {
        let client = aws_sdk_s3::Client::new(self.clients.config());
        let request = client
            .put_object()
            .bucket("exports")
            .key(key)
            .body(ByteStream::from(bytes.into()));
        let reply = request.send().await.expect("the object is put");
        reply.e_tag().unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Puts an object and answers the message that the queue would hand out for it.
    pub async fn put_and_announce(&self, key: &str, bytes: impl Into<Vec<u8>>) -> Value {
        let bytes = bytes.into();
        let size = bytes.len();
        let etag = self.put(key, bytes).await;
        message(key, &etag, size)
    }

    /// The folder of the world's state.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Stops the engines.
    pub async fn stop(mut self) {
        if let Some(engines) = self.engines.take() {
            engines.stop().await;
        }
    }
}

/// A queue's event with one message about an object, as EventBridge words it.
#[must_use]
pub fn message(key: &str, etag: &str, size: usize) -> Value {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Object Created", "source": "aws.s3",
        "detail": { "bucket": { "name": "exports" }, "object": { "key": key, "size": size, "etag": etag } },
    });
    json!({ "Records": [{ "messageId": "m-1", "eventSource": "aws:sqs", "body": event.to_string() }] })
}

pub(crate) fn config_for(
    url: &str,
    http: impl aws_smithy_runtime_api::client::http::HttpClient + 'static,
) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build()
}

/// The real template without what is no store: nothing is triggered in a world but by its test.
pub(crate) fn stores_only() -> String {
    written(&stores())
}

/// The same stores, where nothing expires: the engine goes by its own clock, which is not that of a test, so what a
/// test says happened long ago would vanish in its middle.
fn lasting_stores() -> String {
    let mut template = stores();
    for (_, resource) in resources(&mut template) {
        if let Some(properties) = resource.get_mut("Properties").and_then(Yaml::as_mapping_mut) {
            properties.remove("TimeToLiveSpecification");
        }
    }
    written(&template)
}

fn stores() -> Yaml {
    let text = std::fs::read_to_string(repository().join("template.yaml")).expect("the template is there");
    let mut template: Yaml = serde_norway::from_str(&text).expect("the template is YAML");
    resources(&mut template).retain(|_, resource| {
        let kind = resource.get("Type").and_then(Yaml::as_str).unwrap_or_default();
        matches!(kind, "AWS::DynamoDB::Table" | "AWS::S3::Bucket")
    });
    template
}

fn resources(template: &mut Yaml) -> &mut serde_norway::Mapping {
    let resources = template.get_mut("Resources").and_then(Yaml::as_mapping_mut);
    resources.expect("the template has resources")
}

fn written(template: &Yaml) -> String {
    serde_norway::to_string(template).expect("the template is written")
}
