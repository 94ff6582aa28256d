//! Walks the members of an envelope: the object (or objects) around the record array.
//!
//! Keeps the dotted path of where it is and at most one small value, so that an envelope of any
//! size costs the same memory.

use super::event::Limits;
use super::plain;
use super::scanner::{Flaw, Scanner, Step};

/// Objects inside objects that are entered; a deeper one is one value.
const DEPTH_MAX: usize = 4;
/// Longest member name that is followed.
const NAME_BYTES_MAX: usize = 256;
/// Longest value that is reported.
const VALUE_BYTES_MAX: usize = 4096;

/// Places where a POS puts its records. The names come from the exports we know.
const ARRAY_PATHS: [&str; 16] = [
    "data",
    "data.payments",
    "data.transactions",
    "data.data",
    "data.list",
    "data.rows",
    "data.items",
    "data.receipts",
    "rows",
    "receipts",
    "transactions",
    "payments",
    "list",
    "records",
    "result",
    "results",
];

/// Members at the root that only a receipt has: after one of these, `payments` and
/// `transactions` are parts of that receipt and not lists of receipts.
const RECEIPT_NAMES: [&str; 6] = [
    "lines",
    "checkouts",
    "items",
    "payment_no",
    "receipt_no",
    "receipt_id",
];
const RECEIPT_SCHEMA: &[u8] = br#""sikp.pos.receipt/1""#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the brace of the outermost object.
    Outside,
    NameOrEnd,
    CommaOrEnd,
    Name,
    Colon,
    Value,
    /// After the bracket of an array that may be the record array.
    Peek,
    Inside,
    /// After a member that was handed out; its path is kept until the walk goes on.
    After,
    /// Brackets do not pair up: nothing more is known of where this is.
    Lost,
}

/// What the walk came upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walked {
    /// Nothing so far.
    More,
    /// A member ended: see [`Walker::member`].
    Member,
    /// The record array: the next byte is its first element or its end.
    Array,
    /// The outermost object ended.
    Closed,
    /// Quotes or brackets do not pair up at the next byte.
    Broken,
}

/// The walk. See the module's text.
#[derive(Debug, Clone)]
pub(super) struct Walker {
    state: State,
    /// Dotted path of the member under way.
    path: String,
    /// Length of `path` without each open member's name; one for each open object.
    enclosing: Vec<usize>,
    scanner: Scanner,
    name: Vec<u8>,
    value: Vec<u8>,
    value_start: u64,
    value_len: u64,
    /// The member's name is too long or no UTF-8: its value is passed over.
    nameless: bool,
    watching: bool,
    receipt: bool,
}

impl Walker {
    /// A walk that starts before the brace of an envelope; `watching` for the record array.
    pub(super) fn outside(limits: &Limits, watching: bool) -> Self {
        Self {
            state: State::Outside,
            path: String::new(),
            enclosing: Vec::new(),
            scanner: Scanner::new(limits.depth_max, limits.string_bytes_max),
            name: Vec::new(),
            value: Vec::new(),
            value_start: 0,
            value_len: 0,
            nameless: false,
            watching,
            receipt: false,
        }
    }

    /// A walk that goes on after the end of the record array at `path`.
    pub(super) fn after_array(limits: &Limits, path: &str, watching: bool) -> Self {
        let mut walker = Self::outside(limits, watching);
        for name in path.split('.') {
            walker.enclosing.push(walker.path.len());
            walker.extend_path(name);
        }
        walker.end_value();
        walker
    }

    /// True once a member was seen that only a receipt has.
    pub(super) fn is_receipt(&self) -> bool {
        self.receipt
    }

    /// How many levels are open inside a value at a place for records that turned out to be a
    /// broken array: most likely the records, the first one damaged.
    pub(super) fn broken_array(&self) -> Option<usize> {
        let records = self.state == State::Lost && self.value.starts_with(b"[");
        (records && self.is_array_path()).then_some(self.enclosing.len() + 1)
    }

    /// Dotted path of the array just found.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Path and text of the member that just ended, if it is one to report.
    pub(super) fn member(&self) -> Option<(&str, &str)> {
        if self.nameless || self.value_len > VALUE_BYTES_MAX as u64 || self.scanner.flaw().is_some() {
            return None;
        }
        Some((&self.path, std::str::from_utf8(&self.value).ok()?))
    }

    /// What spoils the value that just ended, with its start and length.
    pub(super) fn flaw(&self) -> Option<(Flaw, u64, u64)> {
        self.scanner
            .flaw()
            .map(|flaw| (flaw, self.value_start, self.value_len))
    }

    /// Walks on through `bytes`, the first of which is at `base` in the file. Returns how many
    /// bytes were taken.
    pub(super) fn walk(&mut self, bytes: &[u8], base: u64) -> (usize, Walked) {
        if self.state == State::After {
            self.end_value();
        }
        let (taken, walked) = self.walk_on(bytes, base);
        if walked == Walked::Broken {
            self.state = State::Lost;
        }
        (taken, walked)
    }

