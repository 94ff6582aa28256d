//! What the JSON reader refuses, told in our words: the reader's own are English, and may quote the content.

use serde::de::IgnoredAny;

use crate::problem::{BODY_NOT_JSON, FieldError, Problem};

/// The longest name of an unknown field that is repeated to the caller.
const NAME_MAX: usize = 64;

/// What the reader would have taken, in its own words, such as "a string", or names between back quotes.
struct Expected<'a>(&'a str);

impl<'a> Expected<'a> {
    /// What a message of the reader ends with. Only what comes from our own types stands there.
    fn of(message: &'a str) -> Self {
        Self(
            message
                .rsplit_once(", expected ")
                .map_or("", |(_, expected)| expected),
        )
    }

    /// The names to choose from, where it is about names.
    fn names(&self) -> Option<String> {
        let names: Vec<&str> = self.0.split('`').skip(1).step_by(2).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// It in words of ours, in Indonesian and English.
    fn told(&self) -> (String, String) {
        if let Some(names) = self.names() {
            return (format!("salah satu dari: {names}"), format!("one of: {names}"));
        }
        let (indonesian, english) = match self.0 {
            "a string" | "a borrowed string" => ("harus teks", "must be a text"),
            "a boolean" => ("harus true atau false", "must be true or false"),
            "a sequence" => ("harus daftar", "must be a list"),
            "a map" => ("harus objek JSON", "must be a JSON object"),
            "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => (
                "harus bilangan bulat dalam rentang yang diizinkan",
                "must be a whole number in range",
            ),
            other if other.starts_with("struct ") => ("harus objek JSON", "must be a JSON object"),
            _ => (
                "bentuknya lain dari yang diharapkan",
                "has another form than expected",
            ),
        };
        (indonesian.to_owned(), english.to_owned())
    }
}

/// What is no JSON, by where it ceases to be.
pub(super) fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(&BODY_NOT_JSON).detail(
        format!("Bukan JSON mulai baris {line}, kolom {column}."),
        format!("Not JSON from line {line}, column {column} on."),
    )
}

/// What the reader says may quote the content; only what comes from our own types is passed on.
pub(super) fn of(error: &serde_json::Error, pointer: &str, bytes: &[u8]) -> Problem {
    // A value that is none of some names, such as a number, is no JSON to the reader.
    if !error.is_data() && serde_json::from_slice::<IgnoredAny>(bytes).is_err() {
        return not_json(error);
    }
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let expected = Expected::of(message);
    let field = if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        let pointer = format!("{pointer}/{name}");
        FieldError::at(&pointer, "FIELD_MISSING", "wajib diisi", "must be given")
    } else if message.starts_with("unknown field `") {
        let known = expected.names().unwrap_or_default();
        let english = format!("not known; expected: {known}");
        FieldError::at(
            pointer,
            "FIELD_UNKNOWN",
            format!("tidak dikenal; yang dikenal: {known}"),
            english,
        )
    } else if let Some(rest) = message.strip_prefix("duplicate field `") {
        let pointer = format!("{pointer}/{}", rest.trim_end_matches('`'));
        FieldError::at(
            &pointer,
            "FIELD_REPEATED",
            "muncul dua kali",
            "given more than once",
        )
    } else {
        let (indonesian, english) = expected.told();
        FieldError::at(pointer, "FIELD_INVALID", indonesian, english)
    };
    Problem::fields(vec![field])
}

