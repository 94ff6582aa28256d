//! The order in which a night does things.

use serde::{Deserialize, Serialize};

/// What a night is at. Written and ordered as it passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Fetches what other servers have into the bucket.
    Pull,
    /// Waits until the ledger has taken it.
    Settle,
    /// Compares what came with what should have.
    Reconcile,
    /// Brings profiles up to date.
    Enrich,
    /// Backs the configuration up, mails, closes.
    Report,
    /// Nothing is left to do.
    Over,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 6] = [
        Self::Pull,
        Self::Settle,
        Self::Reconcile,
        Self::Enrich,
        Self::Report,
        Self::Over,
    ];

    /// The phase's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Settle => "settle",
            Self::Reconcile => "reconcile",
            Self::Enrich => "enrich",
            Self::Report => "report",
            Self::Over => "over",
        }
    }

    /// The phase of a name, exactly as [`Phase::as_str`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == text)
    }

    /// The phase that follows; the last one stays.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Pull => Self::Settle,
            Self::Settle => Self::Reconcile,
            Self::Reconcile => Self::Enrich,
            Self::Enrich => Self::Report,
            Self::Report | Self::Over => Self::Over,
        }
    }

    /// The phase whose parts it works with or waits for: settling waits for those that pull. `None` where there
    /// are none.
    #[must_use]
    pub fn parts_of(self) -> Option<Self> {
        match self {
            Self::Pull | Self::Settle => Some(Self::Pull),
            Self::Reconcile | Self::Enrich => Some(self),
            Self::Report | Self::Over => None,
        }
    }
}
