//! What a phone field looks like before any numbering plan: how many numbers it holds, what is
//! formatting, what hides a digit, what a spreadsheet did to it.

use super::PhoneProblem;

/// Fewer digits than this between separators are a part of a number, not a number
/// (`021/5551234`).
const NUMBER_MIN_DIGITS: usize = 7;
/// Signs that stand for a hidden digit.
const MASKS: [char; 9] = ['x', 'X', '*', '#', '?', '_', '•', '●', '…'];
/// Signs between the digits that mean nothing.
const FORMATTING: [char; 10] = [' ', '-', '.', ',', '(', ')', '[', ']', '/', '\''];

/// The numbers in a field: its parts, if at least two of them are long enough, else all of it.
pub(super) fn numbers_in(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text
        .split(['/', ',', ';', '|', '&'])
        .filter(|part| long_enough(part))
        .collect();
    if parts.len() > 1 { parts } else { vec![text] }
}

fn long_enough(part: &str) -> bool {
    let places = part
        .chars()
        .filter(|c| c.is_ascii_digit() || MASKS.contains(c))
        .count();
    places >= NUMBER_MIN_DIGITS
}

/// The number without an extension at its end (`ext 5`, `pes. 12`).
pub(super) fn extension_cut(text: &str) -> &str {
    const WORDS: [&str; 6] = ["ekstensi", "extension", "pesawat", "ekst", "ext", "pes"];
    let text = text.trim();
    let before_digits = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if before_digits.len() == text.len() {
        return text;
    }
    let before = before_digits.trim_end_matches([' ', '.', ':']);
    let cut = WORDS.iter().find_map(|word| {
        let start = before.len().checked_sub(word.len())?;
        let (number, end) = (before.get(..start)?, before.get(start..)?);
        end.eq_ignore_ascii_case(word)
            .then(|| number.trim_end_matches([' ', ',', ';']))
    });
    cut.unwrap_or(text)
}

/// Whether signs stand where digits should: among digits, and nothing else is unusual.
pub(super) fn hides_digits(text: &str) -> bool {
    let masked = text.contains("...") || text.contains(MASKS);
    let known = |c: char| c.is_ascii_digit() || c == '+' || MASKS.contains(&c) || FORMATTING.contains(&c);
    masked && text.chars().all(known)
}

/// The digits of a number, with a leading `+` if it was written with one.
pub(super) fn plain_number(text: &str) -> Result<String, PhoneProblem> {
    if let Some(digits) = scientific(text) {
        return digits;
    }
    if text.chars().any(char::is_alphabetic) {
        return Err(PhoneProblem::Letters);
    }
    let text = float_cut(text)?;
    let mut number = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => number.push(c),
            '+' if number.is_empty() => number.push(c),
            c if FORMATTING.contains(&c) => {}
            _ => return Err(PhoneProblem::NotAPhone),
        }
    }
    Ok(number)
}

/// The integer that scientific notation stands for (`8.1234567890e10`), if every digit of it is
/// written; `None` if the text is no scientific notation.
fn scientific(text: &str) -> Option<Result<String, PhoneProblem>> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let all_digits = [whole, fraction, exponent]
        .iter()
        .all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if !all_digits || whole.is_empty() || exponent.is_empty() {
        return None;
    }
    // An exponent that is no machine integer asks for more digits than any text has.
    let exponent = exponent.parse::<usize>().unwrap_or(usize::MAX);
    Some(match fraction.split_at_checked(exponent) {
        None => Err(PhoneProblem::Inexact),
        Some((shown, rest)) if rest.bytes().all(|b| b == b'0') => Ok(format!("{whole}{shown}")),
        Some(_) => Err(PhoneProblem::NotAPhone),
    })
}

/// The number without the `.0` of a spreadsheet that took it for a quantity. A fraction other
/// than zero was never a phone.
fn float_cut(text: &str) -> Result<&str, PhoneProblem> {
    const FLOAT_MIN_DIGITS: usize = 8;
    let Some((whole, fraction)) = text.split_once(['.', ',']) else {
        return Ok(text);
    };
    let digits = whole.strip_prefix('+').unwrap_or(whole);
    let is_float = digits.len() >= FLOAT_MIN_DIGITS
        && matches!(fraction.len(), 1 | 2)
        && digits.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    match is_float {
        false => Ok(text),
        true if fraction.bytes().all(|b| b == b'0') => Ok(whole),
        true => Err(PhoneProblem::NotAPhone),
    }
}
