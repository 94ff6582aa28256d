//! What a partner may do after an order. Nobody orders the same again on a guess.

use serde::Serialize;

use super::order::{Order, Reason};
use super::state::State;

/// What a partner may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// It is open: order nothing in its place.
    Wait,
    /// It is delivered.
    None,
    /// Ordering anew, under a new key, may help.
    NewOrder,
    /// Ordering anew after a while may help.
    Later,
    /// Ordering anew on another day may help.
    Tomorrow,
    /// The same can't be delivered.
    Never,
}

impl Retry {
    /// What the partner of an order may do.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        match (order.state, order.failure) {
            (State::Success | State::LateSuccess, _) => Self::None,
            // The supplier takes the same for the same number as one that it has done, until its day is over.
            (State::Reversed, _) => Self::Tomorrow,
            (State::Failed, reason) => reason.map_or(Self::NewOrder, Self::after),
            (State::New | State::Sending | State::Pending | State::Unknown | State::Manual, _) => Self::Wait,
        }
    }

    /// What a partner may do after a failure.
    const fn after(reason: Reason) -> Self {
        match reason {
            Reason::NotProcessable
            | Reason::CancelledByProvider
            | Reason::TimedOut
            | Reason::FailedBefore
            | Reason::NotSent
            | Reason::DecidedByPerson
            | Reason::Other => Self::NewOrder,
            Reason::ProductDown | Reason::DepositLow | Reason::Cutoff => Self::Later,
            Reason::DuplicateForeign => Self::Tomorrow,
            Reason::NumberBlocked
            | Reason::ProductInvalid
            | Reason::NumberInvalid
            | Reason::PackageAlreadyActive
            | Reason::NumberExpired
            | Reason::NumberInactive => Self::Never,
        }
    }

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::None => "none",
            Self::NewOrder => "new_order",
            Self::Later => "later",
            Self::Tomorrow => "tomorrow",
            Self::Never => "never",
        }
    }
}
