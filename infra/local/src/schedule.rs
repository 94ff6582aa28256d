//! Schedule expressions: `rate(1 minute)` and `cron(0 23 * * ? *)`, in a time zone.
//!
//! The language is that of the EventBridge Scheduler user guide, "Schedule types". The markers `L`, `W`
//! and `#` are refused: no schedule here needs them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// When something fires.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// Every so often.
    Rate(SignedDuration),
    /// At the minutes a cron expression names.
    Cron(Box<Cron>),
}

/// A cron expression in its time zone.
#[derive(Debug, Clone)]
pub struct Cron {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    months: Vec<i8>,
    /// 1 is Sunday, as in AWS's expressions.
    weekdays: Vec<i8>,
    years: Option<Vec<i16>>,
    zone: TimeZone,
}

/// Why an expression was refused.
#[derive(Debug, thiserror::Error)]
#[error("unsupported schedule {0}")]
pub struct ScheduleError(String);

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// How far ahead a cron expression is searched, in days: a leap day is at most eight years away.
const SEARCH_DAYS: i32 = 366 * 8;

impl Schedule {
    /// Reads `expression`; a cron expression is in the IANA time zone `zone`.
    ///
    /// # Errors
    /// An expression or zone that is not understood.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, ScheduleError> {
        let bad = || ScheduleError(format!("{expression} ({zone})"));
        let inner = |name: &str| {
            expression
                .trim()
                .strip_prefix(name)?
                .strip_prefix('(')?
                .strip_suffix(')')
                .map(str::trim)
        };
        if let Some(rate) = inner("rate") {
            let (count, unit) = rate.split_once(' ').ok_or_else(bad)?;
            let count: i64 = count.parse().map_err(|_| bad())?;
            let seconds = match unit.trim().trim_end_matches('s') {
                "minute" => 60,
                "hour" => 3_600,
                "day" => 86_400,
                _ => return Err(bad()),
            };
            let seconds = count.checked_mul(seconds).filter(|s| *s > 0).ok_or_else(bad)?;
            return Ok(Self::Rate(SignedDuration::from_secs(seconds)));
        }
        let fields: Vec<&str> = inner("cron").ok_or_else(bad)?.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return Err(bad());
        };
        // The guide: one of day-of-month and day-of-week must be "?".
        if (*days == "?") == (*weekdays == "?") {
            return Err(bad());
        }
        let field = |text: &str, low, high, names: &[&str]| field(text, low, high, names).ok_or_else(bad);
        let small = |text: &str, low, high, names: &[&str]| -> Result<Vec<i8>, ScheduleError> {
            field(text, low, high, names)?
                .into_iter()
                .map(|n| i8::try_from(n).map_err(|_| bad()))
                .collect()
        };
        Ok(Self::Cron(Box::new(Cron {
            minutes: small(minutes, 0, 59, &[])?,
            hours: small(hours, 0, 23, &[])?,
            days: small(days, 1, 31, &[])?,
            months: small(months, 1, 12, &MONTHS)?,
            weekdays: small(weekdays, 1, 7, &WEEKDAYS)?,
            years: if *years == "*" {
                None
            } else {
                Some(field(years, 1970, 2199, &[])?)
            },
            zone: TimeZone::get(zone).map_err(|_| bad())?,
        })))
    }

    /// The first time this fires after `last`; `None` when it never does again.
    pub fn next_after(&self, last: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => last.checked_add(*every).ok(),
            Self::Cron(cron) => cron.next_after(last),
        }
    }
}

