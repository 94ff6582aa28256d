//! Secrets in AWS Systems Manager Parameter Store.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::Parameter;

use super::{SecretError, SecretSource, SourceError};
use crate::redact::Secret;

/// Names that one `GetParameters` call takes
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>).
const MOST_NAMES: usize = 10;

/// Parameters, decrypted. Takes names (`/mail/key`), names with a version or label (`/mail/key:3`) and
/// ARNs. Needs `ssm:GetParameter`, for [`prefetch`](super::Secrets::prefetch) `ssm:GetParameters`, and
/// `kms:Decrypt` where the parameter has a key of its own.
#[derive(Clone, Debug)]
pub struct ParameterStore {
    client: Client,
}

impl ParameterStore {
    /// The parameters that this client reaches.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// One call for at most [`MOST_NAMES`] names.
    async fn fetch_some(&self, names: &[&str]) -> Result<Vec<Secret<String>>, SecretError> {
        let wanted = names.iter().map(|name| (*name).to_owned()).collect();
        let request = self.client.get_parameters().with_decryption(true);
        let reply = request
            .set_names(Some(wanted))
            .send()
            .await
            .map_err(|error| SecretError {
                name: names.join(", "),
                source: unavailable(&error),
            })?;
        let found = names.iter().map(|name| {
            let parameter = reply
                .parameters()
                .iter()
                .find(|parameter| is_called(parameter, name));
            value(parameter).map_err(|error| SecretError::new(name, error))
        });
        found.collect()
    }
}

impl SecretSource for ParameterStore {
    async fn fetch(&self, name: &str) -> Result<Secret<String>, SourceError> {
        let request = self.client.get_parameter().name(name).with_decryption(true);
        match request.send().await {
            Ok(reply) => value(reply.parameter()),
            Err(error) => match error.as_service_error() {
                Some(
                    GetParameterError::ParameterNotFound(_) | GetParameterError::ParameterVersionNotFound(_),
                ) => Err(SourceError::Missing),
                _ => Err(unavailable(&error)),
            },
        }
    }

    async fn fetch_many(&self, names: &[&str]) -> Result<Vec<Secret<String>>, SecretError> {
        let mut values = Vec::with_capacity(names.len());
        for names in names.chunks(MOST_NAMES) {
            values.extend(self.fetch_some(names).await?);
        }
        Ok(values)
    }
}

/// Whether a parameter was asked for by this name; the reply has the version or label apart from it.
fn is_called(parameter: &Parameter, asked: &str) -> bool {
    let selector = parameter.selector().unwrap_or_default();
    let names = [parameter.name(), parameter.arn()].into_iter().flatten();
    names
        .into_iter()
        .any(|name| asked.strip_prefix(name).is_some_and(|rest| rest == selector))
}

fn value(parameter: Option<&Parameter>) -> Result<Secret<String>, SourceError> {
    let value = parameter.and_then(Parameter::value).ok_or(SourceError::Missing)?;
    Ok(Secret::new(value.to_owned()))
}

fn unavailable<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> SourceError {
    let code = match error {
        SdkError::ServiceError(refused) => refused.err().code().unwrap_or("Unknown"),
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "NoConnection",
        SdkError::ResponseError(_) => "BrokenAnswer",
        _ => "NotSent",
    };
    SourceError::Unavailable {
        code: code.to_owned(),
    }
}
