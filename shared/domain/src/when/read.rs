//! The readers: which moment, epoch time or period a text says.

use jiff::civil::{self, DateTime, Time};
use jiff::tz::TimeZone;

use super::scan::Scan;
use super::{Moment, TimeQuality, WhenError, YEARS, Zone, timestamp};
use crate::money::fixed::{UNITS_PER_ONE, parse_number};
use crate::name::{fold_text, is_blank};

/// Reads a date with or without a time and a zone; `Ok(None)` where the export wrote "nothing".
/// Without a zone the clock is the given one.
///
/// Dates: `2025-10-28`, `2025/10/28`, `28-10-2025`, `28/10/2025`, `28.10.2025`, `28 Okt 2025`
/// with Indonesian and English month names. Times: `19:30`, `19.30`, with seconds and a
/// fraction, after a space, a `T`, a comma or a dash. Zones: `Z`, `UTC`, `+07:00`, `+0700`,
/// `+07`, `WIB`, `WITA`, `WIT`.
///
/// # Errors
/// [`WhenError`] when it is no such date, or one outside the years 2000 to 2100.
pub fn read_moment(text: &str, zone: &Zone) -> Result<Option<Moment>, WhenError> {
    let text = fold_text(text);
    let text = text.strip_prefix('\'').unwrap_or(&text);
    if is_blank(text) {
        return Ok(None);
    }
    let mut scan = Scan::new(text);
    let date = scan.date()?;
    let time = scan.time()?;
    let written_zone = if time.is_some() { scan.zone()? } else { None };
    scan.end()?;
    let quality = match (&time, &written_zone) {
        (None, _) => TimeQuality::DateOnly,
        (Some(_), None) => TimeQuality::AssumedZone,
        (Some(_), Some(_)) => TimeQuality::Offset,
    };
    let clock = written_zone.unwrap_or_else(|| zone.0.clone());
    let local = date.to_datetime(time.unwrap_or(Time::midnight()));
    let instant = clock
        .to_ambiguous_timestamp(local)
        .compatible()
        .map_err(|_| WhenError::OutOfRange)?;
    Ok(Some(Moment {
        at_ms: instant.as_millisecond(),
        quality,
    }))
}

/// Reads a JSON number as a Unix time: ten digits before the point are seconds, thirteen are
/// milliseconds. Nothing else is guessed.
///
/// # Errors
/// [`WhenError`] when it is not such a number, or outside the years 2000 to 2100.
pub fn read_epoch(number_text: &str) -> Result<Moment, WhenError> {
    const SECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000..=9_999_999_999;
    const MILLISECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000_000..=9_999_999_999_999;
    let raw = parse_number(number_text).map_err(|_| WhenError::Invalid)?.raw;
    let whole = raw / UNITS_PER_ONE;
    let at_ms = if SECONDS.contains(&whole) {
        raw / (UNITS_PER_ONE / 1000)
    } else if MILLISECONDS.contains(&whole) {
        whole
    } else {
        return Err(WhenError::Invalid);
    };
    if !YEARS.contains(&timestamp(at_ms).to_zoned(TimeZone::UTC).year()) {
        return Err(WhenError::OutOfRange);
    }
    Ok(Moment {
        at_ms,
        quality: TimeQuality::Offset,
    })
}

/// Reads the period a report covers, both ends included, on the outlet's clock:
/// `28 Oktober 2025 00:00:00 - 28 Oktober 2025 23:59:59`. A first day without a time starts at
/// 00:00:00, a last one ends at 23:59:59.
///
/// # Errors
/// [`WhenError::Invalid`] when it is no period, or ends before it starts;
/// [`WhenError::OutOfRange`] when an end lies outside the years 2000 to 2100.
pub fn read_period(text: &str) -> Result<(DateTime, DateTime), WhenError> {
    const SEPARATOR: &str = " - ";
    let text = fold_text(text);
    let mut problem = WhenError::Invalid;
    // A dash can also stand between a date and its time, so every one of them may be the middle.
    for (at, _) in text.match_indices(SEPARATOR) {
        let ends = read_civil(&text[..at], Time::midnight()).and_then(|from| {
            Ok((
                from,
                read_civil(&text[at + SEPARATOR.len()..], civil::time(23, 59, 59, 0))?,
            ))
        });
        match ends {
            Ok((from, to)) if from <= to => return Ok((from, to)),
            Ok(_) => {}
            Err(WhenError::OutOfRange) => problem = WhenError::OutOfRange,
            Err(_) => {}
        }
    }
    Err(problem)
}

/// Reads a date and perhaps a time, but no zone.
fn read_civil(text: &str, otherwise: Time) -> Result<DateTime, WhenError> {
    let mut scan = Scan::new(text.trim());
    let date = scan.date()?;
    let time = scan.time()?;
    scan.end()?;
    Ok(date.to_datetime(time.unwrap_or(otherwise)))
}
