//! What a person asked for, and how it stands against what sources go on telling.
//!
//! Exports are read again and again: every night, and all of them when the tables are rebuilt. So it is not
//! enough to change a profile once. A telling passes through here before it is taken in.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Customer, Fact, Profile};
use crate::when::BusinessDate;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// By how much the earliest clocks on Earth are ahead of UTC, in milliseconds.
const EARLIEST_ZONE_MS: i64 = 14 * 3_600_000;

/// A part of a profile that a person can have corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// The name.
    Name,
    /// The phone number.
    Phone,
    /// The mail address.
    Email,
}

/// The word is no field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a field of a profile")]
pub struct UnknownField;

impl ProfileField {
    /// Every field.
    pub const ALL: [Self; 3] = [Self::Name, Self::Phone, Self::Email];

    /// The field's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
        }
    }

    fn of(self, profile: &mut Profile) -> &mut Option<Fact> {
        match self {
            Self::Name => &mut profile.name,
            Self::Phone => &mut profile.phone,
            Self::Email => &mut profile.email,
        }
    }

    /// A hash of a value of this field. It keeps a wrong value from being shown, not from being guessed: it
    /// lies beside the profile and is protected like it.
    fn hash(self, value: &str) -> String {
        let text = format!("{}\n{value}", self.as_str());
        let hash = Sha256::digest(text.as_bytes());
        data_encoding::BASE32_NOPAD.encode(hash.get(..15).unwrap_or_default())
    }
}

impl FromStr for ProfileField {
    type Err = UnknownField;

    /// Reads exactly what [`ProfileField::as_str`] writes.
    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let field = Self::ALL.into_iter().find(|field| field.as_str() == text);
        field.ok_or(UnknownField)
    }
}

/// The corrections of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// When it was last corrected, Unix milliseconds.
    pub at_ms: i64,
    /// Hashes of the values that were wrong, the latest last; at most [`Corrected::WRONG_MAX`]. The oldest
    /// is forgotten first: a person's next correction is worth more than guarding against one of long ago.
    pub wrong: Vec<String>,
}

impl Corrected {
    /// How many wrong values of a field are remembered.
    pub const WRONG_MAX: usize = 20;
}

/// What a person asked for, Unix milliseconds each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Since when the person is erased: nothing told of sales up to then is taken in again.
    pub erased_ms: Option<i64>,
    /// What was corrected.
    pub corrections: BTreeMap<ProfileField, Corrected>,
    /// Since when the person's data is only kept: no contact, no enrichment.
    pub restricted_ms: Option<i64>,
    /// Since when the person does not want to be classified.
    pub objected_ms: Option<i64>,
    /// When the person took back every consent given until then.
    pub withdrawn_ms: Option<i64>,
}

impl Rights {
    /// What several ids of one person asked for together: whatever was asked for under any of them, the latest of
    /// each. So is an erasure; corrections are of one id's values and are left out.
    #[must_use]
    pub fn strictest<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::default(), |strict, one| Self {
            erased_ms: strict.erased_ms.max(one.erased_ms),
            corrections: BTreeMap::new(),
            restricted_ms: strict.restricted_ms.max(one.restricted_ms),
            objected_ms: strict.objected_ms.max(one.objected_ms),
            withdrawn_ms: strict.withdrawn_ms.max(one.withdrawn_ms),
        })
    }

    /// Takes over what stands for another id of the same person, before nothing says any more that it is theirs: a
    /// restriction, an objection, a withdrawal, the latest of each. Returns whether that is news.
    pub fn take_over(&mut self, other: &Self) -> bool {
        let mut is_news = false;
        for (mine, theirs) in [
            (&mut self.restricted_ms, other.restricted_ms),
            (&mut self.objected_ms, other.objected_ms),
            (&mut self.withdrawn_ms, other.withdrawn_ms),
        ] {
            if theirs > *mine {
                *mine = theirs;
                is_news = true;
            }
        }
        is_news
    }

    /// Whether figures about the person as such may be made: habits and classes.
    #[must_use]
    pub fn allow_enrichment(&self) -> bool {
        self.restricted_ms.is_none() && self.objected_ms.is_none()
    }

    /// Whether sales of a business date are of a person who is erased.
    ///
    /// An erased person becomes known again only by a sale of a day that began after the erasure, wherever its
    /// outlet lies: a file without revisions of its own tells old sales with the time at which the file was
    /// made.
    #[must_use]
    pub fn is_erased_on(&self, sold_on: BusinessDate) -> bool {
        let began_ms = i64::from(sold_on.days_since_epoch()) * DAY_MS - EARLIEST_ZONE_MS;
        self.erased_ms.is_some_and(|erased_ms| began_ms <= erased_ms)
    }

    /// What of a telling about sales of a business date may be taken in.
    fn admit(&self, told: &Profile, sold_on: BusinessDate) -> Profile {
        if self.is_erased_on(sold_on) {
            return Profile::default();
        }
        let mut admitted = told.clone();
        let facts = [
            (ProfileField::Name, &mut admitted.name),
            (ProfileField::Phone, &mut admitted.phone),
            (ProfileField::Email, &mut admitted.email),
            // It tells of a phone number that was not taken, so it stands and falls with the number's corrections.
            (ProfileField::Phone, &mut admitted.phone_problem),
        ];
        for (field, fact) in facts {
            *fact = fact.take().filter(|fact| self.admits(field, fact));
        }
        admitted
    }

    fn admits(&self, field: ProfileField, fact: &Fact) -> bool {
        let erased = self.erased_ms.is_some_and(|erased_ms| fact.told_ms <= erased_ms);
        let corrected = self.corrections.get(&field).is_some_and(|corrected| {
            fact.told_ms <= corrected.at_ms || corrected.wrong.contains(&field.hash(&fact.value))
        });
        !erased && !corrected
    }
}

