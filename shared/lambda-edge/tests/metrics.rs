//! Metrics against the rules of the embedded metric format.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod lines_support;

use lambda_edge::metrics::{Metrics, Unit};
use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use lines_support::lines;
use proptest::prelude::*;
use serde_json::Value;

fn metrics(output: &Output) -> Metrics {
    Metrics::new("Parcels", [("function", "sort"), ("stage", "test")])
        .unwrap()
        .with_output(output.clone())
        .with_redactor(Redactor::new())
        .with_clock(|| 1_795_310_473_123)
}

/// The rules of
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
fn check(line: &Value) {
    let sized =
        |value: &Value, longest: usize| (1..=longest).contains(&value.as_str().unwrap().chars().count());
    assert!(line["_aws"]["Timestamp"].is_u64());
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        assert!(sized(&directive["Namespace"], 1024));
        for set in directive["Dimensions"].as_array().unwrap() {
            let set = set.as_array().unwrap();
            assert!(set.len() <= 30);
            for name in set {
                assert!(sized(name, 250));
                assert!(
                    sized(&line[name.as_str().unwrap()], 1024),
                    "a dimension's target is a text"
                );
            }
        }
        let definitions = directive["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&definitions.len()));
        for definition in definitions {
            assert!(sized(&definition["Name"], 1024) && definition["Unit"].is_string());
            match &line[definition["Name"].as_str().unwrap()] {
                Value::Array(values) => {
                    assert!((1..=100).contains(&values.len()));
                    assert!(values.iter().all(Value::is_u64));
                }
                value => assert!(value.is_u64(), "{value}"),
            }
        }
        let mut names: Vec<&str> = definitions
            .iter()
            .map(|definition| definition["Name"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        assert!(
            names.windows(2).all(|pair| pair[0] != pair[1]),
            "a name stands once"
        );
    }
}

#[test]
fn a_flush_is_one_line_with_its_properties() {
    let output = Output::memory();
    let metrics = metrics(&output)
        .with_dimensions(&[&["function", "stage"], &["stage"]])
        .unwrap();
    metrics.set_property("request_id", "r-1");
    metrics.set_property("note", "for ani@example.com");
    metrics.add("Sorted", Unit::Count, 2);
    metrics.record("Weight", Unit::None, 7);
    metrics.record("Weight", Unit::None, 9);
    metrics.flush();
    insta::assert_snapshot!(output.text(), @r#"{"_aws":{"Timestamp":1795310473123,"CloudWatchMetrics":[{"Namespace":"Parcels","Dimensions":[["function","stage"],["stage"]],"Metrics":[{"Name":"Sorted","Unit":"Count"},{"Name":"Weight","Unit":"None"}]}]},"function":"sort","note":"for [email]","request_id":"r-1","stage":"test","Sorted":2,"Weight":[7,9]}"#);
    check(&lines(&output)[0]);
}

#[test]
fn nothing_counted_is_nothing_written_and_nothing_is_written_twice() {
    let output = Output::memory();
    let metrics = metrics(&output);
    metrics.flush();
    assert_eq!(output.text(), "");
    metrics.add("Sorted", Unit::Count, 1);
    metrics.flush();
    metrics.flush();
    assert_eq!(lines(&output).len(), 1);
}

#[test]
fn clones_count_into_one_line() {
    let output = Output::memory();
    let metrics = metrics(&output);
    metrics.clone().add("Sorted", Unit::Count, 1);
    metrics.add("Sorted", Unit::Count, u64::MAX);
    metrics.flush();
    assert_eq!(lines(&output)[0]["Sorted"], u64::MAX);
}

#[test]
fn what_cloudwatch_would_not_take_is_refused() {
    let long = "x".repeat(256);
    for namespace in ["", " ", ":a", "a\u{e9}", "AWS/Lambda", &long] {
        let error = Metrics::new(namespace, [("a", "b")]).unwrap_err();
        assert_eq!(error.code(), "METRICS_NAMESPACE", "{namespace}");
    }
    for property in ["", "_aws", "\n", &long] {
        let error = Metrics::new("Parcels", [(property, "b")]).unwrap_err();
        assert_eq!(error.code(), "METRICS_NAME", "{property}");
    }
    let metrics = || {
        Metrics::new(
            "Parcels",
            [
                ("text", "a".into()),
                ("number", Value::from(1)),
                ("empty", "".into()),
            ],
        )
        .unwrap()
    };
    for dimension in ["unknown", "number", "empty"] {
        assert_eq!(
            metrics().with_dimensions(&[&[dimension]]).unwrap_err().code(),
            "METRICS_DIMENSION"
        );
    }
    let error = metrics().with_dimensions(&[&["text"; 31]]).unwrap_err();
    assert_eq!(error.code(), "METRICS_TOO_MANY_DIMENSIONS");
}

#[test]
fn a_name_that_would_spoil_the_line_is_left_out_of_it() {
    let output = Output::memory();
    let metrics = metrics(&output).with_dimensions(&[&["function"]]).unwrap();
    metrics.add("", Unit::Count, 1);
    metrics.add("_aws", Unit::Count, 1);
    metrics.add("function", Unit::Count, 1);
    metrics.set_property("function", "other");
    metrics.add("stage", Unit::Count, 1);
    metrics.flush();
    let lines = lines(&output);
    check(&lines[0]);
    assert_eq!(
        (&lines[0]["function"], &lines[0]["stage"]),
        (&"sort".into(), &1.into())
    );
}

/// Two hundred names that live as long as the program.
fn name(number: usize) -> &'static str {
    const DIGITS: &str = "a0a1a2a3a4a5a6a7a8a9b0b1b2b3b4b5b6b7b8b9c0c1c2c3c4c5c6c7c8c9d0d1d2d3d4d5d6d7d8d9e0e1e2e3e4e5e6e7e8e9";
    let (at, length) = (number % 50 * 2, 2 + number / 50 * 2);
    DIGITS.get(at..at + length).or(DIGITS.get(at..at + 1)).unwrap()
}

proptest! {
    #[test]
    fn every_line_keeps_the_rules_and_nothing_counted_is_lost(
        counts in prop::collection::vec((0..200_usize, any::<bool>(), any::<bool>(), 0..1_000_u64), 1..600),
    ) {
        let output = Output::memory();
        let metrics = metrics(&output);
        let mut expected = 0;
        for (number, sum, other_unit, value) in counts {
            let unit = if other_unit { Unit::Bytes } else { Unit::Count };
            if sum { metrics.add(name(number), unit, value) } else { metrics.record(name(number), unit, value) }
            expected += value;
        }
        metrics.flush();
        let mut told = 0;
        for line in lines(&output) {
            check(&line);
            for definition in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
                told += match &line[definition["Name"].as_str().unwrap()] {
                    Value::Array(values) => values.iter().map(|value| value.as_u64().unwrap()).sum::<u64>(),
                    value => value.as_u64().unwrap(),
                };
            }
        }
        prop_assert_eq!(told, expected);
    }
}
