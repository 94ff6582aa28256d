//! A tokenizer for one JSON value (RFC 8259), fed in pieces, in constant memory.
//!
//! It tells two kinds of trouble apart. A *flaw* spoils the value but leaves its brackets known
//! (`NaN`, a bare name, a comma too many), so the scan goes on to the value's end. A *break* means
//! that quotes or brackets no longer pair up, so where the value ends cannot be known.

use super::event::FaultCode;
use super::plain;
use super::word::{Word, WordKind};

/// Levels whose brackets are remembered at most, whatever the limits say.
const DEPTH_CAP: usize = 1 << 16;

/// Why a value is not good although its end is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) code: FaultCode,
    pub(super) detail: &'static str,
}

/// Where a scan stands after the bytes it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// All bytes belong to the value, which goes on.
    More,
    /// The value ends before this index.
    Closed(usize),
    /// The byte at this index cannot be part of any value with known brackets.
    Broken(usize, &'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value must come.
    Value,
    /// Just after `[`.
    FirstValue,
    /// Just after `{`.
    FirstName,
    /// After a comma in an object.
    Name,
    Colon,
    /// After a value: a comma or the end of what is open.
    After,
    /// Below the deepest level allowed: brackets are counted, nothing else.
    Deep,
    Text,
    Escape,
    /// This many hexadecimal digits are still to come.
    Hex(u8),
    Word,
}

enum Turn {
    On,
    Closed,
    Broken(&'static str),
}

/// The tokenizer. [`Scanner::begin`] starts a value, [`Scanner::scan`] feeds it.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    depth_max: usize,
    string_max: u64,
    depth: usize,
    /// One bit for each open level up to `depth_max`: set for an object.
    objects: Vec<u64>,
    state: State,
    /// The string or word under way is a member's name.
    naming: bool,
    word: Word,
    flaw: Option<Flaw>,
    string_start: u64,
    string_depth: usize,
    /// End of the last name in quotes, until its colon.
    name_end: Option<u64>,
    names: [Option<(u64, u64)>; 2],
}

impl Scanner {
    pub(super) fn new(depth_max: usize, string_bytes_max: usize) -> Self {
        let depth_max = depth_max.min(DEPTH_CAP);
        Self {
            depth_max,
            string_max: string_bytes_max as u64,
            depth: 0,
            objects: vec![0; depth_max / 64 + 1],
            state: State::Value,
            naming: false,
            word: Word::Bad,
            flaw: None,
            string_start: 0,
            string_depth: 0,
            name_end: None,
            names: [None; 2],
        }
    }

    /// Starts a value whose first byte is at `start` in the file.
    pub(super) fn begin(&mut self, start: u64) {
        self.depth = 0;
        self.state = State::Value;
        self.flaw = None;
        self.string_start = start;
        self.string_depth = 0;
        self.name_end = None;
        self.names = [None; 2];
    }

