//! Numbers that the supplier has blocked, or that failed too often: its people lift that, and the shop says so here.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::topup::number;
use domain::topup::product::Kind;
use edge::auth::Caller;
use edge::http_input::JsonBody;
use edge::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deps;
use crate::look::Unfit;
use crate::refusal::Told;

/// A destination that may be ordered for again. Not shown by `Debug`: it is somebody's number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TopupDestinationRelease)]
pub(crate) struct ReleaseRequest {
    /// The number, in any form that an order takes.
    #[schema(max_length = 64, example = "081234567890")]
    destination: String,
    /// What kind of product it is a number for: `pulsa` if not given, `data`, `pln` or `voucher`.
    #[serde(default = "pulsa")]
    #[schema(value_type = Option<String>)]
    kind: Kind,
}

const fn pulsa() -> Kind {
    Kind::Pulsa
}

/// A destination as the shop knows it now.
#[derive(Serialize, ToSchema)]
#[schema(as = TopupDestination)]
pub(crate) struct DestinationDocument {
    /// The number as it is sent to the supplier.
    destination: String,
    /// Whether the supplier is said to have blocked it: `false`, until it says so again.
    blocked: bool,
    /// How many failures of it count: 0, until the next one.
    failures: u32,
    /// Whether that was otherwise before.
    changed: bool,
}

/// Releases a number: the supplier's people have said that it is not blocked any more, or why it failed. The number is
/// in no address, and masked in the audit trail. The same once more changes nothing.
#[utoipa::path(
    post, path = "/v1/topup-destinations/release", tag = "topup-settings", request_body = ReleaseRequest,
    responses(
        (status = 200, body = DestinationDocument),
        (status = 422, description = "`BODY_INVALID`, `TOPUP_DESTINATION_INVALID`"),
    ),
)]
pub(crate) async fn release_destination(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    JsonBody(request): JsonBody<ReleaseRequest>,
) -> Result<Json<DestinationDocument>, Problem> {
    let now_ms = deps.now_ms();
    let destination = number::destination(request.kind, &request.destination)
        .map_err(|error| Told::from(&Unfit::Destination(error)).problem(Vec::new(), now_ms))?;
    let changed = deps.topups.release(&destination, &caller.actor(), now_ms).await?;
    Ok(Json(DestinationDocument {
        destination,
        blocked: false,
        failures: 0,
        changed,
    }))
}
