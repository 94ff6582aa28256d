//! Findings: what the night found wrong with an outlet's day, and what became of it.
//!
//! A day's rules ([`of_day`]) say what is found and what can't be said; [`settle`] compares that with what
//! is known and gives what to write, which is nothing when nothing is new. So a night may look at a day as
//! often as it likes.
//!
//! Most findings describe a state, and are resolved when it is gone. [`Code::is_event`] ones describe
//! something that happened: they are found by the one night to which it is news, stay open until the next,
//! so that a digest names them, and are resolved by that. A finding that a person accepted stays accepted
//! until its facts change.

mod day;
mod explain;
mod gap;
mod usual;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use day::{FileFact, LATE_MS, Look, of_day};
pub use gap::{GAPS_NAMED_MAX, Gaps, gaps};
pub use usual::{Usual, median};

use crate::feedback::words;
use crate::when::BusinessDate;

/// The longest note, in characters.
pub const NOTE_MAX: usize = 1_000;
/// The most notes of one finding.
pub const NOTES_MAX: usize = 20;
/// The longest fact, in characters.
pub const FACT_MAX: usize = 1_000;
/// How many days with open findings a night looks at beside its own three.
pub const LOOKED_AT_MAX: usize = 14;
/// How far back these lie at most, in days.
const LOOK_BACK_DAYS: i32 = 60;
/// For how long a finding is kept that nobody has to look at any more, in milliseconds: 400 days.
const KEPT_MS: i64 = 400 * 24 * 3_600_000;

/// What can be wrong with a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The outlet sells on this weekday, and nothing came.
    SalesMissing,
    /// Sales came after the morning that follows the day.
    SalesLate,
    /// A file brought nothing but what was known.
    FileRepeated,
    /// Receipt numbers are left out.
    NumberGap,
    /// Sales have times that can't be.
    ClockWrong,
    /// A file's own control totals agree with no reading of its records.
    TotalsDiffer,
    /// Fewer than half of the usual receipts.
    UnusuallyFew,
    /// More than double the usual receipts.
    UnusuallyMany,
    /// The day's summary is not what its receipts come to.
    FiguresDiffer,
    /// A file without sales came for a day that has some; they stay.
    EmptyAgain,
    /// A file for the day could not be read.
    FileFailed,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 11] = [
        Self::SalesMissing,
        Self::SalesLate,
        Self::FileRepeated,
        Self::NumberGap,
        Self::ClockWrong,
        Self::TotalsDiffer,
        Self::UnusuallyFew,
        Self::UnusuallyMany,
        Self::FiguresDiffer,
        Self::EmptyAgain,
        Self::FileFailed,
    ];

    /// The code in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SalesMissing => "SALES_MISSING",
            Self::SalesLate => "SALES_LATE",
            Self::FileRepeated => "FILE_REPEATED",
            Self::NumberGap => "NUMBER_GAP",
            Self::ClockWrong => "CLOCK_WRONG",
            Self::TotalsDiffer => "TOTALS_DIFFER",
            Self::UnusuallyFew => "UNUSUALLY_FEW",
            Self::UnusuallyMany => "UNUSUALLY_MANY",
            Self::FiguresDiffer => "FIGURES_DIFFER",
            Self::EmptyAgain => "EMPTY_AGAIN",
            Self::FileFailed => "FILE_FAILED",
        }
    }

    /// The code of a text, exactly as [`Code::as_str`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Whether it tells of something that happened, and not of a state that can be seen again.
    #[must_use]
    pub fn is_event(self) -> bool {
        matches!(self, Self::SalesLate | Self::FileRepeated | Self::EmptyAgain)
    }
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Somebody should look.
    Open,
    /// A person says that it is fine.
    Accepted,
    /// The reason is gone.
    Resolved,
}

impl FindingState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Accepted, Self::Resolved];

    /// The state's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Resolved => "resolved",
        }
    }

    /// The state of a name, exactly as [`FindingState::as_str`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Numbers and names that a finding rests on, by name; no personal data. Bounded: each rule has a handful of
/// names, and a value has at most [`FACT_MAX`] characters.
pub type Facts = BTreeMap<String, String>;

/// What a person of the shop noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// Who: `staff:` and a subject, or `key:` and the id of an API key.
    pub by: String,
    /// In their words; may be empty.
    pub text: String,
}

/// Something wrong with an outlet's day. There is one of a code at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The outlet's id.
    pub outlet: String,
    /// The business date.
    pub date: BusinessDate,
    /// What is wrong.
    pub code: Code,
    /// Where it stands.
    pub state: FindingState,
    /// When it was first found, Unix milliseconds.
    pub first_ms: i64,
    /// When it was last opened, Unix milliseconds: the same, unless it came again.
    pub opened_ms: i64,
    /// When the night last changed it, Unix milliseconds.
    pub last_ms: i64,
    /// What it rests on.
    pub facts: Facts,
    /// What was noted, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The version in the store, which alone raises it; zero before it is stored.
    pub version: u64,
}

/// Why a finding can't be changed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingError {
    /// It is not open.
    #[error("the finding is not open")]
    NotOpen,
    /// The note has more than [`NOTE_MAX`] characters.
    #[error("the note is too long")]
    NoteTooLong,
    /// The finding has [`NOTES_MAX`] notes.
    #[error("the finding has too many notes")]
    TooManyNotes,
}

impl FindingError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOpen => "FINDING_NOT_OPEN",
            Self::NoteTooLong => "FIELD_TOO_LONG",
            Self::TooManyNotes => "FINDING_NOTES_FULL",
        }
    }
}

