//! Previews of records that show their form and nothing of a person, and words without numbers and addresses.

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

/// What stands for a hidden sign.
const HIDDEN: char = '•';

/// A text in which every sign of what looks like a telephone number or a mail address is a `•`. A number is more
/// than seven digits with no letter between them, so a date of eight digits is taken for one too; an address is
/// whatever stands around an `@`. Everything else stays, line ends too.
#[must_use]
pub fn without_contacts(text: &str) -> String {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let alone = |at: Option<usize>| {
        at.and_then(|at| words.get(at))
            .is_some_and(|word| is_at(word.trim_end()))
    };
    let mut shown = String::with_capacity(text.len());
    for (at, word) in words.iter().enumerate() {
        // `siti @ contoh.id` is an address, too.
        let beside = alone(at.checked_sub(1)) || alone(at.checked_add(1));
        if beside || word.contains(AT) {
            shown.extend(word.chars().map(|c| if c.is_alphanumeric() { HIDDEN } else { c }));
        } else {
            shown.push_str(word);
        }
    }
    without_numbers(&shown)
}

/// The sign of a mail address, as keyboards of two kinds write it.
const AT: [char; 2] = ['@', '＠'];

fn is_at(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| AT.contains(&c))
}

fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(char::is_alphabetic).unwrap_or(rest.len());
        let (gap, words) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let long = gap.chars().filter(|c| c.is_numeric()).count() > DIGITS_MAX;
        shown.extend(
            gap.chars()
                .map(|c| if long && c.is_numeric() { HIDDEN } else { c }),
        );
        let end = words.find(|c: char| !c.is_alphabetic()).unwrap_or(words.len());
        let (word, after) = words.split_at_checked(end).unwrap_or((words, ""));
        shown.push_str(word);
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_and_addresses_are_masked_and_nothing_else() {
        let table = [
            (
                "Sotonya asin, 2 dari 5.\nRp 45.000!",
                "Sotonya asin, 2 dari 5.\nRp 45.000!",
            ),
            ("hubungi 0812-3456-7890 ya", "hubungi ••••-••••-•••• ya"),
            ("(021) 555 1234", "(•••) ••• ••••"),
            ("0812\n3456\n7890", "••••\n••••\n••••"),
            ("٠٨١٢٣٤٥٦٧٨", "••••••••••"),
            ("meja 5, kode 1234567", "meja 5, kode 1234567"),
            ("tulis ke siti.r@contoh.id, ya", "tulis ke ••••.•@••••••.••, ya"),
            ("siti @ contoh.id dan", "•••• @ ••••••.•• dan"),
            ("@siti_rahma", "@••••_•••••"),
            ("siti＠contoh", "••••＠••••••"),
            ("bab Ⅷ 12345678", "bab Ⅷ ••••••••"),
            ("@", "@"),
            ("", ""),
        ];
        for (text, shown) in table {
            assert_eq!(without_contacts(text), shown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_number_and_no_address_is_left_and_no_sign_is_lost(
            before in "\\PC{0,20}", number in "[0-9]([-. ]?[0-9]){7,12}", after in "\\PC{0,20}"
        ) {
            let text = format!("{before} {number} {after}");
            let shown = without_contacts(&text);
            prop_assert!(!shown.contains(&number));
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            prop_assert_eq!(without_contacts(&shown), shown);
        }
    }
}
