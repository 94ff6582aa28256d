//! What CloudWatch does not take.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{LONGEST_DIMENSION, LONGEST_DIMENSION_VALUE, LONGEST_NAME, MOST_DIMENSIONS};

/// Why metrics can't be written this way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// A namespace is empty, too long, begins with a colon or has a character that is not allowed.
    #[error("CloudWatch does not take the namespace {0:?}")]
    Namespace(String),
    /// A name is empty, too long, has characters beyond printable ASCII, or is the format's own.
    #[error("CloudWatch does not take the name {0:?}")]
    Name(String),
    /// A dimension is no text property, or its value is empty or too long.
    #[error("{0:?} is no property that can be a dimension")]
    Dimension(String),
    /// A set has too many dimensions.
    #[error("{0} dimensions are more than {MOST_DIMENSIONS}")]
    TooManyDimensions(usize),
}

impl MetricsError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Namespace(_) => "METRICS_NAMESPACE",
            Self::Name(_) => "METRICS_NAME",
            Self::Dimension(_) => "METRICS_DIMENSION",
            Self::TooManyDimensions(_) => "METRICS_TOO_MANY_DIMENSIONS",
        }
    }
}

pub(super) fn check_namespace(namespace: &str) -> Result<(), MetricsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
    let blank = namespace.trim().is_empty();
    let fits = namespace.len() <= LONGEST_NAME && namespace.bytes().all(allowed);
    if blank || !fits || namespace.starts_with(':') || namespace.starts_with("AWS/") {
        return Err(MetricsError::Namespace(namespace.to_owned()));
    }
    Ok(())
}

pub(super) fn check_metric(name: &str) -> Result<(), MetricsError> {
    check_name(name, LONGEST_NAME)
}

pub(super) fn check_property(name: &str) -> Result<(), MetricsError> {
    check_name(name, LONGEST_NAME)
}

/// A dimension's value stands in every metric's name, so it can't be one that changes.
pub(super) fn check_dimension(name: &str, properties: &BTreeMap<String, Value>) -> Result<(), MetricsError> {
    check_name(name, LONGEST_DIMENSION)?;
    let value = properties.get(name).and_then(Value::as_str);
    let fits = |value: &str| {
        let printable = value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        !value.trim().is_empty()
            && value.len() <= LONGEST_DIMENSION_VALUE
            && printable
            && !value.starts_with(':')
    };
    if name.starts_with(':') || !value.is_some_and(fits) {
        return Err(MetricsError::Dimension(name.to_owned()));
    }
    Ok(())
}

fn check_name(name: &str, longest: usize) -> Result<(), MetricsError> {
    let printable = name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if name.trim().is_empty() || name.len() > longest || !printable || name == "_aws" {
        return Err(MetricsError::Name(name.to_owned()));
    }
    Ok(())
}
