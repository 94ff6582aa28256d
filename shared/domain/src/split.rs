//! Finds the records of a POS export in one pass, in memory bounded by the largest record.
//!
//! Decompressed bytes are pushed in, in pieces of any size; out come [`Event`]s: each record as
//! the exact bytes of the file, what the envelope around the records says, and a [`Fault`] for
//! every stretch that is not good. Nothing here reads a record's meaning: that is the mapper's.
//!
//! A file may be an array of records, an envelope with such an array in it (all places are in
//! `walker.rs`), one object after another (NDJSON among them), or a single record.
//!
//! A file may be damaged. A record that is spoilt but ends where it should is reported by itself.
//! Where quotes or brackets no longer pair up, the search goes on for the next place that looks
//! like the beginning of a record of this file, and the stretch up to there is one fault. A byte
//! is looked at again at most once for this, so a hostile file costs time in proportion to its
//! length.
//!
//! ```
//! use domain::split::{Event, Limits, Splitter};
//! use std::ops::ControlFlow;
//!
//! let mut found = Vec::new();
//! let mut sink = |event: Event<'_>| {
//!     if let Event::Record { bytes, start, .. } = event {
//!         found.push((start, bytes.to_vec()));
//!     }
//!     ControlFlow::Continue(())
//! };
//! let mut splitter = Splitter::new(Limits::default());
//! for piece in [br#"{"rows":[{"id"#.as_slice(), br#"":1}]}"#.as_slice()] {
//!     assert!(splitter.push(piece, &mut sink).is_continue());
//! }
//! splitter.finish(&mut sink);
//! assert_eq!(found, [(9, br#"{"id":1}"#.to_vec())]);
//! ```

mod between;
mod checkpoint;
mod event;
mod first;
mod item;
mod plain;
mod recovery;
mod scanner;
mod search;
mod signature;
mod walker;
mod word;

pub use checkpoint::Checkpoint;
pub use event::{Event, Fault, FaultCode, Limits, pointer};

use scanner::{Flaw, Scanner};
use search::Search;
use serde::{Deserialize, Serialize};
use signature::Signatures;
use std::borrow::Cow;
use std::ops::ControlFlow;
use walker::Walker;

/// How the records lie in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Shape {
    /// Not known before the first object ends or shows its record array.
    Unknown,
    /// Elements of an array.
    Array,
    /// One object after another.
    Lines,
}

/// What stands just before a place between two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Gap {
    /// The bracket of the record array.
    Bracket,
    /// A comma, or nothing where lines need none: a record may begin.
    Ready,
    /// An element of the record array.
    Element,
}

#[derive(Debug, Clone)]
enum Mode {
    /// The first four bytes are being gathered.
    Start,
    /// Blanks before the first bracket.
    Lead,
    /// In the first object: a record or an envelope.
    First(Box<Walker>),
    Between(Gap),
    /// In an element or a line.
    Item,
    /// In the envelope, after the record array.
    Members(Box<Walker>),
    /// After the end of the document.
    Tail,
    Searching(Box<Search>),
    /// After a fatal fault, or finished.
    Over,
}

/// What to do after one step.
enum Turn {
    /// Go on at the offset, which lies in the bytes at hand or at their end.
    On,
    /// The sink wants no more.
    Stop,
    /// Go on with these bytes, which begin at the offset: some came in an earlier piece.
    Again(Vec<u8>),
}

impl From<ControlFlow<()>> for Turn {
    fn from(flow: ControlFlow<()>) -> Self {
        if flow.is_break() { Self::Stop } else { Self::On }
    }
}

/// The splitter: push bytes, get events. See the [module](self).
#[derive(Debug, Clone)]
pub struct Splitter {
    limits: Limits,
    mode: Mode,
    shape: Shape,
    offset: u64,
    ordinal: u64,
    path: String,
    /// End of the last thing reported.
    mark: u64,
    item_start: u64,
    /// Bytes of what is under way that came in earlier pieces.
    held: Vec<u8>,
    scanner: Scanner,
    /// For a look at what may be a record's beginning.
    glance: Scanner,
    signatures: Signatures,
    /// The first record of a file of lines lies on one line.
    lined: Option<bool>,
    /// Bytes before this place were looked at twice already.
    broken_at: u64,
}

