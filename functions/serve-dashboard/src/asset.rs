//! The style sheet and the icon, each under an address that changes with its content.

use std::sync::LazyLock;

use axum::response::Response;
use data_encoding::BASE32_NOPAD;
use edge::http::immutable;
use edge::http_input::PathParams;
use edge::problem::{Problem, ROUTE_NOT_FOUND};
use sha2::{Digest, Sha256};

/// What never changes under its address.
struct Asset {
    path: String,
    content: &'static str,
    media_type: &'static str,
}

impl Asset {
    /// The path is `/dashboard/assets/<name>-<hash>.<ending>`.
    fn new((name, ending): (&str, &str), media_type: &'static str, content: &'static str) -> Self {
        let hash = Sha256::digest(content.as_bytes());
        let short = BASE32_NOPAD.encode(hash.get(..10).unwrap_or_default());
        Self {
            path: format!("/dashboard/assets/{name}-{}.{ending}", short.to_lowercase()),
            content,
            media_type,
        }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../templates/style.css");
    Asset::new(("style", "css"), "text/css; charset=utf-8", content)
});
static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../templates/icon.svg");
    Asset::new(("icon", "svg"), "image/svg+xml", content)
});

/// The route of the assets.
pub(crate) const ROUTE: &str = "/dashboard/assets/{file}";

/// Where the style sheet is.
pub(crate) fn style() -> &'static str {
    &STYLE.path
}

/// Where the icon is. Pages name it, so that no browser asks for `/favicon.ico`, which is not ours to answer.
pub(crate) fn icon() -> &'static str {
    &ICON.path
}

/// Answers with an asset.
pub(crate) async fn get(PathParams(file): PathParams<String>) -> Result<Response, Problem> {
    let asked = [&STYLE, &ICON]
        .into_iter()
        .find(|asset| asset.path.ends_with(&format!("/{file}")));
    let asset = asked.ok_or_else(|| Problem::new(&ROUTE_NOT_FOUND))?;
    Ok(immutable(asset.media_type, asset.content))
}
