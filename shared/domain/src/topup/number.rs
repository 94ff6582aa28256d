//! Destinations: telephone numbers, meter numbers and customer numbers as they are sent, and whose numbers they are.

mod prefixes;

use serde::{Deserialize, Serialize};

use super::product::Kind;

pub use prefixes::{Prefix, PrefixError, Prefixes};

/// A brand of mobile numbers, as the supplier's products are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Telkomsel.
    Telkomsel,
    /// by.U, whose numbers are Telkomsel's and whose packages are its own.
    ByU,
    /// Indosat (IM3).
    Indosat,
    /// Three.
    Three,
    /// XL.
    Xl,
    /// Axis.
    Axis,
    /// Smartfren.
    Smartfren,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 7] = [
        Self::Telkomsel,
        Self::ByU,
        Self::Indosat,
        Self::Three,
        Self::Xl,
        Self::Axis,
        Self::Smartfren,
    ];

    /// The operator's name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Telkomsel => "telkomsel",
            Self::ByU => "by_u",
            Self::Indosat => "indosat",
            Self::Three => "three",
            Self::Xl => "xl",
            Self::Axis => "axis",
            Self::Smartfren => "smartfren",
        }
    }

    /// The operator's name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Telkomsel => "Telkomsel",
            Self::ByU => "by.U",
            Self::Indosat => "Indosat",
            Self::Three => "Three",
            Self::Xl => "XL",
            Self::Axis => "Axis",
            Self::Smartfren => "Smartfren",
        }
    }
}

/// Why a text is no destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// Nothing.
    #[error("there is no destination")]
    Empty,
    /// Something else than digits; for vouchers, than digits and letters.
    #[error("the destination has signs that are not allowed")]
    NotDigits,
    /// Fewer digits than any has.
    #[error("the destination is too short")]
    TooShort,
    /// More digits than any has.
    #[error("the destination is too long")]
    TooLong,
    /// A number that is no Indonesian mobile number.
    #[error("the destination is no Indonesian mobile number")]
    NotMobile,
}

impl DestinationError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "DESTINATION_EMPTY",
            Self::NotDigits => "DESTINATION_NOT_DIGITS",
            Self::TooShort => "DESTINATION_TOO_SHORT",
            Self::TooLong => "DESTINATION_TOO_LONG",
            Self::NotMobile => "DESTINATION_NOT_MOBILE",
        }
    }
}

/// The digits of a mobile number with its leading zero (libphonenumber 9.0.43: `8[1-35-9]` and 7 to 10 more).
const MOBILE: std::ops::RangeInclusive<usize> = 10..=13;
/// The digits of a meter's number (11) and of a customer's (12).
const METER: std::ops::RangeInclusive<usize> = 11..=12;
/// The signs of a customer's number with whoever sells vouchers.
const CUSTOMER: std::ops::RangeInclusive<usize> = 4..=20;

/// A destination as it is sent, from how people write it: spaces, dots and dashes are left out.
///
/// Mobile numbers are taken with `+62`, `62`, `0` or a bare `8`, and become `08…`. The numbers of meters stay as they
/// are: there a leading zero counts, and `62` is no country.
///
/// # Errors
/// [`DestinationError`]
pub fn destination(kind: Kind, text: &str) -> Result<String, DestinationError> {
    let plain: String = text.chars().filter(|c| !is_separator(*c)).collect();
    if plain.is_empty() {
        return Err(DestinationError::Empty);
    }
    match kind {
        Kind::Pulsa | Kind::Data => mobile(&plain),
        Kind::Pln => of_length(plain, METER, |byte| byte.is_ascii_digit()),
        Kind::Voucher => of_length(plain, CUSTOMER, |byte| byte.is_ascii_alphanumeric()),
    }
}

/// Whether the supplier means the destination that we do: it may write it in another way than it was sent.
#[must_use]
pub fn same(kind: Kind, ours: &str, echoed: &str) -> bool {
    let read = |text| destination(kind, text).ok();
    ours.trim() == echoed.trim() || read(ours).is_some_and(|ours| Some(ours) == read(echoed))
}

const fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\t' | '\r' | '\n' | '.' | '-')
}

fn mobile(plain: &str) -> Result<String, DestinationError> {
    let digits = plain.strip_prefix('+').unwrap_or(plain);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DestinationError::NotDigits);
    }
    let national = match (digits.strip_prefix("62"), digits.strip_prefix('0')) {
        (Some(national), _) => national,
        // After a plus comes a country.
        (None, _) if plain.len() > digits.len() => return Err(DestinationError::NotMobile),
        (None, Some(national)) => national,
        (None, None) => digits,
    };
    let mut bytes = national.bytes();
    match (bytes.next(), bytes.next()) {
        (None, _) | (Some(b'8'), None) => return Err(DestinationError::TooShort),
        (Some(b'8'), Some(b'1'..=b'3' | b'5'..=b'9')) => {}
        _ => return Err(DestinationError::NotMobile),
    }
    of_length(format!("0{national}"), MOBILE, |byte| byte.is_ascii_digit())
}

fn of_length(
    text: String,
    lengths: std::ops::RangeInclusive<usize>,
    allowed: fn(&u8) -> bool,
) -> Result<String, DestinationError> {
    if !text.bytes().all(|byte| allowed(&byte)) {
        Err(DestinationError::NotDigits)
    } else if text.len() < *lengths.start() {
        Err(DestinationError::TooShort)
    } else if text.len() > *lengths.end() {
        Err(DestinationError::TooLong)
    } else {
        Ok(text)
    }
}

/// How a number goes with a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The number is the operator's.
    Fits,
    /// Nobody can tell: the prefix is not known, not certain, or of more than one brand.
    Doubtful,
    /// The number is certainly another operator's.
    Differs(Operator),
}

/// How a mobile number (`08…`) goes with a product for an operator's numbers.
#[must_use]
pub fn fit(prefixes: &Prefixes, operator: Operator, msisdn: &str) -> Fit {
    match prefixes.find(msisdn) {
        Some(prefix) if prefix.operator == operator => Fit::Fits,
        Some(prefix) if prefix.sure && !prefix.also.contains(&operator) => Fit::Differs(prefix.operator),
        Some(_) | None => Fit::Doubtful,
    }
}
