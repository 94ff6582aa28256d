//! Reading a record's JSON into its members, in one pass and without a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{LINES_MAX, Object, Rejection, UnknownFields};
use crate::shape::{Field, Node, Shape, Shapes};

pub(super) struct Reading<'s> {
    pub(super) shapes: &'s Shapes,
    pub(super) unknown: &'s mut UnknownFields,
    pub(super) fault: Option<Rejection>,
}

pub(super) struct ObjectSeed<'r, 's, 'h, 'o, 'p, 'a> {
    pub(super) reading: &'r mut Reading<'s>,
    pub(super) shape: &'h Shape,
    pub(super) object: &'o mut Object<'a>,
    /// The branches that led here, as the beginning of a JSON pointer without its slash.
    pub(super) place: &'p str,
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
