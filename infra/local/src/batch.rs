//! What a function says about a batch: which items failed.

use bytes::Bytes;
use serde_json::Value;

use crate::invoke::InvokeError;

/// The result of one batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BatchResult {
    /// Every item is done.
    Done,
    /// These items failed, by their identifiers; the others are done.
    Failed(Vec<String>),
    /// Nothing can be said: the whole batch failed.
    AllFailed,
}

/// Reads a function's response. The rules are those of the AWS Lambda developer guide, "Reporting batch item
/// failures": an empty or missing list is success; an identifier that is empty or not of this batch fails all.
pub(crate) fn read(result: &Result<Bytes, InvokeError>, partial: bool, known: &[String]) -> BatchResult {
    let Ok(body) = result else {
        return BatchResult::AllFailed;
    };
    if !partial {
        return BatchResult::Done;
    }
    let response: Value = serde_json::from_slice(body).unwrap_or_default();
    let failures = match &response["batchItemFailures"] {
        Value::Null => return BatchResult::Done,
        Value::Array(failures) if failures.is_empty() => return BatchResult::Done,
        Value::Array(failures) => failures,
        _ => return BatchResult::AllFailed,
    };
    let mut failed = Vec::with_capacity(failures.len());
    for failure in failures {
        match failure["itemIdentifier"].as_str() {
            Some(id) if known.iter().any(|known| known == id) => failed.push(id.to_owned()),
            _ => return BatchResult::AllFailed,
        }
    }
    BatchResult::Failed(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_read_as_in_the_guide() {
        let known = ["a".to_owned(), "b".to_owned()];
        let cases = [
            ("null", BatchResult::Done),
            ("{}", BatchResult::Done),
            (r#"{"batchItemFailures":null}"#, BatchResult::Done),
            (r#"{"batchItemFailures":[]}"#, BatchResult::Done),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#,
                BatchResult::Failed(vec!["b".into()]),
            ),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":"x"}]}"#,
                BatchResult::AllFailed,
            ),
            (
                r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
                BatchResult::AllFailed,
            ),
            (r#"{"batchItemFailures":[{}]}"#, BatchResult::AllFailed),
            (r#"{"batchItemFailures":"b"}"#, BatchResult::AllFailed),
        ];
        for (body, expected) in cases {
            assert_eq!(read(&Ok(Bytes::from(body)), true, &known), expected, "{body}");
        }
        let body = Bytes::from(r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#);
        assert_eq!(
            read(&Ok(body), false, &known),
            BatchResult::Done,
            "only when the trigger asks for it"
        );
        assert_eq!(
            read(&Err(InvokeError::TimedOut(1)), true, &known),
            BatchResult::AllFailed
        );
    }
}
