//! The consents that guests gave: what they were shown, what they said, and when.

use serde::{Deserialize, Serialize};

use crate::feedback::{Answer, Said};
use crate::receipt_id::ReceiptId;

/// One telling of a consent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// When it was said, Unix milliseconds. For an export, which doesn't tell: when the receipt was sold.
    pub at_ms: i64,
    /// The receipt whose guest said so.
    pub receipt: ReceiptId,
    /// Whether consent was given.
    pub given: bool,
    /// The words that were shown, exactly.
    pub wording: String,
    /// The version of these words.
    pub wording_version: String,
    /// The language in which they were shown: `id` or `en`.
    pub language: String,
}

impl ConsentEntry {
    fn of(answer: &Answer, said: &Said) -> Option<Self> {
        let consent = said.consent.as_ref()?;
        Some(Self {
            at_ms: said.at_ms,
            receipt: answer.place.clone(),
            given: consent.given,
            wording: consent.wording.clone(),
            wording_version: consent.wording_version.clone(),
            language: consent.language.clone(),
        })
    }
}

/// Every consent that answers hold, those of earlier tellings included, the oldest first.
#[must_use]
pub fn consents(answers: &[Answer]) -> Vec<ConsentEntry> {
    let mut entries: Vec<ConsentEntry> = answers
        .iter()
        .flat_map(|answer| {
            let tellings = answer.history.iter().chain(&answer.guest).chain(&answer.pos);
            tellings.filter_map(|said| ConsentEntry::of(answer, said))
        })
        .collect();
    entries.sort();
    entries.dedup();
    entries
}

/// The consent that stands for an answer. It was asked for that answer alone, so it holds for no other. What
/// the guest said last on their page counts, and a box not ticked there is no consent, whatever was ticked
/// before; the export counts only where the guest said nothing.
#[must_use]
pub fn consent_for(answer: &Answer) -> Option<ConsentEntry> {
    let said = answer.guest.as_ref().or(answer.pos.as_ref())?;
    ConsentEntry::of(answer, said).filter(|entry| entry.given)
}