impl Finding {
    /// When it need not be kept any more, Unix milliseconds; `None` while it is open.
    #[must_use]
    pub fn expires_ms(&self) -> Option<i64> {
        let noted_ms = self.notes.last().map_or(0, |note| note.at_ms);
        let closed_ms = self.last_ms.max(noted_ms);
        (self.state != FindingState::Open).then(|| closed_ms.saturating_add(KEPT_MS))
    }

    /// The finding as accepted by a person, who may say why.
    ///
    /// # Errors
    /// [`FindingError`] when it is not open or the note does not fit.
    pub fn accepted(&self, by: &str, note: &str, now_ms: i64) -> Result<Self, FindingError> {
        if self.state != FindingState::Open {
            return Err(FindingError::NotOpen);
        }
        let text = words::clean(note).unwrap_or_default();
        if text.chars().count() > NOTE_MAX {
            return Err(FindingError::NoteTooLong);
        }
        if self.notes.len() >= NOTES_MAX {
            return Err(FindingError::TooManyNotes);
        }
        let mut next = self.clone();
        next.state = FindingState::Accepted;
        next.notes.push(Note {
            at_ms: now_ms,
            by: by.to_owned(),
            text,
        });
        Ok(next)
    }
}

/// What looking at a day came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is wrong.
    pub found: BTreeMap<Code, Facts>,
    /// What could not be said, either way: what is known of it stands.
    pub unsaid: BTreeSet<Code>,
}

/// The findings of a day to write: those that open, whose facts changed, or whose reason is gone. `known` are
/// the stored ones of that day (others are passed over). Settling what was written again writes nothing.
#[must_use]
pub fn settle(
    (outlet, date): (&str, BusinessDate),
    known: &[Finding],
    judgement: &Judgement,
    now_ms: i64,
) -> Vec<Finding> {
    let known: BTreeMap<Code, &Finding> = known
        .iter()
        .filter(|finding| finding.outlet == outlet && finding.date == date)
        .map(|finding| (finding.code, finding))
        .collect();
    Code::ALL
        .into_iter()
        .filter_map(|code| match (known.get(&code), judgement.found.get(&code)) {
            (None, None) => None,
            (None, Some(facts)) => Some(open((outlet, date), code, facts, now_ms)),
            (Some(finding), Some(facts)) => found_again(finding, facts, now_ms),
            (Some(_), None) if judgement.unsaid.contains(&code) => None,
            (Some(finding), None) => gone(finding, now_ms),
        })
        .collect()
}

fn open((outlet, date): (&str, BusinessDate), code: Code, facts: &Facts, now_ms: i64) -> Finding {
    Finding {
        outlet: outlet.to_owned(),
        date,
        code,
        state: FindingState::Open,
        first_ms: now_ms,
        opened_ms: now_ms,
        last_ms: now_ms,
        facts: facts.clone(),
        notes: Vec::new(),
        version: 0,
    }
}

fn found_again(finding: &Finding, facts: &Facts, now_ms: i64) -> Option<Finding> {
    let is_open = finding.state == FindingState::Open;
    let same = finding.facts == *facts;
    // What was fine, or gone, is news only when it is not what it was; but what is gone and there again is.
    if same && finding.state != FindingState::Resolved {
        return None;
    }
    Some(Finding {
        state: FindingState::Open,
        opened_ms: if is_open { finding.opened_ms } else { now_ms },
        last_ms: now_ms,
        facts: facts.clone(),
        ..finding.clone()
    })
}

/// An accepted finding stays: that somebody decided is worth more than that it passed.
fn gone(finding: &Finding, now_ms: i64) -> Option<Finding> {
    (finding.state == FindingState::Open).then(|| Finding {
        state: FindingState::Resolved,
        last_ms: now_ms,
        ..finding.clone()
    })
}

/// How many findings were opened and how many resolved since a moment, among those known before with those
/// written put over them. A night counts so what it did, also after a crash between writing and counting.
#[must_use]
pub fn changed_since(known: &[Finding], written: &[Finding], since_ms: i64) -> (u64, u64) {
    let place = |finding: &Finding| (finding.outlet.clone(), finding.date, finding.code);
    let all = known.iter().chain(written);
    let now: BTreeMap<_, &Finding> = all.map(|finding| (place(finding), finding)).collect();
    let count = |state: FindingState, moment: fn(&Finding) -> i64| {
        let hits = now.values().filter(|finding| finding.state == state);
        hits.fold(0_u64, |sum, finding| {
            sum.saturating_add(u64::from(moment(finding) >= since_ms))
        })
    };
    (
        count(FindingState::Open, |finding| finding.opened_ms),
        count(FindingState::Resolved, |finding| finding.last_ms),
    )
}

/// The days of an outlet that a night looks at, the oldest first: tonight, the two before, and the newest
/// [`LOOKED_AT_MAX`] days of the last sixty that have an open finding, for its reason may be gone by now, or that
/// files have `touched` since the night before.
#[must_use]
pub fn days_to_look_at(
    tonight: BusinessDate,
    known: &[Finding],
    touched: &BTreeSet<BusinessDate>,
) -> Vec<BusinessDate> {
    let mut days = BTreeSet::from(crate::night::dates(tonight));
    let oldest = tonight.add_days(-LOOK_BACK_DAYS).unwrap_or(tonight);
    let open = known
        .iter()
        .filter(|finding| finding.state == FindingState::Open)
        .map(|finding| &finding.date);
    let open = open
        .chain(touched)
        .copied()
        .filter(|date| (oldest..tonight).contains(date) && !days.contains(date));
    let open: BTreeSet<BusinessDate> = open.collect();
    days.extend(open.into_iter().rev().take(LOOKED_AT_MAX));
    days.into_iter().collect()
}
