//! Values of a record's fields. Types in the wild are unreliable, so each reader takes every writing
//! that can mean only one thing, and refuses the rest with the place and the reason.

use std::borrow::Cow;

use crate::money::{self, Money, Written};
use crate::quantity::{self, Quantity};
use crate::record::{Object, Rejection};
use crate::shape::Field;
use crate::when::{self, Moment, Zone};

/// The longest text that is kept, in bytes; a longer one is shortened, and noted.
const TEXT_BYTES_MAX: usize = 200;

/// Which object of a record is being read. Told as a JSON pointer, and only when something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The record itself.
    Record,
    /// An entry of one of its lists.
    Entry(&'static str, usize),
    /// An entry of a list of an entry.
    EntryOf(&'static str, usize, &'static str, usize),
}

impl Spot {
    /// An entry of a list of this object; lists are not deeper than that.
    #[must_use]
    pub fn entry(self, list: &'static str, index: usize) -> Self {
        match self {
            Self::Record => Self::Entry(list, index),
            Self::Entry(outer, at) | Self::EntryOf(outer, at, ..) => Self::EntryOf(outer, at, list, index),
        }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Record => Ok(()),
            Self::Entry(list, index) => write!(out, "/{list}/{index}"),
            Self::EntryOf(outer, at, list, index) => write!(out, "/{outer}/{at}/{list}/{index}"),
        }
    }
}

/// The most that any amount of one receipt can be: ten billion rupiah. It also keeps the sums of a day in range, so that
/// one mistyped receipt can't spoil the day of an outlet.
fn believable() -> Money {
    Money::from_rupiah(10_000_000_000).unwrap_or_default()
}

/// Where values are read: the place within the record, and the notes taken on the way.
#[derive(Debug)]
pub struct Reader<'n> {
    /// The JSON pointer of the object that is being read.
    pub place: Spot,
    /// Codes of things taken in spite of a flaw.
    pub notes: &'n mut Vec<&'static str>,
}

