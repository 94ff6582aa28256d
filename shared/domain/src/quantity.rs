//! How many of something was sold. Kitchens sell halves and scales sell grams, so a quantity is
//! an exact decimal with four places, like an amount of money.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::money::fixed::{FixedError, SCALE, UNITS_PER_ONE, fmt_fixed, parse_number, to_fixed};
use crate::money::{Parsed, Written};
use crate::name::{fold_text, is_blank};

/// An exact quantity in ten-thousandths. Serialised as that integer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(i64);

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(UNITS_PER_ONE);
    /// How many decimals are kept.
    pub const SCALE: u32 = SCALE;

    /// The quantity of `raw` ten-thousandths.
    #[must_use]
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The quantity in ten-thousandths.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// A whole number of pieces; `None` beyond what a quantity can hold.
    #[must_use]
    pub fn from_pieces(pieces: i64) -> Option<Self> {
        pieces.checked_mul(UNITS_PER_ONE).map(Self)
    }

    /// The sum of two quantities; `None` when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// This quantity less the other; `None` when it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The quantity with its sign turned; `None` when it does not fit.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Whether the quantity is below zero, as in a returned line.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the quantity is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// The shortest exact decimal (`2`, `0.25`, `-1.5`), never with an exponent or a grouping mark.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_fixed(self.0, f)
    }
}

/// What was noticed while reading a quantity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum QuantityNote {
    /// More than four decimals: rounded to four, half to even.
    Rounded,
}

impl QuantityNote {
    /// The stable code of the note.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rounded => "QUANTITY_ROUNDED",
        }
    }
}

/// Why a text is no quantity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum QuantityError {
    /// Not a number.
    #[error("not a quantity")]
    NotANumber,
    /// A number, but beyond what a quantity can hold.
    #[error("quantity out of range")]
    OutOfRange,
}

impl QuantityError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "QUANTITY_INVALID",
            Self::OutOfRange => "QUANTITY_OUT_OF_RANGE",
        }
    }
}

impl From<FixedError> for QuantityError {
    fn from(error: FixedError) -> Self {
        match error {
            FixedError::NotANumber => Self::NotANumber,
            FixedError::OutOfRange => Self::OutOfRange,
        }
    }
}

/// Reads a quantity; `Ok(None)` where the export wrote "nothing". In text a dot and a comma are
/// both the decimal mark and there are no thousands: `1.500` is a kilo and a half, because a
/// line of a receipt does not count in thousands.
///
/// # Errors
/// [`QuantityError`] when it is not a quantity, or one that does not fit.
pub fn parse(written: Written<'_>) -> Result<Option<Parsed<Quantity, QuantityNote>>, QuantityError> {
    let fixed = match written {
        Written::Number(token) => parse_number(token)?,
        Written::Text(text) => {
            let text = fold_text(text);
            let text = text.strip_prefix('\'').unwrap_or(&text);
            if is_blank(text) {
                return Ok(None);
            }
            let (negative, unsigned) = match text.strip_prefix('-') {
                Some(rest) => (true, rest.trim_start()),
                None => (false, text.strip_prefix('+').unwrap_or(text)),
            };
            let (whole, fraction) = unsigned.split_once(['.', ',']).unwrap_or((unsigned, ""));
            let digits = format!("{whole}{fraction}");
            let dangling = fraction.is_empty() && unsigned.len() > whole.len();
            if digits.is_empty() || dangling || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(QuantityError::NotANumber);
            }
            to_fixed(negative, &digits, whole.len() as i64)?
        }
    };
    let note = fixed.rounded.then_some(QuantityNote::Rounded);
    Ok(Some(Parsed {
        value: Quantity(fixed.raw),
        note,
    }))
}
