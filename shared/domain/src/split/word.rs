//! Words outside of strings: numbers, `true`, `false`, `null`, and what is none of them.

use super::plain;

const MINUS_INFINITY: &[u8] = b"-Infinity";

/// A word as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    Number,
    /// What is left of `true`, `false` or `null`.
    Literal(&'static [u8]),
    /// What is left of `NaN` or `Infinity`, which other languages write into JSON.
    NotFinite(&'static [u8]),
    Bad,
}

/// What a word turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WordKind {
    /// A value of JSON, as far as classes of bytes can tell: digits are the mapper's to check.
    Value,
    NotFinite,
    Bad,
}

impl Word {
    /// A word that begins with this byte, which still belongs to what [`Word::then`] is given.
    pub(super) fn begin(first: u8) -> Self {
        match first {
            b'0'..=b'9' => Self::Number,
            b'-' => Self::NotFinite(MINUS_INFINITY),
            b't' => Self::Literal(b"true"),
            b'f' => Self::Literal(b"false"),
            b'n' => Self::Literal(b"null"),
            b'N' => Self::NotFinite(b"NaN"),
            b'I' => Self::NotFinite(&MINUS_INFINITY[1..]),
            _ => Self::Bad,
        }
    }

    /// The word after some more of its bytes.
    pub(super) fn then(self, piece: &[u8]) -> Self {
        match self {
            Self::Number if plain::is_number(piece) => Self::Number,
            // A minus belongs to a number as well as to `-Infinity`.
            Self::NotFinite(left) if left.len() >= MINUS_INFINITY.len() - 1 && plain::is_number(piece) => {
                let first = left.len() == MINUS_INFINITY.len();
                if first && piece == b"-" {
                    Self::NotFinite(&MINUS_INFINITY[1..])
                } else {
                    Self::Number
                }
            }
            Self::NotFinite(left) if left.starts_with(piece) => Self::NotFinite(&left[piece.len()..]),
            Self::Literal(left) if left.starts_with(piece) => Self::Literal(&left[piece.len()..]),
            _ => Self::Bad,
        }
    }

    /// What the word is, now that it has ended.
    pub(super) fn end(self) -> WordKind {
        match self {
            Self::Number | Self::Literal([]) => WordKind::Value,
            Self::NotFinite([]) => WordKind::NotFinite,
            // A lone minus passes here like other numbers that are none.
            Self::NotFinite(left) if left.len() == MINUS_INFINITY.len() - 1 => WordKind::Value,
            Self::NotFinite(_) | Self::Literal(_) | Self::Bad => WordKind::Bad,
        }
    }
}
