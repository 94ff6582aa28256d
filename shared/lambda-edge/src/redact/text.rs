//! Masks within a text: registered secrets first, then everything that looks like a secret, a token,
//! an address or a phone number. Every look back is bounded, so the time is linear in the length.

use super::{EMAIL, PHONE, Rules, SECRET, TOKEN, keys, phone};

/// A part to mask, and with what.
struct Found {
    start: usize,
    end: usize,
    mask: &'static str,
}

/// No address has a longer local part (RFC 5321 §4.5.3.1.1 allows 64 bytes; escapes triple them).
const LONGEST_LOCAL: usize = 192;

/// The text with everything masked, or `None` if there was nothing to mask.
pub(super) fn mask(text: &[u8], rules: &Rules) -> Option<Vec<u8>> {
    let without_secrets = rules.secrets.mask(text);
    let rest = without_secrets.as_deref().unwrap_or(text);
    mask_lookalikes(rest, rules).or(without_secrets)
}

fn mask_lookalikes(text: &[u8], rules: &Rules) -> Option<Vec<u8>> {
    let mut masked: Option<Vec<u8>> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = text.get(at) {
        let place = Place {
            text,
            at,
            floor: copied,
            rules,
        };
        match place.look(*byte) {
            Look::Found(found) => {
                let out = masked.get_or_insert_with(|| Vec::with_capacity(text.len()));
                out.extend_from_slice(text.get(copied..found.start).unwrap_or_default());
                out.extend_from_slice(found.mask.as_bytes());
                at = found.end.max(at + 1);
                copied = found.end;
            }
            Look::Skip(length) => at += length.max(1),
        }
    }
    if let Some(out) = &mut masked {
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
    }
    masked
}

/// What there is at a place.
enum Look {
    /// Something to mask.
    Found(Found),
    /// Nothing, for so many bytes.
    Skip(usize),
}

/// A place in a text.
struct Place<'a> {
    text: &'a [u8],
    at: usize,
    /// Where what is not yet copied begins.
    floor: usize,
    rules: &'a Rules,
}

impl Place<'_> {
    fn look(&self, byte: u8) -> Look {
        let found = match byte {
            b'@' => self.email(1),
            b'%' => self.escape(),
            b'+' => self.phone(1),
            b'0'..=b'9' => return self.number(),
            b':' => self.url_user().or_else(|| self.value()),
            b'=' => self.value(),
            b'e' => self.json_web_token(),
            b'B' | b'b' => self.scheme(),
            _ => return Look::Skip(1),
        };
        found.map_or(Look::Skip(1), Look::Found)
    }

    fn rest(&self, skip: usize) -> &[u8] {
        self.text.get(self.at + skip..).unwrap_or_default()
    }

    fn before(&self) -> Option<u8> {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    /// Where the run of such bytes that ends here begins.
    fn run_back(&self, is_in: impl Fn(u8) -> bool) -> usize {
        let run = self.text.get(self.floor..self.at).unwrap_or_default();
        self.at
            - run
                .iter()
                .rev()
                .take(LONGEST_LOCAL)
                .take_while(|byte| is_in(**byte))
                .count()
    }

    fn escape(&self) -> Option<Found> {
        match self.rest(1) {
            [b'4', b'0', ..] => self.email(3),
            [b'2', b'B' | b'b', ..] => self.phone(3),
            // The digits of the escape are no part of a number that follows it.
            _ => None,
        }
    }

    /// An address around an at sign of this length; a local host name alone makes no address.
    fn email(&self, sign: usize) -> Option<Found> {
        let local = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte) || byte >= 0x80;
        let start = self.run_back(local);
        let domain = self.rest(sign).iter();
        let domain_byte =
            |byte: &&u8| byte.is_ascii_alphanumeric() || b".-".contains(*byte) || **byte >= 0x80;
        let length = domain.take_while(domain_byte).count();
        let domain = self.rest(sign).get(..length).unwrap_or_default();
        let length = domain.len()
            - domain
                .iter()
                .rev()
                .take_while(|byte| b".-".contains(*byte))
                .count();
        let domain = domain.get(..length).unwrap_or_default();
        let top = domain.iter().rev().take_while(|byte| **byte != b'.').count();
        let named = top >= 2 && top < length && !domain.iter().rev().take(top).any(u8::is_ascii_digit);
        (start < self.at && named).then_some(Found {
            start,
            end: self.at + sign + length,
            mask: EMAIL,
        })
    }

    fn phone(&self, sign: usize) -> Option<Found> {
        let end = phone::international(self.text, self.at, self.at + sign)?;
        Some(Found {
            start: self.at,
            end,
            mask: PHONE,
        })
    }

    /// A run of digits is looked at once, from its beginning.
    fn number(&self) -> Look {
        let run = self
            .rest(0)
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        // `%20` and the like: the number begins after the escape.
        let escaped = if self.before() == Some(b'%') && run > 2 {
            2
        } else {
            0
        };
        match phone::bare(self.text, self.at + escaped, self.rules) {
            Some(end) => Look::Found(Found {
                start: self.at + escaped,
                end,
                mask: PHONE,
            }),
            None => Look::Skip(run),
        }
    }

    /// The user and password of a URL, which stand before an at sign in its authority.
    fn url_user(&self) -> Option<Found> {
        let authority = self.rest(1).strip_prefix(b"//")?;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>".contains(byte);
        let length = authority.iter().take_while(|byte| !ends(byte)).count();
        let authority = authority.get(..length).unwrap_or_default();
        let at_sign = authority.iter().rposition(|byte| *byte == b'@')?;
        let user = authority.get(..at_sign).unwrap_or_default();
        let start = self.at + 3;
        (user.contains(&b':') && user != SECRET.as_bytes()).then_some(Found {
            start,
            end: start + at_sign,
            mask: SECRET,
        })
    }

    /// The value after `name:` or `name=`, if the name is one of a secret.
    fn value(&self) -> Option<Found> {
        let quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'\\' | b' ');
        let from = self.text.get(self.floor..self.at).unwrap_or_default();
        let gap = from.iter().rev().take(4).take_while(|byte| quote(**byte)).count();
        let end = self.at - gap;
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let window = self.text.get(self.floor..end).unwrap_or_default();
        let length = window
            .iter()
            .rev()
            .take(keys::LONGEST + 1)
            .take_while(|byte| in_name(**byte))
            .count();
        let name = self.text.get(end - length..end).unwrap_or_default();
        if !keys::is_secret(name, self.rules) {
            return None;
        }
        let (start, end) = extent(self.text, self.at + 1, keys::takes_the_line(name))?;
        Some(Found {
            start,
            end,
            mask: SECRET,
        })
    }

    /// Three parts of base64 with dots between them; the first is an object, so it begins `eyJ`.
    fn json_web_token(&self) -> Option<Found> {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        if !self.rest(0).starts_with(b"eyJ") || self.before().is_some_and(|byte| part(&byte) || byte == b'.')
        {
            return None;
        }
        let run = self
            .rest(0)
            .iter()
            .take_while(|byte| part(byte) || **byte == b'.');
        let (mut length, mut dots) = (0, 0);
        for byte in run {
            length += 1;
            dots += usize::from(*byte == b'.');
        }
        (dots >= 2).then_some(Found {
            start: self.at,
            end: self.at + length,
            mask: TOKEN,
        })
    }

    /// What follows the name of an HTTP authentication scheme. A word of a sentence is shorter than
    /// twenty letters and has no digit or padding.
    fn scheme(&self) -> Option<Found> {
        if self.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let named = ["bearer", "basic"].into_iter().find(|name| {
            let start = self.rest(0).get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        })?;
        let after = self.rest(named.len());
        let gap = after.iter().take_while(|byte| **byte == b' ').count();
        let token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(*byte);
        let length = after.iter().skip(gap).take_while(token).count();
        let mut bytes = after.iter().skip(gap).take(length);
        let telling =
            length >= 20 || (length >= 8 && bytes.any(|byte| byte.is_ascii_digit() || *byte == b'='));
        let start = self.at + named.len() + gap;
        (gap > 0 && telling).then_some(Found {
            start,
            end: start + length,
            mask: TOKEN,
        })
    }
}

