//! Event patterns: the content filters of EventBridge rules and of Lambda event sources.
//!
//! The language is that of the Amazon EventBridge user guide, "Event patterns": objects nest, arrays list
//! alternatives. An operator that is not known is refused when the pattern is compiled, so that no event
//! is lost by a filter that can never match.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::Value;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// Each named field must match.
    Fields(Vec<(String, Pattern)>),
    /// One of these must match the field, or one of the items when the field is an array.
    AnyOf(Vec<Test>),
    /// One of these patterns must match (`$or`).
    Or(Vec<Pattern>),
}

/// A test of one field.
#[derive(Debug, Clone)]
pub enum Test {
    /// Equal to this.
    Equals(Value),
    /// Text with this beginning.
    Prefix(String),
    /// Text with this end.
    Suffix(String),
    /// Text equal to this but for letter case.
    EqualsIgnoreCase(String),
    /// The field is there (`true`) or not (`false`).
    Exists(bool),
    /// There, and none of these tests holds.
    AnythingBut(Vec<Test>),
    /// Compared with each of these numbers.
    Numeric(Vec<(Comparison, Decimal)>),
}

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// Why a pattern was refused.
#[derive(Debug, thiserror::Error)]
#[error("unsupported pattern: {0}")]
pub struct PatternError(String);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// A part that is not understood.
    pub fn compile(value: &Value) -> Result<Self, PatternError> {
        match value {
            Value::Object(fields) => {
                let compiled = fields.iter().map(|(name, inner)| {
                    let pattern = if name == "$or" {
                        Self::alternatives(inner)
                    } else {
                        Self::compile(inner)
                    };
                    Ok((name.clone(), pattern?))
                });
                compiled.collect::<Result<_, _>>().map(Self::Fields)
            }
            Value::Array(tests) => tests
                .iter()
                .map(Test::compile)
                .collect::<Result<_, _>>()
                .map(Self::AnyOf),
            other => Err(PatternError(other.to_string())),
        }
    }

    fn alternatives(value: &Value) -> Result<Self, PatternError> {
        let patterns = value.as_array().ok_or_else(|| PatternError(value.to_string()))?;
        patterns
            .iter()
            .map(Self::compile)
            .collect::<Result<_, _>>()
            .map(Self::Or)
    }

    /// Whether `event` matches.
    pub fn matches(&self, event: &Value) -> bool {
        self.holds(Some(event))
    }

    fn holds(&self, event: Option<&Value>) -> bool {
        match self {
            Self::Fields(fields) => fields.iter().all(|(name, pattern)| match pattern {
                Self::Or(_) => pattern.holds(event),
                _ => pattern.holds(event.and_then(|event| event.get(name))),
            }),
            Self::Or(patterns) => patterns.iter().any(|pattern| pattern.holds(event)),
            Self::AnyOf(tests) => tests.iter().any(|test| match event {
                Some(Value::Array(items)) if !items.is_empty() => {
                    items.iter().any(|item| test.holds(Some(item)))
                }
                field => test.holds(field),
            }),
        }
    }
}

impl Test {
    fn compile(value: &Value) -> Result<Self, PatternError> {
        let Value::Object(object) = value else {
            return match value {
                Value::Array(_) => Err(PatternError(value.to_string())),
                plain => Ok(Self::Equals(plain.clone())),
            };
        };
        let unsupported = || PatternError(value.to_string());
        let (Some((operator, operand)), 1) = (object.iter().next(), object.len()) else {
            return Err(unsupported());
        };
        let text = || operand.as_str().map(str::to_owned).ok_or_else(unsupported);
        match operator.as_str() {
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "equals-ignore-case" => text().map(Self::EqualsIgnoreCase),
            "exists" => operand.as_bool().map(Self::Exists).ok_or_else(unsupported),
            "anything-but" => match operand {
                Value::Array(values) => values
                    .iter()
                    .map(Self::compile)
                    .collect::<Result<_, _>>()
                    .map(Self::AnythingBut),
                one => Ok(Self::AnythingBut(vec![Self::compile(one)?])),
            },
            "numeric" => numeric(operand).map(Self::Numeric).ok_or_else(unsupported),
            _ => Err(unsupported()),
        }
    }

