//! The server's clock on the wall.

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// Western Indonesian Time is so much ahead of UTC.
const AHEAD_MS: i64 = 7 * 60 * MINUTE_MS;

/// The number of the day.
pub(super) fn day(at_ms: i64) -> i64 {
    (at_ms + AHEAD_MS).div_euclid(DAY_MS)
}

/// 23:30 to 00:30 (source document 002, kind 16).
pub(super) fn is_cutoff(at_ms: i64) -> bool {
    let minute = minute(at_ms);
    !(30..23 * 60 + 30).contains(&minute)
}

fn minute(at_ms: i64) -> i64 {
    (at_ms + AHEAD_MS).rem_euclid(DAY_MS) / MINUTE_MS
}

/// The time of the day: `14:05`.
pub(super) fn clock(at_ms: i64) -> String {
    let minute = minute(at_ms);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The date: `21/11/2026`.
pub(super) fn date(at_ms: i64) -> String {
    let days = i32::try_from(day(at_ms)).unwrap_or_default();
    let date = domain::when::BusinessDate::from_days(days).map(|date| date.to_string());
    let date = date.unwrap_or_default();
    let mut parts: Vec<&str> = date.split('-').collect();
    parts.reverse();
    parts.join("/")
}
