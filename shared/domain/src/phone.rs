//! Phone numbers as cashiers and exports write them, to E.164, by the Indonesian rules.
//!
//! A number that reaches a stranger is worse than none, so whatever fits two readings, hides
//! digits or was made up by a cashier is rejected with a reason. The rules stand in one order:
//! 1. two numbers in one field, extensions and formatting are taken apart;
//! 2. hidden digits, letters, spreadsheet floats and scientific notation;
//! 3. `+`, then an international prefix (`001`, `007`, `008`, `009`, `01017`, `00`);
//! 4. `62` without a plus is the country code (the area 062x is written with its zero);
//! 5. `0` is the trunk prefix, a bare `8` a mobile number;
//! 6. a foreign number only with `+` or `00`, in the shape of ITU-T E.164 (7 to 15 digits).
//!
//! Lengths follow the Indonesian numbering plan as libphonenumber 9.0.43 records it: mobile
//! national numbers have 9 to 12 digits and start with 81 to 83 or 85 to 89; fixed ones have an
//! area of two digits (21, 22, 24, 31, 61) or three and a subscriber number of 5 to 8. Operator
//! prefixes are never a test: numbers move between operators.

mod shape;

use shape::{extension_cut, hides_digits, numbers_in, plain_number};

use crate::name::{fold_text, is_blank};

/// The country code of Indonesia.
const COUNTRY: &str = "62";
/// International access prefixes of Indonesian operators, the longest first.
const ACCESS_PREFIXES: [&str; 5] = ["01017", "001", "007", "008", "009"];
/// Areas with a two-digit code: Jakarta, Bandung, Semarang, Surabaya, Medan.
const SHORT_AREAS: [&str; 5] = ["21", "22", "24", "31", "61"];
/// What cashiers type when the till insists on a number, exactly. One digit more is
/// `0812-3456-7890`, a number like any other, so no rule about rising digits could replace this.
const INVENTED: [&str; 1] = ["+628123456789"];

/// What a phone field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneReading {
    /// Nothing: empty, dashes or zeros only, `null`.
    None,
    /// A number.
    Valid {
        /// The number as E.164: `+`, country code, national number.
        e164: String,
        /// What kind of line it is.
        kind: PhoneKind,
        /// Something to count or show; the number stands all the same.
        note: Option<PhoneNote>,
    },
    /// Something that is not kept, and why.
    Rejected(PhoneProblem),
}

/// The kind of line, as far as the number tells.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PhoneKind {
    /// An Indonesian mobile number.
    Mobile,
    /// An Indonesian fixed line.
    Fixed,
    /// An Indonesian 0800 number.
    TollFree,
    /// A number of another country; only its shape is checked.
    Foreign,
}

/// What was noticed while reading a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PhoneNote {
    /// The field held more than one number; the first valid one was taken.
    FirstOfTwo,
}

impl PhoneNote {
    /// The stable code of the note.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FirstOfTwo => "PHONE_FIRST_OF_TWO",
        }
    }
}

/// Why a phone field is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PhoneProblem {
    /// Digits are hidden (`62896xxxx1234`), as delivery apps do.
    Masked,
    /// Letters that are no mask; a keypad spelling or a mistyped digit is not guessed.
    Letters,
    /// Fewer digits than any such number has.
    TooShort,
    /// More digits than any such number has.
    TooLong,
    /// No number of any known plan.
    NotAPhone,
    /// Scientific notation that no longer shows every digit (`8.12346E+10`).
    Inexact,
    /// A made-up number, or one on the list given (the outlet's own).
    Placeholder,
    /// A service number that belongs to no person: shared cost, premium, short codes.
    Special,
}

impl PhoneProblem {
    /// The stable code of the problem.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Masked => "PHONE_MASKED",
            Self::Letters => "PHONE_LETTERS",
            Self::TooShort => "PHONE_TOO_SHORT",
            Self::TooLong => "PHONE_TOO_LONG",
            Self::NotAPhone => "PHONE_INVALID",
            Self::Inexact => "PHONE_INEXACT",
            Self::Placeholder => "PHONE_PLACEHOLDER",
            Self::Special => "PHONE_SPECIAL",
        }
    }
}

/// Reads a phone field. `placeholders` are numbers that stand for "no number" at this outlet,
/// usually its own, in any spelling. A number from a JSON number token is passed as its text.
#[must_use]
pub fn read_phone(text: &str, placeholders: &[String]) -> PhoneReading {
    let text = fold_text(text);
    let text = text.trim_matches(['\'', '"', ' ']);
    if is_nothing(text) {
        return PhoneReading::None;
    }
    let numbers = numbers_in(text);
    let note = (numbers.len() > 1).then_some(PhoneNote::FirstOfTwo);
    let mut first_problem = None;
    for number in numbers {
        match read_one(number).and_then(|read| refuse_placeholder(read, placeholders)) {
            Ok((e164, kind)) => return PhoneReading::Valid { e164, kind, note },
            Err(problem) => first_problem = first_problem.or(Some(problem)),
        }
    }
    PhoneReading::Rejected(first_problem.unwrap_or(PhoneProblem::NotAPhone))
}

/// Whether a field says "no number": blank, or nothing but zeros and formatting.
fn is_nothing(text: &str) -> bool {
    is_blank(text) || text.chars().all(|c| c == '0' || " -.,+()/'".contains(c))
}

