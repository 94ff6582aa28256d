//! Why a trigger is to come again. What a file holds is never a failure: it is quarantined.

use aws::StoreError;

/// A failure that another try may mend.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The message is none that this function knows; after a few tries it goes to the dead letters.
    #[error("not an event of an object: {0}")]
    ForeignMessage(&'static str),
    /// The object's bytes stopped coming.
    #[error("the object's bytes stopped coming")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A state could not be written as JSON.
    #[error("a state can't be written as JSON")]
    Unwritable(#[from] serde_json::Error),
}