impl Cron {
    fn next_after(&self, last: Timestamp) -> Option<Timestamp> {
        let mut day = last.to_zoned(self.zone.clone()).date();
        for _ in 0..SEARCH_DAYS {
            if self.takes(day) {
                let times = self
                    .hours
                    .iter()
                    .flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
                // A time skipped by a clock change fires at the moment the clock jumps to.
                let instants = times.filter_map(|(hour, minute)| {
                    day.at(hour, minute, 0, 0)
                        .to_zoned(self.zone.clone())
                        .ok()
                        .map(|zoned| zoned.timestamp())
                });
                if let Some(next) = instants.filter(|instant| *instant > last).min() {
                    return Some(next);
                }
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }

    fn takes(&self, day: Date) -> bool {
        let weekday = day.weekday().to_sunday_one_offset();
        self.months.contains(&day.month())
            && self.days.contains(&day.day())
            && self.weekdays.contains(&weekday)
            && self
                .years
                .as_ref()
                .is_none_or(|years| years.contains(&day.year()))
    }
}

/// The numbers a cron field names: `*`, `?`, `a`, `a-b`, `a,b`, `*/n`, `a/n`, `a-b/n`.
fn field(text: &str, low: i16, high: i16, names: &[&str]) -> Option<Vec<i16>> {
    let number = |text: &str| -> Option<i16> {
        let upper = text.to_ascii_uppercase();
        if let Some(place) = names.iter().position(|name| *name == upper) {
            return i16::try_from(place + 1).ok();
        }
        text.parse().ok().filter(|number| (low..=high).contains(number))
    };
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from)?, number(to)?),
            None if matches!(range, "*" | "?") => (low, high),
            None => (number(range)?, if step.is_some() { high } else { number(range)? }),
        };
        if from > to {
            return None;
        }
        numbers.extend((from..=to).step_by(step.unwrap_or(1)));
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn next_times_are_those_of_the_guide() {
        let cases = [
            (
                "rate(1 minute)",
                "UTC",
                "2026-11-21T00:00:30Z",
                "2026-11-21T00:01:30Z",
            ),
            (
                "rate(2 hours)",
                "UTC",
                "2026-11-21T00:00:00Z",
                "2026-11-21T02:00:00Z",
            ),
            (
                "cron(0 23 * * ? *)",
                "Asia/Jakarta",
                "2026-11-21T00:00:00Z",
                "2026-11-21T16:00:00Z",
            ),
            (
                "cron(0 23 * * ? *)",
                "Asia/Jakarta",
                "2026-11-21T16:00:00Z",
                "2026-11-22T16:00:00Z",
            ),
            (
                "cron(0/15 * * * ? *)",
                "UTC",
                "2026-11-21T10:01:00Z",
                "2026-11-21T10:15:00Z",
            ),
            (
                "cron(30 6 ? * MON-FRI *)",
                "UTC",
                "2026-11-21T00:00:00Z",
                "2026-11-23T06:30:00Z",
            ),
            (
                "cron(0 0 29 2 ? *)",
                "UTC",
                "2026-11-21T00:00:00Z",
                "2028-02-29T00:00:00Z",
            ),
            (
                "cron(0 0 1 JAN,JUL ? 2028)",
                "UTC",
                "2026-11-21T00:00:00Z",
                "2028-01-01T00:00:00Z",
            ),
        ];
        for (expression, zone, last, next) in cases {
            let schedule = Schedule::parse(expression, zone).unwrap();
            assert_eq!(
                schedule.next_after(last.parse().unwrap()),
                Some(next.parse().unwrap()),
                "{expression}"
            );
        }
    }

    #[test]
    fn a_year_gone_by_never_fires() {
        let schedule = Schedule::parse("cron(0 0 1 1 ? 2020)", "UTC").unwrap();
        assert_eq!(schedule.next_after("2026-11-21T00:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn nonsense_is_refused() {
        for expression in [
            "rate(0 minutes)",
            "rate(1 week)",
            "cron(0 23 * * * *)",
            "cron(60 * * * ? *)",
            "cron(* * L * ? *)",
            "every minute",
            "cron(0 0 * * ?)",
            "at(2026-01-01T00:00:00)",
        ] {
            assert!(Schedule::parse(expression, "UTC").is_err(), "{expression}");
        }
        assert!(Schedule::parse("cron(0 0 * * ? *)", "Mars/Base").is_err());
    }
}
