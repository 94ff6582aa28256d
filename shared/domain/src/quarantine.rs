//! Records that could not be taken, and what is done about them.

use serde::{Deserialize, Serialize};

use crate::export::Export;

/// What happened to a quarantined record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Waits for a person.
    Open,
    /// Asked to be run again.
    Replaying,
    /// Run again, and taken.
    Replayed,
    /// Put aside by a person, with a reason.
    Discarded,
}

impl QuarantineState {
    /// The state's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replaying => "replaying",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

/// One quarantined piece of a file. The raw bytes stay in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The export it came from.
    pub export_id: String,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// The object's entity tag.
    pub etag: String,
    /// Whose record it is: the outlet that the record tells, or else the folder it came in. None where neither
    /// says, or the two differ: that is nobody's but those who see every outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    /// The object's version, where the bucket keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it begins in the (unpacked) file.
    pub byte_start: u64,
    /// How long it is.
    pub byte_len: u64,
    /// Where it stands in the document, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// Its position among the records, counted from zero.
    pub ordinal: Option<u64>,
    /// The stable code of the reason.
    pub code: String,
    /// What exactly was wrong, in English, without content of the file.
    pub detail: String,
    /// The version of the rules that refused it.
    pub rules: u32,
    /// The record with every text and long number masked; at most [`Quarantined::PREVIEW_MAX`] bytes.
    pub preview: String,
    /// What is known of the file around it, which a replay needs again.
    pub context: String,
    /// Whether this is the file as a whole, not one of its records.
    pub whole_file: bool,
    /// What happened to it.
    pub state: QuarantineState,
    /// How often it was run.
    pub attempts: u32,
    /// Unix milliseconds of its first run.
    pub first_seen_ms: i64,
    /// Unix milliseconds of its last run or decision.
    pub last_seen_ms: i64,
    /// The correlation of its file, or of the request that had it run again: see [`crate::correlation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Who decided, where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Quarantined {
    /// The longest preview, in bytes.
    pub const PREVIEW_MAX: usize = 400;

    /// A piece of an export that is refused for the first time, by the rules of today; where it stands and what is
    /// wrong with it is the caller's to say.
    #[must_use]
    pub fn of(export: &Export, at_ms: i64) -> Self {
        Self {
            export_id: export.id.clone(),
            bucket: export.bucket.clone(),
            key: export.key.clone(),
            etag: export.etag.clone(),
            outlet: None,
            version: export.version.clone(),
            byte_start: 0,
            byte_len: 0,
            pointer: String::new(),
            ordinal: None,
            code: String::new(),
            detail: String::new(),
            rules: RULES_VERSION,
            preview: String::new(),
            context: String::new(),
            whole_file: false,
            state: QuarantineState::Open,
            attempts: 1,
            first_seen_ms: at_ms,
            last_seen_ms: at_ms,
            correlation: export.correlation.clone(),
            decided_by: None,
            reason: None,
        }
    }

    /// The id within its export: where it begins, and which piece of those that begin there.
    #[must_use]
    pub fn local_id(&self) -> String {
        let piece = match (self.whole_file, self.ordinal) {
            (true, _) => "file".to_owned(),
            (false, Some(ordinal)) => ordinal.to_string(),
            (false, None) if self.byte_len == 0 => "end".to_owned(),
            (false, None) => "part".to_owned(),
        };
        format!("{:014}-{piece}", self.byte_start)
    }
}

/// The version of the record rules; raised when a rule changes, so that what an older rule refused
/// can be found and run again.
pub const RULES_VERSION: u32 = 1;