impl Splitter {
    /// A splitter at the beginning of a file.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            mode: Mode::Start,
            shape: Shape::Unknown,
            offset: 0,
            ordinal: 0,
            path: String::new(),
            mark: 0,
            item_start: 0,
            held: Vec::new(),
            scanner: Scanner::new(limits.depth_max, limits.string_bytes_max),
            glance: Scanner::new(limits.depth_max, limits.string_bytes_max),
            signatures: Signatures::default(),
            lined: None,
            broken_at: 0,
        }
    }

    /// Takes the next bytes of the file and tells the sink what they complete.
    ///
    /// When the sink breaks, so does this, at once or after the few events that were found at the
    /// same byte. [`Splitter::offset`] then says where to go on: bytes from there on were not
    /// taken, and that may be *before* the piece just pushed. Either take a
    /// [`Splitter::checkpoint`] and stop, or push again from that offset.
    pub fn push(
        &mut self,
        bytes: &[u8],
        sink: &mut impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.run(bytes, false, sink)
    }

    /// Says that the file ends here, and tells the sink what that leaves open. Whether the sink
    /// breaks makes no difference now.
    pub fn finish(&mut self, sink: &mut impl FnMut(Event<'_>) -> ControlFlow<()>) {
        let mut deaf = |event: Event<'_>| {
            // Every event of the end is told; there is no later call that could tell it.
            let _told: ControlFlow<()> = sink(event);
            ControlFlow::Continue(())
        };
        if self.run(&[], true, &mut deaf).is_continue() {
            self.close(&mut deaf);
        }
    }

    /// Number of bytes taken so far, counted from the beginning of the file.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn run<S>(&mut self, piece: &[u8], complete: bool, sink: &mut S) -> ControlFlow<()>
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let mut base = self.offset;
        let mut bytes = Cow::Borrowed(piece);
        // These two look at whole stretches: what they could not judge comes again, with more.
        if matches!(self.mode, Mode::Start | Mode::Searching(_)) && !self.held.is_empty() {
            let mut again = std::mem::take(&mut self.held);
            base -= again.len() as u64;
            self.offset = base;
            again.extend_from_slice(piece);
            bytes = Cow::Owned(again);
        }
        loop {
            let taken = usize::try_from(self.offset - base).unwrap_or(usize::MAX);
            let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) else {
                return ControlFlow::Continue(());
            };
            match self.step(rest, complete, sink) {
                Turn::On => {}
                Turn::Stop => return ControlFlow::Break(()),
                Turn::Again(again) => {
                    base = self.offset;
                    bytes = Cow::Owned(again);
                }
            }
        }
    }

    fn step<S>(&mut self, rest: &[u8], complete: bool, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        match &self.mode {
            Mode::Start => self.start(rest, complete, sink),
            Mode::Lead => self.lead(rest, sink),
            Mode::First(_) => self.first(rest, sink),
            Mode::Between(gap) => self.between(*gap, rest),
            Mode::Item => self.item(rest, sink),
            Mode::Members(_) => self.members(rest, sink),
            Mode::Tail => self.tail(rest),
            Mode::Searching(_) => self.search(rest, complete, sink),
            Mode::Over => {
                self.advance(rest.len());
                Turn::On
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        self.offset += bytes as u64;
    }

    /// Ends the file in whatever mode it is.
    fn close<S>(&mut self, sink: &mut S)
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let truncated = |start, ordinal| {
            let detail = "the file ends before what it began is complete";
            Some((FaultCode::Truncated, start, ordinal, detail))
        };
        let found = match std::mem::replace(&mut self.mode, Mode::Over) {
            Mode::Start | Mode::Lead => {
                let detail = "the file is empty or blank";
                Some((FaultCode::Empty, self.mark, None, detail))
            }
            Mode::First(_) => truncated(self.item_start, None),
            Mode::Item => truncated(self.item_start, Some(self.ordinal)),
            Mode::Members(_) => truncated(self.mark, None),
            Mode::Between(_) if self.shape == Shape::Array => truncated(self.mark, None),
            Mode::Searching(search) => {
                let _told: ControlFlow<()> = self.report_stretch(search.fault, self.offset, sink);
                None
            }
            Mode::Between(_) | Mode::Tail | Mode::Over => None,
        };
        if let Some((code, start, ordinal, detail)) = found {
            let fault = Fault {
                code,
                start,
                len: self.offset - start,
                ordinal,
                fatal: code == FaultCode::Empty,
                detail: detail.to_owned(),
            };
            let _told: ControlFlow<()> = sink(Event::Fault(fault));
        }
        self.held = Vec::new();
    }

    /// Reports a fault that reaches up to `end`.
    fn report_stretch<S>(&mut self, mut fault: Fault, end: u64, sink: &mut S) -> ControlFlow<()>
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        fault.len = end - fault.start;
        self.mark = end;
        sink(Event::Fault(fault))
    }
}

/// A fault whose length is told later, or by the caller.
fn fault(flaw: Flaw, start: u64, ordinal: Option<u64>) -> Fault {
    Fault {
        code: flaw.code,
        start,
        len: 0,
        ordinal,
        fatal: false,
        detail: flaw.detail.to_owned(),
    }
}
