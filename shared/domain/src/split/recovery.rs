//! From a place where quotes or brackets do not pair up to the next record.

use super::scanner::Flaw;
use super::search::{Found, Places, Search};
use super::{Event, Fault, FaultCode, Gap, Mode, Shape, Splitter, Turn, fault};
use std::ops::ControlFlow;

impl Splitter {
    /// The item under way breaks at `rest[at]`: looks for the next record.
    pub(super) fn break_item(&mut self, rest: &[u8], at: usize, detail: &'static str) -> Turn {
        let here = self.offset + at as u64;
        let oversized = self.is_oversized(here);
        let code = if oversized {
            FaultCode::RecordTooLarge
        } else {
            FaultCode::RecordNotJson
        };
        let ordinal = (self.shape != Shape::Unknown).then_some(self.ordinal);
        let broken = fault(Flaw { code, detail }, self.item_start, ordinal);
        let shape_known = ordinal.is_some();
        self.ordinal += u64::from(shape_known);
        let (from, depth) = self.search_start(here, oversized);
        self.broken_at = self.broken_at.max(here);
        let named = !oversized && self.scanner.names()[1].is_some();
        let levels = i64::try_from(depth).unwrap_or(i64::MAX);

        let mut item = std::mem::take(&mut self.held);
        let held = item.len();
        let turn = self.begin_search(broken, Some(levels));
        if let (Mode::Searching(search), false, true) = (&mut self.mode, named, shape_known) {
            // So near to its beginning the record is likely to have one bracket too many. Not
            // counting one level loses nothing: two objects in a row, which is what is looked for,
            // cannot stand directly inside an object.
            search.discount_level();
            search.stray = Some(here - from);
        }
        if held > 0 {
            item.extend_from_slice(rest);
        }
        if self.signatures.is_empty() && named {
            let own = if held > 0 { &item } else { rest };
            self.signatures.learn(own, self.item_start, self.scanner.names());
        }
        let skip = usize::try_from(from - self.item_start).unwrap_or(usize::MAX);
        self.offset = from;
        if skip < held {
            Turn::Again(item.split_off(skip))
        } else {
            turn
        }
    }

    /// Where to start looking after a break, and how many levels are open there: at the last
    /// string, which may have swallowed the beginning of the next record.
    fn search_start(&self, here: u64, oversized: bool) -> (u64, usize) {
        // What is too large was not kept, and nothing is looked at three times.
        if oversized || here <= self.broken_at {
            return (here, self.scanner.depth());
        }
        let (string_start, string_depth) = self.scanner.last_string();
        // Where every record is a line, the next line is a record, however deep this one seems.
        let by_line = self.shape == Shape::Lines && self.lined == Some(true);
        let (from, depth) = if by_line || string_start <= self.item_start {
            (self.item_start + 1, 1)
        } else {
            (string_start, string_depth)
        };
        (from.max(self.broken_at), depth)
    }

    /// Looks for the next record from the offset on; `levels` are open there, if that is known.
    pub(super) fn begin_search(&mut self, fault: Fault, levels: Option<i64>) -> Turn {
        let ended = fault.code == FaultCode::TrailingGarbage;
        let mut places = Places {
            lines: self.shape != Shape::Array && !ended,
            arrays: false,
            levels: levels.filter(|_| self.signatures.is_empty() && !ended),
        };
        let mut array = None;
        if let Mode::First(walker) = &self.mode {
            if let Some(around) = walker.broken_array() {
                array = Some(walker.path().to_owned());
                places.lines = false;
                let around = i64::try_from(around).unwrap_or(i64::MAX);
                places.levels = places.levels.map(|levels| levels.saturating_sub(around));
            } else {
                places.arrays = !walker.is_receipt();
            }
        }
        let mut search = Search::new(fault, places);
        search.array = array;
        self.mode = Mode::Searching(Box::new(search));
        Turn::On
    }

    /// Something is wrong between two records, at the offset.
    pub(super) fn search_from_here(&mut self, detail: &'static str, ordinal: Option<u64>) -> Turn {
        let flaw = Flaw {
            code: FaultCode::RecordNotJson,
            detail,
        };
        self.begin_search(fault(flaw, self.offset, ordinal), Some(0))
    }

    /// Something follows the end of the document or of its array. Most often it is of no use, but
    /// it may be a second page of records put behind the first.
    pub(super) fn search_after_end(&mut self, detail: &'static str) -> Turn {
        let flaw = Flaw {
            code: FaultCode::TrailingGarbage,
            detail,
        };
        self.begin_search(fault(flaw, self.offset, None), None)
    }

    pub(super) fn search<S>(&mut self, rest: &[u8], complete: bool, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Mode::Searching(search) = &mut self.mode else {
            return Turn::On;
        };
        match search.run(rest, complete, &self.signatures, &mut self.glance) {
            Found::Nothing => {
                self.advance(rest.len());
                Turn::On
            }
            Found::Unsure(at) => {
                self.held = rest[at..].to_vec();
                self.advance(rest.len());
                Turn::On
            }
            Found::Record(at) => match search.array.take() {
                Some(path) => self.found_array(at, path, sink),
                None => self.found_record(at, sink),
            },
            Found::Array(at, name) => self.found_array(at, name.to_owned(), sink),
        }
    }

    /// Ends the search. The fault in it has no length yet.
    fn end_search(&mut self, at: usize) -> Option<Fault> {
        self.advance(at);
        match std::mem::replace(&mut self.mode, Mode::Between(Gap::Ready)) {
            Mode::Searching(search) => Some(search.fault),
            _ => None,
        }
    }

    fn found_record<S>(&mut self, at: usize, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Some(mut fault) = self.end_search(at) else {
            return Turn::On;
        };
        if self.shape == Shape::Unknown {
            self.shape = Shape::Lines;
            fault.ordinal = Some(self.ordinal);
            self.ordinal += 1;
        }
        self.report_stretch(fault, self.offset, sink).into()
    }

    fn found_array<S>(&mut self, at: usize, path: String, sink: &mut S) -> Turn
    where
        S: FnMut(Event<'_>) -> ControlFlow<()>,
    {
        let Some(fault) = self.end_search(at) else {
            return Turn::On;
        };
        self.path = path;
        let told = self.report_stretch(fault, self.offset, sink);
        if self.enter_array(sink).is_break() {
            Turn::Stop
        } else {
            told.into()
        }
    }
}