    fn walk_on(&mut self, bytes: &[u8], base: u64) -> (usize, Walked) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.state == State::Lost {
                return (bytes.len(), Walked::More);
            }
            if matches!(self.state, State::Name | State::Inside) {
                let (taken, walked) = self.token(&bytes[at..], base + at as u64);
                at += taken;
                if walked != Walked::More {
                    return (at, walked);
                }
                continue;
            }
            if plain::is_space(byte) {
                if self.state == State::Peek {
                    self.collect(&[byte]);
                }
                at += 1;
                continue;
            }
            match self.structure(byte, base + at as u64) {
                (taken, Walked::More) => at += taken,
                (taken, walked) => return (at + taken, walked),
            }
        }
        (at, Walked::More)
    }

    /// A string that is a name, or a value of any kind.
    fn token(&mut self, bytes: &[u8], base: u64) -> (usize, Walked) {
        let step = self.scanner.scan(bytes, base);
        let taken = match step {
            Step::More => bytes.len(),
            Step::Closed(end) | Step::Broken(end, _) => end,
        };
        if self.state == State::Name {
            let room = (NAME_BYTES_MAX + 3).saturating_sub(self.name.len());
            self.name.extend_from_slice(&bytes[..taken.min(room)]);
        } else {
            self.collect(&bytes[..taken]);
        }
        match step {
            Step::More => (taken, Walked::More),
            Step::Broken(..) => (taken, Walked::Broken),
            Step::Closed(_) if self.state == State::Name => {
                self.enter_name();
                (taken, Walked::More)
            }
            Step::Closed(_) => {
                self.state = State::After;
                let schema = self.enclosing.len() == 1 && self.path == "schema";
                self.receipt |= schema && self.value == RECEIPT_SCHEMA;
                (taken, Walked::Member)
            }
        }
    }

    fn structure(&mut self, byte: u8, at: u64) -> (usize, Walked) {
        match (self.state, byte) {
            (State::Outside, b'{') => {
                self.enclosing.push(0);
                self.state = State::NameOrEnd;
            }
            (State::NameOrEnd, b'"') => {
                self.name.clear();
                self.scanner.begin(at);
                self.state = State::Name;
                return (0, Walked::More);
            }
            (State::CommaOrEnd, b',') => self.state = State::NameOrEnd,
            (State::NameOrEnd | State::CommaOrEnd, b'}') => return (1, self.leave()),
            (State::Colon, b':') => self.state = State::Value,
            (State::Value, b'{') if !self.nameless && self.enclosing.len() < DEPTH_MAX => {
                self.enclosing.push(self.path.len());
                self.state = State::NameOrEnd;
            }
            (State::Value, b'[') if self.watching && self.is_array_path() => {
                self.begin_value(at);
                self.collect(b"[");
                self.state = State::Peek;
            }
            (State::Value, b'}' | b']' | b':' | b',') => return (0, Walked::Broken),
            (State::Value, _) => {
                self.begin_value(at);
                self.state = State::Inside;
                return (0, Walked::More);
            }
            (State::Peek, b'{' | b']') => return (0, Walked::Array),
            (State::Peek, _) => {
                // Some other array after all: tell the scanner of the bracket already taken.
                self.scanner.scan(b"[", self.value_start);
                self.state = State::Inside;
                return (0, Walked::More);
            }
            _ => return (0, Walked::Broken),
        }
        (1, Walked::More)
    }

    fn is_array_path(&self) -> bool {
        let receipts_own = self.receipt && matches!(self.path.as_str(), "payments" | "transactions");
        !receipts_own && !self.nameless && ARRAY_PATHS.contains(&self.path.as_str())
    }

    fn begin_value(&mut self, at: u64) {
        self.scanner.begin(at);
        self.value.clear();
        self.value_start = at;
        self.value_len = 0;
    }

    fn collect(&mut self, bytes: &[u8]) {
        self.value_len += bytes.len() as u64;
        if self.value_len <= VALUE_BYTES_MAX as u64 {
            self.value.extend_from_slice(bytes);
        }
    }

    fn enter_name(&mut self) {
        self.state = State::Colon;
        let name = std::mem::take(&mut self.name);
        let inner = name.get(1..name.len().saturating_sub(1)).unwrap_or_default();
        match std::str::from_utf8(inner) {
            Ok(text) if inner.len() <= NAME_BYTES_MAX => {
                self.nameless = false;
                self.receipt |= self.enclosing.len() == 1 && RECEIPT_NAMES.contains(&text);
                self.extend_path(text);
            }
            _ => self.nameless = true,
        }
        self.name = name;
    }

    fn extend_path(&mut self, name: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
    }

    /// The value is over: what may follow is a comma or the end of its object.
    fn end_value(&mut self) {
        let keep = self.enclosing.last().copied().unwrap_or_default();
        self.path.truncate(keep);
        self.state = State::CommaOrEnd;
    }

    fn leave(&mut self) -> Walked {
        self.enclosing.pop();
        if self.enclosing.is_empty() {
            return Walked::Closed;
        }
        self.end_value();
        Walked::More
    }
}
