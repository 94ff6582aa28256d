//! What the splitter says: records, the envelope around them, and what is wrong with the file.

use std::fmt;

/// How much of a file may be held at once, and how far nesting may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest record in bytes; a larger one is reported and not buffered.
    pub record_bytes_max: usize,
    /// Deepest nesting inside one record; the record itself is level 1. At most 65,536.
    pub depth_max: usize,
    /// Most bytes of an envelope that may come before its record array.
    pub envelope_bytes_max: usize,
    /// Longest string inside a record, in raw bytes between its quotes.
    pub string_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes_max: 1 << 20,
            depth_max: 64,
            envelope_bytes_max: 1 << 20,
            string_bytes_max: 64 << 10,
        }
    }
}

/// One finding, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// One record: a JSON object that is complete, within the limits and well formed as far as a
    /// tokenizer can tell. Not checked here: UTF-8, the digits of a number, duplicate names.
    Record {
        /// The exact bytes of the object, from `{` to `}`.
        bytes: &'a [u8],
        /// Where it starts in the (decompressed) file.
        start: u64,
        /// Its place among the elements of the array, or among the non-blank lines, from 0.
        ordinal: u64,
    },
    /// The record array begins.
    ArrayStart {
        /// Dotted place of the array (`data.payments`), empty when the file is an array.
        path: &'a str,
    },
    /// A member of the envelope, from before or after the record array: a scalar, or an array
    /// (or a deeply nested object), if its text is at most 4 KiB of valid UTF-8.
    Envelope {
        /// Dotted names as they are spelled in the file (`meta.code`).
        path: &'a str,
        /// The JSON text of the value; a string keeps its quotes.
        raw: &'a str,
    },
    /// Something is wrong.
    Fault(Fault),
}

/// What is wrong with a stretch of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of damage.
    pub code: FaultCode,
    /// First byte of the stretch.
    pub start: u64,
    /// Length of the stretch in bytes; 0 when something is missing there.
    pub len: u64,
    /// The element or line it takes the place of, if it is one.
    pub ordinal: Option<u64>,
    /// True when nothing more will come out of this file.
    pub fatal: bool,
    /// One English sentence for the operator. Never holds any content of the file.
    pub detail: String,
}

/// Kinds of damage. The codes of [`FaultCode::as_str`] are stored and shown: never change one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// The file starts with neither `{` nor `[`: a page of HTML, a table, an archive.
    NotJson,
    /// The file ends inside a record, an array or an object.
    Truncated,
    /// The file is UTF-16 or UTF-32.
    Utf16,
    /// The file starts with a UTF-8 byte order mark; it was skipped.
    BomSkipped,
    /// A record is larger than [`Limits::record_bytes_max`].
    RecordTooLarge,
    /// A record holds a string longer than [`Limits::string_bytes_max`].
    StringTooLong,
    /// A record nests deeper than [`Limits::depth_max`].
    TooDeep,
    /// A record, or what stands in place of one, is not JSON.
    RecordNotJson,
    /// A record holds `NaN` or `Infinity`.
    NotFinite,
    /// More than [`Limits::envelope_bytes_max`] come before the record array; what the envelope
    /// said there is not reported.
    EnvelopeTooLarge,
    /// The file is an empty object.
    NoRecords,
    /// Something follows the end of the document.
    TrailingGarbage,
    /// The file is empty or blank.
    Empty,
    /// An element of the record array, or a line, is JSON but no object.
    ElementNotObject,
}

impl FaultCode {
    /// The stable code, as stored in the quarantine and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "FILE_NOT_JSON",
            Self::Truncated => "FILE_TRUNCATED",
            Self::Utf16 => "FILE_UTF16",
            Self::BomSkipped => "FILE_BOM",
            Self::RecordTooLarge => "RECORD_TOO_LARGE",
            Self::StringTooLong => "STRING_TOO_LONG",
            Self::TooDeep => "RECORD_TOO_DEEP",
            Self::RecordNotJson => "RECORD_NOT_JSON",
            Self::NotFinite => "NUMBER_NOT_FINITE",
            Self::EnvelopeTooLarge => "ENVELOPE_TOO_LARGE",
            Self::NoRecords => "FILE_WITHOUT_RECORDS",
            Self::TrailingGarbage => "FILE_TRAILING_GARBAGE",
            Self::Empty => "FILE_EMPTY",
            Self::ElementNotObject => "RECORD_NOT_OBJECT",
        }
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The JSON pointer (RFC 6901) of a record, from the path of its array and its ordinal:
/// `/data/payments/17`, or `/17` for a bare array and for lines.
#[must_use]
pub fn pointer(path: &str, ordinal: u64) -> String {
    if path.is_empty() {
        format!("/{ordinal}")
    } else {
        format!("/{}/{ordinal}", path.replace('.', "/"))
    }
}
