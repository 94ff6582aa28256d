//! Which engine the stores of a test are on. The environment of the test run says so:
//!
//! | variable | what it says |
//! |---|---|
//! | `STORE_URL` | the address of a foreign engine; absent or empty: the embedded one |
//! | `STORE_ENGINE` | which one that is: `dynamodb-local` or `ministack` |
//! | `STORE_S3` | `1`: the foreign engine has objects too |

/// An engine behind DynamoDB's wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The one of the one-machine run, inside the test.
    Embedded,
    /// Amazon's DynamoDB Local.
    DynamoDbLocal,
    /// The AWS emulator that the end-to-end tests deploy to.
    Ministack,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Embedded, Self::DynamoDbLocal, Self::Ministack];

    /// The name that the environment and documents have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::DynamoDbLocal => "dynamodb-local",
            Self::Ministack => "ministack",
        }
    }
}

/// Where the stores of this test run are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the test itself.
    Inside,
    /// At an engine that runs already.
    At {
        /// Its address.
        url: String,
        /// Which one it is.
        engine: Engine,
        /// Whether it has objects too.
        objects: bool,
    },
}

impl Place {
    /// What the environment says.
    #[must_use]
    #[allow(
        clippy::disallowed_methods,
        reason = "the one reader of a test run's environment"
    )]
    pub fn of_this_run() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// What an environment says.
    ///
    /// # Panics
    /// When it names an engine that is not known, or an address and no engine: a run that can't tell its
    /// engine can't tell that engine's known differences.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let Some(url) = variable("STORE_URL") else {
            return Self::Inside;
        };
        let name = variable("STORE_ENGINE").unwrap_or_default();
        let foreign = [Engine::DynamoDbLocal, Engine::Ministack];
        let engine = foreign.into_iter().find(|engine| engine.name() == name);
        Self::At {
            url,
            engine: engine.unwrap_or_else(|| {
                panic!("STORE_ENGINE must name the engine behind STORE_URL, not {name:?}")
            }),
            objects: variable("STORE_S3").is_some_and(|value| value == "1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(variables: &[(&str, &str)]) -> Place {
        Place::of(|name| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_an_address_the_stores_are_inside() {
        assert_eq!(place(&[]), Place::Inside);
        assert_eq!(
            place(&[("STORE_URL", ""), ("STORE_ENGINE", "ministack")]),
            Place::Inside
        );
    }

    #[test]
    fn an_address_comes_with_the_name_of_its_engine() {
        let url = "http://127.0.0.1:8000";
        let expected = Place::At {
            url: url.to_owned(),
            engine: Engine::DynamoDbLocal,
            objects: false,
        };
        assert_eq!(
            place(&[("STORE_URL", url), ("STORE_ENGINE", "dynamodb-local")]),
            expected
        );
    }

    #[test]
    #[should_panic(expected = "STORE_ENGINE")]
    fn an_address_of_an_unknown_engine_is_refused() {
        drop(place(&[
            ("STORE_URL", "http://127.0.0.1:1"),
            ("STORE_ENGINE", "embedded"),
        ]));
    }
}
