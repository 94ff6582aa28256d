//! Exact amounts of rupiah, and the one reader that turns what an export wrote into one.
//!
//! A rupiah amount can carry decimals (ISO 4217 gives IDR two digits, and exports print up to
//! four, for shares of a discount or a tax), so an amount counts ten-thousandths of a rupiah.
//! No floating point takes part, not even while reading: text goes to a decimal, a decimal to
//! an integer.
//!
//! A dot is not a dot. In a JSON number it is always the decimal point. In text it follows the
//! Indonesian writing (`45.000,50`) or the English one (`45,000.50`), and [`parse`] tells them
//! apart by where the marks stand; the one writing that fits both (`1.500`) is read as thousands
//! and flagged, because no menu in rupiah has a price of one and a half.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::name::{fold_text, is_blank};

pub(crate) mod fixed;

use fixed::{Fixed, FixedError, SCALE, UNITS_PER_ONE, fmt_fixed, parse_number, to_fixed};

/// An exact amount in ten-thousandths of a rupiah. Serialised as that integer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// How many decimals of a rupiah are kept.
    pub const SCALE: u32 = SCALE;

    /// The amount of `raw` ten-thousandths of a rupiah.
    #[must_use]
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The amount in ten-thousandths of a rupiah.
    #[must_use]
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// The amount of `rupiah` whole rupiah; `None` beyond what an amount can hold
    /// (about 922 trillion rupiah).
    #[must_use]
    pub fn from_rupiah(rupiah: i64) -> Option<Self> {
        rupiah.checked_mul(UNITS_PER_ONE).map(Self)
    }

    /// The sum of two amounts; `None` when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// This amount less the other; `None` when it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount with its sign turned; `None` when it does not fit.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The amount without its sign; `None` when it does not fit.
    #[must_use]
    pub fn checked_abs(self) -> Option<Self> {
        self.0.checked_abs().map(Self)
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the amount is exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// The shortest exact decimal (`84000`, `45900.9`, `-755.0125`), never with an exponent or a
/// grouping mark; [`parse`] reads it back as [`Written::Number`].
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_fixed(self.0, f)
    }
}

/// The sum of the amounts; `None` when a step of it does not fit.
#[must_use]
pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
    amounts.into_iter().try_fold(Money::ZERO, Money::checked_add)
}

/// How the export wrote a value: the same characters mean different things in the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written<'a> {
    /// A JSON number token, as it stands in the file.
    Number(&'a str),
    /// The content of a JSON string.
    Text(&'a str),
}

/// A value that was read, and what the reader should know about how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parsed<T, N = MoneyNote> {
    /// The value.
    pub value: T,
    /// Something to count or show; the value stands all the same.
    pub note: Option<N>,
}

/// What was noticed while reading an amount.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MoneyNote {
    /// One mark with three digits behind it (`1.500`): read as thousands.
    Ambiguous,
    /// More than four decimals: rounded to four, half to even.
    Rounded,
}

impl MoneyNote {
    /// The stable code of the note.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ambiguous => "MONEY_AMBIGUOUS",
            Self::Rounded => "MONEY_ROUNDED",
        }
    }
}

/// Why a text is no amount.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum MoneyError {
    /// A currency or a sign without a number (`Rp`).
    #[error("no digits in the amount")]
    Empty,
    /// Not a number in any writing this module knows.
    #[error("not an amount of money")]
    NotANumber,
    /// A number, but beyond what an amount can hold.
    #[error("amount beyond 922 trillion rupiah")]
    OutOfRange,
}

impl MoneyError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty | Self::NotANumber => "MONEY_INVALID",
            Self::OutOfRange => "MONEY_OUT_OF_RANGE",
        }
    }
}

impl From<FixedError> for MoneyError {
    fn from(error: FixedError) -> Self {
        match error {
            FixedError::NotANumber => Self::NotANumber,
            FixedError::OutOfRange => Self::OutOfRange,
        }
    }
}

/// Reads an amount. `Ok(None)` where the export wrote "nothing": empty, dashes only, `null`,
/// `n/a`, or a currency with a dash (`Rp -`, which is how a spreadsheet prints an empty amount).
///
/// Text may carry `Rp` or `IDR` on either side, a sign on either side or brackets for a negative
/// amount, the closing `,-` of Indonesian price tags, and spaces or apostrophes between
/// thousands. Scientific notation is read in a JSON number only: in text it is the trace of a
/// spreadsheet that has already dropped digits.
///
/// # Errors
/// [`MoneyError`] when it is not an amount, or one that does not fit.
pub fn parse(written: Written<'_>) -> Result<Option<Parsed<Money>>, MoneyError> {
    let (fixed, ambiguous) = match written {
        Written::Number(token) => match whole_rupiah(token) {
            Some(value) => return Ok(Some(Parsed { value, note: None })),
            None => (parse_number(token)?, false),
        },
        Written::Text(text) => match read_text(text)? {
            Some(read) => read,
            None => return Ok(None),
        },
    };
    let note = match (ambiguous, fixed.rounded) {
        (true, _) => Some(MoneyNote::Ambiguous),
        (false, true) => Some(MoneyNote::Rounded),
        (false, false) => None,
    };
    Ok(Some(Parsed {
        value: Money(fixed.raw),
        note,
    }))
}

