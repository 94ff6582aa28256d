//! What can go wrong at a store, as its callers have to tell it apart.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A failure of a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed it first: read again and decide again.
    #[error("somebody else changed it first")]
    Conflict,
    /// The store asks for patience, after the client's own retries.
    #[error("the store is throttled")]
    Throttled,
    /// It is larger than the store can hold.
    #[error("it is larger than the store can hold: {0}")]
    TooLarge(&'static str),
    /// What is stored can't be understood.
    #[error("what is stored can't be understood: {0}")]
    Damaged(&'static str),
    /// There is no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// The call failed, or its outcome is not known.
    #[error("{operation} failed ({code})")]
    Unavailable {
        /// The service's operation.
        operation: &'static str,
        /// The service's error code, or how the call failed.
        code: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Sorts an SDK error into what callers tell apart.
pub(crate) fn sort<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| {
        let code = error
            .code()
            .map(str::to_owned)
            .unwrap_or_else(|| kind(&error).to_owned());
        match code.as_str() {
            "ConditionalCheckFailedException" | "TransactionConflictException" => StoreError::Conflict,
            "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "SlowDown" => StoreError::Throttled,
            "NoSuchKey" | "NoSuchVersion" | "NotFound" => StoreError::NotFound,
            // One code for everything that is wrong with a request; this is the one that data can cause.
            "ValidationException" if error.message().is_some_and(is_item_size) => {
                StoreError::TooLarge("an item")
            }
            _ => StoreError::Unavailable {
                operation,
                code,
                source: Box::new(error),
            },
        }
    }
}

/// The message about an item of more than 400 KB (DynamoDB developer guide, "Quotas", items).
pub(crate) fn is_item_size(message: &str) -> bool {
    message.to_ascii_lowercase().contains("item size")
}

fn kind<E, R>(error: &SdkError<E, R>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "ConstructionFailure",
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(_) => "DispatchFailure",
        SdkError::ResponseError(_) => "UnreadableResponse",
        _ => "ServiceError",
    }
}
