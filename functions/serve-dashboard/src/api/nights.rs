//! Nights as documents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use edge::auth::{Caller, gated};
use edge::http_input::{Params, PathParams, page_size};
use edge::problem::Problem;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::LIMIT_MAX;
use crate::Deps;
use crate::filter::Asked;
use crate::views::night::{self, NightView};
use crate::views::nights::{self, NightsView};

/// The routes with the scope that they need.
pub(super) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |routes| gated(deps, Scope::SalesRead, routes);
    OpenApiRouter::new()
        .routes(gate(routes!(list_nights)))
        .routes(gate(routes!(get_night)))
}

/// Which nights.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NightsQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 31 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists what the nights did, the newest first. For those who see every outlet.
#[utoipa::path(
    get, path = "/v1/nights", tag = "nights", params(NightsQuery),
    responses(
        (status = 200, body = NightsView),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 403, description = "`OUTLET_FORBIDDEN`"),
    ),
)]
async fn list_nights(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<NightsQuery>,
) -> Result<Json<NightsView>, Problem> {
    let limit = page_size(query.limit.as_deref(), nights::PAGE, LIMIT_MAX)?;
    let asked = Asked {
        after: query.after,
        ..Asked::default()
    };
    Ok(Json(nights::load(&deps, &caller, &asked, limit).await?))
}

/// Which parts of a night.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NightQuery {
    /// Parts of this phase: `pull`, `reconcile` or `enrich`. If not given, of the one that the night is at.
    phase: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Shows one night: its phases, a page of their parts, what went wrong, and its report. For those who see every outlet.
#[utoipa::path(
    get, path = "/v1/nights/{date}", tag = "nights",
    params(("date" = String, Path, description = "The night's date", example = "2025-10-28"), NightQuery),
    responses(
        (status = 200, body = NightView),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 403, description = "`OUTLET_FORBIDDEN`"),
        (status = 404, description = "`NIGHT_NOT_FOUND`"),
    ),
)]
async fn get_night(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(date): PathParams<String>,
    Params(query): Params<NightQuery>,
) -> Result<Json<NightView>, Problem> {
    let asked = Asked {
        phase: query.phase,
        after: query.after,
        ..Asked::default()
    };
    Ok(Json(night::load(&deps, &caller, &date, &asked).await?))
}
