//! The audit trail: append-only records in hash chains, so that a gap or an edit shows.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many chains there are. More chains let more writers append at once.
pub const CHAINS: u8 = 8;

/// The chain that a subject's records go to.
#[must_use]
pub fn chain_of(subject: &str) -> u8 {
    Sha256::digest(subject.as_bytes())
        .first()
        .map_or(0, |byte| byte % CHAINS)
}

/// One integration action: a file, a run, or a change made by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Which chain.
    pub chain: u8,
    /// Its place in the chain, from 1, without gaps.
    pub number: u64,
    /// Unix milliseconds.
    pub at_ms: i64,
    /// Who: a function's name, or `key:` and the id of an API key.
    pub actor: String,
    /// What was done, such as `export.ingested`.
    pub action: String,
    /// To what, such as an export's id.
    pub subject: String,
    /// Facts of the action as compact JSON; no personal data.
    pub facts: String,
    /// The hash of the record before it; empty for the first.
    pub previous: String,
    /// SHA-256 over all of the above, in hexadecimal.
    pub hash: String,
}

impl AuditRecord {
    /// The record that follows `last` in its chain.
    #[must_use]
    pub fn after(
        last: Option<&Self>,
        chain: u8,
        at_ms: i64,
        (actor, action, subject): (&str, &str, &str),
        facts: String,
    ) -> Self {
        let mut record = Self {
            chain,
            number: last.map_or(0, |last| last.number).saturating_add(1),
            at_ms,
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            facts,
            previous: last.map(|last| last.hash.clone()).unwrap_or_default(),
            hash: String::new(),
        };
        record.hash = record.computed_hash();
        record
    }

    /// The hash that the record's content calls for. Fields are length-prefixed, so that no two
    /// contents run together.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([self.chain]);
        hash.update(self.number.to_be_bytes());
        hash.update(self.at_ms.to_be_bytes());
        for text in [
            &self.actor,
            &self.action,
            &self.subject,
            &self.facts,
            &self.previous,
        ] {
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }
}

/// A break in a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AuditBreak {
    /// Records are missing before this one.
    #[error("chain {chain}: record {expected} is missing (found {found})")]
    Gap {
        /// Which chain.
        chain: u8,
        /// The number that should be there.
        expected: u64,
        /// The number that is.
        found: u64,
    },
    /// The content does not have the hash it carries.
    #[error("chain {chain}: record {number} was edited")]
    Edited {
        /// Which chain.
        chain: u8,
        /// The record's number.
        number: u64,
    },
    /// The record does not continue the one before it.
    #[error("chain {chain}: record {number} does not follow the one before it")]
    Unlinked {
        /// Which chain.
        chain: u8,
        /// The record's number.
        number: u64,
    },
}

/// Checks records one after another, in the order of their chain.
#[derive(Debug, Default)]
pub struct Verifier {
    last: Option<(u64, String)>,
}

impl Verifier {
    /// Checks the next record of the chain.
    ///
    /// # Errors
    /// [`AuditBreak`] at the first thing that is wrong with it; checking can go on after it.
    pub fn check(&mut self, record: &AuditRecord) -> Result<(), AuditBreak> {
        let (chain, number) = (record.chain, record.number);
        let (last, previous) = self.last.take().unwrap_or_default();
        self.last = Some((number, record.hash.clone()));
        let expected = last.saturating_add(1);
        if number != expected {
            return Err(AuditBreak::Gap {
                chain,
                expected,
                found: number,
            });
        }
        if record.previous != previous {
            return Err(AuditBreak::Unlinked { chain, number });
        }
        if record.computed_hash() != record.hash {
            return Err(AuditBreak::Edited { chain, number });
        }
        Ok(())
    }

    /// The number of the last record checked; zero before the first.
    #[must_use]
    pub fn last_number(&self) -> u64 {
        self.last.as_ref().map_or(0, |(number, _)| *number)
    }
}
