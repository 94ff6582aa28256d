//! What is in the tables and in the bucket.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::Shop;

const TABLES: [&str; 5] = [
    "SalesTable",
    "CustomersTable",
    "OperationsTable",
    "FeedbackTable",
    "DutiesTable",
];
/// What differs between two runs that do the same: when it was, who held what, how often something was written.
const OF_THE_RUN: [&str; 22] = [
    "announced_ms",
    "at_ms",
    "attempts",
    "began",
    "claimed_at",
    "created_ms",
    "due_ms",
    "expires_at",
    "finished_ms",
    "h",
    "lease_until_ms",
    "phase_ms",
    "reconcile_ms",
    "started_ms",
    "token",
    "tries",
    "u",
    "v",
    "version",
    "waited_ms",
    "waits",
    "work_at",
];

impl Shop {
    /// Every item of every table, by table and key.
    pub(crate) async fn tables(&self) -> BTreeMap<String, Value> {
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        let mut all = BTreeMap::new();
        for table in TABLES {
            let mut next = None;
            loop {
                let page = client
                    .scan()
                    .table_name(table)
                    .set_exclusive_start_key(next)
                    .send()
                    .await
                    .unwrap();
                for item in page.items() {
                    let item: Value = item
                        .iter()
                        .map(|(name, value)| (name.clone(), plain(value)))
                        .collect();
                    all.insert(format!("{table} {} {}", item["pk"], item["sk"]), item);
                }
                next = page.last_evaluated_key().cloned();
                if next.is_none() {
                    break;
                }
            }
        }
        all
    }

    /// The same without what belongs to the run and not to what it came to. Of audit records, whose hashes hold
    /// times, what was done to what.
    pub(crate) async fn meaning(&self) -> BTreeMap<String, Value> {
        let mut tables = self.tables().await;
        tables.retain(|_, item| item["kind"] != "lease");
        for item in tables.values_mut() {
            if item["kind"] == "audit" {
                let doc = &item["doc"];
                *item = json!([doc["action"], doc["subject"], doc["actor"]]);
            }
            strip(item);
        }
        tables
    }

    /// How many digests of nights there are in the outbox.
    pub(crate) async fn digests(&self) -> usize {
        let tables = self.tables().await;
        let mails = tables.values().filter(|item| item["kind"] == "mail");
        mails
            .filter(|mail| mail["doc"]["cause"]["cause"] == "night_digest")
            .count()
    }

    /// The objects of the bucket: key, entity tag and size, in the order of the keys.
    pub(crate) async fn objects(&self) -> Vec<(String, String, usize)> {
        let client = aws_sdk_s3::Client::new(self.world.clients.config());
        let listing = client.list_objects_v2().bucket("exports").send().await.unwrap();
        let bucket = self.deps().objects;
        let mut objects = Vec::new();
        for object in listing.contents() {
            let key = object.key().unwrap();
            let head = bucket.head(key).await.unwrap().unwrap();
            objects.push((key.to_owned(), head.etag, usize::try_from(head.size).unwrap()));
        }
        objects.sort();
        objects
    }

    /// The keys of fetched files.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let keys = self.objects().await.into_iter().map(|(key, ..)| key);
        keys.filter(|key| key.starts_with("incoming/")).collect()
    }
}

fn plain(value: &AttributeValue) -> Value {
    match value {
        // Documents are texts.
        AttributeValue::S(text) => serde_json::from_str(text)
            .ok()
            .filter(Value::is_object)
            .unwrap_or_else(|| json!(text)),
        AttributeValue::N(number) => json!(number),
        AttributeValue::B(bytes) => json!(data_encoding::HEXLOWER.encode(bytes.as_ref())),
        other => json!(format!("{other:?}")),
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !OF_THE_RUN.contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        _ => {}
    }
}
