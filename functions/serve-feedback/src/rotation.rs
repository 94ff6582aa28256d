//! A new key of links.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::when::format_utc;
use edge::auth::{AuthSource, Caller};
use edge::problem::Problem;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Deps;
use crate::keyring::fresh_key;

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
    let keys = deps
        .link_keys
        .rotate(deps.now_ms(), fresh_key()?, &caller.actor())
        .await?;
    deps.key_ring.forget();
    let newest = keys
        .newest()
        .ok_or_else(|| Problem::internal("a new key of links is not there"))?;
    Ok((
        StatusCode::CREATED,
        Json(LinkKeyDocument {
            kid: newest.kid,
            created_at: format_utc(newest.created_ms),
        }),
    ))
}
