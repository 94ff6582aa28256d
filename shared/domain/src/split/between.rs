//! Between two records, and after the end of the document.

use super::scanner::Flaw;
use super::walker::Walker;
use super::{FaultCode, Gap, Mode, Shape, Splitter, Turn, fault, plain};

impl Splitter {
    pub(super) fn between(&mut self, gap: Gap, rest: &[u8]) -> Turn {
        let blank = plain::space_len(rest);
        self.advance(blank);
        let Some(&byte) = rest.get(blank) else {
            return Turn::On;
        };
        match self.shape {
            Shape::Array => self.between_elements(gap, byte),
            Shape::Lines | Shape::Unknown => self.between_lines(byte),
        }
    }

    fn between_elements(&mut self, gap: Gap, byte: u8) -> Turn {
        match (gap, byte) {
            // A comma before the bracket is let pass: no record is lost by it.
            (_, b']') => {
                self.advance(1);
                self.leave_array();
            }
            (Gap::Element, b',') => {
                self.advance(1);
                self.mode = Mode::Between(Gap::Ready);
            }
            (Gap::Element, _) => {
                return self.search_from_here("something other than a comma follows a record", None);
            }
            (_, b'{') => self.begin_item(),
            // Most likely a bracket too many, with the records behind it.
            (_, b'[') if !self.signatures.is_empty() => {
                return self.pass_non_object();
            }
            (_, b',' | b':' | b'}') => {
                return self.search_from_here("a record is missing", None);
            }
            _ => self.begin_item(),
        }
        Turn::On
    }

    fn between_lines(&mut self, byte: u8) -> Turn {
        match byte {
            b'{' => self.begin_item(),
            b',' | b':' | b']' | b'}' => {
                return self.search_from_here("something other than a record follows a record", None);
            }
            b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                return self.pass_non_object();
            }
            _ => {
                let ordinal = self.ordinal;
                self.ordinal += 1;
                return self.search_from_here("a line is not JSON", Some(ordinal));
            }
        }
        Turn::On
    }

    /// Passes over what is no object up to the next place where a record begins.
    fn pass_non_object(&mut self) -> Turn {
        let flaw = Flaw {
            code: FaultCode::ElementNotObject,
            detail: "an object was expected here",
        };
        let passed = fault(flaw, self.offset, Some(self.ordinal));
        self.ordinal += 1;
        // Its own first byte is known to begin no record.
        self.advance(1);
        self.begin_search(passed, None)
    }

    fn leave_array(&mut self) {
        self.mark = self.offset;
        self.mode = if self.path.is_empty() {
            Mode::Tail
        } else {
            // An empty array may stand before the one that holds the records.
            let watching = self.ordinal == 0;
            Mode::Members(Box::new(Walker::after_array(&self.limits, &self.path, watching)))
        };
    }

    /// After the end of the document: blanks only.
    pub(super) fn tail(&mut self, rest: &[u8]) -> Turn {
        let blank = plain::space_len(rest);
        self.advance(blank);
        if blank == rest.len() {
            return Turn::On;
        }
        self.search_after_end("something follows the end of the document")
    }
}
