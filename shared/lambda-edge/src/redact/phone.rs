//! Phone numbers, told from the many other things that are long and made of digits.

use super::Rules;

/// No phone number has more digits (ITU-T E.164 §6).
const MOST_DIGITS: usize = 15;

/// How a number may begin, and how many digits it then has.
struct Form {
    least: usize,
    most: usize,
    /// The least digits before the first separator.
    first_group: usize,
    /// Whether a hyphen and a letter or digit may follow: not where it could be the head of a UUID.
    hyphen_may_follow: bool,
}

const INTERNATIONAL: Form = Form {
    least: 8,
    most: MOST_DIGITS,
    first_group: 1,
    hyphen_may_follow: true,
};
/// With the trunk prefix `0`, which most countries put before a national number. A first group of
/// three digits keeps dates such as `01-02-2026` out.
const NATIONAL: Form = Form {
    least: 9,
    most: 13,
    first_group: 3,
    hyphen_may_follow: false,
};
const COUNTRY_CODE: Form = Form {
    least: 10,
    most: MOST_DIGITS,
    first_group: 2,
    hyphen_may_follow: false,
};

/// The end of the phone number whose `+` (or the `B` of its `%2B`) is just before `digits`, and which
/// begins at `start`.
pub(super) fn international(text: &[u8], start: usize, digits: usize) -> Option<usize> {
    let attached = start
        .checked_sub(1)
        .and_then(|at| text.get(at))
        .is_some_and(u8::is_ascii_alphanumeric);
    let leads = text
        .get(digits)
        .is_some_and(|digit| (b'1'..=b'9').contains(digit));
    if attached || !leads {
        return None;
    }
    end(text, digits, &INTERNATIONAL)
}

/// The end of the phone number without `+` that begins with the digit at `start`.
pub(super) fn bare(text: &[u8], start: usize, rules: &Rules) -> Option<usize> {
    let rest = text.get(start..)?;
    let form = if rest.first() == Some(&b'0') {
        rest.get(1).filter(|digit| (b'1'..=b'9').contains(*digit))?;
        &NATIONAL
    } else {
        let known = rules
            .country_codes
            .iter()
            .any(|code| rest.starts_with(code.as_bytes()));
        if !known {
            return None;
        }
        &COUNTRY_CODE
    };
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    if before.is_some_and(|byte| part_of_an_id(*byte)) && !after_an_escape(text, start) {
        return None;
    }
    let end = end(text, start, form)?;
    // Between two colons or two slashes stands an account number of an ARN or a queue's URL.
    let after = text.get(end);
    let enclosed = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b':' | b'/'));
    (!(enclosed(before) && enclosed(after))).then_some(end)
}

fn part_of_an_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b',' | b'#') || byte >= 0x80
}

/// Whether a percent-escape such as `%3D` ends just before `start`.
fn after_an_escape(text: &[u8], start: usize) -> bool {
    let escape = start.checked_sub(3).and_then(|from| text.get(from..start));
    escape.is_some_and(|escape| {
        let (mark, hex) = escape.split_at(1);
        mark == b"%" && hex.iter().all(u8::is_ascii_hexdigit)
    })
}

/// The end of the longest number of this form: groups of digits with single separators between them.
fn end(text: &[u8], start: usize, form: &Form) -> Option<usize> {
    let mut digits = 0;
    let mut at = start;
    let mut longest = None;
    loop {
        let group = digits_from(text, at);
        digits += group;
        at += group;
        if digits > form.most || (at - start == group && group < form.first_group) {
            return longest;
        }
        if digits >= form.least && !goes_on(text.get(at..).unwrap_or_default(), form) {
            longest = Some(at);
        }
        let separator = separator(text, at);
        if separator == 0 {
            return longest;
        }
        at += separator;
    }
}

/// Whether what follows a number makes it a part of something else, such as an id or an address.
fn goes_on(rest: &[u8], form: &Form) -> bool {
    match rest {
        [b'_' | b'@' | 0x80.., ..] => true,
        [b'-', next, ..] => !form.hyphen_may_follow && next.is_ascii_alphanumeric(),
        [next, ..] => next.is_ascii_alphanumeric(),
        [] => false,
    }
}

fn digits_from(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .take_while(|byte| byte.is_ascii_digit())
        .take(MOST_DIGITS + 1)
        .count()
}

/// The length of a separator that has a digit after it; 0 when there is none.
fn separator(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let one = |byte: &u8| b" -.()".contains(byte);
    match rest {
        [separator, digit, ..] if one(separator) && digit.is_ascii_digit() => 1,
        [b')', b' ' | b'-', digit, ..] | [b' ', b'(', digit, ..] if digit.is_ascii_digit() => 2,
        _ => 0,
    }
}
