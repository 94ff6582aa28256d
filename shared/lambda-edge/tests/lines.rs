//! The lines of the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use lambda_edge::log::{LogSettings, subscriber};
use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use proptest::prelude::*;
use serde_json::Value;

const OURS: LogSettings<'_> = LogSettings {
    level: "info",
    crates: &["lines"],
};

fn logged(settings: LogSettings<'_>, write: impl FnOnce()) -> Vec<Value> {
    let output = Output::memory();
    let log = subscriber(settings, output.clone(), Redactor::new(), || 1_795_310_473_123);
    tracing::subscriber::with_default(log, write);
    let text = output.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_line_has_the_fields_of_every_span_around_it_and_the_inner_one_wins() {
    let lines = logged(OURS, || {
        let outer = tracing::info_span!("outer", request_id = "r", step = 1, late = tracing::field::Empty);
        let _outer = outer.enter();
        outer.record("late", "first");
        outer.record("late", "then");
        let _inner = tracing::info_span!("inner", step = 2, level = "lies").entered();
        tracing::info!(parts = 3_u64, ok = true, r#type = "x", step.detail = ?Some(1), "done {}", 1);
    });
    let expected = serde_json::json!({
        "timestamp": "2026-11-22T01:21:13.123Z", "level": "INFO", "message": "done 1", "parts": 3, "ok": true,
        "type": "x", "step.detail": "Some(1)", "step": 2, "request_id": "r", "late": "then",
    });
    assert_eq!(lines, [expected]);
}

#[test]
fn others_are_heard_from_warnings_on_and_named() {
    let lines = logged(OURS, || {
        tracing::info!(target: "hyper::client", "chatter");
        tracing::warn!(target: "hyper::client", "trouble");
        tracing::info!(target: "lines_of_others", "no prefix of ours");
        tracing::debug!("below our level");
        tracing::info!(target: "lines::deep", "ours");
    });
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["message"].as_str().unwrap(), line.get("target")))
        .collect();
    assert_eq!(told, [("trouble", Some(&"hyper::client".into())), ("ours", None)]);
}

#[test]
fn a_level_that_cannot_be_read_means_info() {
    let settings = LogSettings {
        level: "loud",
        ..OURS
    };
    let lines = logged(settings, || {
        tracing::debug!("no");
        tracing::info!("yes");
    });
    assert_eq!(lines.len(), 1);
}

#[test]
fn a_level_of_error_silences_the_warnings_of_others() {
    let settings = LogSettings {
        level: "error",
        ..OURS
    };
    assert!(logged(settings, || tracing::warn!(target: "hyper", "trouble")).is_empty());
}

proptest! {
    #[test]
    fn whatever_is_logged_is_one_line_of_json(message in any::<String>(), field in any::<String>()) {
        let lines = logged(OURS, || {
            let _span = tracing::info_span!("s", spanned = field.as_str(), shown = ?message).entered();
            tracing::info!(field, "{message}");
        });
        prop_assert_eq!(lines.len(), 1);
    }
}