/// Most amounts are a few plain digits: those need no decimal arithmetic.
fn whole_rupiah(token: &str) -> Option<Money> {
    let length = (1..=14).contains(&token.len()) && (token.len() == 1 || !token.starts_with('0'));
    let plain = length && token.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        Money::from_rupiah(token.parse().ok()?)
    } else {
        None
    }
}

/// The amount in a text, and whether its one mark fits two readings.
fn read_text(text: &str) -> Result<Option<(Fixed, bool)>, MoneyError> {
    let text = fold_text(text).to_ascii_lowercase();
    // A spreadsheet's mark for "this cell is text".
    let text = text.strip_prefix('\'').unwrap_or(&text);
    if is_blank(text) {
        return Ok(None);
    }
    let (mut negative, mut signed, mut currency, mut body) = (false, false, false, text);
    // Sign and currency come in either order, each at most once.
    loop {
        let stripped = strip_currency(body).filter(|_| !currency);
        if let Some(rest) = stripped {
            (currency, body) = (true, rest);
        } else if let Some(rest) = body.strip_prefix('-').filter(|_| !signed) {
            (signed, negative, body) = (true, true, rest.trim());
        } else if let Some(rest) = body.strip_prefix('+').filter(|_| !signed) {
            (signed, body) = (true, rest.trim());
        } else if let Some(inside) = bracketed(body).filter(|_| !signed) {
            (signed, negative, body) = (true, true, inside);
        } else {
            break;
        }
    }
    if body.is_empty() {
        return if currency && negative && text.ends_with('-') {
            Ok(None)
        } else {
            Err(MoneyError::Empty)
        };
    }
    let priced = close_price_tag(body);
    let mut body = priced.as_str();
    if let Some(rest) = body.strip_suffix('-').filter(|_| !signed) {
        (negative, body) = (true, rest.trim());
    }
    let (digits, point, ambiguous) = read_marks(body).ok_or(MoneyError::NotANumber)?;
    Ok(Some((to_fixed(negative, &digits, point)?, ambiguous)))
}

/// The text without a currency at either end; `None` if there is none.
fn strip_currency(text: &str) -> Option<&str> {
    ["rp.", "rp", "idr"]
        .iter()
        .find_map(|currency| {
            text.strip_prefix(currency)
                .or_else(|| text.strip_suffix(currency))
        })
        .map(str::trim)
}

/// The text inside brackets, the accountant's writing of a negative amount.
fn bracketed(text: &str) -> Option<&str> {
    text.strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .map(str::trim)
}

/// Indonesian price tags end in `,-` for "and no cents": written out, so that the marks are
/// judged like those of any other amount.
fn close_price_tag(text: &str) -> String {
    for (tag, zeros) in [(",--", ",00"), (",-", ",00"), (".-", ".00")] {
        if let Some(rest) = text.strip_suffix(tag) {
            return format!("{rest}{zeros}");
        }
    }
    text.to_owned()
}

/// Tells grouping marks from the decimal mark. Gives the digits, how many of them stand before
/// the decimal point, and whether the one mark fits two readings.
fn read_marks(body: &str) -> Option<(String, i64, bool)> {
    const MARKS: [char; 4] = ['.', ',', ' ', '\''];
    let digits: String = body.chars().filter(char::is_ascii_digit).collect();
    let marks: Vec<char> = body.chars().filter(|c| MARKS.contains(c)).collect();
    if digits.is_empty() || digits.len() + marks.len() != body.chars().count() {
        return None;
    }
    let Some(&last) = marks.last() else {
        let point = digits.len() as i64;
        return Some((digits, point, false));
    };
    let last_is_alone = marks.iter().filter(|mark| **mark == last).count() == 1;
    let may_be_decimal = matches!(last, '.' | ',') && last_is_alone;
    let (whole, fraction) = body.rsplit_once(last)?;
    let other_marks = &marks[..marks.len() - 1];
    let point = (digits.len() - fraction.len()) as i64;

    if may_be_decimal && !other_marks.is_empty() {
        // Two kinds of mark: the last is the decimal one, the other groups thousands.
        let grouped = !fraction.is_empty() && is_grouped(whole, other_marks[0]);
        return grouped.then_some((digits, point, false));
    }
    if may_be_decimal {
        let all_zeros = whole.chars().all(|c| c == '0');
        return match (fraction.len(), whole.len()) {
            (0, _) => None,
            // `0.500`: thousands never start with a zero.
            (3, 1..=3) if !all_zeros => is_grouped(body, last).then(|| {
                let point = digits.len() as i64;
                (digits, point, true)
            }),
            _ => Some((digits, point, false)),
        };
    }
    let point = digits.len() as i64;
    is_grouped(body, last).then_some((digits, point, false))
}

/// Whether the mark cuts the digits into thousands: one to three without a leading zero, then
/// threes. A second kind of mark makes it false.
fn is_grouped(text: &str, mark: char) -> bool {
    let mut groups = text.split(mark);
    let first = groups.next().unwrap_or_default();
    let only_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && only_digits(first)
        && groups.all(|group| group.len() == 3 && only_digits(group))
}
