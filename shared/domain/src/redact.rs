//! Previews of records that show their form and nothing of a person.

use crate::quarantine::Quarantined;

/// Digits that a number may show before it could be a phone number.
const DIGITS_MAX: usize = 7;

/// A preview of JSON-like bytes: names of members stay, letters of texts become `x`, digits of texts and
/// of long numbers become `0`. Cut at [`Quarantined::PREVIEW_MAX`] bytes.
#[must_use]
pub fn preview(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(
        bytes
            .get(..bytes.len().min(Quarantined::PREVIEW_MAX * 4))
            .unwrap_or_default(),
    );
    let mut shown = String::new();
    let mut rest = text.as_ref();
    while let Some(first) = rest.chars().next() {
        if shown.len() >= Quarantined::PREVIEW_MAX {
            shown.push('…');
            break;
        }
        let length = match first {
            '"' => string(rest, &mut shown),
            '0'..='9' => number(rest, &mut shown),
            c if c.is_alphabetic() => {
                shown.push(if "truefalsnNI".contains(c) { c } else { 'x' });
                c.len_utf8()
            }
            c => {
                shown.push(if c.is_control() { ' ' } else { c });
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    shown
}

/// Shows a string: whole if it is a short member name, masked otherwise.
fn string(rest: &str, shown: &mut String) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    let end = end.map_or(rest.len(), |(at, _)| at + 1);
    let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let is_name = after.trim_start().starts_with(':') && text.len() <= 42;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if is_name && digits <= DIGITS_MAX {
        shown.push_str(text);
    } else {
        shown.extend(text.chars().take(60).map(mask));
        if text.chars().nth(60).is_some() {
            shown.push_str("…\"");
        }
    }
    end
}

fn mask(c: char) -> char {
    match c {
        c if c.is_numeric() => '0',
        c if c.is_alphabetic() => 'x',
        c if c.is_control() => ' ',
        c => c,
    }
}

fn number(rest: &str, shown: &mut String) -> usize {
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || ".eE+-".contains(c)))
        .unwrap_or(rest.len());
    let (text, _) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let long = text.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX;
    shown.extend(
        text.chars()
            .map(|c| if long && c.is_ascii_digit() { '0' } else { c }),
    );
    end
}
