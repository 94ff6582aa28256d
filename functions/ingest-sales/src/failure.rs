//! Why a trigger is to come again. What a file holds is never a failure: it is quarantined.

use aws::StoreError;
use lambda_edge::batch::NotABatch;
use lambda_runtime::Diagnostic;

/// A failure that another try may mend.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The message is none that this function knows; after a few tries it goes to the dead letters.
    #[error("not an event of an object: {0}")]
    ForeignMessage(&'static str),
    /// The event is no batch of messages.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// A change of an item that this version can't read; after a few tries it goes to the dead letters.
    #[error("a stream record of this function's can't be read")]
    Unreadable,
    /// Not one message of a batch was worked off.
    #[error("none of {0} messages was worked off")]
    NothingDone(usize),
    /// The object's bytes stopped coming.
    #[error("the object's bytes stopped coming")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A state could not be written as JSON.
    #[error("a state can't be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "INGEST_STORE_FAILED",
            Self::ForeignMessage(_) => "INGEST_MESSAGE_FOREIGN",
            Self::Unreadable => "INGEST_RECORD_UNREADABLE",
            Self::NothingDone(_) => "INGEST_NOTHING_DONE",
            Self::NotABatch(_) => "INGEST_NOT_A_BATCH",
            Self::Interrupted(_) => "INGEST_OBJECT_INTERRUPTED",
            Self::Unwritable(_) => "INGEST_STATE_UNWRITABLE",
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
