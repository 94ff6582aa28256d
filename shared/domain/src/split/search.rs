//! The search for the next record after a place where quotes or brackets do not pair up.

use super::event::Fault;
use super::scanner::Scanner;
use super::signature::{Signatures, Verdict};

/// Names of record arrays that are recognised when the envelope around them is damaged. Without
/// `items`, which receipts use for their lines.
const ARRAY_NAMES: [&str; 9] = [
    "transactions",
    "payments",
    "rows",
    "data",
    "list",
    "receipts",
    "records",
    "results",
    "result",
];
/// Longest stretch of text that can say `"transactions" : [ {`, blanks included.
const ARRAY_HEAD_BYTES_MAX: usize = 64;

/// What the search came upon, with the index of the byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A record begins.
    Record(usize),
    /// A record array of this name begins; the index is that of its first record.
    Array(usize, &'static str),
    /// Something may begin here: ask again with more bytes.
    Unsure(usize),
}

/// Where records may begin, besides behind a separator and with a known signature.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    /// A brace at the start of a line.
    pub(super) lines: bool,
    /// A named array with an object in it.
    pub(super) arrays: bool,
    /// Nothing is learnt yet: a brace after a comma where, counting brackets from this many open
    /// levels, no level is open.
    pub(super) levels: Option<i64>,
}

/// A search under way. The fault is reported when its end is known.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) fault: Fault,
    /// The record array this search is in, if that is not known for sure yet.
    pub(super) array: Option<String>,
    places: Places,
    /// Bytes up to a bracket that is not to be counted, as it is out of place.
    pub(super) stray: Option<u64>,
    in_string: bool,
    escaped: bool,
    /// The byte just before, and the last one that was not blank.
    before: u8,
    mark: u8,
}

impl Search {
    pub(super) fn new(fault: Fault, places: Places) -> Self {
        // A search starts where something new may begin, as if after a comma.
        Self {
            fault,
            array: None,
            stray: None,
            places,
            in_string: false,
            escaped: false,
            before: b',',
            mark: b',',
        }
    }

    /// Takes one level for opened by mistake.
    pub(super) fn discount_level(&mut self) {
        self.places.levels = self.places.levels.map(|levels| levels - 1);
    }

    /// Searches `bytes`; `complete` says that no more will come.
    pub(super) fn run(
        &mut self,
        bytes: &[u8],
        complete: bool,
        signatures: &Signatures,
        scanner: &mut Scanner,
    ) -> Found {
        for (at, &byte) in bytes.iter().enumerate() {
            let rest = &bytes[at..];
            let verdict = match byte {
                b'{' if self.is_certain() => Verdict::Yes,
                b'{' if matches!(self.mark, b',' | b'[' | b'}') && !signatures.is_empty() => {
                    signatures.verdict(rest, complete, scanner)
                }
                b'"' if self.places.arrays => match array_head(rest, complete) {
                    (Verdict::Yes, length, name) => return Found::Array(at + length, name),
                    (verdict, ..) => verdict,
                },
                _ => Verdict::No,
            };
            match verdict {
                Verdict::Yes => return Found::Record(at),
                Verdict::NeedMore => return Found::Unsure(at),
                Verdict::No => self.pass(byte),
            }
        }
        Found::Nothing
    }

    /// Whether a brace here begins a record, whatever it holds.
    fn is_certain(&self) -> bool {
        let line = self.places.lines && self.before == b'\n';
        let level = !self.in_string
            && self.places.levels.is_some_and(|levels| levels <= 0)
            && (self.mark == b',' || (self.mark == b'}' && self.places.lines));
        line || level
    }

    /// Reads one byte as text whose quotes cannot be trusted: a quote opens a string only where a
    /// string can stand, and no string goes past the end of its line.
    fn pass(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' | b'\n' => self.in_string = false,
                _ => {}
            }
        } else {
            let step = match byte {
                _ if self.stray == Some(0) => 0,
                b'{' | b'[' => 1,
                b'}' | b']' => -1,
                b'"' => {
                    self.in_string = matches!(self.mark, b'{' | b'[' | b',' | b':');
                    0
                }
                _ => 0,
            };
            self.places.levels = self.places.levels.map(|levels| levels + step);
        }
        self.stray = self.stray.and_then(|bytes| bytes.checked_sub(1));
        self.before = byte;
        if !super::plain::is_space(byte) {
            self.mark = byte;
        }
    }
}

/// Whether `bytes` start with the name of a record array, a colon, a bracket and a brace; then
/// also how far the brace is.
fn array_head(bytes: &[u8], complete: bool) -> (Verdict, usize, &'static str) {
    let head = &bytes[..bytes.len().min(ARRAY_HEAD_BYTES_MAX)];
    let open_ended = if complete || head.len() == ARRAY_HEAD_BYTES_MAX {
        Verdict::No
    } else {
        Verdict::NeedMore
    };
    let inner = head.get(1..).unwrap_or_default();
    let Some(end) = inner.iter().position(|&byte| byte == b'"') else {
        return (open_ended, 0, "");
    };
    let Some(name) = ARRAY_NAMES.iter().find(|name| name.as_bytes() == &inner[..end]) else {
        return (Verdict::No, 0, "");
    };
    let mut at = end + 2;
    for wanted in *b":[{" {
        at += super::plain::space_len(&head[at..]);
        match head.get(at) {
            Some(&byte) if byte == wanted => at += 1,
            Some(_) => return (Verdict::No, 0, ""),
            None => return (open_ended, 0, ""),
        }
    }
    (Verdict::Yes, at - 1, name)
}
