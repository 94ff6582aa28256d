//! What callers send, read strictly: each refusal is a problem document that says where and why,
//! and never repeats the content.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{
    BODY_NOT_JSON, BODY_TOO_LARGE, BODY_UNREADABLE, FieldError, MEDIA_TYPE_UNSUPPORTED, PARAMETER_INVALID,
    Problem,
};

/// The longest JSON request, in bytes. What is larger is no request of ours.
const JSON_BYTES_MAX: usize = 64 << 10;
/// The longest name of an unknown field that is repeated to the caller.
const NAME_MAX: usize = 64;

/// The parameters behind the question mark. Every field of `T` is an optional text, so that each can
/// be refused by its name.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        let unusable = |_| {
            Problem::new(&PARAMETER_INVALID).detail(
                "Sebuah parameter muncul dua kali.",
                "A parameter is given more than once.",
            )
        };
        read.map(|Query(value)| Self(value)).map_err(unusable)
    }
}

/// The parameters behind the question mark, by name, as often as they stand there.
///
/// # Errors
/// A problem when they are not of the form `name=value&…`.
pub fn parameters(uri: &http::Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    let unusable =
        |_| Problem::new(&PARAMETER_INVALID).detail("Parameter tidak terbaca.", "Unreadable parameters.");
    pairs.map(|Query(pairs)| pairs).map_err(unusable)
}

/// The variable parts of the path.
#[derive(Debug)]
pub struct PathParams<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::new(&PARAMETER_INVALID).detail(
                "Alamat tidak terbaca sebagai UTF-8.",
                "The path is not readable as UTF-8.",
            )),
        }
    }
}

/// The bytes of a body, up to the router's limit.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| unread(&rejection))
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::new(&BODY_UNREADABLE).detail("Kirim ulang permintaan.", "Send the request again.")
}

fn too_large() -> Problem {
    Problem::new(&BODY_TOO_LARGE).detail(
        "Untuk berkas besar pakai POST /v1/exports/upload.",
        "Use POST /v1/exports/upload for a large file.",
    )
}

/// A JSON body.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media = media_type(
            request
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|value| value.to_str().ok()),
        );
        if media != "application/json" {
            return Err(Problem::new(&MEDIA_TYPE_UNSUPPORTED).detail(
                "Kirim JSON dengan header Content-Type: application/json.",
                "Send JSON with the header Content-Type: application/json.",
            ));
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        if bytes.len() > JSON_BYTES_MAX {
            return Err(too_large());
        }
        read_json(&bytes).map(Self)
    }
}

/// The media type of a `Content-Type` header, without its parameters, in lower case.
#[must_use]
pub fn media_type(header: Option<&str>) -> String {
    let media = header.unwrap_or_default().split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer_to(error.path());
        refusal(error.inner(), &pointer)
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::new(&BODY_NOT_JSON).detail(
        format!("Bukan JSON mulai baris {line}, kolom {column}."),
        format!("Not JSON from line {line}, column {column} on."),
    )
}

/// What the reader says may quote the content; only what comes from our own types is passed on.
fn refusal(error: &serde_json::Error, pointer: &str) -> Problem {
    if !error.is_data() {
        return not_json(error);
    }
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let expected = message
        .split_once(", expected ")
        .map_or("", |(_, expected)| expected);
    let field = if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        let pointer = format!("{pointer}/{name}");
        FieldError::at(&pointer, "FIELD_MISSING", "wajib diisi", "must be given")
    } else if message.starts_with("unknown field `") {
        let known = format!("dikenal: {expected}");
        FieldError::at(
            pointer,
            "FIELD_UNKNOWN",
            known,
            format!("not known; expected {expected}"),
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
        let wanted = format!("seharusnya {expected}");
        FieldError::at(pointer, "FIELD_INVALID", wanted, format!("expected {expected}"))
    };
    Problem::fields(vec![field])
}

/// A path as a JSON pointer (RFC 6901). Names come from the caller, so they are kept short and plain.
fn pointer_to(path: &serde_path_to_error::Path) -> String {
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

/// How many items a page is to have: the caller's number, from 1 to `max`, or `default`.
///
/// # Errors
/// A problem that names the parameter `limit`.
pub fn page_size(limit: Option<&str>, default: i32, max: i32) -> Result<i32, Problem> {
    let Some(limit) = limit else { return Ok(default) };
    limit
        .parse()
        .ok()
        .filter(|number| (1..=max).contains(number))
        .ok_or_else(|| {
            let (indonesian, english) = (
                format!("bilangan 1 sampai {max}"),
                format!("a number from 1 to {max}"),
            );
            Problem::parameter(&PARAMETER_INVALID, "limit", indonesian, english)
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "read for its refusals")]
    struct Sample {
        name: String,
        hour: u8,
        #[serde(default)]
        tags: Vec<String>,
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
    fn a_page_has_from_one_to_the_most_items() {
        assert_eq!(page_size(None, 100, 500).unwrap(), 100);
        assert_eq!(page_size(Some("500"), 100, 500).unwrap(), 500);
        for limit in ["0", "501", "-1", "ten", "", "1.5"] {
            let problem = page_size(Some(limit), 100, 500).unwrap_err();
            let document = serde_json::to_value(problem.document(None)).unwrap();
            assert_eq!(document["errors"][0]["parameter"], json!("limit"), "{limit}");
        }
    }

    #[test]
    fn a_media_type_is_read_without_its_parameters() {
        assert_eq!(
            media_type(Some("Application/JSON; charset=utf-8")),
            "application/json"
        );
        assert_eq!(media_type(None), "");
    }
}
