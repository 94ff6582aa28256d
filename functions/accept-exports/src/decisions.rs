//! What people decide about quarantined records: run them again, or put them aside. The rules are in
//! [`edge::decisions`].

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use edge::auth::Caller;
use edge::decisions::{Decider, Replays, find};
use edge::http::Correlation;
use edge::http_input::{JsonBody, PathParams};
use edge::problem::{FieldError, Problem};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Deps;
use crate::quarantine::QuarantineDocument;

/// Whoever asks, with what they decide about.
fn decider<'a>(deps: &'a Deps, actor: &'a str, correlation: &'a Correlation) -> Decider<'a> {
    Decider {
        quarantine: &deps.quarantine,
        ledger: &deps.ledger,
        actor,
        correlation: &correlation.0,
        now_ms: deps.now_ms(),
    }
}

/// Runs a quarantined record again, through the same rules as the first time.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/replay", tag = "quarantine",
    params(("id" = String, Path, description = "The piece's id")),
    responses(
        (status = 202, body = QuarantineDocument),
        (status = 409, description = "`EXPORT_NOT_FINISHED`, `QUARANTINE_REPLAYING` or `QUARANTINE_SETTLED`"),
    ),
)]
pub(crate) async fn replay_quarantined(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    PathParams(id): PathParams<String>,
) -> Result<(StatusCode, Json<QuarantineDocument>), Problem> {
    let piece = find(&deps.quarantine, &id).await?;
    let asked = decider(&deps, &caller.actor(), &correlation)
        .replay(&piece)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(asked.into())))
}

/// Why a record is put aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DiscardRequest)]
pub(crate) struct DiscardRequest {
    /// The reason, in the person's words, without a guest's name or number.
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Puts a quarantined record aside, with a reason. It can still be replayed later.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/discard", tag = "quarantine",
    params(("id" = String, Path, description = "The piece's id")),
    request_body = DiscardRequest,
    responses(
        (status = 200, body = QuarantineDocument),
        (status = 409, description = "`QUARANTINE_REPLAYING` or `QUARANTINE_SETTLED`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn discard_quarantined(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<DiscardRequest>,
) -> Result<Json<QuarantineDocument>, Problem> {
    let actor = caller.actor();
    let piece = find(&deps.quarantine, &id).await?;
    let decider = decider(&deps, &actor, &correlation);
    Ok(Json(decider.discard(&piece, &request.reason).await?.into()))
}

/// Which open records to replay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayRequest)]
pub(crate) struct ReplayRequest {
    /// Of this export; of all exports if not given.
    export: Option<String>,
    /// Refused for this code; for any if not given.
    code: Option<String>,
}

/// Replays open quarantined records, at most 200 with one request.
#[utoipa::path(
    post, path = "/v1/quarantine/replay", tag = "quarantine", request_body = ReplayRequest,
    responses(
        (status = 202, body = Replays),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn replay_many(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    JsonBody(request): JsonBody<ReplayRequest>,
) -> Result<(StatusCode, Json<Replays>), Problem> {
    if request.export.as_deref() == Some("") {
        let error = FieldError::at("/export", "FIELD_INVALID", "id ekspor", "an export's id");
        return Err(Problem::fields(vec![error]));
    }
    let (export, code) = (request.export.as_deref(), request.code.as_deref());
    let replays = decider(&deps, &caller.actor(), &correlation)
        .replay_open(export, code)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(replays)))
}
