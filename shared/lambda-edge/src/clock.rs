//! The only place that looks at the clock or asks for randomness.
//!
//! Everything else takes the time as an argument or as a `fn() -> i64`, so that tests need no sleep.

use std::time::{SystemTime, UNIX_EPOCH};

/// How the parts of this crate are told the time: Unix milliseconds.
pub type Clock = fn() -> i64;

/// Now, in Unix milliseconds.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one reader of the clock")]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The operating system had no randomness to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoRandomness;

/// Random bytes from the operating system.
///
/// # Errors
/// [`NoRandomness`] when the operating system has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

const DAY_MS: i64 = 86_400_000;

/// Unix milliseconds as RFC 3339 in UTC, such as `2026-11-22T01:21:13.123Z`.
///
/// The civil date is computed in the proleptic Gregorian calendar from days counted in eras of 400
/// years that start on 1 March, which puts the leap day at the end of a year.
#[must_use]
pub fn rfc3339(unix_ms: i64) -> String {
    let (days, of_day) = (unix_ms.div_euclid(DAY_MS), unix_ms.rem_euclid(DAY_MS));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, millisecond) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_follow_the_calendar() {
        let known = [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_310_473_123, "2026-11-22T01:21:13.123Z"),
        ];
        for (unix_ms, text) in known {
            assert_eq!(rfc3339(unix_ms), text);
        }
    }

    #[test]
    fn two_draws_of_randomness_differ() {
        assert_ne!(random::<16>(), random::<16>());
    }
}
