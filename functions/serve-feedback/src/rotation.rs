//! A new key of links, and the end of an old one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::when::format_utc;
use edge::auth::{AuthSource, Caller};
use edge::http_input::PathParams;
use edge::problem::{LINK_KEY_NOT_FOUND, Problem};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Deps;

/// The key that links are sealed with from now on, without what is secret of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkKeyDocument {
    /// Its number, which stands in every link.
    kid: u32,
    /// When it was made.
    created_at: String,
}

/// Makes a new key for links. Links handed out before go on working until they expire; the API answers new
/// ones, at the latest five minutes from now.
#[utoipa::path(
    post, path = "/v1/links/rotate", tag = "links",
    responses(
        (status = 201, description = "The new key", body = LinkKeyDocument),
        (status = 409, description = "`CHANGED_MEANWHILE`: somebody else makes a new key"),
    ),
)]
pub(crate) async fn rotate_key(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
) -> Result<(StatusCode, Json<LinkKeyDocument>), Problem> {
    let made = deps.guest_links.rotate(&caller.actor(), deps.now_ms()).await?;
    Ok((
        StatusCode::CREATED,
        Json(LinkKeyDocument {
            kid: made.kid,
            created_at: format_utc(made.created_ms),
        }),
    ))
}

/// A key whose links are refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetiredLinkKey {
    /// Its number.
    kid: u32,
    /// When it was retired.
    retired_at: String,
}

/// Retires a key that others may know, for good: links sealed with it are refused as if somebody had made them
/// up, at the latest five minutes from now. Print codes that are still wanted anew. The key that links are made
/// with can't be retired: make a new one first. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/links/keys/{kid}/retire", tag = "links",
    params(("kid" = u32, Path, description = "The key's number, as making it answered; the first is 1")),
    responses(
        (status = 200, description = "The key is retired", body = RetiredLinkKey),
        (status = 404, description = "`LINK_KEY_NOT_FOUND`"),
        (status = 409, description = "`LINK_KEY_NEWEST`: make a new key first; `CHANGED_MEANWHILE`"),
    ),
)]
pub(crate) async fn retire_key(
    State(deps): State<Arc<Deps>>,
    PathParams(kid): PathParams<String>,
    caller: Caller,
) -> Result<Json<RetiredLinkKey>, Problem> {
    let kid = kid.parse().map_err(|_| Problem::new(&LINK_KEY_NOT_FOUND))?;
    let retired_ms = deps
        .guest_links
        .retire(kid, &caller.actor(), deps.now_ms())
        .await?;
    Ok(Json(RetiredLinkKey {
        kid,
        retired_at: format_utc(retired_ms),
    }))
}
