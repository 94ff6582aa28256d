//! Batches: their limits, and nothing lost of what an engine leaves undone.

use std::collections::{BTreeMap, BTreeSet};

use aws::customers::{Customers, StoredCustomer};
use aws::quarantine::Quarantine;
use aws_sdk_dynamodb::types::{KeysAndAttributes, PutRequest, WriteRequest};
use domain::customer::{Customer, Fact, Profile};
use domain::quarantine::Quarantined;
use testkit::Stores;
use testkit::faults::Plan;

use crate::differences::{Difference, agree};
use crate::support::{Item, NOW_MS, code, export, get, item, noise, operations, piece, raw, text};

/// A customer of a name, not stored yet.
fn customer(name: String) -> StoredCustomer {
    let name = Some(Fact {
        told_ms: NOW_MS,
        value: name,
    });
    let profile = Profile {
        name,
        ..Profile::default()
    };
    let days = BTreeMap::new();
    StoredCustomer {
        customer: Customer {
            profile,
            days,
            ..Customer::default()
        },
        version: 0,
    }
}

/// Stores customers with names of a length, and answers their ids.
async fn customers(stores: &Stores, count: usize, name_bytes: usize) -> Vec<String> {
    let new: Vec<(String, StoredCustomer)> = (0..count)
        .map(|n| (format!("OYAKO_{n:04}"), customer(noise(n as u64 + 1, name_bytes))))
        .collect();
    let adapter = Customers::new(&stores.clients);
    // Statements of one request share its 16 MB.
    for some in new.chunks(5_000_000 / (name_bytes + 1)) {
        assert_eq!(adapter.write(some).await.unwrap(), Vec::<String>::new());
    }
    new.into_iter().map(|(id, _)| id).collect()
}

/// Reads customers back and compares them with what [`customers`] stored.
async fn read_back(adapter: &Customers, ids: &[String], name_bytes: usize) {
    let read = adapter.read(ids).await.unwrap();
    assert_eq!(read.len(), ids.len());
    for (n, id) in ids.iter().enumerate() {
        let name = read[id].customer.profile.name.as_ref().unwrap();
        assert_eq!(name.value, noise(n as u64 + 1, name_bytes), "{id}");
    }
}

#[tokio::test]
async fn more_keys_than_one_request_takes_are_all_read() {
    let stores = Stores::start().await;
    let adapter = Customers::new(&stores.clients);
    let ids = customers(&stores, 230, 10).await;
    read_back(&adapter, &ids, 10).await;
    let mut asked = ids.clone();
    asked.push("OYAKO_nobody".to_owned());
    assert_eq!(adapter.read(&asked).await.unwrap().len(), 230);
    assert_eq!(adapter.read(&[]).await.unwrap().len(), 0);
    stores.stop().await;
}

/// The API reference, "BatchGetItem": an answer ends at 16 MB and names the keys that it left out.
#[tokio::test]
async fn keys_that_an_answer_left_out_are_asked_for_again() {
    let stores = Stores::start().await;
    const NAME_BYTES: usize = 380 << 10;
    let ids = customers(&stores, 45, NAME_BYTES).await;
    let keys = ids
        .iter()
        .map(|id| Item::from([("pk".to_owned(), text(format!("C#{id}")))]));
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys.collect()));
    let table = &stores.clients.names().customers;
    let reply = raw(&stores)
        .batch_get_item()
        .request_items(table, wanted.build().unwrap())
        .send()
        .await
        .unwrap();
    let left_out = reply.unprocessed_keys().is_some_and(|left| !left.is_empty());
    agree(&stores, Difference::AnswersBeyond16Mb, left_out, true);
    read_back(&Customers::new(&stores.clients), &ids, NAME_BYTES).await;
    stores.stop().await;
}

#[tokio::test]
async fn keys_left_undone_by_a_throttled_engine_are_read_once_each() {
    let stores = Stores::start().await;
    let ids = customers(&stores, 120, 10).await;
    stores.faults.set(Plan::HalfDone(3));
    read_back(&Customers::new(&stores.faulty), &ids, 10).await;
    assert_eq!(
        stores.faults.calls(),
        5,
        "two chunks, and three rounds for what was left"
    );
    stores.stop().await;
}

#[tokio::test]
async fn pieces_left_undone_by_a_throttled_engine_are_all_listed() {
    let stores = Stores::start().await;
    let export = export("a");
    let pieces: Vec<Quarantined> = (0..60).map(|n| piece(&export, n * 100)).collect();
    stores.faults.set(Plan::HalfDone(3));
    Quarantine::new(&stores.faulty).list(&pieces).await.unwrap();
    assert_eq!(
        stores.faults.calls(),
        6,
        "three chunks, and three rounds for what was left"
    );
    let listed = Quarantine::new(&stores.clients)
        .of_export(&export.id, None, 100)
        .await;
    assert_eq!(listed.unwrap(), (pieces, None));
    stores.stop().await;
}

/// The API reference, "BatchWriteItem" and "BatchGetItem".
#[tokio::test]
async fn a_batch_keeps_within_its_limits() {
    let stores = Stores::start().await;
    let table = operations(&stores);
    let write = |sks: Vec<u32>| {
        let requests = sks.into_iter().map(|sk| {
            let put = PutRequest::builder().set_item(Some(item("T#batch", &sk.to_string(), [])));
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        });
        raw(&stores)
            .batch_write_item()
            .request_items(table, requests.collect())
    };
    write((0..25).collect()).send().await.unwrap();
    for (what, sks) in [("26 items", (0..26).collect()), ("an item twice", vec![30, 30])] {
        let error = write(sks).send().await.expect_err(what);
        assert_eq!(code(&error), "ValidationException", "{what}");
    }
    assert_eq!(get(&stores, table, "T#batch", "30").await, None);
    let keys = (0..101).map(|sk| item("T#batch", &sk.to_string(), []));
    let wanted = KeysAndAttributes::builder().set_keys(Some(keys.collect()));
    let read = raw(&stores)
        .batch_get_item()
        .request_items(table, wanted.build().unwrap());
    let error = read.send().await.expect_err("101 keys");
    assert_eq!(code(&error), "ValidationException");
    stores.stop().await;
}

#[tokio::test]
async fn the_same_pieces_listed_again_change_nothing() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let export = export("a");
    let mut pieces: Vec<Quarantined> = (0..30).map(|n| piece(&export, n * 100)).collect();
    adapter.list(&pieces).await.unwrap();
    // A file may refuse one place twice; a request may not name it twice.
    pieces.extend(pieces.clone());
    adapter.list(&pieces).await.unwrap();
    let (listed, next) = adapter.of_export(&export.id, None, 100).await.unwrap();
    let places: BTreeSet<String> = listed.iter().map(Quarantined::local_id).collect();
    assert_eq!((listed.len(), places.len(), next), (30, 30, None));
    stores.stop().await;
}