    /// The first flaw of the value so far.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        self.flaw
    }

    /// How many levels are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Where the last string began, and how many levels were open there.
    pub(super) fn last_string(&self) -> (u64, usize) {
        (self.string_start, self.string_depth)
    }

    /// Start and end in the file of the value's own first two names, without quotes.
    pub(super) fn names(&self) -> [Option<(u64, u64)>; 2] {
        self.names
    }

    /// Scans `bytes`, the first of which is at `base` in the file.
    pub(super) fn scan(&mut self, bytes: &[u8], base: u64) -> Step {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let turn = match self.state {
                State::Text => {
                    let plain = plain::plain_len(rest);
                    let Some(&byte) = rest.get(plain) else { break };
                    at += plain + 1;
                    self.text(byte, base + (at as u64) - 1)
                }
                State::Escape | State::Hex(_) => {
                    at += usize::from(self.escape(rest[0]));
                    Turn::On
                }
                State::Word => {
                    let run = plain::word_len(rest);
                    at += run;
                    self.word = self.word.then(&rest[..run]);
                    if run == rest.len() {
                        Turn::On
                    } else {
                        self.end_word()
                    }
                }
                _ => {
                    let blank = plain::space_len(rest);
                    let Some(&byte) = rest.get(blank) else { break };
                    at += blank + 1;
                    match self.structure(byte, base + (at as u64) - 1) {
                        // A word is read by its own state, from its first byte.
                        Turn::On if self.state == State::Word => {
                            at -= 1;
                            Turn::On
                        }
                        turn => turn,
                    }
                }
            };
            match turn {
                Turn::On => {}
                Turn::Closed => return Step::Closed(at),
                Turn::Broken(detail) => return Step::Broken(at - 1, detail),
            }
        }
        Step::More
    }

    fn spoil(&mut self, detail: &'static str) {
        self.spoil_as(FaultCode::RecordNotJson, detail);
    }

    fn spoil_as(&mut self, code: FaultCode, detail: &'static str) {
        self.flaw.get_or_insert(Flaw { code, detail });
    }

    fn structure(&mut self, byte: u8, at: u64) -> Turn {
        if self.state == State::Deep && !matches!(byte, b'{' | b'[' | b'}' | b']' | b'"') {
            return Turn::On;
        }
        match byte {
            b'{' | b'[' => self.open(byte == b'{'),
            b'}' | b']' => self.close(byte == b'}'),
            b'"' => self.begin_text(at),
            b',' => self.comma(),
            b':' if self.state == State::Colon => self.colon(),
            b':' => Turn::Broken("a colon stands where none can"),
            first => self.begin_word(first),
        }
    }

    fn open(&mut self, object: bool) -> Turn {
        if !matches!(self.state, State::Value | State::FirstValue | State::Deep) {
            return Turn::Broken("a bracket opens where no value can stand");
        }
        self.depth += 1;
        if self.depth > self.depth_max {
            self.spoil_as(FaultCode::TooDeep, "the record nests deeper than is allowed");
            self.state = State::Deep;
            return Turn::On;
        }
        let (word, bit) = ((self.depth - 1) / 64, 1 << ((self.depth - 1) % 64));
        if object {
            self.objects[word] |= bit;
            self.state = State::FirstName;
        } else {
            self.objects[word] &= !bit;
            self.state = State::FirstValue;
        }
        Turn::On
    }

    fn in_object(&self) -> bool {
        let level = self.depth.saturating_sub(1);
        self.objects[level / 64] & (1 << (level % 64)) != 0
    }

    fn close(&mut self, object: bool) -> Turn {
        if self.depth == 0 {
            return Turn::Broken("a bracket closes that was never opened");
        }
        if self.depth <= self.depth_max {
            if self.in_object() != object {
                return Turn::Broken("a bracket closes another kind than was opened");
            }
            if !matches!(self.state, State::After | State::FirstValue | State::FirstName) {
                self.spoil("something is missing before a closing bracket");
            }
        }
        self.depth -= 1;
        self.state = self.after_value();
        if self.depth == 0 { Turn::Closed } else { Turn::On }
    }

    fn after_value(&self) -> State {
        if self.depth > self.depth_max {
            State::Deep
        } else {
            State::After
        }
    }

    fn comma(&mut self) -> Turn {
        match self.state {
            State::After => {}
            State::Colon => return Turn::Broken("a name has no value"),
            // What should close an array and became a brace must not swallow the next records.
            State::FirstName => return Turn::Broken("an object begins with a comma"),
            _ => self.spoil("a value is missing before a comma"),
        }
        if self.depth == 0 {
            return Turn::Broken("a comma stands where none can");
        }
        self.state = if self.in_object() {
            State::Name
        } else {
            State::Value
        };
        Turn::On
    }

    /// Only now is the string before it surely a name.
    fn colon(&mut self) -> Turn {
        self.state = State::Value;
        if self.depth == 1
            && let Some(end) = self.name_end.take()
            && let Some(name) = self.names.iter_mut().find(|name| name.is_none())
        {
            *name = Some((self.string_start + 1, end));
        }
        Turn::On
    }

    fn begin_text(&mut self, at: u64) -> Turn {
        self.naming = match self.state {
            State::Value | State::FirstValue | State::Deep => false,
            State::FirstName | State::Name => true,
            _ => return Turn::Broken("a quote opens where no string can stand"),
        };
        self.string_start = at;
        self.string_depth = self.depth;
        self.state = State::Text;
        Turn::On
    }

    /// One byte of a string that is not plain: its end, an escape or a control character.
    fn text(&mut self, byte: u8, at: u64) -> Turn {
        match byte {
            b'"' => return self.end_text(at),
            b'\\' => self.state = State::Escape,
            b'\n' | b'\r' => return Turn::Broken("a string is not closed at the end of its line"),
            _ => self.spoil("a string holds a raw control character"),
        }
        Turn::On
    }

    fn end_text(&mut self, at: u64) -> Turn {
        if at - self.string_start - 1 > self.string_max {
            self.spoil_as(FaultCode::StringTooLong, "a string is longer than is allowed");
        }
        self.state = self.after_value();
        if self.naming {
            self.state = State::Colon;
            self.name_end = Some(at);
        }
        if self.depth == 0 { Turn::Closed } else { Turn::On }
    }

    /// A byte after a backslash. False when it is none of the escape and is to be read as text.
    fn escape(&mut self, byte: u8) -> bool {
        let (next, taken) = match (self.state, byte) {
            (State::Escape, b'u') => (State::Hex(4), true),
            (State::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (State::Text, true),
            (State::Hex(left), digit) if digit.is_ascii_hexdigit() => (
                if left > 1 {
                    State::Hex(left - 1)
                } else {
                    State::Text
                },
                true,
            ),
            _ => (State::Text, false),
        };
        if !taken {
            self.spoil("a string holds an escape that JSON does not have");
        }
        self.state = next;
        taken
    }

    fn begin_word(&mut self, first: u8) -> Turn {
        self.naming = match self.state {
            State::Value | State::FirstValue => false,
            State::FirstName | State::Name => {
                self.name_end = None;
                self.spoil("a name stands without double quotes");
                true
            }
            // A bare text of several words, in a record that is spoilt already.
            State::After if self.flaw.is_some() => false,
            State::Colon if self.flaw.is_some() => true,
            _ => return Turn::Broken("a word stands where none can"),
        };
        self.word = Word::begin(first);
        self.state = State::Word;
        Turn::On
    }

    fn end_word(&mut self) -> Turn {
        match self.word.end() {
            WordKind::Value => {}
            WordKind::NotFinite => {
                self.spoil_as(FaultCode::NotFinite, "NaN or Infinity in place of a number")
            }
            WordKind::Bad => self.spoil("a value is neither a string, a number, true, false nor null"),
        }
        self.state = if self.naming { State::Colon } else { State::After };
        if self.depth == 0 { Turn::Closed } else { Turn::On }
    }
}
