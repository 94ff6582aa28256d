//! The serial numbers of electricity: `token/name/tariff/power/kWh`, as sellers of tokens write it.

use serde::{Deserialize, Serialize};

/// How many digits a token has.
const TOKEN_DIGITS: usize = 20;
/// The longest serial number that is looked at, in bytes.
const BYTES_MAX: usize = 500;

/// A token for a prepaid meter, and what stands beside it as far as it can be told apart: names and tariffs have
/// slashes of their own. The serial number itself is always kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlnToken {
    /// The twenty digits that are typed into the meter.
    pub token: String,
    /// Whose meter it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The tariff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff: Option<String>,
    /// The power, in volt-amperes, such as `900VA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
    /// How much was bought, in kilowatt-hours, with a dot before the decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kwh: Option<String>,
}

/// Reads a serial number as a token; `None` where it does not begin with twenty digits, with dashes and spaces among
/// them or without.
#[must_use]
pub fn pln(sn: &str) -> Option<PlnToken> {
    let sn = sn.trim();
    if sn.len() > BYTES_MAX {
        return None;
    }
    let (token, rest) = token(sn)?;
    let mut fields: Vec<&str> = rest.split('/').map(str::trim).collect();
    let kwh = fields.last().and_then(|field| kwh(field));
    if kwh.is_some() {
        fields.pop();
    }
    let at = fields
        .iter()
        .rposition(|field| volt_amperes(field, true).is_some())
        // Behind a tariff and a slash there may be bare digits, filled up with zeros.
        .or_else(|| {
            fields
                .iter()
                .rposition(|field| volt_amperes(field, false).is_some())
        });
    let power = at
        .and_then(|at| fields.get(at))
        .and_then(|field| volt_amperes(field, false));
    fields.truncate(at.unwrap_or(fields.len()));
    let tariff = if fields.len() > 1 { fields.pop() } else { None };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(PlnToken {
        token,
        name: some(&fields.join("/")),
        tariff: tariff.and_then(some),
        power,
        kwh,
    })
}

/// Twenty digits at the beginning, and what comes after them and a slash.
fn token(sn: &str) -> Option<(String, &str)> {
    let end = sn
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | ' ')))
        .unwrap_or(sn.len());
    let (front, rest) = sn.split_at_checked(end)?;
    let digits: String = front.chars().filter(char::is_ascii_digit).collect();
    let rest = match rest.strip_prefix('/') {
        Some(rest) => rest,
        None if rest.is_empty() => rest,
        None => return None,
    };
    (digits.len() == TOKEN_DIGITS).then_some((digits, rest))
}

/// `33.7`, `36,0`, `33.7kWh`, without a number being made of it.
fn kwh(field: &str) -> Option<String> {
    let number = without_unit(field, "kwh").unwrap_or(field);
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(decimals) && whole.len() <= 6).then(|| number.replace(',', "."))
}

/// `900VA`, `900 VA`, and, where the unit may be missing, `000001300`.
fn volt_amperes(field: &str, with_unit: bool) -> Option<String> {
    let number = match without_unit(field, "va") {
        Some(number) => number,
        None if with_unit => return None,
        None => field,
    };
    let fits = !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.trim_start_matches('0');
    (fits && !number.is_empty()).then(|| format!("{number}VA"))
}

/// What stands before a unit in any case.
fn without_unit<'a>(field: &'a str, unit: &str) -> Option<&'a str> {
    let (number, end) = field.split_at_checked(field.len().checked_sub(unit.len())?)?;
    end.eq_ignore_ascii_case(unit).then(|| number.trim_end())
}
