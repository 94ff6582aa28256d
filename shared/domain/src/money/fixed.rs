//! Exact numbers with four decimals: the arithmetic behind money, quantities and epoch times.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals kept by every fixed-point value of this crate.
pub(crate) const SCALE: u32 = 4;
/// Units in one: ten to the power of [`SCALE`].
pub(crate) const UNITS_PER_ONE: i64 = 10_000;

/// A number in ten-thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fixed {
    /// The value in ten-thousandths.
    pub(crate) raw: i64,
    /// Whether digits beyond the fourth decimal were rounded away.
    pub(crate) rounded: bool,
}

/// Why a text is no fixed-point number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FixedError {
    /// Not a number.
    NotANumber,
    /// A number that does not fit.
    OutOfRange,
}

/// Writes the shortest exact decimal of a value in ten-thousandths.
pub(crate) fn fmt_fixed(raw: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}", Decimal::new(raw, SCALE).normalize())
}

/// Reads a JSON number token (RFC 8259 §6), exponent and all.
pub(crate) fn parse_number(token: &str) -> Result<Fixed, FixedError> {
    let token = token.trim();
    let (negative, unsigned) = token
        .strip_prefix('-')
        .map_or((false, token), |rest| (true, rest));
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return Err(FixedError::NotANumber),
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let digits = format!("{whole}{fraction}");
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || leading_zero || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FixedError::NotANumber);
    }
    to_fixed(negative, &digits, (whole.len() as i64).saturating_add(exponent))
}

/// The exponent of a number token. One too long to be a machine integer is held at a value that
/// is out of range, or vanishes, for any mantissa an export can hold.
fn parse_exponent(text: &str) -> Result<i64, FixedError> {
    const FAR: i64 = i64::MAX / 2;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FixedError::NotANumber);
    }
    let size = digits.parse::<i64>().map_or(FAR, |size| size.min(FAR));
    Ok(if negative { -size } else { size })
}

/// The value of decimal digits with the point after the first `point` of them, rounded half to
/// even at the fourth decimal. Only digits are passed (a caller's duty).
pub(crate) fn to_fixed(negative: bool, digits: &str, point: i64) -> Result<Fixed, FixedError> {
    // What the integer can hold has at most this many digits before the point.
    const MAX_WHOLE: i64 = 15;
    // Decimals that decide the rounding; whatever follows them only has to be known as zero or not.
    const MAX_FRACTION: usize = 8;
    let significant = digits.trim_start_matches('0');
    let point = point.saturating_sub((digits.len() - significant.len()) as i64);
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Fixed {
            raw: 0,
            rounded: false,
        });
    }
    if point > MAX_WHOLE {
        return Err(FixedError::OutOfRange);
    }
    if point < -(MAX_FRACTION as i64) {
        return Ok(Fixed {
            raw: 0,
            rounded: true,
        });
    }
    // Zeros that the digits leave out on either side of the point.
    let whole_len = usize::try_from(point).unwrap_or(0);
    let gap = "0".repeat(usize::try_from(-point).unwrap_or(0));
    let (whole, fraction) = significant.split_at(whole_len.min(significant.len()));
    let kept = &fraction[..fraction.len().min(MAX_FRACTION)];
    let sticky = if fraction.len() > kept.len() { "1" } else { "" };
    let sign = if negative { "-" } else { "" };
    let plain = format!("{sign}0{whole:0<whole_len$}.{gap}{kept}{sticky}0");
    let exact = Decimal::from_str_exact(&plain).map_err(|_| FixedError::OutOfRange)?;
    let mut value = exact.round_dp_with_strategy(SCALE, RoundingStrategy::MidpointNearestEven);
    let rounded = value != exact;
    value.rescale(SCALE);
    let raw = i64::try_from(value.mantissa()).map_err(|_| FixedError::OutOfRange)?;
    Ok(Fixed { raw, rounded })
}
