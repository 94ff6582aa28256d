//! What the tests of the splitter and its fuzz target share: events that can be kept, and the
//! invariants that hold for every input whatsoever.

#![allow(dead_code, reason = "each test file uses its own part")]

use domain::split::{Checkpoint, Event, Fault, Limits, Splitter};
use std::ops::ControlFlow;

/// An event that owns its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Record {
        bytes: Vec<u8>,
        start: u64,
        ordinal: u64,
    },
    Array(String),
    Envelope(String, String),
    Fault(Fault),
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Record {
                bytes,
                start,
                ordinal,
            } => Self::Record {
                bytes: bytes.to_vec(),
                start,
                ordinal,
            },
            Event::ArrayStart { path } => Self::Array(path.to_owned()),
            Event::Envelope { path, raw } => Self::Envelope(path.to_owned(), raw.to_owned()),
            Event::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Limits so small that a short input reaches all of them.
pub(crate) const TIGHT: Limits = Limits {
    record_bytes_max: 96,
    depth_max: 4,
    envelope_bytes_max: 64,
    string_bytes_max: 24,
};

/// All events of a file pushed in pieces that end at `cuts` (ascending places in it).
pub(crate) fn split_at(limits: Limits, file: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut sink = |event: Event<'_>| {
        seen.push(Seen::from(event));
        ControlFlow::Continue(())
    };
    let mut splitter = Splitter::new(limits);
    let mut from = 0;
    for cut in cuts.into_iter().chain([file.len()]) {
        assert!(splitter.push(&file[from..cut], &mut sink).is_continue());
        assert_eq!(splitter.offset(), cut as u64, "all bytes are taken");
        from = cut;
    }
    splitter.finish(&mut sink);
    seen
}

/// All events of a file pushed whole.
pub(crate) fn split(limits: Limits, file: &[u8]) -> Vec<Seen> {
    split_at(limits, file, [])
}

/// All events of a file pushed in pieces of `size` bytes.
pub(crate) fn split_in(limits: Limits, file: &[u8], size: usize) -> Vec<Seen> {
    split_at(limits, file, (0..file.len()).step_by(size))
}

/// Stops after `events` events. Returns them, and the splitter as it stands.
pub(crate) fn split_until(limits: Limits, file: &[u8], events: usize) -> (Vec<Seen>, Splitter) {
    let mut seen = Vec::new();
    let mut splitter = Splitter::new(limits);
    let flow = splitter.push(file, &mut |event| {
        seen.push(Seen::from(event));
        if seen.len() >= events {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(flow.is_break(), seen.len() >= events);
    (seen, splitter)
}

/// The events a resumed splitter reports.
pub(crate) fn resume(limits: Limits, checkpoint: &Checkpoint, file: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut sink = |event: Event<'_>| {
        seen.push(Seen::from(event));
        ControlFlow::Continue(())
    };
    let mut splitter = Splitter::resume(limits, checkpoint);
    assert_eq!(splitter.offset(), checkpoint.offset);
    assert!(
        splitter
            .push(&file[checkpoint.offset as usize..], &mut sink)
            .is_continue()
    );
    splitter.finish(&mut sink);
    seen
}

/// The bytes of the records among some events.
pub(crate) fn records(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter()
        .filter_map(|event| match event {
            Seen::Record { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
        .collect()
}

/// The faults among some events, as code, start and length.
pub(crate) fn faults(seen: &[Seen]) -> Vec<(&'static str, u64, u64)> {
    let place = |event: &Seen| match event {
        Seen::Fault(fault) => Some((fault.code.as_str(), fault.start, fault.len)),
        _ => None,
    };
    seen.iter().filter_map(place).collect()
}

/// The records among some events, as text.
pub(crate) fn texts(seen: &[Seen]) -> Vec<&str> {
    records(seen)
        .into_iter()
        .map(|bytes| std::str::from_utf8(bytes).unwrap())
        .collect()
}

/// The members of the envelope among some events.
pub(crate) fn envelope(seen: &[Seen]) -> Vec<(&str, &str)> {
    seen.iter()
        .filter_map(|event| match event {
            Seen::Envelope(path, raw) => Some((path.as_str(), raw.as_str())),
            _ => None,
        })
        .collect()
}

/// The paths of the record arrays among some events.
pub(crate) fn arrays(seen: &[Seen]) -> Vec<&str> {
    seen.iter()
        .filter_map(|event| match event {
            Seen::Array(path) => Some(path.as_str()),
            _ => None,
        })
        .collect()
}

/// Events with default limits, checked against the invariants that hold for every input.
pub(crate) fn seen(file: &str) -> Vec<Seen> {
    survive(file.as_bytes());
    split(Limits::default(), file.as_bytes())
}

/// Checks what must hold for any input: no panic, ranges inside the file that ascend and do not
/// overlap, records that are the file's own bytes and within the limits, the same events for any
/// pieces, and the same remaining events from any checkpoint.
pub(crate) fn survive(file: &[u8]) {
    for limits in [Limits::default(), TIGHT] {
        let whole = split(limits, file);
        check_ranges(limits, file, &whole);
        for size in [1, 2, 7, 61] {
            assert_eq!(split_in(limits, file, size), whole, "pieces of {size}");
        }
        check_resume(limits, file, &whole);
    }
}

fn check_ranges(limits: Limits, file: &[u8], seen: &[Seen]) {
    let mut end = 0;
    for event in seen {
        let (start, len) = match event {
            Seen::Record { bytes, start, .. } => {
                let from = usize::try_from(*start).unwrap();
                assert_eq!(&file[from..from + bytes.len()], bytes.as_slice());
                assert!(bytes.len() <= limits.record_bytes_max);
                assert!(bytes.starts_with(b"{") && bytes.ends_with(b"}"));
                (*start, bytes.len() as u64)
            }
            Seen::Fault(fault) => (fault.start, fault.len),
            Seen::Array(_) | Seen::Envelope(..) => continue,
        };
        // What is wrong inside the envelope is told before what is wrong with all of it.
        assert!(start >= end, "{event:?} begins before {end}");
        end = start + len;
        assert!(end <= file.len() as u64, "{event:?} ends after the file");
    }
}

fn check_resume(limits: Limits, file: &[u8], whole: &[Seen]) {
    let step = whole.len() / 8 + 1;
    for events in (1..=whole.len()).step_by(step) {
        let (seen, splitter) = split_until(limits, file, events);
        assert_eq!(seen, whole[..seen.len()], "stopped after {events}");
        if let Some(checkpoint) = splitter.checkpoint() {
            let stored = serde_json::to_vec(&checkpoint).unwrap();
            assert!(stored.len() < 4096, "{} bytes", stored.len());
            let loaded = serde_json::from_slice(&stored).unwrap();
            assert_eq!(
                resume(limits, &loaded, file),
                whole[seen.len()..],
                "from {events}"
            );
        }
    }
}
