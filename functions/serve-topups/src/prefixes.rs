//! Whose numbers begin how, as the shop may know better than the program.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::topup::number::Prefixes;
use edge::auth::Caller;
use edge::http_input::{RawBody, media_type};
use edge::problem::{FieldError, MEDIA_TYPE_UNSUPPORTED, Problem};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};

use crate::Deps;

/// The setting that holds the shop's own table.
pub(crate) const SETTING: &str = "prefixes";

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Shows the table of prefixes that is in force, as TOML.
#[utoipa::path(
    get, path = "/v1/topup-prefixes", tag = "topup-settings",
    responses((status = 200, body = String, content_type = "text/plain")),
)]
pub(crate) async fn get_prefixes(State(deps): State<Arc<Deps>>) -> Result<Response, Problem> {
    let text = match deps.catalogue.setting(SETTING).await? {
        Some(own) => own,
        None => Prefixes::built_in().to_toml(),
    };
    Ok(([(CONTENT_TYPE, TEXT)], text).into_response())
}

/// Replaces the table of prefixes as a whole.
#[utoipa::path(
    put, path = "/v1/topup-prefixes", tag = "topup-settings",
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = 204, description = "It is in force"),
        (status = 415, description = "`MEDIA_TYPE_UNSUPPORTED`"),
        (status = 422, description = "`BODY_INVALID`, with the line"),
    ),
)]
pub(crate) async fn put_prefixes(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    let header = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type(header) != "text/plain" {
        return Err(Problem::new(&MEDIA_TYPE_UNSUPPORTED).detail(
            "Kirim tabelnya dengan header Content-Type: text/plain.",
            "Send the table with the header Content-Type: text/plain.",
        ));
    }
    let text = std::str::from_utf8(&body).map_err(|_| refused("bukan UTF-8", "not UTF-8"))?;
    Prefixes::read(text).map_err(|error| {
        let (line, what) = (error.line, error.what);
        refused(&format!("baris {line}: {what}"), &format!("line {line}: {what}"))
    })?;
    deps.catalogue
        .put_setting(SETTING, Some(text), &caller.actor(), deps.now_ms())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(indonesian: &str, english: &str) -> Problem {
    Problem::fields(vec![FieldError::at("", "FIELD_INVALID", indonesian, english)])
}

/// Goes back to the table that comes with the program.
#[utoipa::path(
    delete, path = "/v1/topup-prefixes", tag = "topup-settings",
    responses((status = 204, description = "The built-in table is in force")),
)]
pub(crate) async fn delete_prefixes(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    deps.catalogue
        .put_setting(SETTING, None, &caller.actor(), deps.now_ms())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
