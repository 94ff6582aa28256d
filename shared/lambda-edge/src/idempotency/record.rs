//! What the ledger keeps under a key.

use serde::{Deserialize, Serialize};

/// Notes that a record holds, over all its attempts.
const MOST_NOTES: usize = 64;
/// Bytes of a note.
const LONGEST_NOTE: usize = 1_024;

/// Under what a record is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    scope: String,
    key: String,
}

impl RecordId {
    /// Bytes of a scope and of a key. DynamoDB takes sort keys of 1,024 bytes.
    pub const LONGEST: usize = 512;

    /// The id of a caller's key; `None` if the scope or the key is empty or too long.
    #[must_use]
    pub fn new(scope: &str, key: &str) -> Option<Self> {
        let fits = |part: &str| (1..=Self::LONGEST).contains(&part.len());
        (fits(scope) && fits(key)).then(|| Self {
            scope: scope.to_owned(),
            key: key.to_owned(),
        })
    }

    /// What keeps the keys of different callers apart.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The caller's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Which state of a record a write replaces. No two writes make the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The mark of the owner who wrote it.
    pub owner: String,
    /// How many writes of this owner came before.
    pub revision: u64,
}

/// What an attempt left behind before a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What it was about to do.
    pub text: String,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Somebody does it.
    Claimed {
        /// Until when nobody else may.
        lease_until_ms: i64,
    },
    /// It is done.
    Finished {
        /// What it came to.
        answer: String,
        /// Until when the answer is kept.
        keep_until_ms: i64,
    },
}

/// A record of the ledger. Stores keep it as it is; it can be written as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which of its states this is.
    pub version: Version,
    /// The hash of the request.
    pub fingerprint: String,
    /// Which attempt this is, from 1; grows with every takeover.
    pub attempt: u32,
    /// What all attempts so far left behind.
    pub notes: Vec<Note>,
    /// How far it is.
    pub state: State,
}

impl Record {
    pub(super) fn claimed(owner: &str, fingerprint: &str, lease_until_ms: i64) -> Self {
        Self {
            version: Version {
                owner: owner.to_owned(),
                revision: 0,
            },
            fingerprint: fingerprint.to_owned(),
            attempt: 1,
            notes: Vec::new(),
            state: State::Claimed { lease_until_ms },
        }
    }

    /// A new claim that goes on where this record's owner stopped.
    pub(super) fn taken_over_by(&self, claim: &Self) -> Self {
        Self {
            attempt: self.attempt.saturating_add(1),
            notes: self.notes.clone(),
            ..claim.clone()
        }
    }

    /// The same owner's next state.
    pub(super) fn next(&self, state: State) -> Self {
        let version = Version {
            owner: self.version.owner.clone(),
            revision: self.version.revision + 1,
        };
        Self {
            version,
            state,
            ..self.clone()
        }
    }

    /// The same owner's next state, with one more note; `None` if it has no room.
    pub(super) fn noted(&self, text: &str) -> Option<Self> {
        if self.notes.len() >= MOST_NOTES || text.len() > LONGEST_NOTE {
            return None;
        }
        let mut next = self.next(self.state.clone());
        next.notes.push(Note {
            attempt: self.attempt,
            text: text.to_owned(),
        });
        Some(next)
    }

    /// Until when the record is kept, in Unix milliseconds; `None` as long as it is not finished.
    #[must_use]
    pub const fn keep_until_ms(&self) -> Option<i64> {
        match self.state {
            State::Finished { keep_until_ms, .. } => Some(keep_until_ms),
            State::Claimed { .. } => None,
        }
    }
}
