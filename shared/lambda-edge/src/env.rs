//! The reader of configuration: the only place that looks at the environment.
//!
//! A variable that is set but empty counts as missing: templates write `""` where they mean "none".
//! Errors name the variable and what was expected of it, never what it held.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Why a variable can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// The variable is not set, or empty.
    #[error("{name} is not set")]
    Missing {
        /// The variable.
        name: String,
    },
    /// The variable holds something else than was expected.
    #[error("{name} is not {expected}")]
    Unreadable {
        /// The variable.
        name: String,
        /// What it should hold, such as `a whole number`.
        expected: &'static str,
    },
}

impl EnvError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "ENV_MISSING",
            Self::Unreadable { .. } => "ENV_UNREADABLE",
        }
    }
}

/// Where configuration comes from.
///
/// ```
/// use lambda_edge::env::Env;
///
/// let env = Env::of([("BATCH_SIZE", "10"), ("QUEUE", "")]);
/// assert_eq!(env.parse::<u32>("BATCH_SIZE", "a whole number"), Ok(10));
/// assert_eq!(env.optional("QUEUE"), None);
/// assert_eq!(env.required("TABLE").unwrap_err().to_string(), "TABLE is not set");
/// ```
#[derive(Clone)]
pub struct Env {
    /// `None` reads the process's own variables.
    given: Option<BTreeMap<String, String>>,
}

impl Env {
    /// The variables of this process.
    #[must_use]
    pub const fn process() -> Self {
        Self { given: None }
    }

    /// These variables and no others, for tests.
    pub fn of<K: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let given = variables.into_iter();
        Self {
            given: Some(given.map(|(name, value)| (name.into(), value.into())).collect()),
        }
    }

    /// A variable that may be missing.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<String> {
        let value = match &self.given {
            Some(given) => given.get(name).cloned(),
            None => from_process(name),
        };
        value.filter(|value| !value.is_empty())
    }

    /// A variable that has to be there.
    ///
    /// # Errors
    /// [`EnvError::Missing`] when it is not.
    pub fn required(&self, name: &str) -> Result<String, EnvError> {
        self.optional(name).ok_or_else(|| EnvError::Missing {
            name: name.to_owned(),
        })
    }

    /// A variable that has to be there and be a `T`; `expected` says in words what that is.
    ///
    /// # Errors
    /// [`EnvError::Missing`], or [`EnvError::Unreadable`] when it is no `T`.
    pub fn parse<T: FromStr>(&self, name: &str, expected: &'static str) -> Result<T, EnvError> {
        read(name, &self.required(name)?, expected)
    }

    /// A variable that may be missing, and has to be a `T` when it is there.
    ///
    /// # Errors
    /// [`EnvError::Unreadable`] when it is no `T`: a typing mistake never means the default.
    pub fn parse_or<T: FromStr>(
        &self,
        name: &str,
        expected: &'static str,
        default: T,
    ) -> Result<T, EnvError> {
        match self.optional(name) {
            Some(value) => read(name, &value, expected),
            None => Ok(default),
        }
    }
}

impl std::fmt::Debug for Env {
    /// Names only: values may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.given {
            Some(given) => f.debug_tuple("Env").field(&given.keys()).finish(),
            None => f.write_str("Env(process)"),
        }
    }
}

fn read<T: FromStr>(name: &str, value: &str, expected: &'static str) -> Result<T, EnvError> {
    value.trim().parse().map_err(|_| EnvError::Unreadable {
        name: name.to_owned(),
        expected,
    })
}

/// A value that is no UTF-8 is replaced where it is broken and not taken for missing, so that whoever
/// reads it finds it unreadable.
#[allow(clippy::disallowed_methods, reason = "the one reader of the environment")]
fn from_process(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_a_missing_one() {
        let env = Env::of([("A", "")]);
        assert_eq!(env.required("A").unwrap_err().code(), "ENV_MISSING");
        assert_eq!(env.parse_or("A", "a whole number", 7), Ok(7));
    }

    #[test]
    fn an_unreadable_variable_is_an_error_and_not_the_default() {
        let env = Env::of([("SIZE", "hunter2")]);
        let error = env.parse_or("SIZE", "a whole number", 7_u32).unwrap_err();
        assert_eq!(error.code(), "ENV_UNREADABLE");
        assert_eq!(error.to_string(), "SIZE is not a whole number");
    }

    #[test]
    fn neither_errors_nor_debug_show_a_value() {
        let env = Env::of([("KEY", "hunter2")]);
        let error = env.parse::<u8>("KEY", "a small number").unwrap_err();
        assert!(!format!("{error} {error:?} {env:?}").contains("hunter2"));
    }

    #[test]
    fn the_process_is_read_when_nothing_is_given() {
        assert!(Env::process().required("PATH").is_ok());
        assert_eq!(Env::process().optional("LAMBDA_EDGE_NO_SUCH_VARIABLE"), None);
    }
}
