//! When two ids are one person: the ids known under one phone number, and which of them belong together.
//!
//! Who has a number is not asked here but of the customers themselves: a book has those whom a night has compared.
//!
//! One number is no proof: families and offices share one, and cashiers type their own. So ids are joined only
//! with further evidence, and only as a statement beside them: no receipt and no total changes, and a person of
//! the shop can part them again. Two people taken for one is the worse mistake, so every rule here doubts.

mod book;
mod names;

use serde::{Deserialize, Serialize};

use crate::customer::Profile;
use crate::phone::{PhoneReading, read_phone};

pub use book::{Joining, KinBook, KinError, MEMBERS_MAX, Standing};

/// The most different names of a number whose ids may be joined: more are an office's, a driver's or a
/// cashier's.
pub const NAMES_MAX: usize = 4;

/// What speaks for two ids of one phone number being one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The same mail address.
    SameEmail,
    /// Names that are spellings of one name.
    SimilarName,
    /// A person of the shop said so.
    Person,
}

impl Evidence {
    /// The evidence's name in the API and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameEmail => "same_email",
            Self::SimilarName => "similar_name",
            Self::Person => "person",
        }
    }
}

/// How alike two profiles are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    /// The same mail address, or the same name: whoever is like one of the two is like the other.
    Same(Evidence),
    /// Names of which one says more than the other, or is mistyped: the likeness goes no further.
    Alike,
}

/// What speaks for two profiles that share a phone number being one person's; `None` if nothing does.
#[must_use]
pub fn evidence(a: &Profile, b: &Profile) -> Option<Evidence> {
    likeness(a, b).map(|likeness| match likeness {
        Likeness::Same(evidence) => evidence,
        Likeness::Alike => Evidence::SimilarName,
    })
}

fn likeness(a: &Profile, b: &Profile) -> Option<Likeness> {
    if let (Some(a), Some(b)) = (&a.email, &b.email)
        && a.value.to_lowercase() == b.value.to_lowercase()
    {
        return Some(Likeness::Same(Evidence::SameEmail));
    }
    let (a, b) = (
        names::read(&a.name.as_ref()?.value)?,
        names::read(&b.name.as_ref()?.value)?,
    );
    names::likeness(&a, &b)
}

/// Whether nobody is joined under a phone number, whatever else speaks for it: one that was made up, or stands
/// for "no number" at an outlet, or has a run of one digit or of counted digits that no two people would share
/// by chance.
#[must_use]
pub fn is_nobodys(e164: &str, placeholders: &[String]) -> bool {
    const RUN: usize = 7;
    let PhoneReading::Valid { e164, .. } = read_phone(e164, placeholders) else {
        return true;
    };
    let digits: Vec<u8> = e164.bytes().filter(u8::is_ascii_digit).collect();
    let run_of = |step: u8| {
        let follows = |pair: &[u8]| match pair {
            [a, b] => (a - b'0' + step) % 10 == b - b'0',
            _ => false,
        };
        digits.windows(RUN).any(|run| run.windows(2).all(follows))
    };
    // One up, one down (nine up, going round), and the same again.
    run_of(1) || run_of(9) || run_of(0)
}
