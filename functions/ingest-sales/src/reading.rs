//! Steps of reading: bytes in, records and faults out, with every byte accounted for.

use std::ops::ControlFlow;

use domain::split::{Checkpoint, Event, Fault, Limits, Splitter};

/// One finding in a piece of the file.
#[derive(Debug)]
pub enum Finding {
    /// A record: where its bytes are in [`Findings::bytes`], where they were in the file, which it is.
    Record {
        /// Its place in [`Findings::bytes`].
        range: std::ops::Range<usize>,
        /// Its place in the file.
        start: u64,
        /// Which record it is, from zero.
        ordinal: u64,
    },
    /// The record array begins.
    Array(String),
    /// A member of the envelope.
    Envelope(String, String),
    /// Something wrong.
    Fault(Fault),
}

/// The findings of one step.
#[derive(Debug, Default)]
pub struct Findings {
    /// The records' bytes.
    pub bytes: Vec<u8>,
    /// What was found, in the order of the file.
    pub list: Vec<Finding>,
}

impl Findings {
    fn take(&mut self, event: Event<'_>) {
        self.list.push(match event {
            Event::Record {
                bytes,
                start,
                ordinal,
            } => {
                let from = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                Finding::Record {
                    range: from..self.bytes.len(),
                    start,
                    ordinal,
                }
            }
            Event::ArrayStart { path } => Finding::Array(path.to_owned()),
            Event::Envelope { path, raw } => Finding::Envelope(path.to_owned(), raw.to_owned()),
            Event::Fault(fault) => Finding::Fault(fault),
        });
    }
}

/// Splits the file, one step at a time.
#[derive(Debug)]
pub struct Reading {
    splitter: Splitter,
}

impl Reading {
    /// From the beginning, or from where an earlier run stopped.
    #[must_use]
    pub fn new(from: Option<&Checkpoint>) -> Self {
        let splitter = from.map_or_else(
            || Splitter::new(Limits::default()),
            |checkpoint| Splitter::resume(Limits::default(), checkpoint),
        );
        Self { splitter }
    }

    /// Takes the next bytes. With `stop`, ends after the first record and answers where to go on.
    pub fn push(&mut self, bytes: &[u8], stop: bool, findings: &mut Findings) -> Option<Checkpoint> {
        let flow = self.splitter.push(bytes, &mut |event| {
            let last = stop && matches!(event, Event::Record { .. });
            findings.take(event);
            if last {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        flow.is_break().then(|| self.splitter.checkpoint()).flatten()
    }

    /// Says that the file has ended.
    pub fn finish(&mut self, findings: &mut Findings) {
        self.splitter.finish(&mut |event| {
            findings.take(event);
            ControlFlow::Continue(())
        });
    }

    /// How many bytes were taken.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.splitter.offset()
    }
}
