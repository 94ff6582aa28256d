//! Where an order stands, and which ways lead from there.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Taken, and nothing was sent yet.
    New,
    /// About to be sent, or being sent: from here on nobody may say that it was not bought.
    Sending,
    /// The supplier has it and is not done.
    Pending,
    /// Whether the supplier has it, or has done it, is not known. Neither failed nor sent under another id.
    Unknown,
    /// Delivered.
    Success,
    /// Certainly not delivered, and not charged.
    Failed,
    /// A person has to find out.
    Manual,
    /// Was told as delivered, and is not.
    Reversed,
    /// Was told as failed, and is delivered.
    LateSuccess,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::Sending,
        Self::Pending,
        Self::Unknown,
        Self::Success,
        Self::Failed,
        Self::Manual,
        Self::Reversed,
        Self::LateSuccess,
    ];

    /// The state's name in the store and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Sending => "sending",
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Manual => "manual",
            Self::Reversed => "reversed",
            Self::LateSuccess => "late_success",
        }
    }

    /// Whether an order may go from here to there. Staying is no step.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::New, Self::Sending | Self::Failed)
                | (
                    Self::Sending,
                    Self::Pending | Self::Unknown | Self::Success | Self::Failed | Self::New
                )
                | (
                    Self::Pending | Self::Unknown,
                    Self::Success | Self::Failed | Self::Manual
                )
                | (Self::Pending, Self::Unknown)
                | (Self::Unknown, Self::Pending)
                | (Self::Manual, Self::Success | Self::Failed)
                | (Self::Success, Self::Reversed)
                | (Self::Failed, Self::LateSuccess)
        )
    }

    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failed | Self::Reversed | Self::LateSuccess
        )
    }

    /// Whether it may have been bought, or will be: money may be on its way, and the same may not be bought again.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !self.is_final()
    }
}
