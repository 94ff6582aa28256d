//! The file ledger: what became of each export.

mod days;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::money::Money;
use crate::when::BusinessDate;

pub use days::{NotTouchedDays, TouchedDays};

/// The prefix under which every object of the bucket is taken.
pub const INCOMING: &str = "incoming/";

/// The id of an export: of the place an object has, whatever its content.
#[must_use]
pub fn export_id(bucket: &str, key: &str) -> String {
    let hash = Sha256::new()
        .chain_update(bucket)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let short = hash.get(..15).unwrap_or_default();
    format!("exp_{}", data_encoding::BASE32_NOPAD.encode(short).to_lowercase())
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Taken over HTTPS, not yet read.
    #[default]
    Accepted,
    /// Being read; a large file goes on where it stopped.
    Processing,
    /// Read to its end: what is good is stored, what is not is listed.
    Done,
    /// Nothing in it could be taken.
    Failed,
}

impl ExportState {
    /// The state's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Counts of a file's records. `received = stored + unchanged + stale + quarantined`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records found.
    pub received: u64,
    /// Records that said something new.
    pub stored: u64,
    /// Records that said what was known.
    pub unchanged: u64,
    /// Records older than what was known.
    pub stale: u64,
    /// Records that could not be taken.
    pub quarantined: u64,
}

/// How a file's own control totals compare with its records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// `total_transaksi` and its kin: how many records the file says it has.
    pub count: Option<u64>,
    /// `total_penjualan` and its kin: what the file says they come to.
    pub sum: Option<Money>,
    /// `all` (cancelled ones included), `sold`, or `none`: which reading of the records agrees.
    pub matches: String,
}

/// The sums of a file's records, cancelled ones apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Totals of sales.
    pub total: Money,
    /// Totals of cancelled or unpaid records.
    pub not_sold: Money,
    /// Given back.
    pub refunded: Money,
}

/// One export's ledger entry, for one content of the object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// See [`export_id`].
    pub id: String,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The object's entity tag: the identity of its bytes.
    pub etag: String,
    /// The object's version, where the bucket keeps versions: an object that is overwritten before it was read is
    /// read all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The object's size in bytes.
    pub size: u64,
    /// Where it stands.
    pub state: ExportState,
    /// Which dialect it was written in, such as `moka.v3`.
    pub dialect: Option<String>,
    /// Counts of records.
    pub counts: Counts,
    /// Sums of records.
    pub sums: Sums,
    /// Control totals, where the file has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// Rejections by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejected: BTreeMap<String, u64>,
    /// Notes by code: things taken in spite of a flaw.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, u64>,
    /// Fields that no dialect knows, by name, with how often they came; at most [`Export::UNKNOWN_MAX`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_fields: BTreeMap<String, u64>,
    /// Outlet days touched, at most [`Export::DAYS_MAX`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<(String, BusinessDate)>,
    /// How many different outlet days were touched, counted up to [`TouchedDays::MAX`].
    pub days_total: u64,
    /// Why the whole file failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was first seen, Unix milliseconds.
    pub received_ms: i64,
    /// When it reached its end, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_ms: Option<i64>,
    /// How many runs it took.
    pub runs: u32,
    /// The audit record of its end: chain and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<(u8, u64)>,
    /// What ties the lines of all logs and the mail about this file together: see [`crate::correlation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Where to go on; see `ingest-sales`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
}

impl Export {
    /// How many outlet days an entry lists.
    pub const DAYS_MAX: usize = 40;
    /// How many unknown fields an entry names.
    pub const UNKNOWN_MAX: usize = 20;

    /// Whether there is nothing left to do.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.state, ExportState::Done | ExportState::Failed)
    }

    /// Whether people should hear of it.
    #[must_use]
    pub fn has_trouble(&self) -> bool {
        self.state == ExportState::Failed || self.counts.quarantined > 0
    }
}