impl Customer {
    /// Takes in what sources tell of the customer about sales of one business date, as far as the customer's
    /// rights leave it. Returns whether anything changed.
    ///
    /// - After an erasure, facts told at or before it, or of sales of a day that had begun by then, change
    ///   nothing.
    /// - After a correction, facts of that field told at or before it change nothing, and a wrong value never
    ///   does, however late it is told. Another, newer value is taken.
    ///
    /// Tellings of one standing of the rights join in any order, like [`Profile::join`]. An erasure or
    /// correction itself does not commute with a telling that is newer than it: such a telling is lost with the
    /// rest of the profile if it was there before, and taken if it comes after. A telling that is not newer
    /// makes no difference either way. Of tellings joined with each other before they come here only the latest
    /// is seen: a wrong value among them hides a newer right one until that is told again.
    pub fn join_profile(&mut self, told: &Profile, sold_on: BusinessDate) -> bool {
        let before = self.profile.clone();
        self.profile.join(self.rights.admit(told, sold_on));
        self.profile != before
    }

    /// Erases who the customer is. What they did stays, under an id that tells nobody who it was: the books
    /// need it. What they had corrected goes too, for it tells of the values. Returns whether anything changed;
    /// the same erasure again, or an earlier one, changes nothing.
    pub fn erase(&mut self, at_ms: i64) -> bool {
        if self.rights.erased_ms.is_some_and(|erased_ms| erased_ms >= at_ms) {
            return false;
        }
        self.profile = Profile::default();
        self.rights.corrections.clear();
        self.rights.erased_ms = Some(at_ms);
        true
    }

    /// Whether the customer was erased and nothing was told of them since.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.rights.erased_ms.is_some() && self.profile.is_empty()
    }

    /// Corrects a field: from now on `new` stands, or nothing, and the value that was known is wrong. Returns
    /// whether anything changed; a correction again, or one older than the last, changes nothing. Neither does one
    /// of somebody who was erased, whichever of the two was asked for first: it would bring them back.
    pub fn correct(&mut self, field: ProfileField, new: Option<&str>, at_ms: i64) -> bool {
        let mut corrected = self.rights.corrections.get(&field).cloned().unwrap_or_default();
        if self.rights.corrections.contains_key(&field) && corrected.at_ms >= at_ms {
            return false;
        }
        if self.is_erased() || self.rights.erased_ms.is_some_and(|erased_ms| erased_ms >= at_ms) {
            return false;
        }
        let known = field.of(&mut self.profile).take();
        // A value that is right again is not wrong any more.
        let right = new.map(|value| field.hash(value));
        corrected.wrong.retain(|wrong| Some(wrong) != right.as_ref());
        if let Some(known) = known.filter(|known| Some(known.value.as_str()) != new) {
            let wrong = field.hash(&known.value);
            corrected.wrong.retain(|other| *other != wrong);
            corrected.wrong.push(wrong);
        }
        let too_many = corrected.wrong.len().saturating_sub(Corrected::WRONG_MAX);
        corrected.wrong.drain(..too_many);
        corrected.at_ms = at_ms;
        *field.of(&mut self.profile) = new.map(|value| Fact {
            told_ms: at_ms,
            value: value.to_owned(),
        });
        if field == ProfileField::Phone {
            self.profile.phone_problem = None;
        }
        self.rights.corrections.insert(field, corrected);
        true
    }
}
