//! Stable codes and what they mean to people.
//!
//! A code is stored, counted and shown, so it never changes its meaning; its wording may. There are
//! three kinds: a whole file that can't be taken, a record that can't be taken, and a note on
//! something that was taken in spite of a flaw. The wording speaks to the cashier or the owner and
//! says what to do, so it names the till and the export, never a rule of this program.
//!
//! What a night could not do has codes of its own ([`NIGHT`]), and so have findings
//! ([`crate::finding::Code`]). All of them are explained here, so that a page and a mail say the same.

/// Makes the list of codes and their table out of one list.
macro_rules! explanations {
    ($($code:literal: $id:literal, $en:literal;)*) => {
        /// Every code.
        pub(super) const CODES: &[&str] = &[$($code),*];
        /// Every code and its meaning.
        pub(super) const TABLE: &[(&str, Explanation)] = &[$(($code, Explanation { id: $id, en: $en })),*];
    };
}

mod night;
mod table;

use crate::finding::Code;

/// What a code means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// In Bahasa Indonesia, for the cashier and the owner: one or two sentences.
    pub id: &'static str,
    /// The same in English, for whoever integrates.
    pub en: &'static str,
}

/// Every code of files, records and notes on them, sorted.
pub const ALL: &[&str] = table::CODES;

/// Every code of what a night could not do, sorted: see [`crate::night::Trouble`].
pub const NIGHT: &[&str] = night::CODES;

/// What a code means, if it is one of [`ALL`], of [`NIGHT`] or of a finding.
#[must_use]
pub fn explain(code: &str) -> Option<Explanation> {
    among(table::TABLE, code)
        .or_else(|| among(night::TABLE, code))
        .or_else(|| Code::parse(code).map(Code::explain))
}

fn among(table: &[(&str, Explanation)], code: &str) -> Option<Explanation> {
    let position = table.binary_search_by(|(known, _)| (*known).cmp(code)).ok();
    position.and_then(|at| table.get(at).map(|(_, explanation)| *explanation))
}
