//! Months of business dates.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::when::BusinessDate;

/// A month of trade. Written and serialised as `2025-10`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    /// From 1.
    month: u8,
}

/// The text is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month")]
pub struct MonthError;

impl Month {
    /// A month of the years 0 to 9999, counted from 1; `None` for any other.
    #[must_use]
    pub fn new(year: i16, month: u8) -> Option<Self> {
        let exists = (0..=9999).contains(&year) && (1..=12).contains(&month);
        exists.then_some(Self { year, month })
    }

    /// The month that a date is in.
    #[must_use]
    pub fn of(date: BusinessDate) -> Self {
        let (year, month) = date.year_month();
        Self { year, month }
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month of the year, from 1.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> BusinessDate {
        BusinessDate::first_of_month(self.year, self.month)
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> BusinessDate {
        self.first().last_of_month()
    }

    /// The month after it; after December 9999, the end of time, there is none, and it stays.
    #[must_use]
    pub fn next(self) -> Self {
        match (self.year, self.month) {
            (9999, 12) => self,
            (year, 12) => Self {
                year: year.saturating_add(1),
                month: 1,
            },
            (year, month) => Self {
                year,
                month: month.saturating_add(1),
            },
        }
    }

    /// The month before it; before January 0 there is none, and it stays.
    #[must_use]
    pub fn previous(self) -> Self {
        match (self.year, self.month) {
            (..=0, 1) => self,
            (year, 1) => Self {
                year: year.saturating_sub(1),
                month: 12,
            },
            (year, month) => Self {
                year,
                month: month.saturating_sub(1),
            },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    /// Reads exactly what `Display` writes for the years 0 to 9999.
    fn from_str(text: &str) -> Result<Self, MonthError> {
        let (year, month) = text.split_once('-').ok_or(MonthError)?;
        let read = year.parse().ok().zip(month.parse().ok());
        let month = read
            .and_then(|(year, month)| Self::new(year, month))
            .ok_or(MonthError)?;
        (month.to_string() == text).then_some(month).ok_or(MonthError)
    }
}

impl TryFrom<String> for Month {
    type Error = MonthError;

    fn try_from(text: String) -> Result<Self, MonthError> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}
