//! The supplier's day: when orders may be sent to it, and when it may be asked about them.
//!
//! Its clock is Western Indonesian Time, seven hours ahead of UTC all year. It closes from 23:30 to 00:30 (source
//! document 002, kind 16); we keep five minutes away from both ends, because clocks differ and orders take a while.
//! After midnight the supplier may have forgotten an id, and a question would then be a purchase: so an order is
//! asked about on the day it was sent, or by people.

use crate::when::{BusinessDate, Zone, business_date};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Western Indonesian Time is so much ahead of UTC.
const AHEAD_MS: i64 = 7 * 60 * MINUTE_MS;
/// The supplier closes at 23:30 by its own clock.
const CLOSES_MS: i64 = (23 * 60 + 30) * MINUTE_MS;
/// The supplier opens at 00:30 by its own clock.
const OPENS_MS: i64 = 30 * MINUTE_MS;
/// Our cutoff begins at 23:25.
const CUTOFF_BEGINS_MS: i64 = (23 * 60 + 25) * MINUTE_MS;
/// Our cutoff ends at 00:35.
const CUTOFF_ENDS_MS: i64 = 35 * MINUTE_MS;

/// When the supplier is asked about an order that is open, in milliseconds after it was sent: 1, 3, 7, 12 and 16
/// minutes. It asks the operator every half minute itself, for at most a quarter of an hour (source document 002,
/// "Periode Transaksi"), so asking more often tells nothing.
pub const ASKS_MS: [i64; 5] = [
    MINUTE_MS,
    3 * MINUTE_MS,
    7 * MINUTE_MS,
    12 * MINUTE_MS,
    16 * MINUTE_MS,
];

/// For how long the supplier says that an order can be pending, in milliseconds.
pub const PENDING_MAX_MS: i64 = 15 * MINUTE_MS;

/// For how long after it was sent an order is asked about, in milliseconds.
pub const ASK_UNTIL_MS: i64 = 20 * MINUTE_MS;

/// The date in Western Indonesian Time.
#[must_use]
pub fn wib_date(at_ms: i64) -> BusinessDate {
    business_date(at_ms, &Zone::default(), 0)
}

/// The first and the last millisecond of a date in Western Indonesian Time.
#[must_use]
pub fn wib_bounds(date: BusinessDate) -> (i64, i64) {
    let begins_ms = i64::from(date.days_since_epoch()) * DAY_MS - AHEAD_MS;
    (begins_ms, begins_ms + DAY_MS - 1)
}

/// Whether the supplier is closed, or nearly: from 23:25 until before 00:35.
#[must_use]
pub fn is_cutoff(at_ms: i64) -> bool {
    !(CUTOFF_ENDS_MS..CUTOFF_BEGINS_MS).contains(&of_day(at_ms))
}

/// Whether the supplier says that it is closed: from 23:30 until before 00:30.
#[must_use]
pub fn is_closed(at_ms: i64) -> bool {
    !(OPENS_MS..CLOSES_MS).contains(&of_day(at_ms))
}

/// From when an order may be sent, Unix milliseconds: now, or at the end of the cutoff.
#[must_use]
pub fn sends_from(now_ms: i64) -> i64 {
    let of_day = of_day(now_ms);
    let wait = if of_day >= CUTOFF_BEGINS_MS {
        DAY_MS - of_day + CUTOFF_ENDS_MS
    } else {
        (CUTOFF_ENDS_MS - of_day).max(0)
    };
    now_ms.saturating_add(wait)
}

/// For how long orders were sent between two moments, in milliseconds: without the cutoffs.
#[must_use]
pub fn open_ms(from_ms: i64, to_ms: i64) -> i64 {
    let (mut at_ms, mut open) = (sends_from(from_ms), 0_i64);
    while at_ms < to_ms {
        let closes_ms = at_ms.saturating_add(CUTOFF_BEGINS_MS - of_day(at_ms));
        open = open.saturating_add(closes_ms.min(to_ms).saturating_sub(at_ms));
        at_ms = sends_from(closes_ms);
    }
    open
}

/// Whether an order that was sent may be asked about now: on the day it was sent, outside the cutoff, and not later
/// than [`ASK_UNTIL_MS`].
#[must_use]
pub fn may_ask(sent_ms: i64, now_ms: i64) -> bool {
    now_ms.saturating_sub(sent_ms) <= ASK_UNTIL_MS
        && !is_cutoff(now_ms)
        && wib_date(sent_ms) == wib_date(now_ms)
}

/// Milliseconds since midnight in Western Indonesian Time.
const fn of_day(at_ms: i64) -> i64 {
    at_ms.saturating_add(AHEAD_MS).rem_euclid(DAY_MS)
}
