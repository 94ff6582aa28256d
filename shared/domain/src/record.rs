//! A record, read from its bytes into the fields that its dialect knows.
//!
//! Numbers stay text until the field they belong to says what they are: nothing here ever becomes a
//! float.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::dialect::{Dialect, detect};
use crate::shape::{Field, List, Node, Shape, Shapes};

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
    #[must_use]
    pub fn all(&self, field: Field) -> Vec<(&str, &'a str)> {
        let told = self
            .members
            .iter()
            .filter(|(known, _, _, raw)| *known == field && *raw != "null");
        let mut told: Vec<_> = told
            .map(|(_, place, name, raw)| (*place, name.as_ref(), *raw))
            .collect();
        told.sort_unstable_by_key(|(place, ..)| *place);
        told.into_iter().map(|(_, name, raw)| (name, raw)).collect()
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

struct Reading<'s> {
    shapes: &'s Shapes,
    unknown: &'s mut UnknownFields,
    fault: Option<Rejection>,
}

struct ObjectSeed<'r, 's, 'h, 'o, 'p, 'a> {
    reading: &'r mut Reading<'s>,
    shape: &'h Shape,
    object: &'o mut Object<'a>,
    /// The branches that led here, as the beginning of a JSON pointer without its slash.
    place: &'p str,
}

impl<'a> DeserializeSeed<'a> for ObjectSeed<'_, '_, '_, '_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ObjectSeed<'_, '_, '_, '_, '_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Name(name)) = map.next_key()? {
            match self.shape.find(&name) {
                Some(Node::Field(field, place)) => {
                    let raw: &RawValue = map.next_value()?;
                    let name = match self.place {
                        "" => escaped(name),
                        branches => Cow::Owned(format!("{branches}{}", escaped(name))),
                    };
                    self.object
                        .insert(*field, *place, name, raw.get(), self.reading)?;
                }
                Some(Node::List(list)) => {
                    let mut objects = Vec::new();
                    let shapes = self.reading.shapes;
                    let empty = Shape::default();
                    let shape = shapes.lists.get(list).unwrap_or(&empty);
                    let seed = ListSeed {
                        reading: self.reading,
                        shape,
                        objects: &mut objects,
                        name: &name,
                    };
                    map.next_value_seed(seed)?;
                    self.object.lists.push((*list, objects));
                }
                Some(Node::Branch(shape)) => {
                    let place = format!("{}{}/", self.place, escaped(name));
                    map.next_value_seed(ObjectSeed {
                        reading: self.reading,
                        shape,
                        object: self.object,
                        place: &place,
                    })?;
                }
                Some(Node::Ignored) => drop(map.next_value::<IgnoredAny>()?),
                None => {
                    self.reading.unknown.count(&name);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    // A branch that is no object has none of the fields.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    #[allow(
        clippy::disallowed_types,
        reason = "the trait's signature; the number is passed over"
    )]
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'a> Object<'a> {
    fn insert<E: serde::de::Error>(
        &mut self,
        field: Field,
        place: u8,
        name: Cow<'a, str>,
        raw: &'a str,
        reading: &mut Reading<'_>,
    ) -> Result<(), E> {
        if self
            .members
            .iter()
            .any(|(known, at, ..)| *known == field && *at == place)
        {
            let fault = Rejection::new(
                "DUPLICATE_KEY",
                format!("/{name}"),
                "a name is given twice in one object",
            );
            reading.fault.get_or_insert(fault);
            return Err(E::custom("duplicate key"));
        }
        self.members.push((field, place, name, raw));
        Ok(())
    }
}

/// A name as a step of a JSON pointer (RFC 6901, §3).
fn escaped(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        Cow::Owned(name.replace('~', "~0").replace('/', "~1"))
    } else {
        name
    }
}

struct ListSeed<'r, 's, 'o, 'a> {
    reading: &'r mut Reading<'s>,
    shape: &'o Shape,
    objects: &'o mut Vec<Object<'a>>,
    name: &'o str,
}

impl<'a> DeserializeSeed<'a> for ListSeed<'_, '_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ListSeed<'_, '_, '_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list of objects")
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        loop {
            let mut object = Object::default();
            let seed = ObjectSeed {
                reading: &mut *self.reading,
                shape: self.shape,
                object: &mut object,
                place: "",
            };
            let Some(()) = seq.next_element_seed(seed)? else {
                return Ok(());
            };
            if self.objects.len() >= LINES_MAX {
                let detail = format!("more than {LINES_MAX} entries in one list");
                self.reading.fault.get_or_insert(Rejection::new(
                    "TOO_MANY_LINES",
                    format!("/{}", self.name),
                    detail,
                ));
                return Err(S::Error::custom("too many"));
            }
            self.objects.push(object);
        }
    }

    // A list of one that came without its brackets.
    fn visit_map<M: MapAccess<'a>>(self, map: M) -> Result<(), M::Error> {
        let mut object = Object::default();
        ObjectSeed {
            reading: self.reading,
            shape: self.shape,
            object: &mut object,
            place: "",
        }
        .visit_map(map)?;
        self.objects.push(object);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Name<'a> {
    fn deserialize<D: Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'a> Visitor<'a> for Names {
            type Value = Name<'a>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'a>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        from.deserialize_str(Names)
    }
}
