//! What people ask for about their data, as an API: requests by id, code and time, and what is done with them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use edge::auth::{Caller, gated};
use edge::http_input::{JsonBody, Params, PathParams, page_size};
use edge::problem::Problem;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::LIMIT_MAX;
use crate::Deps;
use crate::views::identity::Claim;
use crate::views::request_deeds::{self, Wish, check_may, find};
use crate::views::requests::{self, RequestRow, RequestsView, Which};

/// Every route with the scope that it needs.
pub(super) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::new()
        .routes(gate(Scope::PeopleRead, routes!(list_requests)))
        .routes(gate(Scope::PeopleWrite, routes!(receive_request)))
        .routes(gate(Scope::PeopleRead, routes!(get_request)))
        .routes(gate(Scope::PeopleWrite, routes!(check_request)))
        .routes(gate(Scope::PeopleWrite, routes!(execute_request)))
        .routes(gate(Scope::PeopleWrite, routes!(refuse_request)))
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RightsQuery {
    /// `open` (if not given): those that are not over, the one that is due first before the others; `all`: every
    /// one, the latest received first.
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 25 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists requests of people about their data. It names ids and nobody.
#[utoipa::path(
    get, path = "/v1/rights", tag = "rights", params(RightsQuery),
    responses((status = 200, body = RequestsView), (status = 400, description = "`PARAMETER_INVALID`")),
)]
async fn list_requests(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<RightsQuery>,
) -> Result<Json<RequestsView>, Problem> {
    check_may(&caller, Scope::PeopleRead)?;
    let limit = page_size(query.limit.as_deref(), requests::PAGE, LIMIT_MAX)?;
    let which = Which::read(query.state.as_deref())?;
    Ok(Json(
        requests::load(&deps, which, query.after.as_deref(), limit).await?,
    ))
}

/// What somebody asks for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRequest {
    /// `access`, `correction`, `erasure`, `withdrawal`, `restriction`, `objection`, or the end of one of the last two:
    /// `lift_restriction`, `lift_objection`.
    #[schema(example = "access")]
    kind: String,
    /// Whom it is about. Ids that are the same person's are added.
    #[schema(example = "OYAKO_MOKA_163124")]
    customer: String,
    /// What a correction is about: `name`, `phone` or `email`.
    field: Option<String>,
    /// What is right; without it, the value is taken away.
    value: Option<String>,
}

/// Notes a request. The same request while it is open is one: it is answered again.
#[utoipa::path(
    post, path = "/v1/rights", tag = "rights", request_body = NewRequest,
    responses(
        (status = 201, body = RequestRow),
        (status = 404, description = "`PERSON_NOT_FOUND`"),
        (status = 409, description = "`RIGHTS_OPEN`, `RIGHTS_ERASURE` or `RIGHTS_NOTHING_TO_LIFT`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn receive_request(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    JsonBody(request): JsonBody<NewRequest>,
) -> Result<(StatusCode, Json<RequestRow>), Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let value = request.value.unwrap_or_default();
    let wish = Wish::read(&request.kind, request.field.as_deref(), &value)?;
    let stored = request_deeds::receive(&deps, &caller, &request.customer, &wish).await?;
    Ok((StatusCode::CREATED, Json(RequestRow::of(stored, deps.now_ms()))))
}

/// Shows one request.
#[utoipa::path(
    get, path = "/v1/rights/{id}", tag = "rights",
    params(("id" = String, Path, description = "The request's id")),
    responses((status = 200, body = RequestRow), (status = 404, description = "`RIGHTS_NOT_FOUND`")),
)]
async fn get_request(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<Json<RequestRow>, Problem> {
    check_may(&caller, Scope::PeopleRead)?;
    let request = find(&deps, &id).await?;
    Ok(Json(RequestRow::of(request, deps.now_ms())))
}

/// How it was checked who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckRequest {
    /// `receipt_shown`, `called_back` or `in_person`.
    #[schema(example = "in_person")]
    method: String,
    /// What the person told or showed: a phone number, a mail address, a receipt's id, or a receipt's outlet, date
    /// and number. It is compared, and kept nowhere.
    told: String,
}

/// Notes a check of who asks: what the person told is compared with what is known, and only `matched` is kept.
#[utoipa::path(
    post, path = "/v1/rights/{id}/check", tag = "rights", request_body = CheckRequest,
    params(("id" = String, Path, description = "The request's id")),
    responses(
        (status = 200, body = RequestRow),
        (status = 404, description = "`RIGHTS_NOT_FOUND`"),
        (status = 409, description = "`RIGHTS_SETTLED` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn check_request(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<CheckRequest>,
) -> Result<Json<RequestRow>, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let claim = Claim::read(&request.method, &request.told)?;
    let known = find(&deps, &id).await?;
    let changed = request_deeds::check(&deps, &caller, &known, &claim).await?;
    Ok(Json(RequestRow::of(changed, deps.now_ms())))
}

/// Orders a request to be carried out. That happens within a minute; `state` is `done` then.
#[utoipa::path(
    post, path = "/v1/rights/{id}/execute", tag = "rights",
    params(("id" = String, Path, description = "The request's id")),
    responses(
        (status = 200, body = RequestRow),
        (status = 404, description = "`RIGHTS_NOT_FOUND`"),
        (status = 409, description = "`RIGHTS_UNCHECKED`, `RIGHTS_SETTLED`, `CHANGED_MEANWHILE`, \
            `RIGHTS_ERASURE` or `RIGHTS_NOTHING_TO_LIFT`"),
    ),
)]
async fn execute_request(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<Json<RequestRow>, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let known = find(&deps, &id).await?;
    let changed = request_deeds::execute(&deps, &caller, &known).await?;
    Ok(Json(RequestRow::of(changed, deps.now_ms())))
}

/// Why a request is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefuseRequest {
    /// `identity_not_shown`, `nothing_known`, `kept_by_law`, `taken_back` or `repeated`.
    #[schema(example = "identity_not_shown")]
    reason: String,
}

/// Refuses a request for a reason of the list. One that is being carried out can't be refused.
#[utoipa::path(
    post, path = "/v1/rights/{id}/refuse", tag = "rights", request_body = RefuseRequest,
    params(("id" = String, Path, description = "The request's id")),
    responses(
        (status = 200, body = RequestRow),
        (status = 404, description = "`RIGHTS_NOT_FOUND`"),
        (status = 409, description = "`RIGHTS_SETTLED` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn refuse_request(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<RefuseRequest>,
) -> Result<Json<RequestRow>, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let known = find(&deps, &id).await?;
    let changed = request_deeds::refuse(&deps, &caller, &known, &request.reason).await?;
    Ok(Json(RequestRow::of(changed, deps.now_ms())))
}
