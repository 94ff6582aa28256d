//! Transactions: all or nothing, with a reason for each action.

use aws::StoreError;
use aws::api_keys::ApiKeys;
use aws::audit::{AuditTrail, Position};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use testkit::Stores;

use crate::differences::{Difference, agree};
use crate::support::{Item, NOW_MS, bytes, code, get, item, number, operations, put, put_action, raw};

const ABSENT: Option<&str> = Some("attribute_not_exists(pk)");

#[tokio::test]
async fn nothing_is_written_when_one_condition_fails_and_the_reasons_say_which() {
    let stores = Stores::start().await;
    put(&stores, item("T#1", "taken", [("by", number(1))])).await;
    let actions = vec![
        put_action(&stores, item("T#1", "first", []), ABSENT),
        put_action(&stores, item("T#1", "taken", [("by", number(2))]), ABSENT),
        put_action(&stores, item("T#2", "last", []), None),
    ];
    let error = raw(&stores)
        .transact_write_items()
        .set_transact_items(Some(actions))
        .send()
        .await
        .unwrap_err();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error.as_service_error().unwrap()
    else {
        panic!("{error:?}");
    };
    let reasons: Vec<&str> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap_or("None"))
        .collect();
    assert_eq!(reasons, ["None", "ConditionalCheckFailed", "None"]);
    let table = operations(&stores);
    assert_eq!(get(&stores, table, "T#1", "first").await, None);
    assert_eq!(get(&stores, table, "T#2", "last").await, None);
    let taken = get(&stores, table, "T#1", "taken").await.unwrap();
    assert_eq!(taken["by"], number(1));
    stores.stop().await;
}

#[tokio::test]
async fn a_failed_condition_is_a_conflict_and_leaves_no_audit_record() {
    let stores = Stores::start().await;
    let (keys, trail) = (ApiKeys::new(&stores.clients), AuditTrail::new(&stores.clients));
    let (_, key) = domain::api_key::mint([7; 40], "kasir", Vec::new(), NOW_MS);
    keys.create(&key, "test").await.unwrap();
    let again = keys.create(&key, "test").await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let chain = domain::audit::chain_of(&key.id);
    let records = trail.list(chain, Position::After(0), 10).await.unwrap();
    assert_eq!(records.len(), 1);
    stores.stop().await;
}

/// The developer guide, "TransactWriteItems": at most 100 actions and 4 MB, no item twice.
#[tokio::test]
async fn a_transaction_keeps_within_its_limits() {
    let stores = Stores::start().await;
    let numbered = |count: u32| -> Vec<TransactWriteItem> {
        let item = |sk: u32| item("T#many", &sk.to_string(), []);
        (0..count).map(|sk| put_action(&stores, item(sk), None)).collect()
    };
    let heavy: Vec<TransactWriteItem> = (0..11)
        .map(|sk| item("T#heavy", &sk.to_string(), [("d", bytes(vec![7; 390 << 10]))]))
        .map(|item| put_action(&stores, item, None))
        .collect();
    let twice = vec![
        put_action(&stores, item("T#twice", "a", []), None),
        put_action(&stores, item("T#twice", "a", []), None),
    ];
    for (what, actions, taken) in [
        ("a hundred", numbered(100), true),
        ("a hundred and one", numbered(101), false),
        ("more than 4 MB", heavy, false),
        ("an item twice", twice, false),
    ] {
        let outcome = raw(&stores)
            .transact_write_items()
            .set_transact_items(Some(actions))
            .send()
            .await;
        match outcome {
            Ok(_) => assert!(taken, "{what}"),
            Err(error) => assert!(
                !taken && code(&error) == "ValidationException",
                "{what}: {error:?}"
            ),
        }
    }
    assert_eq!(get(&stores, operations(&stores), "T#twice", "a").await, None);
    stores.stop().await;
}

/// A condition without values has to come without the member for them, not with an empty one. Amazon's own
/// engine says so; the API reference does not.
#[tokio::test]
async fn an_empty_list_of_values_beside_a_condition_is_refused() {
    let stores = Stores::start().await;
    let values = Some(Item::new());
    let put = raw(&stores)
        .put_item()
        .table_name(operations(&stores))
        .set_item(Some(item("T#1", "a", [])))
        .condition_expression("attribute_not_exists(pk)")
        .set_expression_attribute_values(values.clone());
    assert_eq!(code(&put.send().await.unwrap_err()), "ValidationException");
    let action = Put::builder()
        .table_name(operations(&stores))
        .set_item(Some(item("T#1", "a", [])))
        .condition_expression("attribute_not_exists(pk)")
        .set_expression_attribute_values(values)
        .build()
        .unwrap();
    let transaction = raw(&stores)
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(action).build());
    let refused = transaction.send().await.map_err(|error| code(&error).to_owned());
    let refused = refused.err().unwrap_or_default();
    agree(
        &stores,
        Difference::EmptyValuesAreTaken,
        refused.as_str(),
        "ValidationException",
    );
    stores.stop().await;
}

/// The SDK repeats a transaction whose answer it did not get, under the token of the first try.
#[tokio::test]
async fn a_transaction_that_is_repeated_under_its_token_is_done_once() {
    let stores = Stores::start().await;
    // A token is remembered for the whole engine, for ten minutes: this test's own, of 36 letters at most.
    let token = operations(&stores);
    let add = |by: u32| {
        let update = Update::builder()
            .table_name(operations(&stores))
            .set_key(Some(item("T#token", "a", [])))
            .update_expression("ADD n :by")
            .expression_attribute_values(":by", number(by))
            .build()
            .unwrap();
        raw(&stores)
            .transact_write_items()
            .client_request_token(token)
            .transact_items(TransactWriteItem::builder().update(update).build())
    };
    add(1).send().await.unwrap();
    add(1).send().await.unwrap();
    let stored = get(&stores, operations(&stores), "T#token", "a").await.unwrap();
    assert_eq!(stored["n"], number(1));
    let other = add(2).send().await.unwrap_err();
    assert_eq!(code(&other), "IdempotentParameterMismatchException");
    stores.stop().await;
}
