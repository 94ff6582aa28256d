//! Cases: guests who rated low, and what the shop did about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::customer::{OutletDay, Visit};
use crate::feedback::{Answer, DishKey, Effective, words};
use crate::map::OutletRules;
use crate::receipt_id::ReceiptId;
use crate::when::{BusinessDate, business_date};

/// The longest note, in characters.
pub const NOTE_MAX: usize = 1_000;

/// The most notes of one case: with the longest notes it still fits into one item of the store.
pub const NOTES_MAX: usize = 40;

/// Within how many days a guest's return counts, the smallest first.
pub const RECOVERY_DAYS: [u16; 3] = [30, 60, 90];

/// For how many days after its business date a sale opens a case by what its export alone says of it. Whoever
/// loads last year's exports wants their figures, not a letter for every low rating in them.
pub const EXPORT_CASE_DAYS: i32 = 14;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has done anything yet.
    Open,
    /// Somebody has spoken to the guest, or tried to.
    Contacted,
    /// Done.
    Resolved,
}

impl CaseState {
    /// Every state, in the order in which a case passes them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Contacted, Self::Resolved];

    /// The state's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Contacted => "contacted",
            Self::Resolved => "resolved",
        }
    }

    /// The state of a name, exactly as [`CaseState::as_str`] writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether a person may put a case that stands here into another state.
    #[must_use]
    pub fn leads_to(self, next: Self) -> bool {
        self < next
    }
}

/// What a person of the shop noted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// Who: `staff:` and a subject, or `key:` and the id of an API key.
    pub by: String,
    /// In their words; may be empty where only the state changed.
    pub text: String,
    /// The state that the case was put into, or stayed in.
    pub state: CaseState,
}

/// That the guest came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// Within how many days: 30, 60 or 90.
    pub days: u16,
    /// The business date of the first visit after the case's own.
    pub on: BusinessDate,
}

/// A low rating: of a dish, or of the visit as a whole where no dish is named.
pub type LowRating = (Option<DishKey>, u8);

/// A guest who rated low. Holds no words of the guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// `case_` and a hash of the receipt's id: one receipt has one case.
    pub id: String,
    /// The outlet's id.
    pub outlet: String,
    /// The receipt.
    pub receipt: ReceiptId,
    /// The customer's id (`OYAKO_…`), never a name or a number; `None` for a walk-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// When the low rating was given, Unix milliseconds; stays the same when it is revised.
    pub opened_ms: i64,
    /// Where it stands.
    pub state: CaseState,
    /// What was rated low, as last told.
    pub low: Vec<LowRating>,
    /// Which telling of low ratings this is, from 1: each is mailed once.
    pub revision: u32,
    /// A hash of that telling and its words.
    pub fingerprint: String,
    /// What was noted, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Whether the guest came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Recovered>,
    /// When it was last changed, Unix milliseconds.
    pub changed_ms: i64,
    /// The version of the document in the store; zero before it is stored.
    pub version: u64,
}

/// Why a case can't be changed as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// It is already there, or past it.
    #[error("the case has moved on")]
    Settled,
    /// The note has more than [`NOTE_MAX`] characters.
    #[error("the note is too long")]
    NoteTooLong,
    /// The case has [`NOTES_MAX`] notes.
    #[error("the case has too many notes")]
    TooManyNotes,
}

impl CaseError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Settled => "CASE_SETTLED",
            Self::NoteTooLong => "FIELD_TOO_LONG",
            Self::TooManyNotes => "CASE_NOTES_FULL",
        }
    }
}

/// The ratings up to `threshold`, the visit's first and then the dishes' by name. None if the threshold is zero.
#[must_use]
pub fn low_ratings(said: &Effective, threshold: u8) -> Vec<LowRating> {
    let overall = said.overall.map(|stars| (None, stars));
    let dishes = said.dishes.iter().map(|(key, stars)| (Some(key.clone()), *stars));
    let all = overall.into_iter().chain(dishes);
    all.filter(|(_, stars)| *stars <= threshold).collect()
}

/// Whether what is said of a sale comes too late to be a case: the export alone says it, and by the outlet's clock
/// the business date is more than [`EXPORT_CASE_DAYS`] days back. It counts in all figures. What a guest says on the
/// page is never too late.
#[must_use]
pub fn is_history(answer: &Answer, rules: &OutletRules, now_ms: i64) -> bool {
    let today = business_date(now_ms, &rules.zone, rules.outlet.cutoff_hour).days_since_epoch();
    let days = today.saturating_sub(answer.place.date.days_since_epoch());
    answer.guest.is_none() && days > EXPORT_CASE_DAYS
}

impl Case {
    /// The id of the case of a receipt.
    #[must_use]
    pub fn id_of(receipt: &ReceiptId) -> String {
        let hash = Sha256::digest(receipt.to_string().as_bytes());
        let text = data_encoding::BASE32_NOPAD.encode(hash.get(..15).unwrap_or_default());
        format!("case_{}", text.to_lowercase())
    }

