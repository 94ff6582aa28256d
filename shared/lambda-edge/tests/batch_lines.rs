//! What a batch logs. A test by itself: a line whose place in the code was first reached by a test without
//! a log can be lost to one with a log that runs at the same moment.
#![allow(clippy::unwrap_used, reason = "tests")]

mod batch_support;

use std::cell::RefCell;

use batch_support::{block_on, outcome};
use lambda_edge::batch::each;
use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use lambda_edge::{correlation, log};
use serde_json::{Value, json};

#[test]
fn each_failure_is_one_line_with_the_correlation_of_its_own_message() {
    let output = Output::memory();
    let log = log::subscriber(log::LogSettings::default(), output.clone(), Redactor::new(), || 0);
    let messages = vec![
        ("0".to_owned(), true),
        ("1".to_owned(), false),
        ("2".to_owned(), true),
    ];
    let seen = RefCell::new(Vec::new());
    tracing::subscriber::with_default(log, || {
        block_on(each(messages, |fails| {
            seen.borrow_mut().push(correlation::get());
            correlation::set(format!("order-{}", seen.borrow().len()));
            outcome(fails)
        }))
    });
    let lines: Vec<Value> = output
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            [
                &line["level"],
                &line["message_id"],
                &line["correlation_id"],
                &line["error"],
            ]
        })
        .collect();
    let expected = [["WARN", "0", "order-1", "no"], ["WARN", "2", "order-3", "no"]];
    assert_eq!(json!(told), json!(expected));
    assert_eq!(
        *seen.borrow(),
        [None, None, None],
        "no message sees its neighbour's"
    );
}