    fn holds(&self, field: Option<&Value>) -> bool {
        let text = field.and_then(Value::as_str);
        match self {
            Self::Exists(expected) => field.is_some() == *expected,
            Self::Equals(expected) => field == Some(expected),
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix.as_str())),
            Self::EqualsIgnoreCase(expected) => {
                text.is_some_and(|t| t.to_lowercase() == expected.to_lowercase())
            }
            Self::AnythingBut(tests) => field.is_some() && !tests.iter().any(|test| test.holds(field)),
            Self::Numeric(comparisons) => {
                // A number in a DynamoDB image is text: {"N": "5"}.
                let number = field.and_then(decimal);
                number.is_some_and(|number| comparisons.iter().all(|(c, bound)| c.holds(number, *bound)))
            }
        }
    }
}

impl Comparison {
    fn holds(self, number: Decimal, bound: Decimal) -> bool {
        let order = number.cmp(&bound);
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::AtLeast => order != Ordering::Less,
        }
    }
}

/// A JSON number, or the text of one.
fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn numeric(operand: &Value) -> Option<Vec<(Comparison, Decimal)>> {
    let parts = operand
        .as_array()
        .filter(|parts| !parts.is_empty() && parts.len() % 2 == 0)?;
    let pairs = parts.chunks_exact(2).map(|pair| {
        let comparison = match pair[0].as_str()? {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Greater,
            ">=" => Comparison::AtLeast,
            _ => return None,
        };
        Some((comparison, decimal(&pair[1])?))
    });
    pairs.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_match_as_in_the_guide() {
        let event = json!({
            "source": "aws.s3", "n": 5, "text": "5", "null": null, "tags": ["a", "b"],
            "detail": {"object": {"key": "incoming/a.json"}},
        });
        let cases = [
            (json!({"source": ["aws.s3"]}), true),
            (json!({"source": ["aws.sqs"]}), false),
            (json!({"source": ["x", "aws.s3"], "n": [5]}), true),
            (
                json!({"detail": {"object": {"key": [{"prefix": "incoming/"}]}}}),
                true,
            ),
            (
                json!({"detail": {"object": {"key": [{"prefix": "out/"}, {"suffix": ".json"}]}}}),
                true,
            ),
            (json!({"detail": {"object": {"size": [{"exists": false}]}}}), true),
            (json!({"nothing": {"at": {"all": [{"exists": true}]}}}), false),
            (json!({"source": [{"exists": true}]}), true),
            (json!({"source": [{"anything-but": "aws.s3"}]}), false),
            (json!({"source": [{"anything-but": ["a", "b"]}]}), true),
            (json!({"source": [{"anything-but": {"prefix": "aws."}}]}), false),
            (json!({"missing": [{"anything-but": "a"}]}), false),
            (json!({"n": [{"numeric": [">", 4, "<=", 5]}]}), true),
            (json!({"n": [{"numeric": ["<", 5]}]}), false),
            (json!({"text": [{"numeric": ["=", 5]}]}), true),
            (json!({"tags": ["b"]}), true),
            (json!({"tags": ["c"]}), false),
            (json!({"null": [null]}), true),
            (json!({"source": [{"equals-ignore-case": "AWS.S3"}]}), true),
            (json!({"$or": [{"n": [6]}, {"source": ["aws.s3"]}]}), true),
            (json!({"$or": [{"n": [6]}, {"source": ["x"]}]}), false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(
                Pattern::compile(&pattern).unwrap().matches(&event),
                expected,
                "{pattern}"
            );
        }
    }

    #[test]
    fn unknown_operators_are_refused() {
        for pattern in [
            json!({"a": [{"wildcard": "*"}]}),
            json!({"a": "b"}),
            json!({"a": [{"numeric": [">"]}]}),
        ] {
            assert!(Pattern::compile(&pattern).is_err(), "{pattern}");
        }
    }
}
