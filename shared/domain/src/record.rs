//! A record, read from its bytes into the fields that its dialect knows.
//!
//! Numbers stay text until the field they belong to says what they are: nothing here ever becomes a
//! float.

mod seed;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use crate::dialect::{Dialect, detect};
use crate::shape::{Field, List, Shapes};
use seed::{ObjectSeed, Reading};

/// Why a record is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {pointer}: {detail}")]
pub struct Rejection {
    /// The stable code.
    pub code: &'static str,
    /// Where within the record, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, in English, without content of the record.
    pub detail: String,
}

impl Rejection {
    /// A rejection of what stands at `pointer`.
    #[must_use]
    pub fn new(code: &'static str, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code,
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// Names that no alias map knows, counted. Bounded: past the bound new names are left out.
#[derive(Clone, Debug, Default)]
pub struct UnknownFields(BTreeMap<String, u64>);

impl UnknownFields {
    const NAMES_MAX: usize = 200;
    const NAME_BYTES_MAX: usize = 60;

    fn count(&mut self, name: &str) {
        if let Some(count) = self.0.get_mut(name) {
            *count = count.saturating_add(1);
        } else if self.0.len() < Self::NAMES_MAX && name.len() <= Self::NAME_BYTES_MAX {
            self.0.insert(name.to_owned(), 1);
        }
    }

    /// The names and how often each came.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

    /// Goes on from counts made before.
    #[must_use]
    pub fn from_counts(counts: BTreeMap<String, u64>) -> Self {
        Self(counts)
    }
}

/// One member: its field, its place among the field's names, where it stands as steps of a JSON pointer, its JSON
/// text.
type Member<'a> = (Field, u8, Cow<'a, str>, &'a str);

/// The members of an object that mean something.
#[derive(Debug, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
    lists: Vec<(List, Vec<Object<'a>>)>,
}

impl<'a> Object<'a> {
    /// The JSON text of a field: of its most trusted name that is there and not null.
    #[must_use]
    pub fn raw(&self, field: Field) -> Option<(&str, &'a str)> {
        let told = self
            .members
            .iter()
            .filter(|(known, _, _, raw)| *known == field && *raw != "null");
        told.min_by_key(|(_, place, ..)| *place)
            .map(|(_, _, name, raw)| (name.as_ref(), *raw))
    }

    /// The JSON texts of a field under all its names, the most trusted first.
    pub fn all(&self, field: Field) -> impl Iterator<Item = (&str, &'a str)> {
        let told = move |from: u8| {
            let told = self
                .members
                .iter()
                .filter(move |(known, place, _, raw)| *known == field && *place >= from && *raw != "null");
            told.min_by_key(|(_, place, ..)| *place)
        };
        let first = told(0);
        std::iter::successors(first, move |(_, place, ..)| told(place.checked_add(1)?))
            .map(|(_, _, name, raw)| (name.as_ref(), *raw))
    }

    /// The objects of a list; empty when the list is not there.
    #[must_use]
    pub fn list(&self, list: List) -> &[Object<'a>] {
        self.lists
            .iter()
            .find(|(known, _)| *known == list)
            .map_or(&[], |(_, objects)| objects)
    }
}

/// The most lines a receipt may have.
pub const LINES_MAX: usize = 1_000;

/// Reads a record's fields.
///
/// # Errors
/// [`Rejection`] with the code of the reason: not UTF-8, not JSON, a name given twice, too many lines.
pub fn read<'a>(
    bytes: &'a [u8],
    shapes: &Shapes,
    unknown: &mut UnknownFields,
) -> Result<Object<'a>, Rejection> {
    let text = utf8(bytes)?;
    let mut reading = Reading {
        shapes,
        unknown,
        fault: None,
    };
    let mut object = Object::default();
    let seed = ObjectSeed {
        reading: &mut reading,
        shape: &shapes.receipt,
        object: &mut object,
        place: "",
    };
    let mut json = serde_json::Deserializer::from_str(text);
    match seed.deserialize(&mut json).and_then(|()| json.end()) {
        Ok(()) => Ok(object),
        Err(error) => Err(reading.fault.take().unwrap_or_else(|| syntax(text, &error))),
    }
}

/// Tells a record's dialect.
///
/// # Errors
/// [`Rejection`] when the record can't be read at all; `Ok(None)` when it is of no dialect known.
pub fn dialect_of(bytes: &[u8]) -> Result<Option<Dialect>, Rejection> {
    let text = utf8(bytes)?;
    let members: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(text).map_err(|error| syntax(text, &error))?;
    let id_is_number = members
        .get("id")
        .is_some_and(|id| id.get().bytes().all(|byte| byte.is_ascii_digit()));
    Ok(detect(members.keys().map(Cow::as_ref), id_is_number))
}

fn utf8(bytes: &[u8]) -> Result<&str, Rejection> {
    std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("not UTF-8 at byte {} of the record", error.valid_up_to());
        Rejection::new("INVALID_UTF8", "", detail)
    })
}

/// What exactly is wrong with the JSON. Python and JavaScript write values that JSON does not have.
fn syntax(text: &str, error: &serde_json::Error) -> Rejection {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let at = line_start.saturating_add(error.column()).min(text.len());
    let around = text
        .as_bytes()
        .get(at.saturating_sub(10)..text.len().min(at.saturating_add(9)))
        .unwrap_or_default();
    let shows = |word: &str| around.windows(word.len()).any(|window| window == word.as_bytes());
    if shows("NaN") || shows("Infinity") {
        return Rejection::new(
            "NUMBER_NOT_FINITE",
            "",
            format!("NaN or Infinity at byte {at} of the record"),
        );
    }
    if error.to_string().starts_with("number out of range") {
        return Rejection::new(
            "MONEY_OUT_OF_RANGE",
            "",
            format!("a number out of range at byte {at} of the record"),
        );
    }
    Rejection::new(
        "RECORD_NOT_JSON",
        "",
        format!("not JSON at byte {at} of the record"),
    )
}
