//! The beginning of a file, and its first object: a record, or the envelope of a record array.

use super::scanner::{Flaw, Step};
use super::walker::{Walked, Walker};
use super::{Event, FaultCode, Gap, Mode, Shape, Splitter, Turn, fault, plain};
use std::ops::ControlFlow;

const UTF8_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// Enough to tell the encodings apart, with or without a byte order mark (RFC 4627 §3).
const START_BYTES: usize = 4;

impl Splitter {
    /// The first bytes: byte order marks and other encodings.
    pub(super) fn start<S>(&mut self, rest: &[u8], complete: bool, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        if rest.len() < START_BYTES && !complete {
            self.held = rest.to_vec();
            self.advance(rest.len());
            return Turn::On;
        }
        let head = &rest[..rest.len().min(START_BYTES)];
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
            let detail = "the file is UTF-16 or UTF-32: export it as UTF-8";
            return self.give_up(FaultCode::Utf16, detail, head.len(), sink);
        }
        self.mode = Mode::Lead;
        if !head.starts_with(&UTF8_MARK) {
            return Turn::On;
        }
        self.advance(UTF8_MARK.len());
        let flaw = Flaw {
            code: FaultCode::BomSkipped,
            detail: "the file starts with a byte order mark, which was skipped",
        };
        self.report_stretch(fault(flaw, 0, None), self.offset, sink)
            .into()
    }

    fn give_up<S>(&mut self, code: FaultCode, detail: &'static str, len: usize, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let mut fatal = fault(Flaw { code, detail }, self.offset, None);
        fatal.fatal = true;
        self.mode = Mode::Over;
        self.advance(len);
        self.report_stretch(fatal, self.offset, sink).into()
    }

    /// Blanks, and the first bracket.
    pub(super) fn lead<S>(&mut self, rest: &[u8], sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let blank = plain::space_len(rest);
        self.advance(blank);
        match rest.get(blank) {
            None => Turn::On,
            Some(b'{') => {
                self.begin_item();
                self.mode = Mode::First(Box::new(Walker::outside(&self.limits, true)));
                Turn::On
            }
            Some(b'[') => {
                self.advance(1);
                self.enter_array(sink).into()
            }
            Some(_) => {
                let detail = "the file starts with neither an object nor an array of JSON";
                self.give_up(FaultCode::NotJson, detail, 1, sink)
            }
        }
    }

    /// The record array at `self.path` begins; the offset is after its bracket.
    pub(super) fn enter_array<S>(&mut self, sink: &mut S) -> ControlFlow<()>
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        self.shape = Shape::Array;
        self.mode = Mode::Between(Gap::Bracket);
        self.mark = self.offset;
        self.ordinal = 0;
        sink(Event::ArrayStart { path: &self.path })
    }

    /// The first object, read as a record and as an envelope until it shows which it is.
    pub(super) fn first<S>(&mut self, rest: &[u8], sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Mode::First(walker) = &mut self.mode else {
            return Turn::On;
        };
        let mut walked = 0;
        let array = loop {
            let (taken, found) = walker.walk(&rest[walked..], self.offset + walked as u64);
            walked += taken;
            match found {
                Walked::Member => {}
                Walked::Array => break Some(walked),
                // Whether the object is closed or broken is for the scanner to say.
                Walked::More | Walked::Closed | Walked::Broken => break None,
            }
        };
        let until = array.unwrap_or(rest.len());
        match self.scanner.scan(&rest[..until], self.offset) {
            Step::Closed(end) => self.close_first(rest, end, sink),
            Step::Broken(at, detail) => self.break_item(rest, at, detail),
            Step::More if array.is_some() => self.open_envelope(&rest[..until], sink),
            Step::More => {
                let most = self.limits.record_bytes_max.max(self.limits.envelope_bytes_max);
                self.hold(rest, most);
                Turn::On
            }
        }
    }

    /// The first object is an envelope: tells what came before the array, then its begin.
    fn open_envelope<S>(&mut self, rest: &[u8], sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Mode::First(walker) = &self.mode else {
            return Turn::On;
        };
        self.path = walker.path().to_owned();
        let start = self.item_start;
        self.advance(rest.len());
        let before = self.offset - start;
        let mut held = std::mem::take(&mut self.held);
        let mut flow = ControlFlow::Continue(());
        if before > self.limits.envelope_bytes_max as u64 {
            let flaw = Flaw {
                code: FaultCode::EnvelopeTooLarge,
                detail: "too much comes before the records: it was passed over",
            };
            flow = self.report_stretch(fault(flaw, start, None), self.offset, sink);
        } else {
            held.extend_from_slice(rest);
            let mut replay = Walker::outside(&self.limits, false);
            let mut at = 0;
            loop {
                let (taken, walked) = replay.walk(&held[at..], start + at as u64);
                at += taken;
                if walked != Walked::Member {
                    break;
                }
                if tell_member(&replay, sink).is_break() {
                    flow = ControlFlow::Break(());
                }
            }
        }
        if self.enter_array(sink).is_break() {
            Turn::Stop
        } else {
            flow.into()
        }
    }

    /// The first object ended without a record array: it is a record.
    fn close_first<S>(&mut self, rest: &[u8], end: usize, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        self.shape = Shape::Lines;
        if self.scanner.names() == [None, None] && self.scanner.flaw().is_none() {
            self.held.clear();
            self.advance(end);
            self.mode = Mode::Between(Gap::Ready);
            let flaw = Flaw {
                code: FaultCode::NoRecords,
                detail: "the file is an empty object",
            };
            let empty = fault(flaw, self.item_start, Some(self.ordinal));
            self.ordinal += 1;
            return self.report_stretch(empty, self.offset, sink).into();
        }
        self.close_item(rest, end, sink)
    }

    /// The envelope after the record array.
    pub(super) fn members<S>(&mut self, rest: &[u8], sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Mode::Members(walker) = &mut self.mode else {
            return Turn::On;
        };
        let (taken, walked) = walker.walk(rest, self.offset);
        self.offset += taken as u64;
        match walked {
            Walked::More => Turn::On,
            Walked::Member => {
                self.mark = self.offset;
                tell_member(walker, sink).into()
            }
            Walked::Array => {
                self.path = walker.path().to_owned();
                self.enter_array(sink).into()
            }
            Walked::Closed => {
                self.mode = Mode::Tail;
                Turn::On
            }
            Walked::Broken => self.search_after_end("the envelope is broken after the records"),
        }
    }
}

/// Tells of a member that ended, or of what spoils it.
fn tell_member<S>(walker: &Walker, sink: &mut S) -> ControlFlow<()>
where
    S: FnMut(Event<'_>) -> ControlFlow<()>,
{
    if let Some((flaw, start, len)) = walker.flaw() {
        let mut spoilt = fault(flaw, start, None);
        spoilt.len = len;
        return sink(Event::Fault(spoilt));
    }
    match walker.member() {
        Some((path, raw)) => sink(Event::Envelope { path, raw }),
        None => ControlFlow::Continue(()),
    }
}
