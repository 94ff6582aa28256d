//! One telling of a guest's opinion.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::dishes::{DishKey, rating_list};
use super::words;

/// A guest's consent to be contacted, with the exact words it was given to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Consent {
    /// Whether it was given.
    pub given: bool,
    /// The words that were shown.
    pub wording: String,
    /// The version of these words.
    pub wording_version: String,
    /// The language in which they were shown: `id` or `en`.
    pub language: String,
}

/// What was said at one time, by one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When it was said, Unix milliseconds. For an export, which doesn't tell: when the receipt was sold.
    pub at_ms: i64,
    /// When the telling was made, Unix milliseconds: for an export the revision of its record, for a guest the
    /// same as [`Said::at_ms`]. Of two tellings by an export the greater one counts.
    pub told_ms: i64,
    /// The visit as a whole, one to five; always there when a guest says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<u8>,
    /// The dishes, one to five. Written as a list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "rating_list")]
    pub dishes: BTreeMap<DishKey, u8>,
    /// Whether the guest would recommend the shop, zero to ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommend: Option<u8>,
    /// The guest's words, as [`words::clean`] leaves them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the guest may be contacted; `None` where they were not asked or did not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The language of the page: `id` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether the words look like an advertisement or noise: see [`super::spam`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspect: bool,
}

impl Said {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.overall.is_none()
            && self.dishes.is_empty()
            && self.recommend.is_none()
            && self.comment.is_none()
            && self.consent.is_none()
    }

    /// Whether both say the same, whenever they say it.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        let undated = |said: &Self| Self {
            at_ms: 0,
            told_ms: 0,
            ..said.clone()
        };
        undated(self) == undated(other)
    }

    /// Joins what another row of the same receipt and file says: commutative, associative and idempotent. Of two
    /// ratings of one thing the lower one counts, so that no complaint is lost; words stand line by line.
    pub fn join(&mut self, other: Self) {
        self.at_ms = self.at_ms.min(other.at_ms);
        self.told_ms = self.told_ms.max(other.told_ms);
        self.overall = lower(self.overall, other.overall);
        self.recommend = lower(self.recommend, other.recommend);
        for (key, stars) in other.dishes {
            let known = self.dishes.entry(key).or_insert(stars);
            *known = stars.min(*known);
        }
        self.comment = match (self.comment.take(), other.comment) {
            (Some(mine), Some(theirs)) => Some(union(&mine, &theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        self.consent = self.consent.take().max(other.consent);
        self.language = self.language.take().max(other.language);
        self.suspect |= other.suspect;
    }

    /// This telling of an export together with another one, in whatever order the two came.
    pub(super) fn retold(&self, told: &Self) -> Self {
        if self.says_the_same(told) {
            // Equal content keeps the earlier revision: the same words in a later file are no news.
            return if told.told_ms < self.told_ms { told } else { self }.clone();
        }
        match told.told_ms.cmp(&self.told_ms) {
            std::cmp::Ordering::Greater => told.over(self),
            std::cmp::Ordering::Less => self.over(told),
            std::cmp::Ordering::Equal => {
                let mut both = self.clone();
                both.join(told.clone());
                both
            }
        }
    }

    /// This newer telling where it says something, the older one where it doesn't: a later file may tell fewer
    /// rows of a receipt.
    fn over(&self, older: &Self) -> Self {
        let mut dishes = older.dishes.clone();
        dishes.extend(self.dishes.iter().map(|(key, stars)| (key.clone(), *stars)));
        let worded = if self.comment.is_some() { self } else { older };
        Self {
            at_ms: self.at_ms,
            told_ms: self.told_ms,
            overall: self.overall.or(older.overall),
            dishes,
            recommend: self.recommend.or(older.recommend),
            comment: worded.comment.clone(),
            suspect: worded.suspect,
            consent: self.consent.clone().or_else(|| older.consent.clone()),
            language: self.language.clone().or_else(|| older.language.clone()),
        }
    }
}

fn lower(mine: Option<u8>, theirs: Option<u8>) -> Option<u8> {
    match (mine, theirs) {
        (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
        (mine, theirs) => mine.or(theirs),
    }
}

/// The lines of both, each once and in order, the first [`words::LINES_MAX`] of them. A bound on their number and
/// not on their length: whatever is left out here is left out in every order of joining.
fn union(mine: &str, theirs: &str) -> String {
    let lines: BTreeSet<&str> = mine.lines().chain(theirs.lines()).collect();
    let first: Vec<&str> = lines.into_iter().take(words::LINES_MAX).collect();
    first.join("\n")
}
