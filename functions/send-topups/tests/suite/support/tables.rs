//! What is stored.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::mail::{Mail, MailCause};
use serde_json::Value;
use testkit::search::Texts;

use super::Shop;

const TABLES: [&str; 2] = ["TopupsTable", "OperationsTable"];

impl Shop {
    /// Every item of the tables by table and key: its attributes as text, its document as JSON where it is one.
    async fn items(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        let mut all = BTreeMap::new();
        for table in TABLES {
            let mut pages = client.scan().table_name(table).into_paginator().items().send();
            while let Some(item) = pages.next().await {
                let item: BTreeMap<String, Value> = item
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.clone(), plain(value)))
                    .collect();
                let key = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
                all.insert(format!("{table} {} {}", key("pk"), key("sk")), item.clone());
            }
        }
        all
    }

    /// Makes a document of the top-ups' table one that nobody can read.
    pub(crate) async fn damage(&self, pk: &str, sk: &str) {
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        client
            .update_item()
            .table_name(TABLES[0])
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .update_expression("SET doc = :doc")
            .expression_attribute_values(":doc", AttributeValue::S("{".to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Everything that is stored, but for what an order says of its own number and serial number, and for the number
    /// by which a destination is found.
    pub(crate) async fn everything_else(&self) -> Texts {
        let mut all = Texts::new();
        for (number, (mut key, mut item)) in self.items().await.into_iter().enumerate() {
            if item.get("kind").and_then(Value::as_str) == Some("topup")
                && let Some(Value::Object(order)) = item.get_mut("doc")
            {
                assert!(order.remove("dest").is_some());
                order.remove("sn");
            }
            if key.starts_with("TopupsTable N#") {
                item.remove("pk");
                key = format!("destination {number}");
            }
            all.insert(key, serde_json::to_string(&item).unwrap());
        }
        all
    }

    /// What people were told: kind and subject of each mail.
    pub(crate) async fn alerts(&self) -> BTreeSet<(String, String)> {
        let items = self.items().await;
        let mails = items
            .into_values()
            .filter(|item| item.get("kind").and_then(Value::as_str) == Some("mail"));
        mails
            .map(|item| {
                let mail: Mail = serde_json::from_value(item["doc"].clone()).unwrap();
                match mail.cause {
                    MailCause::TopupAlert { alert, subject, .. } => (alert, subject),
                    other => panic!("another mail: {other:?}"),
                }
            })
            .collect()
    }

    /// Whether people were told of something about a thing.
    pub(crate) async fn is_alerted(&self, alert: &str, subject: &str) -> bool {
        self.alerts()
            .await
            .contains(&(alert.to_owned(), subject.to_owned()))
    }
}

fn plain(value: &AttributeValue) -> Value {
    match value {
        // Documents are texts.
        AttributeValue::S(text) => serde_json::from_str(text)
            .ok()
            .filter(Value::is_object)
            .unwrap_or_else(|| Value::String(text.clone())),
        AttributeValue::N(number) => Value::String(number.clone()),
        other => Value::String(format!("{other:?}")),
    }
}
