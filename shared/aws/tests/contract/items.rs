//! Single items: conditions, consistency, and values that come back as they went in.

use aws::idempotency::{IdempotencyRecord, IdempotencyRecords};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use testkit::Stores;

use crate::support::{Item, NOW_MS, bytes, code, get, item, number, operations, put, raw, text};

#[tokio::test]
async fn of_writers_that_want_a_new_item_one_wins_and_its_content_stays() {
    let stores = Stores::start().await;
    let writers = (0..8).map(|writer: u32| {
        let put = raw(&stores)
            .put_item()
            .table_name(operations(&stores))
            .set_item(Some(item("T#1", "new", [("writer", number(writer))])))
            .condition_expression("attribute_not_exists(pk)");
        tokio::spawn(async move { (writer, put.send().await) })
    });
    let mut winners = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        let (writer, outcome) = writer.await.unwrap();
        match outcome {
            Ok(_) => winners.push(writer),
            Err(error) => assert_eq!(code(&error), "ConditionalCheckFailedException"),
        }
    }
    let stored = get(&stores, operations(&stores), "T#1", "new").await.unwrap();
    assert_eq!(winners.len(), 1);
    assert_eq!(stored["writer"], number(winners[0]));
    stores.stop().await;
}

#[tokio::test]
async fn a_version_is_moved_on_once() {
    let stores = Stores::start().await;
    put(&stores, item("T#1", "a", [("v", number(1))])).await;
    let update = raw(&stores)
        .update_item()
        .table_name(operations(&stores))
        .set_key(Some(item("T#1", "a", [])))
        .update_expression("SET v = :next")
        .condition_expression("v = :v")
        .expression_attribute_values(":v", number(1))
        .expression_attribute_values(":next", number(2));
    update.clone().send().await.unwrap();
    let again = update.send().await.unwrap_err();
    assert_eq!(code(&again), "ConditionalCheckFailedException");
    stores.stop().await;
}

#[tokio::test]
async fn a_condition_on_an_item_that_is_not_there_does_not_hold() {
    let stores = Stores::start().await;
    for condition in ["v = :one", "v < :one", "attribute_exists(pk)"] {
        let put = raw(&stores)
            .put_item()
            .table_name(operations(&stores))
            .set_item(Some(item("T#1", "absent", [])))
            .condition_expression(condition);
        let put = if condition.contains(":one") {
            put.expression_attribute_values(":one", number(1))
        } else {
            put
        };
        let error = put.send().await.unwrap_err();
        assert_eq!(code(&error), "ConditionalCheckFailedException", "{condition}");
    }
    assert_eq!(get(&stores, operations(&stores), "T#1", "absent").await, None);
    stores.stop().await;
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let stores = Stores::start().await;
    let all_bytes: Vec<u8> = (0..=u8::MAX).collect();
    let values = [
        ("text", text("Nasi \"Gila\" 🍜 \u{0}\n\u{feff} e\u{301}")),
        ("empty_text", text("")),
        ("bytes", bytes(all_bytes)),
        ("empty_bytes", bytes(Vec::new())),
        ("true", AttributeValue::Bool(true)),
        ("null", AttributeValue::Null(true)),
        ("set", AttributeValue::Ss(vec!["OYAKO_MOKA_1".to_owned()])),
        ("list", AttributeValue::L(vec![number(1), text("")])),
        (
            "map",
            AttributeValue::M(Item::from([("deep".to_owned(), text("x"))])),
        ),
        // Reserved words are names like any other as long as no expression spells them.
        ("state", text("reserved")),
        ("size", number(1)),
    ];
    let stored = item("T#1", "values", values);
    put(&stores, stored.clone()).await;
    let read = get(&stores, operations(&stores), "T#1", "values").await;
    assert_eq!(read, Some(stored));
    stores.stop().await;
}

/// The limits are those of the DynamoDB developer guide, "Supported data types": 38 digits.
#[tokio::test]
async fn numbers_are_exact_to_thirty_eight_digits() {
    let stores = Stores::start().await;
    let exact = [
        "0",
        "-1",
        "9007199254740993",
        "-9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
        "12345678901234567890123456789012345678",
        "-12345678901234567890123456789012345678",
        "0.1",
        "-0.0001",
        "1234567890.1234567890123456789012345678",
    ];
    for (row, written) in exact.into_iter().enumerate() {
        let sk = row.to_string();
        put(&stores, item("T#n", &sk, [("n", number(written))])).await;
        let read = get(&stores, operations(&stores), "T#n", &sk).await.unwrap();
        assert_eq!(read["n"], number(written));
    }
    let too_long = raw(&stores)
        .put_item()
        .table_name(operations(&stores))
        .set_item(Some(item(
            "T#n",
            "long",
            [("n", number("123456789012345678901234567890123456789"))],
        )));
    let error = too_long.send().await.unwrap_err();
    assert_eq!(code(&error), "ValidationException");
    stores.stop().await;
}

#[tokio::test]
async fn numbers_are_compared_as_numbers() {
    let stores = Stores::start().await;
    put(&stores, item("T#n", "v", [("v", number(9))])).await;
    let replace = raw(&stores)
        .put_item()
        .table_name(operations(&stores))
        .set_item(Some(item("T#n", "v", [("v", number(10))])))
        .condition_expression("v < :v")
        .expression_attribute_values(":v", number(10));
    replace.clone().send().await.unwrap();
    let error = replace.send().await.unwrap_err();
    assert_eq!(code(&error), "ConditionalCheckFailedException");
    stores.stop().await;
}

/// The adapters name `state` and `work` by placeholders; without them DynamoDB refuses reserved words.
/// `work` is not one of them, see the developer guide, "Reserved words in DynamoDB".
#[tokio::test]
async fn a_reserved_word_in_an_expression_is_refused() {
    let stores = Stores::start().await;
    let spelled = raw(&stores)
        .put_item()
        .table_name(operations(&stores))
        .set_item(Some(item("T#1", "r", [])))
        .condition_expression("attribute_not_exists(state)");
    let error = spelled.send().await.unwrap_err();
    assert_eq!(code(&error), "ValidationException");
    stores.stop().await;
}

#[tokio::test]
async fn what_may_vanish_says_when_as_a_number_of_seconds_in_the_tables_attribute() {
    let stores = Stores::start().await;
    let expires_ms = NOW_MS + 86_400_999;
    let record = IdempotencyRecord {
        fingerprint: "f".to_owned(),
        outcome: "exp_1".to_owned(),
        expires_ms,
    };
    IdempotencyRecords::new(&stores.clients)
        .claim("key", "caller", record, NOW_MS)
        .await
        .unwrap();
    let stored = get(&stores, operations(&stores), "I#key", "caller")
        .await
        .unwrap();
    let described = json!({ "TableName": operations(&stores) });
    let expiry = stores
        .must("DynamoDB_20120810.DescribeTimeToLive", &described)
        .await;
    let expiry = &expiry["TimeToLiveDescription"];
    let attribute = expiry["AttributeName"].as_str().unwrap();
    assert_eq!(stored[attribute], number(expires_ms / 1000));
    let status = expiry["TimeToLiveStatus"].as_str().unwrap();
    assert!(matches!(status, "ENABLED" | "ENABLING"), "{status}");
    stores.stop().await;
}
