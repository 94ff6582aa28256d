//! Receipt numbers that are left out.
//!
//! A number is a prefix and the digits at its end, at least three of them: `A-0042` is 42 of the sequence
//! `A-` with four digits. Registers and days have prefixes of their own, so each sequence is looked at by
//! itself, and only between its own first and last number of the day.
//!
//! Not every number counts receipts: a point of sale may draw them at random, share a sequence between
//! outlets, or put the date into the digits. So a step over more numbers than the sequence has receipts
//! that day begins a new run, and a run tells of gaps only if it has at least [`RUN_MIN`] numbers and as
//! many of them present as missing. What is lost in larger pieces shows in the day's count of receipts.

use std::collections::{BTreeMap, BTreeSet};

/// How many missing numbers are named.
pub const GAPS_NAMED_MAX: usize = 20;
/// Fewer digits at the end are no counter.
const DIGITS_MIN: usize = 3;
/// More digits than any counter has; those before them belong to the prefix.
const DIGITS_MAX: usize = 15;
/// The longest number that is looked at, in bytes.
const NUMBER_MAX: usize = 40;
/// The shortest run of numbers that tells of gaps.
pub(super) const RUN_MIN: u64 = 3;

/// Numbers that are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// How many.
    pub total: u64,
    /// The first of them, as they would be printed; at most [`GAPS_NAMED_MAX`].
    pub named: Vec<String>,
    /// In how many sequences.
    pub sequences: u64,
}

/// The numbers that are missing among a day's, which may come in any order and more than once.
#[must_use]
pub fn gaps<'a>(numbers: impl IntoIterator<Item = &'a str>) -> Gaps {
    let mut sequences: BTreeMap<(&str, usize), BTreeSet<u64>> = BTreeMap::new();
    for (prefix, width, value) in numbers.into_iter().filter_map(parts) {
        sequences.entry((prefix, width)).or_default().insert(value);
    }
    let mut gaps = Gaps::default();
    for ((prefix, width), values) in sequences {
        let before = gaps.total;
        for run in runs(&values.into_iter().collect::<Vec<_>>()) {
            gaps.add_run(prefix, width, run);
        }
        gaps.sequences += u64::from(gaps.total > before);
    }
    gaps
}

/// A number's prefix, how many digits follow, and their value.
fn parts(number: &str) -> Option<(&str, usize, u64)> {
    let number = number.trim();
    if number.len() > NUMBER_MAX {
        return None;
    }
    let digits = number.bytes().rev().take_while(u8::is_ascii_digit).count();
    let width = digits.min(DIGITS_MAX);
    let (prefix, digits) = number.split_at_checked(number.len().saturating_sub(width))?;
    let value = digits.parse().ok().filter(|_| width >= DIGITS_MIN)?;
    Some((prefix, width, value))
}

/// Cuts ascending values where a step leaves out more of them than there are.
fn runs(values: &[u64]) -> impl Iterator<Item = &[u64]> {
    let count = wide(values.len());
    values.chunk_by(move |one, next| left_out(*one, *next) <= count)
}

/// How many values lie between two ascending ones.
fn left_out(one: u64, next: u64) -> u64 {
    next.saturating_sub(one).saturating_sub(1)
}

impl Gaps {
    fn add_run(&mut self, prefix: &str, width: usize, run: &[u64]) {
        let present = wide(run.len());
        let steps = || {
            run.windows(2)
                .filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)))
        };
        let missing: u64 = steps().map(|(one, next)| left_out(one, next)).sum();
        if present < RUN_MIN || missing > present {
            return;
        }
        self.total = self.total.saturating_add(missing);
        let room = GAPS_NAMED_MAX.saturating_sub(self.named.len());
        let absent = steps().flat_map(|(one, next)| one.saturating_add(1)..next);
        self.named
            .extend(absent.take(room).map(|value| format!("{prefix}{value:0width$}")));
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
