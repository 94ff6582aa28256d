//! One element of the record array, or one line, from its first byte to its last.

use super::scanner::{Flaw, Step};
use super::{Event, FaultCode, Gap, Mode, Shape, Splitter, Turn, fault};
use std::ops::ControlFlow;

impl Splitter {
    /// An item begins at the offset.
    pub(super) fn begin_item(&mut self) {
        self.item_start = self.offset;
        self.held.clear();
        self.scanner.begin(self.offset);
        self.mode = Mode::Item;
    }

    /// Keeps the bytes of an item that goes on in the next piece, unless it is too large.
    pub(super) fn hold(&mut self, rest: &[u8], most: usize) {
        self.advance(rest.len());
        if self.offset - self.item_start > most as u64 {
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(rest);
        }
    }

    pub(super) fn item<S>(&mut self, rest: &[u8], sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        // In a file of one record a line, a line that ends too early must not swallow the next one.
        let lined = self.shape == Shape::Lines && self.lined == Some(true);
        let line_end = if lined {
            rest.iter().position(|byte| *byte == b'\n')
        } else {
            None
        };
        let step = match self
            .scanner
            .scan(&rest[..line_end.unwrap_or(rest.len())], self.offset)
        {
            Step::More => line_end.map_or(Step::More, |at| {
                Step::Broken(at, "the line ends before its record does")
            }),
            step => step,
        };
        match step {
            Step::Closed(end) => self.close_item(rest, end, sink),
            Step::Broken(at, detail) => self.break_item(rest, at, detail),
            Step::More => {
                self.hold(rest, self.limits.record_bytes_max);
                Turn::On
            }
        }
    }

    /// The item ends before `rest[end]`.
    pub(super) fn close_item<S>(&mut self, rest: &[u8], end: usize, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let (start, ordinal) = (self.item_start, self.ordinal);
        self.advance(end);
        self.ordinal += 1;
        self.mark = self.offset;
        self.mode = Mode::Between(match self.shape {
            Shape::Array => Gap::Element,
            Shape::Lines | Shape::Unknown => Gap::Ready,
        });
        let too_large = Flaw {
            code: FaultCode::RecordTooLarge,
            detail: "the record is larger than is allowed",
        };
        if self.is_oversized(self.offset) {
            self.held.clear();
            return self
                .report_stretch(fault(too_large, start, Some(ordinal)), self.offset, sink)
                .into();
        }
        let mut held = std::mem::take(&mut self.held);
        let bytes = if held.is_empty() {
            &rest[..end]
        } else {
            held.extend_from_slice(&rest[..end]);
            held.as_slice()
        };
        let flaw = self.scanner.flaw();
        if bytes.starts_with(b"{") && (flaw.is_none() || self.signatures.is_empty()) {
            self.signatures.learn(bytes, start, self.scanner.names());
        }
        let flow = if let Some(flaw) = flaw {
            self.report_stretch(fault(flaw, start, Some(ordinal)), self.offset, sink)
        } else if bytes.starts_with(b"{") {
            if self.shape == Shape::Lines && self.lined.is_none() {
                self.lined = Some(!bytes.contains(&b'\n'));
            }
            sink(Event::Record {
                bytes,
                start,
                ordinal,
            })
        } else {
            let flaw = Flaw {
                code: FaultCode::ElementNotObject,
                detail: "an object was expected here",
            };
            self.report_stretch(fault(flaw, start, Some(ordinal)), self.offset, sink)
        };
        // The buffer is used again by the next record that comes in two pieces.
        held.clear();
        self.held = held;
        flow.into()
    }

    /// Whether the item is too large to be handed out, had it gone on up to `end`.
    pub(super) fn is_oversized(&self, end: u64) -> bool {
        end - self.item_start > self.limits.record_bytes_max as u64
    }
}
