//! How long data about people is kept without their asking.

use crate::case::Case;
use crate::customer::{Customer, Profile};
use crate::feedback::{Answer, Said};
use crate::finding::Finding;
use crate::quarantine::Quarantined;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The shortest time that can be set: a slip in the configuration must not erase the shop.
pub const DAYS_MIN: u32 = 30;

/// For how long what is kept, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    words_days: u32,
    profile_days: u32,
}

/// A time shorter than [`DAYS_MIN`] days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("data can't be kept for less than {DAYS_MIN} days")]
pub struct TooShort;

impl Default for Retention {
    /// Two years each.
    fn default() -> Self {
        Self {
            words_days: 730,
            profile_days: 730,
        }
    }
}

impl Retention {
    /// Keeps guests' words for `words_days` after they were said, and who a customer is for `profile_days`
    /// after their last visit.
    ///
    /// # Errors
    /// [`TooShort`] when one of them is less than [`DAYS_MIN`].
    pub fn new(words_days: u32, profile_days: u32) -> Result<Self, TooShort> {
        if words_days < DAYS_MIN || profile_days < DAYS_MIN {
            return Err(TooShort);
        }
        Ok(Self {
            words_days,
            profile_days,
        })
    }

    /// What was said or noted after this moment, Unix milliseconds, is kept.
    #[must_use]
    pub fn words_since(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(i64::from(self.words_days).saturating_mul(DAY_MS))
    }

    /// Whether an answer has comments, and the latest telling of it is so old that they go. Consents stay: they are
    /// the proof of what was allowed, and name nobody.
    #[must_use]
    pub fn ends_words(&self, answer: &Answer, now_ms: i64) -> bool {
        let tellings = answer.guest.iter().chain(&answer.pos).chain(&answer.history);
        let last = tellings.map(|said: &Said| said.at_ms).max();
        answer.has_comments() && is_over(last, self.words_days, now_ms)
    }

    /// Whether a case has words, and the latest note is so old that they go.
    #[must_use]
    pub fn ends_notes(&self, case: &Case, now_ms: i64) -> bool {
        let last = case.notes.iter().map(|note| note.at_ms).max();
        case.has_words() && is_over(last, self.words_days, now_ms)
    }

    /// A finding without what the staff noted about it, if there is something and the latest note is so old that it
    /// goes. Who noted when stays.
    #[must_use]
    pub fn without_notes(&self, finding: &Finding, now_ms: i64) -> Option<Finding> {
        let noted = finding.notes.iter().filter(|note| !note.text.is_empty());
        let last = noted.map(|note| note.at_ms).max();
        is_over(last, self.words_days, now_ms).then(|| {
            let mut without = finding.clone();
            for note in &mut without.notes {
                note.text.clear();
            }
            without
        })
    }

    /// A refused record without the reason for which a person put it aside, if there is one that is so old that it
    /// goes. Who decided when stays.
    #[must_use]
    pub fn without_reason(&self, piece: &Quarantined, now_ms: i64) -> Option<Quarantined> {
        let decided_ms = piece.reason.as_ref().map(|_| piece.last_seen_ms);
        is_over(decided_ms, self.words_days, now_ms).then(|| Quarantined {
            reason: None,
            ..piece.clone()
        })
    }

    /// Whether a customer is known as a person, and the last visit is so long ago that they are erased. Of who
    /// never had a visit, only a telling, the latest telling counts. An erasure that was cut short is over too.
    #[must_use]
    pub fn ends_profile(&self, customer: &Customer, now_ms: i64) -> bool {
        let visits = customer.days.iter().filter(|(_, visit)| visit.visits > 0);
        // To the end of that day.
        let last_visit = visits
            .map(|((_, date), _)| {
                (i64::from(date.days_since_epoch()).saturating_add(1)).saturating_mul(DAY_MS)
            })
            .max();
        let last = last_visit.or_else(|| last_told(&customer.profile));
        let is_cut_short = customer.is_erased() && !customer.former_numbers.is_empty();
        is_cut_short || (!customer.profile.is_empty() && is_over(last, self.profile_days, now_ms))
    }
}

fn last_told(profile: &Profile) -> Option<i64> {
    let Profile {
        name,
        phone,
        email,
        phone_problem,
    } = profile;
    let facts = [name, phone, email, phone_problem].into_iter().flatten();
    facts.map(|fact| fact.told_ms).max()
}

fn is_over(since_ms: Option<i64>, days: u32, now_ms: i64) -> bool {
    since_ms.is_some_and(|since_ms| now_ms.saturating_sub(since_ms) >= i64::from(days).saturating_mul(DAY_MS))
}
