//! What a batch answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod batch_support;

use std::cell::Cell;

use batch_support::{block_on, outcome};
use lambda_edge::batch::{BatchResponse, Deadline, each, fifo, in_order, sqs_messages, stream_records};
use proptest::prelude::*;
use serde_json::{Value, json};

fn messages(fails: &[bool]) -> Vec<(String, bool)> {
    fails
        .iter()
        .enumerate()
        .map(|(at, fails)| (at.to_string(), *fails))
        .collect()
}

fn failed(response: &BatchResponse) -> Vec<&str> {
    response
        .batch_item_failures
        .iter()
        .map(|failure| &*failure.item_identifier)
        .collect()
}

proptest! {
    #[test]
    fn a_queue_gets_back_exactly_what_failed(fails in prop::collection::vec(any::<bool>(), 0..12)) {
        let seen = Cell::new(0);
        let response = block_on(each(messages(&fails), |fails| { seen.set(seen.get() + 1); outcome(fails) }));
        let expected: Vec<String> = (0..fails.len()).filter(|at| fails[*at]).map(|at| at.to_string()).collect();
        prop_assert_eq!(failed(&response), expected);
        prop_assert_eq!(seen.get(), fails.len());
    }

    #[test]
    fn a_stream_goes_on_at_the_first_failure(fails in prop::collection::vec(any::<bool>(), 0..12)) {
        let seen = Cell::new(0);
        let response = block_on(in_order(messages(&fails), |fails| { seen.set(seen.get() + 1); outcome(fails) }));
        let first = fails.iter().position(|fails| *fails);
        let expected: Vec<String> = first.iter().map(ToString::to_string).collect();
        prop_assert_eq!(failed(&response), expected);
        prop_assert_eq!(seen.get(), first.map_or(fails.len(), |first| first + 1));
    }

    #[test]
    fn a_fifo_queue_gets_back_the_first_failure_and_all_after_it(fails in prop::collection::vec(any::<bool>(), 0..12)) {
        let response = block_on(fifo(messages(&fails), outcome));
        let first = fails.iter().position(|fails| *fails).unwrap_or(fails.len());
        let expected: Vec<String> = (first..fails.len()).map(|at| at.to_string()).collect();
        prop_assert_eq!(failed(&response), expected);
    }
}

#[test]
fn the_answer_is_spelled_as_lambda_reads_it() {
    let response = block_on(each(messages(&[true]), outcome));
    assert_eq!(
        json!(response),
        json!({"batchItemFailures": [{"itemIdentifier": "0"}]})
    );
    assert_eq!(json!(BatchResponse::default()), json!({"batchItemFailures": []}));
}

#[test]
fn a_failed_message_without_an_identifier_brings_the_whole_batch_again() {
    let event = json!({"Records": [{"messageId": "a"}, {"body": "?"}, {"messageId": "b"}]});
    let found = sqs_messages(&event).unwrap();
    assert_eq!(
        found.iter().map(|(id, _)| &**id).collect::<Vec<_>>(),
        ["a", "", "b"]
    );
    let response = block_on(each(found, |_| outcome(true)));
    assert_eq!(failed(&response), [""]);
    let fine = block_on(each(sqs_messages(&event).unwrap(), |message| {
        outcome(message.get("messageId").is_some())
    }));
    assert_eq!(failed(&fine), ["a", "b"]);
}

#[test]
fn the_same_message_twice_in_a_batch_is_named_once() {
    let twice = vec![("a".to_owned(), true), ("a".to_owned(), true)];
    assert_eq!(failed(&block_on(each(twice, outcome))), ["a"]);
}

#[test]
fn records_of_both_kinds_of_stream_have_their_numbers() {
    let event =
        json!({"Records": [{"dynamodb": {"SequenceNumber": "1"}}, {"kinesis": {"sequenceNumber": "2"}}, 3]});
    let ids: Vec<String> = stream_records(&event)
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(ids, ["1", "2", ""]);
}

#[test]
fn an_event_without_records_is_an_error() {
    for event in [json!({}), json!({"Records": {}}), Value::Null] {
        assert_eq!(sqs_messages(&event).unwrap_err().code(), "NOT_A_BATCH");
    }
}

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

fn now() -> i64 {
    NOW.get()
}

#[test]
fn messages_without_time_left_are_not_started_and_come_again() {
    let deadline = Deadline::new(1_000, 300, now);
    let takes_300 = |fails| {
        NOW.set(NOW.get() + 300);
        outcome(fails)
    };
    let four = || messages(&[false; 4]);
    NOW.set(0);
    assert_eq!(failed(&block_on(deadline.each(four(), takes_300))), ["3"]);
    assert_eq!(NOW.get(), 900, "the fourth was not started");
    NOW.set(0);
    assert_eq!(failed(&block_on(deadline.in_order(four(), takes_300))), ["3"]);
    NOW.set(400);
    assert_eq!(failed(&block_on(deadline.fifo(four(), takes_300))), ["2", "3"]);
    NOW.set(701);
    assert_eq!(
        failed(&block_on(deadline.each(four(), takes_300))),
        ["0", "1", "2", "3"]
    );
}
