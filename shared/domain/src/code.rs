//! Stable codes and what they mean to people.
//!
//! A code is stored, counted and shown, so it never changes its meaning; its wording may. There are
//! three kinds: a whole file that can't be taken, a record that can't be taken, and a note on
//! something that was taken in spite of a flaw. The wording speaks to the cashier or the owner and
//! says what to do, so it names the till and the export, never a rule of this program.

mod table;

use table::TABLE;

/// What a code means and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// In Bahasa Indonesia, for the cashier and the owner: one or two sentences.
    pub id: &'static str,
    /// The same in English, for whoever integrates.
    pub en: &'static str,
}

/// Every code, sorted.
pub const ALL: &[&str] = table::CODES;

/// What a code means, if it is one of [`ALL`].
#[must_use]
pub fn explain(code: &str) -> Option<Explanation> {
    let position = TABLE.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    TABLE.get(position).map(|(_, explanation)| *explanation)
}
