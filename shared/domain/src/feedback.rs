//! What a guest says of a receipt: on their own page, or through the point of sale's export.
//!
//! There is one [`Answer`] per receipt. What the guest says on the page wins over what the export says, rating
//! by rating; a guest may revise for a while, and every earlier telling is kept. Words may be erased, and the
//! scores stay: figures are made of scores alone.

pub mod consent;
mod dishes;
pub mod form;
mod said;
pub mod spam;
pub mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::receipt_id::ReceiptId;

pub use dishes::{Dish, DishKey, Standing, dishes, standing};
pub use said::{Consent, Said};

/// How long a guest may revise, counted from the first answer: 72 hours, in milliseconds.
pub const GRACE_MS: i64 = 72 * 3_600_000;

/// How often a guest may revise.
pub const REVISIONS_MAX: usize = 10;

/// Where a rating comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The guest's own page.
    Guest,
    /// The point of sale's export.
    Pos,
}

/// The grace time is over, or the guest has revised as often as one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer can't be revised any more")]
pub struct Spent;

impl Spent {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "LINK_SPENT"
    }
}

/// What is known of one receipt's guest: the document in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which receipt.
    pub place: ReceiptId,
    /// The customer's id (`OYAKO_…`), never a name or a number; `None` for a walk-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// When it was sold, Unix milliseconds.
    pub order_at_ms: i64,
    /// When the guest first saw the page, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_ms: Option<i64>,
    /// What the guest said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<Said>,
    /// What the export said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pos: Option<Said>,
    /// What the guest said before, the oldest first; at most [`REVISIONS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Said>,
    /// Whether the sale was voided or refunded, or went from its page, after the guest had answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reversed: bool,
    /// Whether words were erased: those of the export don't come back with its next file.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub words_erased: bool,
    /// The version of the document in the store; zero before it is stored.
    pub version: u64,
}

/// What counts of an answer: the guest's page before the export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The visit as a whole, one to five.
    pub overall: Option<u8>,
    /// The dishes, one to five.
    pub dishes: BTreeMap<DishKey, u8>,
    /// Whether the guest would recommend the shop, zero to ten.
    pub recommend: Option<u8>,
    /// The guest's words.
    pub comment: Option<String>,
    /// Whether the words look like an advertisement or noise.
    pub suspect: bool,
    /// When it was said, Unix milliseconds; `None` if nothing was.
    pub said_ms: Option<i64>,
    /// Who said it: the guest's page, if both did.
    pub source: Option<Source>,
}

impl Answer {
    /// An answer of which nothing is known yet.
    #[must_use]
    pub fn new(place: ReceiptId, customer: Option<String>, order_at_ms: i64) -> Self {
        Self {
            place,
            customer,
            order_at_ms,
            opened_ms: None,
            guest: None,
            pos: None,
            history: Vec::new(),
            reversed: false,
            words_erased: false,
            version: 0,
        }
    }

    /// What counts, field by field and dish by dish.
    #[must_use]
    pub fn effective(&self) -> Effective {
        let (guest, pos) = (self.guest.as_ref(), self.pos.as_ref());
        let Some(said) = guest.or(pos) else {
            return Effective::default();
        };
        let one = |field: fn(&Said) -> Option<u8>| guest.and_then(field).or_else(|| pos.and_then(field));
        let mut dishes = pos.map(|pos| pos.dishes.clone()).unwrap_or_default();
        dishes.extend(
            guest
                .iter()
                .flat_map(|guest| &guest.dishes)
                .map(|(key, stars)| (key.clone(), *stars)),
        );
        let worded = [guest, pos]
            .into_iter()
            .flatten()
            .find(|said| said.comment.is_some());
        Effective {
            overall: one(|said| said.overall),
            dishes,
            recommend: one(|said| said.recommend),
            comment: worded.and_then(|said| said.comment.clone()),
            suspect: worded.unwrap_or(said).suspect,
            said_ms: Some(said.at_ms),
            source: Some(if guest.is_some() {
                Source::Guest
            } else {
                Source::Pos
            }),
        }
    }

    /// Whether the guest has answered on the page: what spends the link.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.guest.is_some()
    }

    /// Whether anything was said, on the page or through the export.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.guest.is_some() || self.pos.is_some()
    }

    /// Until when the guest may revise, Unix milliseconds; `None` before the first answer or when there are no
    /// revisions left.
    #[must_use]
    pub fn revisable_until(&self) -> Option<i64> {
        let first = self.history.first().or(self.guest.as_ref())?;
        (self.history.len() < REVISIONS_MAX).then(|| first.at_ms.saturating_add(GRACE_MS))
    }

    /// Whether the guest, who has answered, may still revise.
    #[must_use]
    pub fn may_revise(&self, now_ms: i64) -> bool {
        self.revisable_until().is_some_and(|until| now_ms <= until)
    }

    /// The answer with what the guest says now. The same content again changes nothing, at any time.
    ///
    /// # Errors
    /// [`Spent`] when the guest has answered and may no longer revise.
    pub fn with_guest(&self, said: Said) -> Result<Self, Spent> {
        let mut next = self.clone();
        if let Some(known) = &self.guest {
            if known.says_the_same(&said) {
                return Ok(next);
            }
            if !self.may_revise(said.at_ms) {
                return Err(Spent);
            }
            next.history.push(known.clone());
        }
        next.opened_ms = Some(self.opened_ms.unwrap_or(said.at_ms));
        next.guest = Some(said);
        Ok(next)
    }

    /// The answer with what the export says. Tellings come in any order: the newer one's ratings and words
    /// stand before the older one's, those of one file stand together, and the same content again changes
    /// nothing.
    #[must_use]
    pub fn with_pos(&self, mut said: Said) -> Self {
        let mut next = self.clone();
        if self.words_erased {
            said.comment = None;
        }
        if said.is_empty() {
            return next;
        }
        next.pos = Some(match &self.pos {
            Some(known) => known.retold(&said),
            None => said,
        });
        next
    }

    /// The answer without the guest's comments, now or earlier, as time takes them; scores stay, and what the guest
    /// consented to, in the words that they were shown.
    #[must_use]
    pub fn without_comments(&self) -> Self {
        let mut next = self.clone();
        for said in next.all_said() {
            said.comment = None;
        }
        next.words_erased = true;
        next
    }

    /// The answer without any words, now or earlier, as an erasure takes them: comments and consents. Scores stay.
    #[must_use]
    pub fn without_words(&self) -> Self {
        let mut next = self.without_comments();
        for said in next.all_said() {
            said.consent = None;
        }
        next
    }

    fn all_said(&mut self) -> impl Iterator<Item = &mut Said> {
        let now = self.guest.iter_mut().chain(&mut self.pos);
        now.chain(&mut self.history)
    }

    /// Whether there are comments, now or earlier.
    #[must_use]
    pub fn has_comments(&self) -> bool {
        let mut all = self.guest.iter().chain(&self.pos).chain(&self.history);
        all.any(|said| said.comment.is_some())
    }

    /// Whether there are words, a consent among them, that could be erased.
    #[must_use]
    pub fn has_words(&self) -> bool {
        let mut all = self.guest.iter().chain(&self.pos).chain(&self.history);
        self.has_comments() || all.any(|said| said.consent.is_some())
    }
}
