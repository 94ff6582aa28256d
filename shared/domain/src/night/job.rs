//! What a part of the night does, job by job.

use serde::{Deserialize, Serialize};

use super::Phase;
use crate::when::BusinessDate;

/// One thing to do, small enough to be done again after a crash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Fetch a file that the central server lists.
    CentralFile {
        /// The outlet that the server names for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet: Option<String>,
        /// The day under which it is listed.
        date: BusinessDate,
        /// Its name at the server.
        name: String,
        /// Its size in bytes, as listed.
        size: u64,
        /// The SHA-256 of its bytes, in hexadecimal, as listed.
        sha256: String,
    },
    /// Fetch an outlet's receipts of one day from the Moka API.
    MokaDay {
        /// The outlet's id.
        outlet: String,
        /// Moka's id of it.
        moka: String,
        /// The day.
        date: BusinessDate,
    },
    /// Reconcile or enrich one outlet.
    Outlet {
        /// The outlet's id.
        outlet: String,
        /// The business date of tonight in the outlet's zone.
        date: BusinessDate,
    },
}

impl Job {
    /// The outlet that it is about, where one is known.
    #[must_use]
    pub fn outlet(&self) -> Option<&str> {
        match self {
            Self::CentralFile { outlet, .. } => outlet.as_deref(),
            Self::MokaDay { outlet, .. } | Self::Outlet { outlet, .. } => Some(outlet),
        }
    }

    /// The source that a trouble with it names: `central`, `moka`, or the phase it is a job of.
    #[must_use]
    pub fn source(&self, phase: Phase) -> &'static str {
        match self {
            Self::CentralFile { .. } => "central",
            Self::MokaDay { .. } => "moka",
            Self::Outlet { .. } => phase.as_str(),
        }
    }
}
