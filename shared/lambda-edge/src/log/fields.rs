//! The fields of events and spans as JSON.

use std::fmt::Debug;

use serde::Serialize;
use tracing::field::{Field, Visit};

use super::write_json;

/// A line in the making. The first value of a name counts.
pub(super) struct Line {
    json: Vec<u8>,
    names: Vec<&'static str>,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            json: Vec::with_capacity(256),
            names: Vec::with_capacity(16),
        }
    }

    pub(super) fn text(&mut self, name: &'static str, value: &str) {
        self.put(name, |json| write_json(json, value));
    }

    /// Adds the fields of a span that the line does not have yet.
    pub(super) fn span(&mut self, fields: &SpanFields) {
        for (name, value) in &fields.0 {
            self.put(name, |json| json.extend_from_slice(value));
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.json.push(b'}');
        self.json
    }

    fn put(&mut self, name: &'static str, write: impl FnOnce(&mut Vec<u8>)) {
        if self.names.contains(&name) {
            return;
        }
        self.json.push(if self.names.is_empty() { b'{' } else { b',' });
        self.names.push(name);
        write_json(&mut self.json, name);
        self.json.push(b':');
        write(&mut self.json);
    }
}

/// The fields of a span, each written out.
#[derive(Default)]
pub(super) struct SpanFields(Vec<(&'static str, Vec<u8>)>);

impl SpanFields {
    /// Takes over values that were recorded later.
    pub(super) fn update(&mut self, later: Self) {
        for (name, value) in later.0 {
            self.0.retain(|(known, _)| *known != name);
            self.0.push((name, value));
        }
    }
}

/// Something that takes a field and its value.
trait Take {
    fn take(&mut self, name: &'static str, value: &(impl Serialize + ?Sized));
}

impl Take for Line {
    fn take(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        self.put(name, |json| write_json(json, value));
    }
}

impl Take for SpanFields {
    fn take(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        let mut json = Vec::new();
        write_json(&mut json, value);
        self.update(Self(vec![(name, json)]));
    }
}

/// A name as written in the code; `r#type` is called `type`.
fn plain(field: &Field) -> &'static str {
    field.name().strip_prefix("r#").unwrap_or(field.name())
}

macro_rules! visit {
    ($visitor:ty) => {
        impl Visit for $visitor {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.take(plain(field), &format!("{value:?}"));
            }

            fn record_str(&mut self, field: &Field, value: &str) {
                self.take(plain(field), value);
            }

            fn record_bool(&mut self, field: &Field, value: bool) {
                self.take(plain(field), &value);
            }

            fn record_i64(&mut self, field: &Field, value: i64) {
                self.take(plain(field), &value);
            }

            fn record_u64(&mut self, field: &Field, value: u64) {
                self.take(plain(field), &value);
            }
        }
    };
}

visit!(Line);
visit!(SpanFields);
