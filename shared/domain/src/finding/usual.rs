//! How many receipts an outlet's day usually has.

/// Fewer days than this say nothing of what is usual.
const DAYS_MIN: usize = 3;
/// Closer to the usual than this, in receipts, nothing is unusual: three instead of eight is chance.
const APART_MIN: u64 = 10;

/// How a day compares with the same weekday of the weeks before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// Too few days to compare with.
    Unknown,
    /// Nothing to say.
    Usual,
    /// Fewer than half of the median.
    Few,
    /// More than double the median.
    Many,
}

impl Usual {
    /// Compares a day's receipts with those of days before; days without any were closed and don't count.
    #[must_use]
    pub fn of(receipts: u32, before: &[u32]) -> Self {
        let sold = before.iter().filter(|count| **count > 0).count();
        let Some(doubled) = median_doubled(before).filter(|_| sold >= DAYS_MIN) else {
            return Self::Unknown;
        };
        // Everything is doubled once more than it has to be, so that half a receipt needs no fraction.
        let receipts = u64::from(receipts).saturating_mul(2);
        if receipts.abs_diff(doubled) < APART_MIN * 2 {
            Self::Usual
        } else if receipts.saturating_mul(2) < doubled {
            Self::Few
        } else if receipts > doubled.saturating_mul(2) {
            Self::Many
        } else {
            Self::Usual
        }
    }
}

/// The median of the days that had receipts, rounded down; `None` without such a day.
#[must_use]
pub fn median(before: &[u32]) -> Option<u64> {
    median_doubled(before).map(|doubled| doubled / 2)
}

fn median_doubled(before: &[u32]) -> Option<u64> {
    let mut sold: Vec<u32> = before.iter().copied().filter(|count| *count > 0).collect();
    sold.sort_unstable();
    let upper = sold.get(sold.len() / 2)?;
    let lower = sold.get(sold.len().saturating_sub(1) / 2)?;
    Some(u64::from(*lower).saturating_add(u64::from(*upper)))
}