/// A path as a JSON pointer (RFC 6901). Names come from the caller, so they are kept short and plain.
pub(super) fn pointer_to(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                let plain = key.chars().map(|c| {
                    if c.is_ascii_alphanumeric() || "_-.".contains(c) {
                        c
                    } else {
                        '?'
                    }
                });
                pointer.push('/');
                pointer.extend(plain.take(NAME_MAX));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::NAME_MAX;
    use crate::http_input::read_json;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "read for its refusals")]
    struct Sample {
        name: String,
        hour: u8,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        open: Option<bool>,
        #[serde(default)]
        choice: Option<Choice>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Choice {
        Hold,
        Refuse,
    }

    fn refused(body: &str) -> Value {
        let problem = read_json::<Sample>(body.as_bytes()).expect_err(body);
        serde_json::to_value(problem.document(None)).unwrap()
    }

    #[test]
    fn a_refusal_says_where_and_what() {
        let table = [
            (r#"{"hour":1}"#, "/name", "FIELD_MISSING"),
            (r#"{"name":"a","hour":1,"nmae":2}"#, "/nmae", "FIELD_UNKNOWN"),
            (r#"{"name":"a","hour":"late"}"#, "/hour", "FIELD_INVALID"),
            (r#"{"name":"a","hour":900}"#, "/hour", "FIELD_INVALID"),
            (
                r#"{"name":"a","hour":1,"tags":["x",7]}"#,
                "/tags/1",
                "FIELD_INVALID",
            ),
            (r#"{"name":"a","hour":1,"hour":2}"#, "/hour", "FIELD_REPEATED"),
            (r#"[]"#, "", "FIELD_INVALID"),
        ];
        for (body, pointer, code) in table {
            let document = refused(body);
            assert_eq!(document["code"], "BODY_INVALID", "{body}");
            assert_eq!(document["errors"][0]["code"], code, "{body}: {document}");
            assert_eq!(document["errors"][0]["pointer"], pointer, "{body}: {document}");
        }
    }

    #[test]
    fn broken_json_is_told_by_line_and_column() {
        for body in ["", "{", "{\"name\":\n oops}", "{\"name\":\"a\",\"hour\":1} x"] {
            assert_eq!(refused(body)["code"], "BODY_NOT_JSON", "{body}");
        }
        let document = refused("{\"name\":\n oops}");
        assert!(
            document["detail_en"].as_str().unwrap().contains("line 2"),
            "{document}"
        );
    }

    #[test]
    fn content_is_never_repeated() {
        for body in [
            r#"{"name":"a","hour":"+6281200000001"}"#,
            r#"{"name":{"Sinta Dewi":1},"hour":1}"#,
            r#""Sinta Dewi +6281200000001""#,
            r#"{"name":"a","hour":"x, expected `Sinta`"}"#,
            r#"{"name":"a","hour":1,"choice":"x, expected `Sinta`"}"#,
        ] {
            let text = refused(body).to_string();
            assert!(
                !text.contains("6281200000001") && !text.contains("Sinta"),
                "{text}"
            );
        }
        // The name of an unknown field is said, but neither spaces nor more than its beginning.
        let long = format!(r#"{{"name":"a","hour":1,"{}":1}}"#, "a b".repeat(100));
        let pointer = refused(&long)["errors"][0]["pointer"].clone();
        assert_eq!(pointer.as_str().unwrap().len(), NAME_MAX + 1);
        assert!(!pointer.as_str().unwrap().contains(' '));
    }

    #[test]
    fn what_is_wanted_is_said_in_both_languages() {
        let table = [
            (r#"{"name":7,"hour":1}"#, "harus teks", "must be a text"),
            (
                r#"{"name":"a","hour":"1"}"#,
                "harus bilangan bulat dalam rentang yang diizinkan",
                "must be a whole number in range",
            ),
            (
                r#"{"name":"a","hour":900}"#,
                "harus bilangan bulat dalam rentang yang diizinkan",
                "must be a whole number in range",
            ),
            (
                r#"{"name":"a","hour":1,"open":"ya"}"#,
                "harus true atau false",
                "must be true or false",
            ),
            (
                r#"{"name":"a","hour":1,"tags":"x"}"#,
                "harus daftar",
                "must be a list",
            ),
            (
                r#"{"name":"a","hour":1,"choice":"wait"}"#,
                "salah satu dari: hold, refuse",
                "one of: hold, refuse",
            ),
            (
                r#"{"name":"a","hour":1,"nmae":2}"#,
                "tidak dikenal; yang dikenal: name, hour, tags, open, choice",
                "not known; expected: name, hour, tags, open, choice",
            ),
            (r#"7"#, "harus objek JSON", "must be a JSON object"),
            (
                r#"{"name":"a","hour":1,"choice":7}"#,
                "bentuknya lain dari yang diharapkan",
                "has another form than expected",
            ),
            (
                r#"{"name":"a","hour":1,"choice":{}}"#,
                "bentuknya lain dari yang diharapkan",
                "has another form than expected",
            ),
        ];
        for (body, indonesian, english) in table {
            let error = refused(body)["errors"][0].clone();
            assert_eq!(
                (&error["detail"], &error["detail_en"]),
                (&indonesian.into(), &english.into()),
                "{body}"
            );
        }
        let document = refused(r#"{"name":7,"hour":1}"#);
        assert_eq!(document["detail"], "/name: harus teks");
        assert_eq!(document["detail_en"], "/name: must be a text");
    }
}
