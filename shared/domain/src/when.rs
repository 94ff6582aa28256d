//! When something happened: the readers of the dates and times an export writes, and the
//! business date a moment belongs to.
//!
//! An export may give a zone, leave it out, or give only a day. The reader says which
//! ([`TimeQuality`]), so that nobody mistakes an assumed zone for a known one: reading Makassar
//! time as Jakarta time moves an hour of sales to another business date. Days come before
//! months in every all-number date that does not start with a year, as Indonesians write.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{self, Date};
use jiff::tz::{self, TimeZone};
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod read;
mod scan;

pub use read::{read_epoch, read_moment, read_period};

/// The years a sale can be from; a clock outside them was never set.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;
/// The latest cut-off hour, see [`business_date`].
const MAX_CUTOFF_HOUR: u8 = 12;

/// Why a text is no time, date or zone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum WhenError {
    /// Not a date in any writing this module knows, or a day or hour that does not exist.
    #[error("not a date or time")]
    Invalid,
    /// A date outside the years 2000 to 2100.
    #[error("date outside the years 2000 to 2100")]
    OutOfRange,
    /// A zone that the time zone database does not have.
    #[error("unknown time zone")]
    UnknownZone,
}

impl WhenError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "DATE_INVALID",
            Self::OutOfRange => "DATE_OUT_OF_RANGE",
            Self::UnknownZone => "ZONE_UNKNOWN",
        }
    }
}

/// A time zone by its name in the IANA database, which is compiled in: a function's machine
/// may have none. The default is western Indonesian time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of an IANA name (`Asia/Makassar`) or of an Indonesian abbreviation in any case:
    /// `WIB` (Asia/Jakarta), `WITA` (Asia/Makassar), `WIT` (Asia/Jayapura).
    ///
    /// # Errors
    /// [`WhenError::UnknownZone`].
    pub fn named(name: &str) -> Result<Self, WhenError> {
        let name = name.trim();
        let iana = indonesian_zone(name).unwrap_or(name);
        let zone = TimeZone::get(iana).map_err(|_| WhenError::UnknownZone)?;
        zone.iana_name()
            .is_some()
            .then_some(Self(zone))
            .ok_or(WhenError::UnknownZone)
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Default for Zone {
    fn default() -> Self {
        // Jakarta has kept UTC+7 without summer time since 1964 (IANA), so the fixed offset
        // gives the same answers in the years accepted here.
        Self(TimeZone::get("Asia/Jakarta").unwrap_or_else(|_| TimeZone::fixed(tz::offset(7))))
    }
}

impl TryFrom<String> for Zone {
    type Error = WhenError;

    fn try_from(name: String) -> Result<Self, WhenError> {
        Self::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

/// The IANA name behind an abbreviation used in Indonesia.
fn indonesian_zone(abbreviation: &str) -> Option<&'static str> {
    let zones = [
        ("WIB", "Asia/Jakarta"),
        ("WITA", "Asia/Makassar"),
        ("WIT", "Asia/Jayapura"),
    ];
    zones
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(abbreviation))
        .map(|(_, iana)| *iana)
}

/// How much of a moment the export itself said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeQuality {
    /// Date, time and zone.
    Offset,
    /// Date and time; the zone is the outlet's.
    AssumedZone,
    /// A date only; the moment is the start of that day in the outlet's zone.
    DateOnly,
}

/// A moment, and how well it is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z. Finer fractions are cut off.
    pub at_ms: i64,
    /// What the export said and what was assumed.
    pub quality: TimeQuality,
}

impl Moment {
    /// The business date, see [`business_date`]. A date without a time is its own business
    /// date: its start of day would fall before the cut-off and count for the day before.
    #[must_use]
    pub fn business_date(&self, zone: &Zone, cutoff_hour: u8) -> BusinessDate {
        let cutoff_hour = if self.quality == TimeQuality::DateOnly {
            0
        } else {
            cutoff_hour
        };
        business_date(self.at_ms, zone, cutoff_hour)
    }
}

/// A day of trade. Written and serialised as `2025-10-28`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDate(Date);

impl BusinessDate {
    const EPOCH: Date = civil::date(1970, 1, 1);

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days_since_epoch(self) -> i32 {
        // A civil date lies within four million days of the epoch.
        (self.0.duration_since(Self::EPOCH).as_hours() / 24) as i32
    }

    /// The date `days` after 1970-01-01.
    ///
    /// # Errors
    /// [`WhenError::OutOfRange`] beyond the years -9999 to 9999.
    pub fn from_days(days: i32) -> Result<Self, WhenError> {
        Self(Self::EPOCH).add_days(days).ok_or(WhenError::OutOfRange)
    }

    /// The date `days` later, or earlier if negative; `None` beyond the years -9999 to 9999.
    #[must_use]
    pub fn add_days(self, days: i32) -> Option<Self> {
        self.0
            .checked_add(SignedDuration::from_hours(i64::from(days) * 24))
            .ok()
            .map(Self)
    }

    /// The year and the month, from 1.
    pub(crate) fn year_month(self) -> (i16, u8) {
        (self.0.year(), u8::try_from(self.0.month()).unwrap_or(1))
    }

    /// The first day of a month that exists; the epoch's for one that doesn't.
    pub(crate) fn first_of_month(year: i16, month: u8) -> Self {
        let month = i8::try_from(month).unwrap_or_default();
        Self(Date::new(year, month, 1).unwrap_or(Self::EPOCH))
    }

    /// The last day of this date's month.
    pub(crate) fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BusinessDate {
    type Err = WhenError;

    /// Reads exactly what `Display` writes for the years 0 to 9999.
    fn from_str(text: &str) -> Result<Self, WhenError> {
        let date: Date = text.parse().map_err(|_| WhenError::Invalid)?;
        // The library reads more writings than the one that is a key in the store.
        (date.to_string() == text)
            .then_some(Self(date))
            .ok_or(WhenError::Invalid)
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = WhenError;

    fn try_from(text: String) -> Result<Self, WhenError> {
        text.parse()
    }
}

impl From<BusinessDate> for String {
    fn from(date: BusinessDate) -> Self {
        date.to_string()
    }
}

/// The day of trade a moment counts for: the local date, or the one before it as long as the
/// local clock has not reached `cutoff_hour` (a supper sold at 01:30 belongs to the evening).
/// A cut-off later than noon is taken as noon.
#[must_use]
pub fn business_date(at_ms: i64, zone: &Zone, cutoff_hour: u8) -> BusinessDate {
    let local = local_time(at_ms, zone);
    let date = local.date();
    let before_cutoff = local.hour() < cutoff_hour.min(MAX_CUTOFF_HOUR) as i8;
    BusinessDate(if before_cutoff {
        date.yesterday().unwrap_or(date)
    } else {
        date
    })
}

/// The moment on the zone's clock, with milliseconds and offset: `2025-10-28T19:30:50.748+07:00`.
#[must_use]
pub fn format_local(at_ms: i64, zone: &Zone) -> String {
    local_time(at_ms, zone)
        .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

/// The moment in UTC, with milliseconds: `2025-10-28T12:30:50.748Z`.
#[must_use]
pub fn format_utc(at_ms: i64) -> String {
    timestamp(at_ms).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn local_time(at_ms: i64, zone: &Zone) -> Zoned {
    timestamp(at_ms).to_zoned(zone.0.clone())
}

/// The instant; one beyond the years -9999 to 9999, which no reader here makes, is held at the
/// nearest instant inside them.
fn timestamp(at_ms: i64) -> Timestamp {
    let nearest = if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(at_ms).unwrap_or(nearest)
}
