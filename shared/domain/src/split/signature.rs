//! What the beginning of a record looks like, learnt from the records of the file itself.
//!
//! After a record whose brackets do not pair up, the only safe place to go on is where another
//! record begins. An object that starts with the same two names as the records before it is one;
//! an object nested inside a record almost never is.

use super::scanner::{Scanner, Step};
use serde::{Deserialize, Serialize};

/// Longest name that is learnt; with [`KINDS_MAX`] this keeps a checkpoint small.
const NAME_BYTES_MAX: usize = 64;
/// Kinds of record that are told apart: sales, refunds and the like start differently.
const KINDS_MAX: usize = 4;
/// How far into an object its first two names must come.
const HEAD_BYTES_MAX: usize = 1024;

/// The first name of a record, and the second if it has one, as spelled in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signature {
    first: Vec<u8>,
    second: Option<Vec<u8>>,
}

impl Signature {
    /// The signature of an object that starts at `start` in the file, from the places of its names.
    fn new(object: &[u8], start: u64, names: [Option<(u64, u64)>; 2]) -> Option<Self> {
        let name = |place: (u64, u64)| {
            let (from, to) = (place.0.checked_sub(start)?, place.1.checked_sub(start)?);
            let text = object.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)?;
            (text.len() <= NAME_BYTES_MAX).then_some(text)
        };
        let first = name(names[0]?)?.to_vec();
        let second = match names[1] {
            Some(place) => Some(name(place)?.to_vec()),
            None => None,
        };
        Some(Self { first, second })
    }

    /// Whether an object that begins with `found` is of this kind, as far as this kind is known.
    fn fits(&self, found: &Self) -> bool {
        self.first == found.first && (self.second.is_none() || self.second == found.second)
    }
}

/// Whether a record begins at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// The bytes at hand do not say.
    NeedMore,
}

/// The signatures of the records seen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signatures {
    kinds: Vec<Signature>,
}

impl Signatures {
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Learns from an object that starts at `start`, from the places of its first two names.
    pub(super) fn learn(&mut self, object: &[u8], start: u64, names: [Option<(u64, u64)>; 2]) {
        let Some(kind) = Signature::new(object, start, names) else {
            return;
        };
        // An object of one name may be a record cut short; a whole one knows better.
        let same_first = |known: &&mut Signature| known.first == kind.first;
        let weak = |known: &&mut Signature| known.second.is_none();
        if let Some(known) = self.kinds.iter_mut().filter(same_first).find(weak) {
            *known = kind;
            return;
        }
        let known = |other: &Signature| kind.fits(other);
        if self.kinds.len() < KINDS_MAX && !self.kinds.iter().any(known) {
            self.kinds.push(kind);
        }
    }

    /// Whether the object at the start of `bytes` begins like a record. `complete` says that no
    /// more bytes will come.
    pub(super) fn verdict(&self, bytes: &[u8], complete: bool, scanner: &mut Scanner) -> Verdict {
        let head = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
        scanner.begin(0);
        let step = scanner.scan(head, 0);
        let names = scanner.names();
        let decided =
            names[1].is_some() || !matches!(step, Step::More) || complete || head.len() == HEAD_BYTES_MAX;
        if !decided {
            return Verdict::NeedMore;
        }
        let alone = matches!(step, Step::Closed(_));
        let found = Signature::new(head, 0, names)
            .filter(|found| found.second.is_some() || alone)
            .is_some_and(|found| self.kinds.iter().any(|known| known.fits(&found)));
        if found { Verdict::Yes } else { Verdict::No }
    }
}
