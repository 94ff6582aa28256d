//! Registered secrets in the spellings in which they turn up.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter values are not looked for.
const SHORTEST: usize = 4;
/// Shorter values have to stand alone, or parts of ids would be masked.
const SHORT: usize = 8;

/// The bytes to look for.
#[derive(Clone)]
pub(super) struct Patterns {
    /// Longest first: of two that match in one place, the longer one.
    all: Vec<Vec<u8>>,
    /// Whether a pattern starts with this byte.
    first: [bool; 256],
}

impl Default for Patterns {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            first: [false; 256],
        }
    }
}

impl std::fmt::Debug for Patterns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Patterns({})", self.all.len())
    }
}

impl Patterns {
    /// Whether a value is looked for already.
    pub(super) fn knows(&self, secret: &str) -> bool {
        let secret = secret.trim();
        secret.len() < SHORTEST || self.all.iter().any(|pattern| pattern == secret.as_bytes())
    }

    /// Looks for a value in all its spellings.
    pub(super) fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return;
        }
        for spelling in spellings(secret) {
            let Some(first) = spelling.first() else { continue };
            if let Some(starts) = self.first.get_mut(usize::from(*first)) {
                *starts = true;
            }
            if !self.all.contains(&spelling) {
                self.all.push(spelling);
            }
        }
        self.all.sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
    }

    /// The text with every secret masked, or `None` if it holds none.
    pub(super) fn mask(&self, text: &[u8]) -> Option<Vec<u8>> {
        if self.all.is_empty() {
            return None;
        }
        let mut masked: Option<Vec<u8>> = None;
        let (mut at, mut copied) = (0, 0);
        while at < text.len() {
            let Some(end) = self.end_at(text, at) else {
                at += 1;
                continue;
            };
            let out = masked.get_or_insert_with(|| Vec::with_capacity(text.len()));
            out.extend_from_slice(text.get(copied..at).unwrap_or_default());
            out.extend_from_slice(super::SECRET.as_bytes());
            (at, copied) = (end, end);
        }
        if let Some(out) = &mut masked {
            out.extend_from_slice(text.get(copied..).unwrap_or_default());
        }
        masked
    }

    /// The end of the secret that starts here.
    fn end_at(&self, text: &[u8], start: usize) -> Option<usize> {
        let first = text.get(start)?;
        if !*self.first.get(usize::from(*first))? {
            return None;
        }
        let rest = text.get(start..)?;
        let found = self.all.iter().find(|pattern| {
            rest.starts_with(pattern)
                && (pattern.len() >= SHORT || stands_alone(text, start, start + pattern.len()))
        })?;
        Some(start + found.len())
    }
}

fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let in_word = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    !in_word(start.checked_sub(1)) && !in_word(Some(end))
}

fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let percent = percent(bytes, false);
    vec![
        bytes.to_vec(),
        percent.to_ascii_lowercase_escapes(),
        percent.0.replace("%20", "+").into_bytes(),
        percent.0.into_bytes(),
        self::percent(bytes, true).0.into_bytes(),
        STANDARD.encode(bytes).into_bytes(),
        STANDARD_NO_PAD.encode(bytes).into_bytes(),
        URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
    ]
}

struct Percent(String);

impl Percent {
    /// The same with `%2f` for `%2F`.
    fn to_ascii_lowercase_escapes(&self) -> Vec<u8> {
        let mut bytes = self.0.clone().into_bytes();
        let mut left = 0;
        for byte in &mut bytes {
            if *byte == b'%' {
                left = 2;
            } else if left > 0 {
                byte.make_ascii_lowercase();
                left -= 1;
            }
        }
        bytes
    }
}

/// Percent-encoding as RFC 3986 §2.3 asks for it, or as browsers do it, which leaves `!'()*` alone.
fn percent(bytes: &[u8], browser: bool) -> Percent {
    let mut encoded = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        let plain =
            byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || (browser && b"!'()*".contains(byte));
        if plain {
            encoded.push(char::from(*byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Percent(encoded)
}
