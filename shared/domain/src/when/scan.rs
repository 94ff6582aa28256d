//! Reads the parts of a written time, left to right: a date, a time of day, a zone.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use super::{WhenError, YEARS, Zone, indonesian_zone};

/// The last minute of an hour, and the last second of a minute.
const LAST_SIXTIETH: u32 = 59;
/// The largest distance from UTC that a civil clock shows, in hours.
const MAX_OFFSET_HOURS: u32 = 14;

/// What is left to read of a text.
pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Starts at the beginning of a folded text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Fails unless everything was read.
    pub(super) fn end(&self) -> Result<(), WhenError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(WhenError::Invalid)
        }
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes the first of the characters that stands next.
    fn eat(&mut self, any_of: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|c| any_of.contains(c))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A number of so many digits, no more standing behind it.
    fn number(&mut self, lengths: std::ops::RangeInclusive<usize>) -> Result<u32, WhenError> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        let value = digits.parse().map_err(|_| WhenError::Invalid)?;
        if lengths.contains(&digits.len()) {
            Ok(value)
        } else {
            Err(WhenError::Invalid)
        }
    }

    /// A date, see [`super::read_moment`] for the writings.
    pub(super) fn date(&mut self) -> Result<Date, WhenError> {
        let first_len = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let first = self.number(1..=4)?;
        if first_len == 4 {
            let mark = self.eat(&['-', '/']).ok_or(WhenError::Invalid)?;
            let month = self.number(1..=2)?;
            self.eat(&[mark]).ok_or(WhenError::Invalid)?;
            return civil_date(first, month, self.number(1..=2)?);
        }
        if first_len > 2 {
            return Err(WhenError::Invalid);
        }
        let mark = self.eat(&['-', '/', '.', ' ']);
        self.spaces();
        let month = if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let mark = mark.filter(|mark| *mark != ' ').ok_or(WhenError::Invalid)?;
            let month = self.number(1..=2)?;
            self.eat(&[mark]).ok_or(WhenError::Invalid)?;
            month
        } else {
            let month = month_named(self.take_while(|c| c.is_ascii_alphabetic()))?;
            self.eat(&['.']);
            self.eat(&['-', '/', ' ']);
            self.spaces();
            month
        };
        civil_date(self.number(4..=4)?, month, first)
    }

    /// A time of day behind a date; `None` at the end of the text.
    pub(super) fn time(&mut self) -> Result<Option<Time>, WhenError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.eat(&['T', 't']).is_none() {
            let spaced = self.eat(&[' ', ',']).ok_or(WhenError::Invalid)?;
            self.spaces();
            if spaced == ' ' && self.eat(&['-']).is_some() {
                self.spaces();
            }
        }
        let hour = self.number(1..=2)?;
        let mark = self.eat(&[':', '.']).ok_or(WhenError::Invalid)?;
        let minute = self.number(2..=2)?;
        let (mut second, mut nanosecond) = (0, 0);
        if self.eat(&[mark]).is_some() {
            second = self.number(2..=2)?;
            if self.eat(&['.', ',']).is_some() {
                nanosecond = nanoseconds(self.take_while(|c| c.is_ascii_digit()))?;
            }
        }
        if hour >= 24 || minute > LAST_SIXTIETH || second > LAST_SIXTIETH {
            return Err(WhenError::Invalid);
        }
        Time::new(hour as i8, minute as i8, second as i8, nanosecond)
            .map(Some)
            .map_err(|_| WhenError::Invalid)
    }

    /// A zone behind a time; `None` if there is none.
    pub(super) fn zone(&mut self) -> Result<Option<TimeZone>, WhenError> {
        self.spaces();
        let Some(sign) = self.eat(&['+', '-']) else {
            let name = self.take_while(|c| c.is_ascii_alphabetic());
            return match name.to_ascii_uppercase().as_str() {
                "" => Ok(None),
                "Z" | "UTC" | "GMT" => Ok(Some(TimeZone::UTC)),
                name => {
                    let iana = indonesian_zone(name).ok_or(WhenError::Invalid)?;
                    Zone::named(iana).map(|zone| Some(zone.0))
                }
            };
        };
        let digits = self.take_while(|c| c.is_ascii_digit());
        let value: u32 = digits.parse().map_err(|_| WhenError::Invalid)?;
        let (hours, minutes) = match digits.len() {
            2 if self.eat(&[':']).is_some() => (value, self.number(2..=2)?),
            2 => (value, 0),
            4 => (value / 100, value % 100),
            _ => return Err(WhenError::Invalid),
        };
        if hours > MAX_OFFSET_HOURS || minutes > LAST_SIXTIETH {
            return Err(WhenError::Invalid);
        }
        let seconds = (hours * 3600 + minutes * 60) as i32;
        let seconds = if sign == '-' { -seconds } else { seconds };
        let offset = Offset::from_seconds(seconds).map_err(|_| WhenError::Invalid)?;
        Ok(Some(TimeZone::fixed(offset)))
    }
}

/// A date that exists, in a year a sale can be from.
fn civil_date(year: u32, month: u32, day: u32) -> Result<Date, WhenError> {
    let (Ok(year), Ok(month), Ok(day)) = (i16::try_from(year), i8::try_from(month), i8::try_from(day)) else {
        return Err(WhenError::Invalid);
    };
    let date = Date::new(year, month, day).map_err(|_| WhenError::Invalid)?;
    if YEARS.contains(&year) {
        Ok(date)
    } else {
        Err(WhenError::OutOfRange)
    }
}

/// The digits of a fraction of a second as nanoseconds; finer ones are cut off.
fn nanoseconds(digits: &str) -> Result<i32, WhenError> {
    if digits.is_empty() {
        return Err(WhenError::Invalid);
    }
    let kept = &digits[..digits.len().min(9)];
    format!("{kept:0<9}").parse().map_err(|_| WhenError::Invalid)
}

/// The number of a month by its Indonesian or English name or abbreviation, in any case.
fn month_named(name: &str) -> Result<u32, WhenError> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "januari", "january"],
        &["feb", "peb", "februari", "pebruari", "february"],
        &["mar", "mrt", "maret", "march"],
        &["apr", "april"],
        &["mei", "may"],
        &["jun", "juni", "june"],
        &["jul", "juli", "july"],
        &["agu", "agt", "ags", "agust", "agustus", "aug", "august"],
        &["sep", "sept", "september"],
        &["okt", "oktober", "oct", "october"],
        &["nov", "nop", "november", "nopember"],
        &["des", "desember", "dec", "december"],
    ];
    let name = name.to_ascii_lowercase();
    (1..)
        .zip(MONTHS)
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(number, _)| number)
        .ok_or(WhenError::Invalid)
}
