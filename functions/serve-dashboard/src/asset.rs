//! The style sheet, under an address that changes with its content.

use std::sync::LazyLock;

use axum::response::Response;
use data_encoding::BASE32_NOPAD;
use edge::http::immutable;
use edge::http_input::PathParams;
use edge::problem::{Problem, ROUTE_NOT_FOUND};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../templates/style.css");

/// The path of the style sheet: `/dashboard/style-<hash>.css`.
static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(STYLE.as_bytes());
    let short = hash.get(..10).unwrap_or_default();
    format!(
        "/dashboard/assets/style-{}.css",
        BASE32_NOPAD.encode(short).to_lowercase()
    )
});

/// The route of the style sheet.
pub(crate) const ROUTE: &str = "/dashboard/assets/{file}";

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &PATH
}

/// Answers with the style sheet, which never changes under its address.
pub(crate) async fn get(PathParams(file): PathParams<String>) -> Result<Response, Problem> {
    if PATH.ends_with(&format!("/{file}")) {
        Ok(immutable("text/css; charset=utf-8", STYLE))
    } else {
        Err(Problem::new(&ROUTE_NOT_FOUND))
    }
}
