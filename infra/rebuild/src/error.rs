//! Why a rebuild stops before its end. Started again, it goes on where it was.

use aws::StoreError;
use domain::fingerprint::FingerprintError;

/// How many names a message lists.
const NAMED_MAX: usize = 20;

/// Why a rebuild stops.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An item can't be written for its fingerprint.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// An export could not be told again.
    #[error("{key} could not be told again: {failure}")]
    NotTold {
        /// The object's key.
        key: String,
        /// Why not.
        failure: Box<ingest_sales::failure::Failure>,
    },
    /// A record that was refused and taken later is refused by now.
    #[error("the record at {place} of {key} is refused by now: {code}")]
    Refused {
        /// The object's key.
        key: String,
        /// Where the record stands in it.
        place: String,
        /// The code of the reason.
        code: &'static str,
    },
    /// Days could not be counted.
    #[error("{0} days could not be counted; the lines above say why")]
    NotCounted(usize),
    /// Exports are being read, or refused records are being run again.
    #[error("nothing was changed: {} are being processed; wait for them, or have a look: {}", .0.len(), names(.0))]
    Busy(Vec<String>),
    /// Objects of the ledger are not in the bucket any more.
    #[error("nothing was changed: {} exports are not in the bucket any more, so what they told can't be told \
             again; with --keep-gone their days stay as they are: {}", .0.len(), names(.0))]
    Gone(Vec<String>),
    /// Another rebuild is under way.
    #[error("another rebuild is under way")]
    Held,
    /// The person said no.
    #[error("nothing was changed")]
    Declined,
    /// The bookmark is of another version of this program.
    #[error("the bookmark of an earlier rebuild can't be read: {0}")]
    Bookmark(#[from] serde_json::Error),
}

impl Stop {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "REBUILD_STORE_FAILED",
            Self::Fingerprint(_) => "REBUILD_FINGERPRINT_FAILED",
            Self::NotTold { .. } => "REBUILD_EXPORT_NOT_TOLD",
            Self::Refused { .. } => "REBUILD_RECORD_REFUSED",
            Self::NotCounted(_) => "REBUILD_NOT_COUNTED",
            Self::Busy(_) => "REBUILD_EXPORTS_BUSY",
            Self::Gone(_) => "REBUILD_EXPORTS_GONE",
            Self::Held => "REBUILD_HELD",
            Self::Declined => "REBUILD_DECLINED",
            Self::Bookmark(_) => "REBUILD_BOOKMARK_UNREADABLE",
        }
    }
}

/// The first names, and how many more there are.
fn names(all: &[String]) -> String {
    let first = all.iter().take(NAMED_MAX).map(String::as_str);
    let mut text = first.collect::<Vec<_>>().join(", ");
    if let Some(more) = all.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
