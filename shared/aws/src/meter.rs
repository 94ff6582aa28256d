//! What a run costs: requests and capacity units, as the database itself counts them.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// Counts requests, and capacity in thousandths of a unit, so that halves stay exact.
#[derive(Debug, Default)]
pub struct Meter {
    requests: AtomicU64,
    write_milli: AtomicU64,
    read_milli: AtomicU64,
}

/// A reading of the meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Requests sent, client retries not counted.
    pub requests: u64,
    /// Write units, in thousandths.
    pub write_milli: u64,
    /// Read units, in thousandths.
    pub read_milli: u64,
}

impl Reading {
    /// Whole write units: parts of one are billed as one.
    #[must_use]
    pub fn write_units(self) -> u64 {
        self.write_milli.div_ceil(1000)
    }

    /// What came after an earlier reading.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            write_milli: self.write_milli.saturating_sub(earlier.write_milli),
            read_milli: self.read_milli.saturating_sub(earlier.read_milli),
        }
    }
}

/// Which kind of unit an operation consumes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Direction {
    Read,
    Write,
}

impl Meter {
    /// The counts so far.
    #[must_use]
    pub fn read(&self) -> Reading {
        Reading {
            requests: self.requests.load(Ordering::Relaxed),
            write_milli: self.write_milli.load(Ordering::Relaxed),
            read_milli: self.read_milli.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count<'a>(
        &self,
        direction: Direction,
        consumed: impl IntoIterator<Item = &'a ConsumedCapacity>,
    ) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let units = match direction {
            Direction::Read => &self.read_milli,
            Direction::Write => &self.write_milli,
        };
        for capacity in consumed {
            units.fetch_add(milli(capacity.capacity_units()), Ordering::Relaxed);
        }
    }
}

/// The service reports units as a binary fraction of which halves are the finest part.
#[allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "capacity units arrive as a float; they are no money and are made integers here"
)]
fn milli(units: Option<f64>) -> u64 {
    units.map_or(0, |units| (units * 1000.0).round() as u64)
}
