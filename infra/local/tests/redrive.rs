//! What was given up is kept, and tried once more when a person says so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};
use support::{World, eventually};

async fn redrive(world: &World) -> Value {
    let client = local::web_client().unwrap();
    let reply = client.post(world.url("/_local/redrive")).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    reply.json().await.unwrap()
}

async fn put(world: &World, key: &str) {
    let request = world.s3().put_object().bucket("exports").key(key);
    request.body(ByteStream::from_static(b"x")).send().await.unwrap();
}

/// Makes the hourly schedule due: it last fired two hours ago.
async fn let_an_hour_pass(world: &mut World) {
    world.stop().await;
    let state = rusqlite::Connection::open(world.folder.path().join("data/local.sqlite")).unwrap();
    let changed = state
        .execute(
            "UPDATE schedule_fire SET fired_at = fired_at - 7200000 WHERE name = 'Hourly/EveryHour'",
            [],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(state);
    world.restart().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_back_to_its_queue_and_is_worked_off_once_the_cause_is_mended() {
    let world = World::start().await;
    put(&world, "incoming/fails-until-mended").await;
    world.waiting("Dead", 1).await;
    assert_eq!(redrive(&world).await["returned"], json!({ "Work": 1 }));
    world.waiting("Dead", 1).await;
    world.mend();
    assert_eq!(redrive(&world).await["returned"], json!({ "Work": 1 }));
    world.waiting("Dead", 0).await;
    world.waiting("Work", 0).await;
    assert_eq!(
        redrive(&world).await,
        json!({ "returned": {}, "done": 0, "kept": 0 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_record_that_was_given_up_is_given_to_its_function_again() {
    let world = World::start().await;
    let request = world.dynamodb().put_item().table_name("Items");
    request
        .item("pk", AttributeValue::S("fails-until-mended".to_owned()))
        .item("kind", AttributeValue::S("mail".to_owned()))
        .send()
        .await
        .unwrap();
    world.waiting("StreamDead", 1).await;
    assert_eq!(
        redrive(&world).await,
        json!({ "returned": {}, "done": 0, "kept": 1 })
    );
    world.waiting("StreamDead", 1).await;
    world.mend();
    assert_eq!(
        redrive(&world).await,
        json!({ "returned": {}, "done": 1, "kept": 0 })
    );
    world.waiting("StreamDead", 0).await;
    let last = world.events("Changes").pop().unwrap();
    assert_eq!(
        last["Records"][0]["dynamodb"]["Keys"]["pk"]["S"],
        "fails-until-mended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduled_run_that_was_given_up_is_kept_and_run_again() {
    let mut world = World::start().await;
    // The first start notes when the schedule begins.
    eventually("the schedule is noted", || async {
        let state = rusqlite::Connection::open(world.folder.path().join("data/local.sqlite")).unwrap();
        let noted: i64 = state
            .query_row(
                "SELECT count(*) FROM schedule_fire WHERE name = 'Hourly/EveryHour'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        (noted == 1).then_some(())
    })
    .await;
    let_an_hour_pass(&mut world).await;
    let report = world.waiting("InvocationDead", 1).await.remove(0);
    assert_eq!(report["requestPayload"], json!({ "task": "fails-until-mended" }));
    assert_eq!(report["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(
        report["requestContext"]["approximateInvokeCount"], 2,
        "one retry, as the template says"
    );
    assert_eq!(world.events("Hourly").len(), 2);
    world.mend();
    assert_eq!(
        redrive(&world).await,
        json!({ "returned": {}, "done": 1, "kept": 0 })
    );
    assert_eq!(world.events("Hourly").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_elsewhere_can_not_redrive() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let request = client.post(world.url("/_local/redrive"));
    let reply = request
        .header("origin", "https://elsewhere.example")
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 403);
}
