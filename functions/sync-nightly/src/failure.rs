//! Why a run has to be tried again, or can't be.

use aws::StoreError;
use domain::night::NightError;
use lambda_edge::batch::NotABatch;
use lambda_runtime::Diagnostic;

/// Why a run has to be tried again, or can't be.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store could not be read or written.
    #[error("a store failed: {0}")]
    Store(#[from] StoreError),
    /// The schedule names no task that there is.
    #[error("the event names no task of this function")]
    UnknownTask,
    /// A night that lies in the future.
    #[error("the night is not due yet: it can be started from the moment on that `at` names")]
    NotDue,
    /// What is to say which night is to be done again can't be read.
    #[error("`at` is not a moment such as 2026-11-21T16:00:00Z")]
    AtUnreadable,
    /// The event is no batch of records.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// A record of a part that can't be read.
    #[error("a record names no part")]
    Unreadable,
    /// Every record of a batch failed.
    #[error("all of the {0} records failed")]
    NothingDone(usize),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => STORE_FAILED,
            Self::UnknownTask => "SYNC_TASK_UNKNOWN",
            Self::NotDue => "SYNC_NOT_DUE",
            Self::AtUnreadable => "SYNC_AT_UNREADABLE",
            Self::NotABatch(error) => error.code(),
            Self::Unreadable => "SYNC_RECORD_UNREADABLE",
            Self::NothingDone(_) => "SYNC_NOTHING_DONE",
        }
    }
}

/// The code of a store that failed, also in the troubles of a night.
pub(crate) const STORE_FAILED: &str = "SYNC_STORE_FAILED";

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.code().to_owned(),
            error_message: failure.to_string(),
        }
    }
}

/// Why a night was not moved on by this run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    /// The night is not as it was read any more: it is read and looked at again.
    #[error("the night is not as it was read any more")]
    Moved,
    /// The run fails.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<NightError> for Stopped {
    fn from(_: NightError) -> Self {
        Self::Moved
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Moved,
            error => Self::Failed(error.into()),
        }
    }
}