impl Reader<'_> {
    /// A rejection of a field of the object that is being read.
    #[must_use]
    pub fn reject(&self, code: &'static str, name: &str, detail: &str) -> Rejection {
        let member = if name.is_empty() {
            String::new()
        } else {
            format!("/{name}")
        };
        Rejection::new(code, format!("{}{member}", self.place), detail)
    }

    /// A field as text: a string, a number or a flag as it is written. Nothing, `-` and blanks are `None`.
    ///
    /// # Errors
    /// [`Rejection`] when it is a list or an object.
    pub fn text<'a>(&self, object: &Object<'a>, field: Field) -> Result<Option<Cow<'a, str>>, Rejection> {
        for (name, raw) in object.all(field) {
            let text = self.scalar(name, raw)?;
            let trimmed = text.trim();
            if !trimmed.is_empty() && trimmed != "-" && !trimmed.eq_ignore_ascii_case("null") {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// A field as text for people, without control characters and not longer than is kept.
    ///
    /// # Errors
    /// As [`Reader::text`].
    pub fn label(&mut self, object: &Object<'_>, field: Field) -> Result<Option<String>, Rejection> {
        let Some(text) = self.text(object, field)? else {
            return Ok(None);
        };
        let mut text = tidied(&text);
        if text.len() > TEXT_BYTES_MAX {
            let end = (0..=TEXT_BYTES_MAX)
                .rev()
                .find(|end| text.is_char_boundary(*end))
                .unwrap_or_default();
            text.truncate(end);
            self.notes.push("TEXT_SHORTENED");
        }
        Ok((!text.is_empty()).then_some(text))
    }

    fn scalar<'a>(&self, name: &str, raw: &'a str) -> Result<Cow<'a, str>, Rejection> {
        match raw.as_bytes().first() {
            Some(b'"') => self.string(name, raw),
            Some(b'{' | b'[') => Err(self.reject("FIELD_TYPE", name, "a single value is expected here")),
            _ => Ok(Cow::Borrowed(raw)),
        }
    }

    fn string<'a>(&self, name: &str, raw: &'a str) -> Result<Cow<'a, str>, Rejection> {
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if !inner.contains('\\') {
            return Ok(Cow::Borrowed(inner));
        }
        let text = serde_json::from_str::<String>(raw);
        text.map(Cow::Owned)
            .map_err(|_| self.reject("RECORD_NOT_JSON", name, "a string with a broken escape"))
    }

    /// A field as an exact amount. Where a name's value says nothing, the next name counts; an
    /// itemised list in place of an amount says nothing.
    ///
    /// # Errors
    /// [`Rejection`] when it is no amount, or one out of range.
    pub fn money(&mut self, object: &Object<'_>, field: Field) -> Result<Option<Money>, Rejection> {
        for (name, raw) in object.all(field) {
            let string;
            let written = match raw.as_bytes().first() {
                Some(b'[' | b'{') => continue,
                Some(b'"') => {
                    string = self.string(name, raw)?;
                    Written::Text(&string)
                }
                _ => Written::Number(raw),
            };
            let parsed = money::parse(written);
            let parsed = parsed.map_err(|error| self.reject(error.code(), name, &error.to_string()))?;
            if let Some(parsed) = parsed {
                if parsed
                    .value
                    .checked_abs()
                    .is_none_or(|amount| amount > believable())
                {
                    return Err(self.reject("MONEY_OUT_OF_RANGE", name, "more than ten billion rupiah"));
                }
                self.notes.extend(parsed.note.map(|note| note.code()));
                return Ok(Some(parsed.value));
            }
        }
        Ok(None)
    }

    /// A field as an exact quantity.
    ///
    /// # Errors
    /// [`Rejection`] when it is no quantity.
    pub fn quantity(&mut self, object: &Object<'_>, field: Field) -> Result<Option<Quantity>, Rejection> {
        let Some((name, raw)) = object.raw(field) else {
            return Ok(None);
        };
        let string;
        let written = if raw.starts_with('"') {
            string = self.string(name, raw)?;
            Written::Text(&string)
        } else {
            Written::Number(raw)
        };
        let parsed = quantity::parse(written);
        let parsed = parsed.map_err(|error| self.reject(error.code(), name, &error.to_string()))?;
        Ok(parsed.map(|parsed| {
            self.notes.extend(parsed.note.map(|note| note.code()));
            parsed.value
        }))
    }

    /// A field as a moment: of its names the first that tells one.
    ///
    /// # Errors
    /// [`Rejection`] when it is no date.
    pub fn moment(
        &self,
        object: &Object<'_>,
        field: Field,
        zone: &Zone,
    ) -> Result<Option<Moment>, Rejection> {
        for (name, raw) in object.all(field) {
            let moment = if raw.starts_with('"') {
                when::read_moment(&self.string(name, raw)?, zone)
            } else if raw.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
                when::read_epoch(raw).map(Some)
            } else {
                return Err(self.reject("DATE_INVALID", name, "a date is expected here"));
            };
            let moment = moment.map_err(|error| self.reject(error.code(), name, &error.to_string()))?;
            if moment.is_some() {
                return Ok(moment);
            }
        }
        Ok(None)
    }

    /// A field as a flag; silence is `false`.
    ///
    /// # Errors
    /// [`Rejection`] when it is a list or an object.
    pub fn flag(&self, object: &Object<'_>, field: Field) -> Result<bool, Rejection> {
        let text = self.text(object, field)?.unwrap_or_default();
        let text = text.trim();
        Ok(text == "1"
            || ["true", "yes", "ya"]
                .iter()
                .any(|yes| text.eq_ignore_ascii_case(yes)))
    }
}

/// A text on one line: without control characters, blanks at its ends, or two blanks in a row.
fn tidied(text: &str) -> String {
    let bytes = text.as_bytes();
    let plain =
        bytes.iter().all(|byte| (b' '..0x7f).contains(byte)) && !bytes.windows(2).any(|two| two == b"  ");
    if plain {
        return text.trim().to_owned();
    }
    let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.retain(|c| !c.is_control());
    text
}
