//! Why a run has to be tried again, or can't be.

use aws::StoreError;
use domain::topup::step::Misstep;
use lambda_edge::batch::NotABatch;
use lambda_edge::clock::NoRandomness;
use lambda_edge::secrets::SecretError;
use lambda_runtime::Diagnostic;

/// Why a run has to be tried again, or can't be. Never what the supplier answered: that is a state of an order.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store did not do its part.
    #[error("a store failed: {0}")]
    Store(#[from] StoreError),
    /// What the supplier wants to know of us could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The supplier can't be spoken to with these settings.
    #[error("the supplier can't be spoken to: {0}")]
    Supplier(String),
    /// The supplier did not say what our balance is.
    #[error("the balance is not known: {0}")]
    Balance(String),
    /// The operating system gave no randomness to name a holder with.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The event is no batch of records.
    #[error(transparent)]
    NotABatch(#[from] NotABatch),
    /// The event names no task that there is.
    #[error("the event names no task of this function")]
    UnknownTask,
    /// The supplier answered, and the answer could not be stored: its order becomes one that nobody knows the end of.
    #[error("an answer could not be stored: {0}")]
    AnswerNotKept(StoreError),
    /// What was to be done about an order is no step that it can take: nothing was sent.
    #[error(transparent)]
    Misstep(#[from] Misstep),
    /// Some orders could not be seen to.
    #[error("{0} orders could not be seen to")]
    NotAllDone(u64),
}

impl Failure {
    /// The stable code, which Lambda reports as the error's type.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "TOPUP_STORE_FAILED",
            Self::Secret(_) => "TOPUP_SECRET_MISSING",
            Self::Supplier(_) => "TOPUP_SUPPLIER_UNUSABLE",
            Self::Balance(_) => "TOPUP_BALANCE_UNKNOWN",
            Self::Randomness(_) => "TOPUP_RANDOMNESS_FAILED",
            Self::NotABatch(_) => "TOPUP_NOT_A_BATCH",
            Self::UnknownTask => "TOPUP_TASK_UNKNOWN",
            Self::AnswerNotKept(_) => "TOPUP_ANSWER_NOT_KEPT",
            Self::Misstep(_) => "TOPUP_STEP_REFUSED",
            Self::NotAllDone(_) => "TOPUP_NOT_ALL_DONE",
        }
    }

    /// Whether nothing can be sent while it lasts.
    pub(crate) const fn stops(&self) -> bool {
        matches!(self, Self::Secret(_) | Self::Supplier(_))
    }

    /// Whether it is of one order alone: others can be seen to all the same.
    pub(crate) const fn is_of_one(&self) -> bool {
        match self {
            Self::Misstep(_) => true,
            Self::Store(error) | Self::AnswerNotKept(error) => matches!(
                error,
                StoreError::Damaged(_) | StoreError::TooLarge(_) | StoreError::NotFound
            ),
            _ => false,
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
