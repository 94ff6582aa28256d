//! What the contract's tests share: the plain SDK client, and things to store.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::customer::OutletDay;
use domain::export::Export;
use domain::feedback::{Answer, Said};
use domain::mail::Mail;
use domain::money::Money;
use domain::page::Receipts;
use domain::quarantine::Quarantined;
use domain::receipt::{Head, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::TimeQuality;
use serde_json::{Value, json};
use testkit::Stores;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A moment for everything that needs one, Unix milliseconds.
pub(crate) const NOW_MS: i64 = 1_761_667_000_000;

/// DynamoDB as the SDK has it, for what the adapters rely on and do not show.
pub(crate) fn raw(stores: &Stores) -> Client {
    Client::new(stores.clients.config())
}

/// The name of the operations table: two key parts, an index, a stream.
pub(crate) fn operations(stores: &Stores) -> &str {
    &stores.clients.names().operations
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// An item of a table with two key parts.
pub(crate) fn item<const N: usize>(pk: &str, sk: &str, rest: [(&str, AttributeValue); N]) -> Item {
    let mut item: Item = rest.map(|(name, value)| (name.to_owned(), value)).into();
    item.insert("pk".to_owned(), text(pk));
    item.insert("sk".to_owned(), text(sk));
    item
}

/// Puts an item into the operations table.
pub(crate) async fn put(stores: &Stores, item: Item) {
    let put = raw(stores)
        .put_item()
        .table_name(operations(stores))
        .set_item(Some(item));
    put.send().await.expect("the item is put");
}

/// Reads an item of a table with two key parts, strongly consistent.
pub(crate) async fn get(stores: &Stores, table: &str, pk: &str, sk: &str) -> Option<Item> {
    let get = raw(stores)
        .get_item()
        .table_name(table)
        .set_key(Some(item(pk, sk, [])))
        .consistent_read(true);
    get.send().await.expect("the item is read").item
}

/// A put as one action of a transaction.
pub(crate) fn put_action(stores: &Stores, item: Item, condition: Option<&str>) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(operations(stores))
        .set_item(Some(item))
        .set_condition_expression(condition.map(str::to_owned));
    TransactWriteItem::builder()
        .put(put.build().expect("a whole action"))
        .build()
}

/// The service's code of a call that failed.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> &str {
    error.code().unwrap_or("no code")
}

/// Text that no compression makes much smaller than three quarters; the same seed gives the same text.
pub(crate) fn noise(seed: u64, length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(LETTERS[(state >> 58) as usize])
    };
    (0..length).map(|_| next()).collect()
}

/// A day of an outlet.
pub(crate) fn day(outlet: &str, date: &str) -> OutletDay {
    (outlet.to_owned(), date.parse().expect("a date"))
}

/// A paid receipt whose printed number is `note`.
pub(crate) fn receipt(note: String, rupiah: i64) -> Receipt {
    let rank = Rank {
        authority: 2,
        revised_ms: NOW_MS,
    };
    let total = Money::from_rupiah(rupiah);
    let head = Head {
        number: Some(note),
        at_ms: NOW_MS,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: None,
        table: None,
        method: Some("QRIS".to_owned()),
        gross: total,
        net: total,
        service: None,
        tax: None,
        rounding: None,
        total,
        refunded: Money::ZERO,
    };
    Receipt {
        head: Some(Ranked { rank, value: head }),
        lines: Lines::Missing,
        refunds: std::collections::BTreeMap::new(),
    }
}

/// A day's receipts that come to about three quarters of `note_bytes` when they are packed.
pub(crate) fn receipts(seed: u64, note_bytes: usize) -> Receipts {
    Receipts::from([(format!("R-{seed}"), receipt(noise(seed, note_bytes), 25_000))])
}

/// A file that is being read.
pub(crate) fn export(name: &str) -> Export {
    let key = format!("incoming/{name}.json");
    let export = json!({
        "id": domain::export::export_id("exports", &key), "bucket": "exports", "key": key, "etag": "e1",
        "size": 10, "state": "processing", "dialect": null, "sums": { "total": 0, "not_sold": 0, "refunded": 0 },
        "counts": { "received": 2, "stored": 1, "unchanged": 0, "stale": 0, "quarantined": 1 },
        "days_total": 1, "received_ms": NOW_MS, "runs": 1,
    });
    read(export)
}

/// A refused record of a file.
pub(crate) fn piece(export: &Export, byte_start: u64) -> Quarantined {
    read(json!({
        "export_id": export.id, "bucket": export.bucket, "key": export.key, "etag": export.etag,
        "byte_start": byte_start, "byte_len": 20, "pointer": "/0/total", "ordinal": byte_start / 100,
        "code": "AMOUNT_MISSING", "detail": "", "rules": 1, "preview": "{}", "context": "",
        "whole_file": false, "state": "open", "attempts": 1, "first_seen_ms": NOW_MS, "last_seen_ms": NOW_MS,
    }))
}

/// A mail that waits to be sent.
pub(crate) fn mail(id: &str, due_ms: i64) -> Mail {
    let cause = json!({ "cause": "export_trouble", "export": export("a"), "reasons": [] });
    read(json!({
        "id": id, "cause": cause, "state": "queued", "attempts": 0, "due_ms": due_ms, "created_ms": due_ms,
    }))
}

/// A receipt's place.
pub(crate) fn place(outlet: &str, date: &str, native: &str) -> ReceiptId {
    let (outlet, date) = day(outlet, date);
    ReceiptId {
        outlet,
        date,
        native: native.to_owned(),
    }
}

/// A guest's answer of one star that is not stored yet.
pub(crate) fn answer(receipt: &ReceiptId, said_ms: i64, comment: Option<&str>) -> Answer {
    let said = Said {
        at_ms: said_ms,
        told_ms: said_ms,
        overall: Some(1),
        comment: comment.map(str::to_owned),
        ..Said::default()
    };
    Answer {
        guest: Some(said),
        ..Answer::new(receipt.clone(), None, NOW_MS)
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what the store would hold")
}
