//! The stores alone, on the engine that the environment of the test run names.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use aws::{Clients, Names};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, VersioningConfiguration,
};
use local::template::{StreamSource, Table, Template};
use serde_json::{Value, json};

use crate::engine::{Engine, Place};
use crate::world::{config_for, repository, stores_only};
use crate::{Faults, World};

/// How often a new table is looked at until it can be used.
const LOOKS: u32 = 200;
/// The pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(25);

/// Tables, and a bucket where the engine has any, as `template.yaml` defines them; this test's own.
#[derive(Debug)]
pub struct Stores {
    /// Clients without faults.
    pub clients: Clients,
    /// Clients that go through [`Stores::faults`]; they never try a call twice.
    pub faulty: Clients,
    /// The switch of the faults.
    pub faults: Faults,
    /// The engine they are on.
    pub engine: Engine,
    /// Whether there is a bucket.
    pub has_objects: bool,
    url: String,
    http: reqwest::Client,
    made: Option<Made>,
}

/// What has to be taken away afterwards.
#[derive(Debug)]
enum Made {
    World(Box<World>),
    Tables(Vec<String>),
}

impl Stores {
    /// Makes empty stores.
    pub async fn start() -> Self {
        crate::name_tls_stack();
        match Place::of_this_run() {
            Place::Inside => Self::inside().await,
            Place::At { url, engine, objects } => Self::at(url, engine, objects).await,
        }
    }

    async fn inside() -> Self {
        let world = World::start_expiring().await;
        Self {
            clients: world.clients.clone(),
            faulty: world.faulty.clone(),
            faults: world.faults.clone(),
            engine: Engine::Embedded,
            has_objects: true,
            url: world.url.clone(),
            http: reqwest::Client::new(),
            made: Some(Made::World(Box::new(world))),
        }
    }

    async fn at(url: String, engine: Engine, has_objects: bool) -> Self {
        let prefix = fresh_prefix();
        let named = |id: &str| format!("{prefix}-{id}");
        let names = Names {
            sales: named("SalesTable"),
            customers: named("CustomersTable"),
            operations: named("OperationsTable"),
            feedback: named("FeedbackTable"),
            duties: named("DutiesTable"),
            topups: named("TopupsTable"),
            exports: named("exports"),
        };
        let faults = Faults::default();
        let direct = aws_smithy_http_client::Builder::new().build_http();
        let mut stores = Self {
            clients: Clients::with_config(config_for(&url, direct.clone()), names.clone()),
            faulty: Clients::with_config(config_for(&url, faults.client(direct)), names),
            faults,
            engine,
            has_objects,
            url,
            http: reqwest::Client::new(),
            made: None,
        };
        let template = Template::parse(&stores_only()).expect("the template can be read");
        let mut tables = Vec::new();
        for table in &template.tables {
            tables.push(named(&table.name));
            stores.create_table(table, &named(&table.name)).await;
        }
        stores.made = Some(Made::Tables(tables));
        if has_objects {
            stores.create_bucket().await;
        }
        stores
    }

    async fn create_table(&self, table: &Table, name: &str) {
        let mut definition = table.create.clone();
        definition["TableName"] = json!(name);
        self.must("DynamoDB_20120810.CreateTable", &definition).await;
        let mut looks = 0;
        let described = json!({ "TableName": name });
        while self.must("DynamoDB_20120810.DescribeTable", &described).await["Table"]["TableStatus"]
            != "ACTIVE"
        {
            looks += 1;
            assert!(looks < LOOKS, "table {name} does not become active");
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        if let Some(attribute) = &table.ttl_attribute {
            let expiry = json!({
                "TableName": name,
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
            });
            self.must("DynamoDB_20120810.UpdateTimeToLive", &expiry).await;
        }
    }

    async fn create_bucket(&self) {
        let client = aws_sdk_s3::Client::new(self.clients.config());
        let bucket = &self.clients.names().exports;
        let here = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::ApSoutheast3)
            .build();
        let made = client
            .create_bucket()
            .bucket(bucket)
            .create_bucket_configuration(here)
            .send()
            .await;
        made.expect("the bucket is made");
        let versions = VersioningConfiguration::builder()
            .status(BucketVersioningStatus::Enabled)
            .build();
        let versioned = client
            .put_bucket_versioning()
            .bucket(bucket)
            .versioning_configuration(versions)
            .send()
            .await;
        versioned.expect("the bucket keeps versions");
    }

