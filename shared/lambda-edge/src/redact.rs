//! Keeps secrets and personal data out of what a function writes.
//!
//! Two lines of defence. [`Secret`] shows itself to nobody who does not ask with
//! [`Secret::expose`]. And a [`Redactor`] goes over the bytes of every line before they leave, for
//! everything that got into a line by another way: an error text of a library, a request echoed back.
//!
//! What a redactor masks:
//!
//! | what | becomes |
//! |---|---|
//! | a registered secret: as it is, percent-encoded, form-encoded, in base64 (both alphabets) | `[secret]` |
//! | the value of a JSON field, `key=value`, `key: value` or header that is named like a secret | `[secret]` |
//! | the user and password of a URL | `[secret]` |
//! | a JSON Web Token, and what follows `Bearer` or `Basic` | `[token]` |
//! | an e-mail address, also with `%40` | `[email]` |
//! | a phone number with `+` or `%2B`; a stand-alone one that starts with the trunk prefix `0`; one that starts with a registered country code | `[phone]` |
//!
//! What it leaves alone: ids, hexadecimal and base32 text, timestamps, ARNs, and every number in a
//! numeric position. A line is read once: the time is linear in its length. The result of a valid
//! JSON line is a valid JSON line.

mod keys;
mod line;
mod patterns;
mod phone;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde::{Serialize, Serializer};

use patterns::Patterns;

/// What stands in the place of a secret.
pub const SECRET: &str = "[secret]";
/// What stands in the place of a token.
pub const TOKEN: &str = "[token]";
/// What stands in the place of an e-mail address.
pub const EMAIL: &str = "[email]";
/// What stands in the place of a phone number.
pub const PHONE: &str = "[phone]";

/// A value that is shown only where the code says [`expose`](Secret::expose).
///
/// ```
/// use lambda_edge::redact::Secret;
///
/// let key = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{key} {key:?}"), "[secret] [secret]");
/// assert_eq!(key.expose(), "hunter2");
/// ```
///
/// It has no equality on purpose: comparing secrets takes a comparison in constant time.
#[derive(Clone, Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Every use is a place to look at in a review.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }
}

impl<T> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SECRET)
    }
}

/// What is masked beyond the rules that always hold.
#[derive(Clone, Debug, Default)]
struct Rules {
    secrets: Patterns,
    /// Normalised names of further fields.
    fields: Vec<String>,
    country_codes: Vec<String>,
}

/// Masks secrets and personal data in lines and texts. Cheap to clone; clones share what was
/// registered.
///
/// ```
/// use lambda_edge::redact::Redactor;
///
/// let redactor = Redactor::new();
/// redactor.register("s3cr3t-k3y");
/// let line = br#"{"message":"sent s3cr3t-k3y to a@example.com","pin":123456,"at":1795310473123}"#;
/// assert_eq!(
///     redactor.line(line),
///     br#"{"message":"sent [secret] to [email]","pin":"[secret]","at":1795310473123}"#.as_slice(),
/// );
/// ```
#[derive(Clone, Default)]
pub struct Redactor {
    rules: Arc<RwLock<Arc<Rules>>>,
}

static PROCESS: LazyLock<Redactor> = LazyLock::new(Redactor::new);

impl Redactor {
    /// A redactor of its own, with nothing registered.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The redactor that the log of this process writes through.
    #[must_use]
    pub fn process() -> Self {
        PROCESS.clone()
    }

    /// Masks this value from now on, wherever it shows up. Values of less than four bytes are not
    /// looked for, they would blank out half of every line; those of less than eight only where they
    /// stand alone.
    pub fn register(&self, secret: &str) {
        if !self.rules().secrets.knows(secret) {
            self.change(|rules| rules.secrets.add(secret));
        }
    }

    /// Masks the values of fields with this name too, in any spelling: `bankAccount` also means
    /// `bank_account` and `Bank-Account`.
    pub fn mask_field(&self, name: &str) {
        self.change(|rules| rules.fields.push(keys::normalised(name.as_bytes())));
    }

    /// Masks numbers of 10 to 15 digits that stand alone and start with this country code without
    /// its `+`, such as `62`. Not done by itself, because ids look the same.
    pub fn mask_country_code(&self, digits: &str) {
        let is_code = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_code {
            self.change(|rules| rules.country_codes.push(digits.to_owned()));
        }
    }

    /// Masks one line: JSON if it starts with `{`, anything else as text.
    #[must_use]
    pub fn line<'a>(&self, line: &'a [u8]) -> Cow<'a, [u8]> {
        line::mask(line, &self.rules())
    }

    /// Masks registered secrets and nothing else, in bytes of whatever kind.
    #[must_use]
    pub fn secrets<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let masked = self.rules().secrets.mask(bytes);
        masked.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }

    /// Masks a text.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(masked) = text::mask(text.as_bytes(), &self.rules()) else {
            return Cow::Borrowed(text);
        };
        Cow::Owned(String::from_utf8_lossy(&masked).into_owned())
    }

    /// The lock is held for the time of a reference count, so a panic elsewhere can't leave it taken.
    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Rules)) {
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut rules));
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}
