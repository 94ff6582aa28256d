//! What callers send, read strictly: each refusal is a problem document that says where and why,
//! and never repeats the content.

mod refusal;

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use domain::when::BusinessDate;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{BODY_TOO_LARGE, BODY_UNREADABLE, MEDIA_TYPE_UNSUPPORTED, PARAMETER_INVALID, Problem};

/// The longest JSON request, in bytes. What is larger is no request of ours.
const JSON_BYTES_MAX: usize = 64 << 10;

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
        "Kirim isi yang lebih kecil; ekspor yang besar lewat POST /v1/exports/upload.",
        "Send less; a large export goes by POST /v1/exports/upload.",
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
        let pointer = refusal::pointer_to(error.path());
        refusal::of(error.inner(), &pointer, bytes)
    })?;
    reader.end().map_err(|error| refusal::not_json(&error))?;
    Ok(value)
}

/// The date that a parameter names.
///
/// # Errors
/// A problem that names the parameter.
pub fn read_date(parameter: &str, text: &str) -> Result<BusinessDate, Problem> {
    text.parse().map_err(|_| {
        let (indonesian, english) = ("tulis tanggal seperti 2025-10-28", "a date such as 2025-10-28");
        Problem::parameter(&PARAMETER_INVALID, parameter, indonesian, english)
    })
}

/// The one of `all`, given with their names, that a parameter names.
///
/// # Errors
/// A problem that names the parameter, with the names to choose from.
pub fn one_of<T: Copy>(parameter: &str, text: &str, all: &[(&str, T)]) -> Result<T, Problem> {
    let known = all.iter().find(|(name, _)| *name == text);
    known.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let (indonesian, english) = (format!("salah satu dari: {names}"), format!("one of: {names}"));
        Problem::parameter(&PARAMETER_INVALID, parameter, indonesian, english)
    })
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
    use serde_json::json;

    use super::*;

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
    fn what_is_no_date_is_refused() {
        assert!(read_date("from", "2025-10-28").is_ok());
        for text in ["", "28-10-2025", "2025-13-01", "2025-1-1", "today"] {
            assert_eq!(
                read_date("from", text).unwrap_err().kind().code,
                "PARAMETER_INVALID"
            );
        }
    }

    #[test]
    fn a_name_is_one_of_those_there_are() {
        let all = [("new", 1), ("old", 2)];
        assert_eq!(one_of("state", "old", &all).unwrap(), 2);
        for text in ["", "NEW", "new "] {
            let problem = one_of("state", text, &all).unwrap_err();
            let document = serde_json::to_value(problem.document(None)).unwrap();
            assert_eq!(document["detail_en"], "state: one of: new, old");
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