    /// The case of an answer that has ratings up to `threshold`; `None` if it has none, or its sale was reversed.
    #[must_use]
    pub fn open(answer: &Answer, threshold: u8, now_ms: i64) -> Option<Self> {
        let said = answer.effective();
        let low = low_ratings(&said, threshold);
        if low.is_empty() || answer.reversed {
            return None;
        }
        Some(Self {
            id: Self::id_of(&answer.place),
            outlet: answer.place.outlet.clone(),
            receipt: answer.place.clone(),
            customer: answer.customer.clone(),
            opened_ms: said.said_ms.unwrap_or(now_ms),
            state: CaseState::Open,
            fingerprint: fingerprint(&answer.place, 1, &low, said.comment.as_deref()),
            low,
            revision: 1,
            notes: Vec::new(),
            recovered: None,
            changed_ms: now_ms,
            version: 0,
        })
    }

    /// The case as a changed answer makes it: open again if it was resolved, and to be mailed again. `None` if
    /// nothing low is new: the same ratings with the same words, or with words that were taken back or erased;
    /// or no low rating any more, for that leaves the case to whoever works on it.
    #[must_use]
    pub fn renew(&self, answer: &Answer, threshold: u8, now_ms: i64) -> Option<Self> {
        let said = answer.effective();
        let low = low_ratings(&said, threshold);
        let words = said.comment.as_deref();
        let known = self.fingerprint == fingerprint(&self.receipt, self.revision, &low, words);
        let only_less_words = low == self.low && words.is_none();
        if low.is_empty() || answer.reversed || known || only_less_words {
            return None;
        }
        let revision = self.revision.saturating_add(1);
        let state = match self.state {
            CaseState::Resolved => CaseState::Open,
            state => state,
        };
        Some(Self {
            customer: answer.customer.clone().or_else(|| self.customer.clone()),
            state,
            fingerprint: fingerprint(&self.receipt, revision, &low, words),
            low,
            revision,
            changed_ms: now_ms,
            ..self.clone()
        })
    }

    /// The id of the mail about this telling of the case.
    #[must_use]
    pub fn mail_id(&self) -> String {
        crate::mail::mail_id("low_score", &self.receipt.to_string(), &self.fingerprint)
    }

    /// The case with a note, put into a state by a person: forwards, or left where it is for the note alone.
    /// Only a new low rating opens a case again.
    ///
    /// # Errors
    /// [`CaseError`] when the state does not lead there, nothing would change, or the note does not fit.
    pub fn move_to(&self, state: CaseState, by: &str, note: &str, now_ms: i64) -> Result<Self, CaseError> {
        let text = words::clean(note).unwrap_or_default();
        let stays = self.state == state && !text.is_empty();
        if !stays && !self.state.leads_to(state) {
            return Err(CaseError::Settled);
        }
        if text.chars().count() > NOTE_MAX {
            return Err(CaseError::NoteTooLong);
        }
        if self.notes.len() >= NOTES_MAX {
            return Err(CaseError::TooManyNotes);
        }
        let mut next = self.clone();
        next.notes.push(Note {
            at_ms: now_ms,
            by: by.to_owned(),
            text,
            state,
        });
        next.state = state;
        next.changed_ms = now_ms;
        Ok(next)
    }

    /// The case without anything that was noted in people's own words: who noted when, and the states, stay.
    #[must_use]
    pub fn without_words(&self, now_ms: i64) -> Self {
        let mut next = self.clone();
        if self.has_words() {
            next.changed_ms = now_ms;
        }
        for note in &mut next.notes {
            note.text.clear();
        }
        next
    }

    /// Whether there are words that could be erased.
    #[must_use]
    pub fn has_words(&self) -> bool {
        self.notes.iter().any(|note| !note.text.is_empty())
    }

    /// The case with the guest's return noted.
    #[must_use]
    pub fn with_recovery(&self, recovered: Recovered, now_ms: i64) -> Self {
        Self {
            recovered: Some(recovered),
            changed_ms: now_ms,
            ..self.clone()
        }
    }
}

/// Whether and when the customer came back: the first visit to any outlet on a date after the case's business
/// date and not after `today`, if it is within 90 days. What was given back wholly that day is a visit all the same.
#[must_use]
pub fn recovery(
    case_date: BusinessDate,
    visits: &BTreeMap<OutletDay, Visit>,
    today: BusinessDate,
) -> Option<Recovered> {
    let dates = visits
        .iter()
        .filter(|(_, visit)| visit.visits > 0)
        .map(|((_, date), _)| *date);
    let on = dates.filter(|date| *date > case_date && *date <= today).min()?;
    let later = on.days_since_epoch().checked_sub(case_date.days_since_epoch())?;
    let days = RECOVERY_DAYS.into_iter().find(|days| later <= i32::from(*days))?;
    Some(Recovered { days, on })
}

/// A hash of one telling: of the receipt, so that equal ratings of two guests differ, and of the telling's
/// number, so that ratings which change there and back are three tellings. Parts are length-prefixed, so that no
/// two contents run together.
fn fingerprint(receipt: &ReceiptId, revision: u32, low: &[LowRating], words: Option<&str>) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(&receipt.to_string());
    part(&revision.to_string());
    for (dish, stars) in low {
        let dish = dish.clone().unwrap_or_default();
        part(&dish.menu);
        part(&dish.variant);
        part(&stars.to_string());
    }
    part(words.unwrap_or_default());
    data_encoding::HEXLOWER.encode(hash.finalize().get(..16).unwrap_or_default())
}
