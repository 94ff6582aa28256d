//! A whole local run on free ports, with functions that do as the tests ask.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use local::Running;
use local::args::Config;
use serde_json::Value;

/// How often a condition is looked at, and how many times before the test fails.
const PAUSE: Duration = Duration::from_millis(50);
const LOOKS: usize = 600;

/// A running set on a folder of its own.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) running: Option<Running>,
}

pub(crate) fn config(folder: &std::path::Path) -> Config {
    let template = include_str!("../fixtures/template.yaml");
    let record = folder.join("record.ndjson");
    std::fs::write(
        folder.join("template.yaml"),
        template.replace("RECORD-FILE", record.to_str().unwrap()),
    )
    .unwrap();
    Config {
        port: 0,
        aws_port: 0,
        data_dir: folder.join("data"),
        template: folder.join("template.yaml"),
        functions_dir: functions_dir(),
        samples_dir: None,
    }
}

pub(crate) fn functions_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_fake-function"))
        .parent()
        .unwrap()
        .to_owned()
}

impl World {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self {
            folder,
            running: None,
        };
        world.restart().await;
        world
    }

    /// Stops what runs, if anything, and starts again on the same folder.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        let config = config(self.folder.path());
        let running = local::start(&config, |_| async { Ok("the-key".to_owned()) })
            .await
            .unwrap();
        self.running = Some(running);
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running().base_url)
    }

    pub(crate) fn bucket_folder(&self) -> PathBuf {
        self.folder.path().join("data/s3/exports")
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        s3(&self.running().aws_url)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-3"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(&self.running().aws_url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    pub(crate) fn ses(&self) -> aws_sdk_ses::Client {
        let config = aws_sdk_ses::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-3"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(&self.running().aws_url)
            .retry_config(aws_sdk_ses::config::retry::RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_ses::Client::from_conf(config)
    }

    pub(crate) fn ssm(&self) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-3"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(&self.running().aws_url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_ssm::Client::from_conf(config)
    }

    /// The value of a line of `local.env`.
    pub(crate) fn setting(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.folder.path().join("data/local.env")).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {name} in local.env"))
            .to_owned()
    }

    /// Mends what makes functions fail or wait until then.
    pub(crate) fn mend(&self) {
        std::fs::write(self.folder.path().join("record.ndjson.mended"), "").unwrap();
    }

    /// The events that `function` was given so far.
    pub(crate) fn events(&self, function: &str) -> Vec<Value> {
        record(self.folder.path())
            .into_iter()
            .filter(|line| line["function"] == function)
            .map(|mut line| line["event"].take())
            .collect()
    }

    /// The object events of all messages that `Files` was given so far.
    pub(crate) fn objects(&self) -> Vec<Value> {
        messages(&self.events("Files"))
    }

    /// Waits until `Files` was given an event of this key, and returns it.
    pub(crate) async fn object(&self, key: &str) -> Value {
        let find = || async {
            self.objects()
                .into_iter()
                .find(|event| event["detail"]["object"]["key"] == key)
        };
        eventually(key, find).await
    }

    /// Waits until `count` messages are in the queue.
    pub(crate) async fn waiting(&self, queue: &str, count: usize) -> Vec<Value> {
        let look = || async {
            let bodies = self.running().waiting(queue).await.unwrap();
            (bodies.len() == count).then(|| {
                bodies
                    .iter()
                    .map(|body| serde_json::from_str(body).unwrap())
                    .collect()
            })
        };
        eventually(queue, look).await
    }
}

pub(crate) fn s3(aws_url: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(aws_url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

/// The lines that the functions wrote down.
pub(crate) fn record(folder: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("record.ndjson")).unwrap_or_default();
    // The last line may be half written.
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The bodies of the SQS messages of some events.
pub(crate) fn messages(events: &[Value]) -> Vec<Value> {
    let records = events
        .iter()
        .flat_map(|event| event["Records"].as_array().unwrap());
    records
        .map(|record| serde_json::from_str(record["body"].as_str().unwrap()).unwrap())
        .collect()
}

/// Waits until `look` finds something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    for _ in 0..LOOKS {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("never happened: {what}")
}
