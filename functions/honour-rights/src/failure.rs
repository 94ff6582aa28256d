//! Why a run has to be tried again, or can't be.

use aws::StoreError;
use domain::rights::TooShort;
use edge::people::PeopleError;
use lambda_edge::batch::NotABatch;
use lambda_edge::env::EnvError;
use lambda_runtime::Diagnostic;

/// A failure that another try may mend; what is still not done after a few tries is gone on with every hour.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something about a person could not be done.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The event is no batch of records.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// The event names no task that there is.
    #[error("the event names no task of this function")]
    UnknownTask,
    /// Not one record of a batch was worked off.
    #[error("none of {0} records was worked off")]
    NothingDone(usize),
    /// Some requests could not be seen to.
    #[error("{0} requests could not be seen to")]
    NotAllDone(u64),
    /// Some people, answers and the like could not be read, or their time is over and they could not be let go.
    #[error("{0} items could not be let go")]
    NotLetGo(u64),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "RIGHTS_STORE_FAILED",
            Self::People(error) => error.code(),
            Self::NotABatch(_) => "RIGHTS_NOT_A_BATCH",
            Self::UnknownTask => "RIGHTS_TASK_UNKNOWN",
            Self::NothingDone(_) => "RIGHTS_NOTHING_DONE",
            Self::NotAllDone(_) => "RIGHTS_NOT_ALL_DONE",
            Self::NotLetGo(_) => "RIGHTS_NOT_LET_GO",
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

/// The environment does not say how long data is kept.
#[derive(Debug, thiserror::Error)]
pub enum NotSet {
    /// A setting is not a number.
    #[error(transparent)]
    Env(#[from] EnvError),
    /// A time is shorter than any shop could mean.
    #[error(transparent)]
    TooShort(#[from] TooShort),
}
