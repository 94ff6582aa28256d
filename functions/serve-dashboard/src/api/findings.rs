//! Findings as documents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use edge::auth::{Caller, gated};
use edge::http_input::{JsonBody, Params, PathParams, page_size};
use edge::problem::Problem;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::LIMIT_MAX;
use crate::Deps;
use crate::filter::{Asked, Filter};
use crate::views::finding::{self, FindingView};
use crate::views::findings::{self, FindingsView};

/// The routes with the scope that each needs.
pub(super) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::new()
        .routes(gate(Scope::SalesRead, routes!(list_findings)))
        .routes(gate(Scope::SalesRead, routes!(get_finding)))
        .routes(gate(Scope::QuarantineWrite, routes!(accept_finding)))
}

/// Which findings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingsQuery {
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// `open`, `accepted` or `resolved`. If not given: of one outlet all, of all outlets the open ones, which are the
    /// only ones that can be had of all.
    state: Option<String>,
    /// Of this code.
    #[param(example = "SALES_MISSING")]
    code: Option<String>,
    /// Of this business date.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    date: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 25 if not given. A page may have fewer, and more may follow all the same: it looks through a bounded
    /// number of findings at a time.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists what nights found wrong with outlets' days.
#[utoipa::path(
    get, path = "/v1/findings", tag = "findings", params(FindingsQuery),
    responses(
        (status = 200, body = FindingsView),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn list_findings(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<FindingsQuery>,
) -> Result<Json<FindingsView>, Problem> {
    let limit = page_size(query.limit.as_deref(), findings::PAGE, LIMIT_MAX)?;
    let asked = Asked {
        outlet: query.outlet,
        state: query.state,
        code: query.code,
        date: query.date,
        after: query.after,
        ..Asked::default()
    };
    let filter = Filter::read(&deps, &caller, asked).await?;
    Ok(Json(findings::load(&deps, &filter, limit).await?))
}

/// Shows one finding with what was noted.
#[utoipa::path(
    get, path = "/v1/findings/{outlet}/{date}/{code}", tag = "findings",
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("date" = String, Path, description = "The business date", example = "2025-10-28"),
        ("code" = String, Path, description = "The stable code", example = "SALES_MISSING"),
    ),
    responses((status = 200, body = FindingView), (status = 404, description = "`FINDING_NOT_FOUND`")),
)]
async fn get_finding(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams((outlet, date, code)): PathParams<(String, String, String)>,
) -> Result<Json<FindingView>, Problem> {
    let finding = finding::find(&deps, &caller, (&outlet, &date, &code)).await?;
    Ok(Json(finding::view(&deps, &finding).await?))
}

/// Why a finding is fine.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptRequest {
    /// In a person's words, without personal data.
    #[schema(min_length = 3, max_length = 1000, example = "Gerai tutup karena hari raya")]
    reason: String,
}

/// Says that a finding is fine, and why. The same once more changes nothing.
#[utoipa::path(
    post, path = "/v1/findings/{outlet}/{date}/{code}", tag = "findings", request_body = AcceptRequest,
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("date" = String, Path, description = "The business date", example = "2025-10-28"),
        ("code" = String, Path, description = "The stable code", example = "SALES_MISSING"),
    ),
    responses(
        (status = 200, body = FindingView),
        (status = 404, description = "`FINDING_NOT_FOUND`"),
        (status = 409, description = "`FINDING_NOT_OPEN` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn accept_finding(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams((outlet, date, code)): PathParams<(String, String, String)>,
    JsonBody(request): JsonBody<AcceptRequest>,
) -> Result<Json<FindingView>, Problem> {
    let finding = finding::find(&deps, &caller, (&outlet, &date, &code)).await?;
    let accepted = finding::accept(&deps, &caller, &finding, &request.reason).await?;
    Ok(Json(finding::view(&deps, &accepted).await?))
}
