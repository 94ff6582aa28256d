//! A search of everything that is stored, in every writing that a value may have.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use domain::habit::Habit;
use domain::insight::Insight;

use super::Shop;

/// An item as text: packed bytes unpacked.
pub(crate) type Texts = BTreeMap<String, String>;

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

/// The items in which a value stands, in whatever writing.
pub(crate) fn found_in(all: &Texts, value: &str) -> Vec<String> {
    let writings: Vec<String> = writings(value)
        .into_iter()
        .map(|text| text.to_lowercase())
        .collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        writings.iter().any(|writing| text.contains(writing))
    };
    let found = all.iter().filter(|(key, text)| holds(key) || holds(text));
    found.map(|(key, _)| key.clone()).collect()
}

/// The value as it is, percent-encoded (both ways to write a space), and inside base64 at each of the three places
/// where it can begin.
fn writings(value: &str) -> Vec<String> {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let percent: String = value.bytes().map(encode).collect();
    let mut all = vec![value.to_owned(), percent.replace("%20", "+"), percent];
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend(value.bytes());
        // Only whole groups of three: what stands before and after is not known.
        let from = if shift == 0 { 0 } else { 4 };
        let to = bytes.len() / 3 * 4;
        for base64 in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            all.push(base64.encode(&bytes)[from..to].to_owned());
        }
    }
    all
}

#[test]
fn a_value_is_found_in_every_writing() {
    let hidden = [
        "x rahma.k@example.test y".to_owned(),
        "mail=rahma.k%40example.test".to_owned(),
        "RAHMA.K@EXAMPLE.TEST".to_owned(),
        STANDARD_NO_PAD.encode("rahma.k@example.test"),
        STANDARD_NO_PAD.encode("{\"mail\":\"rahma.k@example.test\"}"),
        STANDARD_NO_PAD.encode("{\"email\":\"rahma.k@example.test\"}"),
        URL_SAFE_NO_PAD.encode("{\"e-mail\":\"rahma.k@example.test\"}"),
    ];
    for text in hidden {
        let all = Texts::from([("key".to_owned(), text.clone())]);
        assert_eq!(found_in(&all, "rahma.k@example.test"), ["key"], "{text}");
    }
    let all = Texts::from([("key".to_owned(), "rahma@example.test".to_owned())]);
    assert_eq!(found_in(&all, "rahma.k@example.test"), Vec::<String>::new());
}
