//! Walks along a line of JSON: strings are masked as texts, fields that are named like secrets as a
//! whole, and everything else passes byte for byte.

use std::borrow::Cow;

use super::{Rules, SECRET, keys, text};

/// Masks a line: JSON if it starts with `{`, anything else as text.
pub(super) fn mask<'a>(line: &'a [u8], rules: &Rules) -> Cow<'a, [u8]> {
    let masked = if line.trim_ascii_start().starts_with(b"{") {
        Walk::over(line, rules)
    } else {
        text::mask(line, rules)
    };
    masked.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// The way along a line.
struct Walk<'a> {
    line: &'a [u8],
    rules: &'a Rules,
    at: usize,
    copied: usize,
    masked: Option<Vec<u8>>,
}

impl<'a> Walk<'a> {
    fn over(line: &'a [u8], rules: &'a Rules) -> Option<Vec<u8>> {
        let mut walk = Self {
            line,
            rules,
            at: 0,
            copied: 0,
            masked: None,
        };
        while let Some(byte) = line.get(walk.at) {
            if *byte == b'"' {
                walk.string();
            } else {
                walk.at += 1;
            }
        }
        let Self {
            mut masked, copied, ..
        } = walk;
        if let Some(out) = &mut masked {
            out.extend_from_slice(line.get(copied..).unwrap_or_default());
        }
        masked
    }

    /// Masks the string that begins here; if it is a name of a secret, its value too.
    fn string(&mut self) {
        let start = self.at + 1;
        let (end, escaped) = string_end(self.line, start);
        let raw = self.line.get(start..end).unwrap_or_default();
        let content = if escaped {
            unescaped(raw)
        } else {
            Some(Cow::Borrowed(raw))
        };
        // A string that can't be read is either clean as it stands or goes as a whole.
        let readable = content.is_some();
        let content = content.unwrap_or(Cow::Borrowed(raw));
        match text::mask(&content, self.rules) {
            Some(_) if !readable => self.replace(start, end, SECRET.as_bytes()),
            Some(masked) if escaped => self.replace(start, end, &escape(&masked)),
            Some(masked) => self.replace(start, end, &masked),
            None => {}
        }
        self.at = (end + 1).min(self.line.len());
        let after = self.skip_space(self.at);
        if self.line.get(after) == Some(&b':') && keys::is_secret(&content, self.rules) {
            self.secret_value(after + 1);
        }
    }

    /// Masks a value as a whole. `null`, `true` and `false` tell nothing and stay.
    fn secret_value(&mut self, after_colon: usize) {
        let start = self.skip_space(after_colon);
        let end = value_end(self.line, start);
        let value = self.line.get(start..end).unwrap_or_default();
        if !matches!(value, b"" | b"null" | b"true" | b"false" | b"\"\"") {
            let mask = [b"\"", SECRET.as_bytes(), b"\""].concat();
            if value != mask {
                self.replace(start, end, &mask);
            }
        }
        self.at = end.max(start);
    }

    fn replace(&mut self, start: usize, end: usize, with: &[u8]) {
        let out = self
            .masked
            .get_or_insert_with(|| Vec::with_capacity(self.line.len()));
        out.extend_from_slice(self.line.get(self.copied..start).unwrap_or_default());
        out.extend_from_slice(with);
        self.copied = end;
    }

    fn skip_space(&self, from: usize) -> usize {
        let rest = self.line.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }
}

/// Where the string's closing quote is, and whether an escape comes before it.
fn string_end(line: &[u8], start: usize) -> (usize, bool) {
    let mut escaped = false;
    let mut at = start;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => return (at, escaped),
            b'\\' => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    (line.len(), escaped)
}

/// The end of the value that begins here, of whatever kind.
fn value_end(line: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => at = string_end(line, at + 1).0,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
        let closed = matches!(byte, b'"' | b'}' | b']');
        if closed && depth == 0 {
            return at.min(line.len());
        }
    }
    line.len()
}

/// The content of a JSON string; `None` if it is no valid one, such as half a surrogate pair.
fn unescaped(raw: &[u8]) -> Option<Cow<'_, [u8]>> {
    let whole = [b"\"", raw, b"\""].concat();
    let content = serde_json::from_slice::<String>(&whole).ok()?;
    Some(Cow::Owned(content.into_bytes()))
}

/// A text as the content of a JSON string.
fn escape(content: &[u8]) -> Vec<u8> {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(content)).to_string();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or_default().as_bytes().to_vec()
}