type Read = (String, PhoneKind);

/// Reads one number, made-up or not.
fn read_one(text: &str) -> Result<Read, PhoneProblem> {
    let text = extension_cut(text);
    if hides_digits(text) {
        return Err(PhoneProblem::Masked);
    }
    let number = plain_number(text)?;
    match number.strip_prefix('+') {
        Some(digits) => international(digits),
        None => domestic(&number),
    }
}

/// A number with its country code first.
fn international(digits: &str) -> Result<Read, PhoneProblem> {
    match digits.strip_prefix(COUNTRY) {
        Some(national) => indonesian(national),
        None => foreign(digits),
    }
}

/// A number as dialled in Indonesia.
fn domestic(digits: &str) -> Result<Read, PhoneProblem> {
    for prefix in ACCESS_PREFIXES {
        // `00962…` is Jordan after `00`, and `009` before `62…` only if a mobile number follows:
        // no other country has numbers of that length there.
        let mobile = digits
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix(COUNTRY))
            .and_then(|national| indonesian(national).ok())
            .filter(|(_, kind)| *kind == PhoneKind::Mobile);
        if let Some(mobile) = mobile {
            return Ok(mobile);
        }
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return international(rest);
    }
    if let Some(national) = digits.strip_prefix(COUNTRY) {
        return indonesian(national);
    }
    match digits.strip_prefix('0') {
        Some(national) => indonesian(national),
        None if digits.starts_with('8') || is_service_code(digits) => indonesian(digits),
        None if digits.len() < 7 => Err(PhoneProblem::TooShort),
        None => Err(PhoneProblem::NotAPhone),
    }
}

/// A number after the country code or the trunk prefix; one trunk zero too many is dropped.
fn indonesian(national: &str) -> Result<Read, PhoneProblem> {
    let national = national.strip_prefix('0').unwrap_or(national);
    let second = national.as_bytes().get(1).copied();
    let (kind, lengths) = match national.as_bytes().first() {
        None => return Err(PhoneProblem::TooShort),
        Some(b'8') => match second {
            _ if national.starts_with("800") => (PhoneKind::TollFree, 8..=10),
            _ if ["804", "8071", "809"]
                .iter()
                .any(|code| national.starts_with(code)) =>
            {
                return Err(PhoneProblem::Special);
            }
            Some(b'0' | b'4') => return Err(PhoneProblem::NotAPhone),
            _ => (PhoneKind::Mobile, 9..=12),
        },
        Some(b'2'..=b'7' | b'9') => {
            let area = if SHORT_AREAS.iter().any(|area| national.starts_with(area)) {
                2
            } else {
                3
            };
            (PhoneKind::Fixed, area + 5..=area + 8)
        }
        Some(_) if is_service_code(national) => return Err(PhoneProblem::Special),
        Some(_) => return Err(PhoneProblem::NotAPhone),
    };
    check_length(national, lengths)?;
    Ok((format!("+{COUNTRY}{national}"), kind))
}

/// Short codes that no person owns: 1xx services, 14xxx and 1500xxx call centres.
fn is_service_code(digits: &str) -> bool {
    match digits.len() {
        3 => digits.starts_with('1'),
        5 => digits.starts_with("14"),
        7 => digits.starts_with("1500"),
        _ => false,
    }
}

/// A number of another country, in the shape of E.164.
fn foreign(digits: &str) -> Result<Read, PhoneProblem> {
    if digits.starts_with('0') {
        return Err(PhoneProblem::NotAPhone);
    }
    check_length(digits, 7..=15)?;
    Ok((format!("+{digits}"), PhoneKind::Foreign))
}

fn check_length(digits: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<(), PhoneProblem> {
    match digits.len() {
        len if len < *lengths.start() => Err(PhoneProblem::TooShort),
        len if len > *lengths.end() => Err(PhoneProblem::TooLong),
        _ => Ok(()),
    }
}

/// Refuses numbers that stand for "no number": the invented ones, one digit over and over
/// (`0888…`, `08111…`), digits counted up or down, and the outlet's own.
fn refuse_placeholder(read: Read, placeholders: &[String]) -> Result<Read, PhoneProblem> {
    let (e164, kind) = &read;
    let digits = if *kind == PhoneKind::Foreign {
        &e164[1..]
    } else {
        &e164[1 + COUNTRY.len()..]
    };
    let own = || {
        let same = |number: &String| read_one(&fold_text(number)).is_ok_and(|(other, _)| other == *e164);
        placeholders.iter().any(same)
    };
    if INVENTED.contains(&e164.as_str()) || is_repeated(digits) || is_counted(digits) || own() {
        return Err(PhoneProblem::Placeholder);
    }
    Ok(read)
}

/// Whether all digits after the first are the same one.
fn is_repeated(digits: &str) -> bool {
    let rest = &digits.as_bytes()[1..];
    rest.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether every digit is the one before it plus one, or every one minus one, going round at 9.
fn is_counted(digits: &str) -> bool {
    let stepped = |step: u8| {
        let follows = |pair: &[u8]| (pair[0] - b'0' + step) % 10 == pair[1] - b'0';
        digits.as_bytes().windows(2).all(follows)
    };
    stepped(1) || stepped(9)
}