/// From where to where the value goes that comes after a separator. `None` when there is none, or
/// nothing secret about it.
fn extent(text: &[u8], from: usize, whole_line: bool) -> Option<(usize, usize)> {
    let spaces = text.get(from..)?.iter().take_while(|byte| **byte == b' ').count();
    let mut start = from + spaces;
    if text.get(start..)?.starts_with(b"Some(") {
        start += 5;
    }
    start += text
        .get(start..)?
        .iter()
        .take_while(|byte| **byte == b'\\')
        .count();
    let rest = text.get(start..)?;
    let length = match rest.first()? {
        quote @ (b'"' | b'\'') => {
            start += 1;
            quoted(rest.get(1..)?, *quote)
        }
        _ if [SECRET, TOKEN, EMAIL, PHONE]
            .iter()
            .any(|mask| rest.starts_with(mask.as_bytes())) =>
        {
            0
        }
        open @ (b'[' | b'{' | b'(') => bracketed(rest, *open),
        _ if whole_line => rest.iter().take_while(|byte| !b"\r\n\"".contains(*byte)).count(),
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",;&)]}\"'<>\\".contains(byte);
            rest.iter().take_while(|byte| !ends(byte)).count()
        }
    };
    let value = text.get(start..start + length)?;
    let empty = matches!(value, b"" | b"null" | b"None" | b"none" | b"true" | b"false");
    let masked = [SECRET, TOKEN].iter().any(|mask| value == mask.as_bytes());
    (!empty && !masked).then_some((start, start + length))
}

/// The length of what stands before the closing quote, escapes of the quote included.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let closing = rest.iter().position(|byte| *byte == quote).unwrap_or(rest.len());
    let inside = rest.get(..closing).unwrap_or_default();
    closing - inside.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// The length up to the bracket that closes the first one.
fn bracketed(rest: &[u8], open: u8) -> usize {
    let close = match open {
        b'[' => b']',
        b'{' => b'}',
        _ => b')',
    };
    let mut depth = 0_usize;
    for (at, byte) in rest.iter().enumerate() {
        depth += usize::from(*byte == open);
        if *byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1;
            }
        }
    }
    rest.len()
}
