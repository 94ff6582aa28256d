//! Why a run has to be tried again, or can't be.

use aws::StoreError;
use lambda_edge::batch::NotABatch;
use lambda_edge::secrets::SecretError;
use lambda_runtime::Diagnostic;

/// Why a run has to be tried again, or can't be.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store did not do its part.
    #[error("a store failed: {0}")]
    Store(#[from] StoreError),
    /// The key of all signatures could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A message could not be written.
    #[error("a message could not be written")]
    Unwritten,
    /// The event is no batch of records.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// The event names no task that there is.
    #[error("the event names no task of this function")]
    UnknownTask,
    /// Not one record of a batch was worked off.
    #[error("none of {0} records was worked off")]
    NothingDone(usize),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "WEBHOOK_STORE_FAILED",
            Self::Secret(_) => "WEBHOOK_KEY_MISSING",
            Self::Unwritten => "WEBHOOK_UNWRITTEN",
            Self::NotABatch(_) => "WEBHOOK_NOT_A_BATCH",
            Self::UnknownTask => "WEBHOOK_TASK_UNKNOWN",
            Self::NothingDone(_) => "WEBHOOK_NOTHING_DONE",
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.code().to_owned(),
            error_message: failure.to_string(),
        }
    }
}
