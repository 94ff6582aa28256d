//! What the supplier says of our deposit.

use domain::topup::reply::{self, NotUnderstood};
use domain::topup::rupiah::Rupiah;

/// Why the balance is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BalanceError {
    /// There was no connection. Why.
    #[error("the supplier was not reached: {0}")]
    NotSent(&'static str),
    /// There was no answer. Why.
    #[error("the supplier did not answer: {0}")]
    Lost(&'static str),
    /// The supplier says that it does not take us: PIN, password, member or address.
    #[error("the supplier does not take who we are")]
    AboutUs,
    /// The answer is none about a balance.
    #[error("the supplier's answer has no balance in it")]
    NotUnderstood,
}

impl BalanceError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSent(_) => "KIOS_NOT_REACHED",
            Self::Lost(_) => "KIOS_NO_ANSWER",
            Self::AboutUs => "KIOS_NOT_TAKEN",
            Self::NotUnderstood => "KIOS_BALANCE",
        }
    }
}

/// Reads an answer.
pub(super) fn read(body: &[u8]) -> Result<Rupiah, BalanceError> {
    reply::read_balance(body).map_err(|problem| match problem {
        NotUnderstood::AboutUs => BalanceError::AboutUs,
        _ => BalanceError::NotUnderstood,
    })
}
