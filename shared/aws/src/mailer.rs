//! Mail through SES.

use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::config::timeout::TimeoutConfig;
use aws_sdk_ses::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use aws_smithy_runtime_api::client::result::DispatchFailure;

use crate::Clients;

/// A mail, ready to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// From which address.
    pub from: String,
    /// To which address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The body for readers of text.
    pub text: String,
    /// The body for readers of HTML.
    pub html: String,
}

/// Why a mail was not, or may not have been, taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Certainly not taken, and may be later.
    #[error("the mail service is not able to take it now ({0})")]
    NotNow(String),
    /// Certainly not taken, and won't be.
    #[error("the mail service refuses it ({0})")]
    Refused(String),
    /// Nobody knows whether it was taken.
    #[error("it is not known whether the mail service took it ({0})")]
    Unknown(String),
}

/// The mail service.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
}

impl Mailer {
    /// The mail service of these clients. The SDK never tries twice on its own: the service has no
    /// idempotency key, so a second try could be a second mail.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(Duration::from_secs(20))
            .build();
        let config = aws_sdk_ses::config::Builder::from(clients.config())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
        }
    }

    /// Sends a mail once. Answers the service's id of it.
    ///
    /// # Errors
    /// [`MailError`], which says whether the mail may have been taken.
    pub async fn send(&self, letter: &Letter) -> Result<String, MailError> {
        let malformed = || MailError::Refused("malformed".to_owned());
        let content = |data: &str| {
            Content::builder()
                .data(data)
                .charset("UTF-8")
                .build()
                .map_err(|_| malformed())
        };
        let body = Body::builder()
            .text(content(&letter.text)?)
            .html(content(&letter.html)?)
            .build();
        let message = Message::builder()
            .subject(content(&letter.subject)?)
            .body(body)
            .build();
        let request = self
            .client
            .send_email()
            .source(&letter.from)
            .destination(Destination::builder().to_addresses(&letter.to).build())
            .message(message);
        request
            .send()
            .await
            .map(|reply| reply.message_id)
            .map_err(|error| sort(&error))
    }
}

fn sort<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> MailError {
    let code = error.code().unwrap_or("no code").to_owned();
    match error {
        SdkError::ServiceError(_) => match code.as_str() {
            "MessageRejected" | "InvalidParameterValue" | "MailFromDomainNotVerifiedException" => {
                MailError::Refused(code)
            }
            _ => MailError::NotNow(code),
        },
        SdkError::ConstructionFailure(_) => MailError::NotNow("not sent".to_owned()),
        SdkError::DispatchFailure(failure) if failure.is_user() || never_connected(failure) => {
            MailError::NotNow("no connection".to_owned())
        }
        _ => MailError::Unknown("no answer".to_owned()),
    }
}

/// Whether the failure came before there was a connection, so that nothing can have been handed over. A
/// connection that broke later may have carried the mail.
fn never_connected(failure: &DispatchFailure) -> bool {
    let mut cause = failure
        .as_connector_error()
        .map(|error| error as &(dyn std::error::Error + 'static));
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return error.is_connect();
        }
        cause = error.source();
    }
    false
}
