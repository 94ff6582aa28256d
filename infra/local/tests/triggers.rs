//! Queues, streams and what they do when a function fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::Value;
use support::{World, eventually};

async fn put(world: &World, key: &str) {
    world
        .s3()
        .put_object()
        .bucket("exports")
        .key(key)
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
}

/// How often `Files` was given a key, and the receive counts it was told.
fn receives(world: &World, key: &str) -> Vec<String> {
    let events = world.events("Files");
    let records = events
        .iter()
        .flat_map(|event| event["Records"].as_array().unwrap());
    let of_key = records.filter(|record| record["body"].as_str().unwrap().contains(key));
    of_key
        .map(|record| {
            record["attributes"]["ApproximateReceiveCount"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

async fn received(world: &World, key: &str, count: usize) {
    eventually(key, || async {
        (receives(world, key).len() >= count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_item_comes_again_alone() {
    let world = World::start().await;
    for key in ["incoming/good", "incoming/item-fails-once"] {
        put(&world, key).await;
    }
    received(&world, "item-fails-once", 2).await;
    world.waiting("Work", 0).await;
    assert_eq!(receives(&world, "item-fails-once"), ["1", "2"]);
    assert_eq!(receives(&world, "good"), ["1"]);
    assert!(world.running().waiting("Dead").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_always_fails_ends_in_the_dead_letter_queue() {
    let world = World::start().await;
    for key in [
        "incoming/item-fails-always",
        "incoming/error-always",
        "incoming/hang-always",
    ] {
        put(&world, key).await;
    }
    let dead = world.waiting("Dead", 3).await;
    let mut keys: Vec<&str> = dead
        .iter()
        .map(|event| event["detail"]["object"]["key"].as_str().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "incoming/error-always",
            "incoming/hang-always",
            "incoming/item-fails-always"
        ]
    );
    for key in ["item-fails-always", "error-always", "hang-always"] {
        assert_eq!(
            receives(&world, key),
            ["1", "2"],
            "{key}: as often as the redrive policy says"
        );
    }
    put(&world, "incoming/after").await;
    world.object("incoming/after").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_a_failure_and_the_next_process_takes_over() {
    let world = World::start().await;
    put(&world, "incoming/crash-once").await;
    received(&world, "crash-once", 2).await;
    world.waiting("Work", 0).await;
    let pids: Vec<Value> = support::record(world.folder.path())
        .into_iter()
        .map(|line| line["pid"].clone())
        .collect();
    assert_ne!(pids[0], pids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_flight_at_a_stop_comes_again_at_the_next_start() {
    let mut world = World::start().await;
    put(&world, "incoming/hang-once").await;
    received(&world, "hang-once", 1).await;
    world.restart().await;
    received(&world, "hang-once", 2).await;
    // The stop cut the first receive short, so it does not count: the function hangs again, runs out of time,
    // and the third try is its second receive.
    received(&world, "hang-once", 3).await;
    world.waiting("Work", 0).await;
    assert_eq!(receives(&world, "hang-once"), ["1", "1", "2"]);
}

async fn put_item(world: &World, pk: &str, kind: &str) {
    let request = world.dynamodb().put_item().table_name("Items");
    request
        .item("pk", AttributeValue::S(pk.to_owned()))
        .item("kind", AttributeValue::S(kind.to_owned()))
        .send()
        .await
        .unwrap();
}

/// The keys of the records that `Changes` was given, in order.
fn changes(world: &World) -> Vec<String> {
    world.events("Changes").iter().flat_map(keys).collect()
}

/// The keys of the records of one event.
fn keys(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().unwrap().iter();
    records
        .map(|record| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_gathers_the_changes_of_some_keys_into_one_batch() {
    let world = World::start().await;
    for pk in ["S#1", "P#1", "S#2", "S#3"] {
        put_item(&world, pk, "other").await;
    }
    eventually("S#3", || async {
        let seen: Vec<String> = world.events("Counts").iter().flat_map(keys).collect();
        seen.contains(&"S#3".to_owned()).then_some(())
    })
    .await;
    let batches: Vec<Vec<String>> = world.events("Counts").iter().map(keys).collect();
    assert_eq!(batches, [["S#1", "S#2", "S#3"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_records_pass_the_filter_in_order_and_only_once() {
    let mut world = World::start().await;
    for (pk, kind) in [("a", "mail"), ("b", "other"), ("c", "mail")] {
        put_item(&world, pk, kind).await;
    }
    eventually("c", || async {
        changes(&world).contains(&"c".to_owned()).then_some(())
    })
    .await;
    assert_eq!(changes(&world), ["a", "c"]);
    let record = world.events("Changes")[0]["Records"][0].clone();
    assert_eq!(
        (&record["eventName"], &record["eventSource"]),
        (&"INSERT".into(), &"aws:dynamodb".into())
    );
    assert_eq!(
        record["eventSourceARN"],
        "arn:aws:dynamodb:ap-southeast-3:000000000000:table/Items/stream/local"
    );
    assert_eq!(record["dynamodb"]["NewImage"]["kind"]["S"], "mail");
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_IMAGE");
    assert!(record["dynamodb"]["ApproximateCreationDateTime"].is_i64());
    world.restart().await;
    put_item(&world, "d", "mail").await;
    eventually("d", || async {
        changes(&world).contains(&"d".to_owned()).then_some(())
    })
    .await;
    assert_eq!(
        changes(&world),
        ["a", "c", "d"],
        "the position outlives a restart"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_record_that_always_fails_is_given_up_and_the_rest_goes_on() {
    let world = World::start().await;
    for pk in ["a", "item-fails-always", "b"] {
        put_item(&world, pk, "mail").await;
    }
    let reports = world.waiting("StreamDead", 1).await;
    assert_eq!(
        reports[0]["requestContext"]["condition"],
        "RetryAttemptsExhausted"
    );
    assert_eq!(reports[0]["DDBStreamBatchInfo"]["batchSize"], 1);
    let given_up = &reports[0]["payload"]["Records"][0]["dynamodb"]["Keys"]["pk"]["S"];
    assert_eq!(given_up, "item-fails-always");
    eventually("b", || async {
        changes(&world).contains(&"b".to_owned()).then_some(())
    })
    .await;
    assert_eq!(
        changes(&world).iter().filter(|pk| *pk == "a").count(),
        1,
        "what was done is not done again"
    );
}