    async fn remove_bucket(&self) {
        let client = aws_sdk_s3::Client::new(self.clients.config());
        let bucket = &self.clients.names().exports;
        let listed = client.list_object_versions().bucket(bucket).send().await;
        for version in listed.expect("the versions are listed").versions() {
            let delete = client
                .delete_object()
                .bucket(bucket)
                .key(version.key().unwrap_or_default());
            let deleted = delete
                .set_version_id(version.version_id().map(str::to_owned))
                .send()
                .await;
            deleted.expect("the version is deleted");
        }
        let removed = client.delete_bucket().bucket(bucket).send().await;
        removed.expect("the bucket is removed");
    }

    /// Calls an operation of DynamoDB or its streams that the adapters do not use, such as
    /// `DynamoDBStreams_20120810.GetRecords`. Answers the status and the body.
    pub async fn call(&self, target: &str, body: &Value) -> (u16, Value) {
        // The engines want a signature to be there; on loopback none of them checks it.
        // A date is wanted too, and looked at no more closely.
        let signature = "AWS4-HMAC-SHA256 Credential=test/20260101/ap-southeast-3/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
        let request = self
            .http
            .post(&self.url)
            .header("authorization", signature)
            .header("x-amz-date", "20260101T000000Z")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .body(body.to_string());
        let reply = request.send().await.expect("the engine answers");
        let status = reply.status().as_u16();
        let text = reply.text().await.expect("the answer is text");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, body)
    }

    /// As [`Stores::call`], for a call that has to go well.
    ///
    /// # Panics
    /// When it does not.
    pub async fn must(&self, target: &str, body: &Value) -> Value {
        let (status, answer) = self.call(target, body).await;
        assert_eq!(status, 200, "{target} of {body}: {answer}");
        answer
    }

    /// Puts bytes where a presigned address leads. Answers the status.
    pub async fn upload(&self, url: &str, headers: &[(String, String)], bytes: Vec<u8>) -> u16 {
        let mut request = self.http.put(url).body(bytes);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request
            .send()
            .await
            .expect("the engine answers")
            .status()
            .as_u16()
    }

    /// Takes the stores away.
    pub async fn stop(mut self) {
        match self.made.take() {
            None => {}
            Some(Made::World(world)) => world.stop().await,
            Some(Made::Tables(tables)) => {
                for table in tables {
                    let deleted = json!({ "TableName": table });
                    self.must("DynamoDB_20120810.DeleteTable", &deleted).await;
                }
                if self.has_objects {
                    self.remove_bucket().await;
                }
            }
        }
    }
}

impl Drop for Stores {
    fn drop(&mut self) {
        // A foreign engine would keep the tables of a test that forgot them. A failed test may leave them:
        // nobody else uses its names.
        let forgotten = self.made.is_some() && !std::thread::panicking();
        assert!(!forgotten, "a test ends with Stores::stop");
    }
}

/// The stream triggers of the functions, as `template.yaml` has them, each with the name of its function.
#[must_use]
pub fn stream_triggers() -> Vec<(String, StreamSource)> {
    let template = Template::read(&repository().join("template.yaml")).expect("the template can be read");
    let mut triggers = Vec::new();
    for function in template.functions {
        for source in function.sources {
            if let local::template::Source::Stream(source) = source {
                triggers.push((function.binary.clone(), source));
            }
        }
    }
    triggers
}

/// A name that no other test and no earlier run has: tests share an engine and run side by side.
fn fresh_prefix() -> String {
    // The standard library's own randomness; hashing nothing gives one number of it.
    let random = std::hash::RandomState::new().build_hasher().finish();
    format!("t{random:016x}")
}
