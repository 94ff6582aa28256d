//! Everything that is stored, as texts to search: packed bytes unpacked.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::habit::Habit;
use domain::insight::Insight;
use testkit::search::Texts;

use super::Shop;

const TABLES: [&str; 5] = [
    "SalesTable",
    "CustomersTable",
    "OperationsTable",
    "FeedbackTable",
    "DutiesTable",
];

impl Shop {
    /// Every item of every table by table and key, every object that is not an export by its key, and every mail that
    /// was sent.
    pub(crate) async fn everything(&self) -> Texts {
        let mut all = self.mailbox();
        for table in TABLES {
            all.extend(self.table(table).await);
        }
        let client = aws_sdk_s3::Client::new(self.world.clients.config());
        let listed = client.list_objects_v2().bucket("exports").send().await.unwrap();
        assert_eq!(listed.is_truncated(), Some(false));
        for object in listed.contents() {
            let key = object.key().unwrap();
            if !key.starts_with("incoming/") {
                let object = client
                    .get_object()
                    .bucket("exports")
                    .key(key)
                    .send()
                    .await
                    .unwrap();
                let bytes = object.body.collect().await.unwrap().into_bytes();
                all.insert(
                    format!("exports {key}"),
                    String::from_utf8_lossy(&bytes).into_owned(),
                );
            }
        }
        all
    }

    pub(crate) async fn table(&self, table: &str) -> Texts {
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        let mut pages = client.scan().table_name(table).into_paginator().items().send();
        let mut all = Texts::new();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            let name = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            let key = format!("{table} {:?} {:?}", name("pk"), name("sk"));
            let item: BTreeMap<_, _> = item.iter().collect();
            let text: Vec<String> = item
                .iter()
                .map(|(name, value)| format!("{name}={}", written(value)))
                .collect();
            all.insert(key, text.join("\n"));
        }
        all
    }
}

/// A value as text, and what is packed in it.
fn written(value: &AttributeValue) -> String {
    let AttributeValue::B(bytes) = value else {
        return format!("{value:?}");
    };
    let bytes = bytes.as_ref();
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if let Ok(receipts) = domain::page::unpack(bytes) {
        text.push_str(&format!("{receipts:?}"));
    }
    if let Ok(customer) = domain::customer::unpack(bytes) {
        text.push_str(&format!("{customer:?}"));
    }
    if let Ok(habit) = Habit::unpack(bytes) {
        text.push_str(&format!("{habit:?}"));
    }
    if let Ok(insight) = Insight::unpack(bytes) {
        text.push_str(&format!("{insight:?}"));
    }
    text
}
