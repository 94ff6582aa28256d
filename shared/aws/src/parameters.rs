//! Secrets that the functions themselves renew, in the Parameter Store of AWS Systems Manager.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::ParameterType;

use crate::Clients;
use crate::error::{StoreError, sort};

/// Names that one call takes
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>).
const NAMES_MAX: usize = 10;

/// A parameter's value. Not shown by `Debug`.
#[derive(Clone)]
pub struct Parameter {
    value: String,
    version: i64,
}

impl Parameter {
    /// The value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// The value, to be hidden otherwise.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.value
    }

    /// How often it was put: what was written later has a greater one.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Parameter")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The Parameter Store.
#[derive(Clone, Debug)]
pub struct Parameters {
    client: Client,
}

impl Parameters {
    /// The parameters that these clients reach.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            client: Client::new(clients.config()),
        }
    }

    /// Parameters by name, decrypted, ten to a request; those that do not exist are not in the answer.
    ///
    /// # Errors
    /// [`StoreError`] when they can't be read.
    pub async fn get_many(&self, names: &[&str]) -> Result<HashMap<String, Parameter>, StoreError> {
        let mut found = HashMap::new();
        for names in names.chunks(NAMES_MAX) {
            let wanted = names.iter().map(|name| (*name).to_owned()).collect();
            let request = self.client.get_parameters().with_decryption(true);
            let reply = request
                .set_names(Some(wanted))
                .send()
                .await
                .map_err(sort("GetParameters"))?;
            for parameter in reply.parameters.unwrap_or_default() {
                let (Some(name), Some(value)) = (parameter.name, parameter.value) else {
                    return Err(StoreError::Damaged("a parameter without a name or a value"));
                };
                let version = parameter.version;
                found.insert(name, Parameter { value, version });
            }
        }
        Ok(found)
    }

    /// Puts a parameter, encrypted, in place of what was there. Answers its version. It may be put again with the
    /// same value. The service knows no condition for it, so nothing that a person puts should be put here as well.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be written, or when it is not known whether it was.
    pub async fn put(&self, name: &str, value: &str) -> Result<i64, StoreError> {
        let reply = self
            .client
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::SecureString)
            .overwrite(true)
            .send()
            .await
            .map_err(sort("PutParameter"))?;
        Ok(reply.version)
    }
}
