//! Top-ups that wait for people, as an API, and the books of the deposit.

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
use crate::views::topup::{self, TopupView};
use crate::views::topup_books::{self, BooksView};
use crate::views::topup_deeds::{Deed, decide};
use crate::views::topup_reviews::{self, ReviewsView, find};

/// The routes with the scope that each needs.
pub(super) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::new()
        .routes(gate(Scope::TopupsRead, routes!(list_reviews)))
        .routes(gate(Scope::TopupsRead, routes!(get_review)))
        .routes(gate(Scope::TopupsDecide, routes!(propose)))
        .routes(gate(Scope::TopupsDecide, routes!(confirm)))
        .routes(gate(Scope::TopupsDecide, routes!(reject)))
        .routes(gate(Scope::TopupsRead, routes!(get_books)))
}

/// Which top-ups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReviewsQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 25 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists top-ups that wait for a decision: nobody knows how they ended, or a report says that they ended otherwise.
#[utoipa::path(
    get, path = "/v1/topup-reviews", tag = "topup-reviews", params(ReviewsQuery),
    responses((status = 200, body = ReviewsView), (status = 400, description = "`PARAMETER_INVALID`")),
)]
async fn list_reviews(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<ReviewsQuery>,
) -> Result<Json<ReviewsView>, Problem> {
    let limit = page_size(query.limit.as_deref(), topup_reviews::PAGE, LIMIT_MAX)?;
    let decides = topup_reviews::sees_numbers(&caller);
    let view = topup_reviews::load(&deps, query.after.as_deref(), limit, decides).await?;
    Ok(Json(view))
}

/// Shows one top-up with what happened to it, whether it waits for a decision or not.
#[utoipa::path(
    get, path = "/v1/topup-reviews/{refid}", tag = "topup-reviews",
    params(("refid" = String, Path, description = "The order's id")),
    responses((status = 200, body = TopupView), (status = 404, description = "`TOPUP_NOT_FOUND`")),
)]
async fn get_review(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(refid): PathParams<String>,
) -> Result<Json<TopupView>, Problem> {
    let order = find(&deps, &refid).await?;
    Ok(Json(topup::view(&deps, &caller, &order).await?))
}

/// What became of a top-up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TopupVerdict {
    /// Whether it was delivered.
    delivered: bool,
    /// The serial number, where it was delivered and is known.
    #[serde(default)]
    #[schema(max_length = 200)]
    serial_number: Option<String>,
    /// How one knows, without the number and the serial number.
    #[schema(min_length = 1, max_length = 500, example = "CS kiosAMPM: sukses 12.01")]
    reason: String,
}

/// Says what became of a top-up, or of one that is over that it ended otherwise. It counts when somebody else confirms
/// it. The same once more changes nothing. Only a person who is signed in may, and no API key.
#[utoipa::path(
    post, path = "/v1/topup-reviews/{refid}/propose", tag = "topup-reviews", request_body = TopupVerdict,
    params(("refid" = String, Path, description = "The order's id")),
    responses(
        (status = 200, body = TopupView),
        (status = 403, description = "`TOPUP_NEEDS_PERSON`"),
        (status = 404, description = "`TOPUP_NOT_FOUND`"),
        (status = 409, description = "`TOPUP_NOT_TO_DECIDE` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn propose(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(refid): PathParams<String>,
    JsonBody(said): JsonBody<TopupVerdict>,
) -> Result<Json<TopupView>, Problem> {
    let deed = Deed::propose(said.delivered, said.serial_number.as_deref(), &said.reason);
    answer(&deps, &caller, &refid, (&deed, None)).await
}

/// Which proposal is meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TopupSeen {
    /// The `version` of the top-up as it was looked at: if it has changed since, nothing is decided.
    version: u64,
}

/// Confirms what somebody else proposed: the top-up ends so, and its partner is told. Only a person who is signed in
/// may, and no API key.
#[utoipa::path(
    post, path = "/v1/topup-reviews/{refid}/confirm", tag = "topup-reviews", request_body = TopupSeen,
    params(("refid" = String, Path, description = "The order's id")),
    responses(
        (status = 200, body = TopupView),
        (status = 403, description = "`TOPUP_NEEDS_PERSON` or `TOPUP_SAME_PERSON`"),
        (status = 404, description = "`TOPUP_NOT_FOUND`"),
        (status = 409, description = "`TOPUP_NOT_TO_DECIDE`, `TOPUP_NOTHING_PROPOSED` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn confirm(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(refid): PathParams<String>,
    JsonBody(seen): JsonBody<TopupSeen>,
) -> Result<Json<TopupView>, Problem> {
    answer(&deps, &caller, &refid, (&Deed::Confirm, Some(seen.version))).await
}

/// Rejects what somebody proposed, or takes one's own proposal back: somebody has to find out anew. Only a person who
/// is signed in may, and no API key.
#[utoipa::path(
    post, path = "/v1/topup-reviews/{refid}/reject", tag = "topup-reviews", request_body = TopupSeen,
    params(("refid" = String, Path, description = "The order's id")),
    responses(
        (status = 200, body = TopupView),
        (status = 403, description = "`TOPUP_NEEDS_PERSON` or `TOPUP_SAME_PERSON`"),
        (status = 404, description = "`TOPUP_NOT_FOUND`"),
        (status = 409, description = "`TOPUP_NOT_TO_DECIDE`, `TOPUP_NOTHING_PROPOSED` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn reject(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(refid): PathParams<String>,
    JsonBody(seen): JsonBody<TopupSeen>,
) -> Result<Json<TopupView>, Problem> {
    answer(&deps, &caller, &refid, (&Deed::Reject, Some(seen.version))).await
}

async fn answer(
    deps: &Deps,
    caller: &Caller,
    refid: &str,
    deed: (&Deed, Option<u64>),
) -> Result<Json<TopupView>, Problem> {
    let order = decide(deps, caller, refid, deed).await?;
    Ok(Json(topup::view(deps, caller, &order).await?))
}

/// Which day of the books.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BooksQuery {
    /// The date in Jakarta; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    date: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Shows the deposit with the supplier, and what its answers of a day said of it.
#[utoipa::path(
    get, path = "/v1/topup-books", tag = "topup-reviews", params(BooksQuery),
    responses((status = 200, body = BooksView), (status = 400, description = "`PARAMETER_INVALID`")),
)]
async fn get_books(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<BooksQuery>,
) -> Result<Json<BooksView>, Problem> {
    let view = topup_books::load(&deps, query.date.as_deref(), query.after.as_deref()).await?;
    Ok(Json(view))
}
