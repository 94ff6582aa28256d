//! Why records have to come again.

use aws::StoreError;
use domain::figures::Overflow;
use lambda_edge::batch::NotABatch;
use lambda_runtime::Diagnostic;

/// A failure that another try may mend; after a few tries the records go to the dead letters.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event is no batch of records.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// A change of an item that this version can't read.
    #[error("a stream record of this function's can't be read")]
    Unreadable,
    /// The figures of a day leave the range of numbers.
    #[error("the figures of a day are out of range")]
    OutOfRange(#[from] Overflow),
    /// Not one record of a batch was worked off.
    #[error("none of {0} records was worked off")]
    NothingDone(usize),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "SCORE_STORE_FAILED",
            Self::NotABatch(_) => "SCORE_NOT_A_BATCH",
            Self::Unreadable => "SCORE_RECORD_UNREADABLE",
            Self::OutOfRange(_) => "SCORE_OUT_OF_RANGE",
            Self::NothingDone(_) => "SCORE_NOTHING_DONE",
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
