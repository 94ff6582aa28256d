//! The documents of the pages as an API. A route names the scope it needs once; the check and the
//! description are both made from that.

mod findings;
mod nights;
mod people;
mod rights;
mod topups;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::api_key::Scope;
use edge::auth::{Caller, gated};
use edge::http_input::{JsonBody, Params, PathParams, page_size};
use edge::openapi;
use edge::problem::Problem;
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Deps;
use crate::filter::{Asked, Filter};
use crate::range::Detail;
use crate::views::case::{self, CaseView};
use crate::views::cases::{self, CasesView};
use crate::views::comments::{self, CommentsView};
use crate::views::dish::{self, DishView};
use crate::views::erase;
use crate::views::menu::{self, MenuView};
use crate::views::satisfaction::{self, SatisfactionView};
use crate::views::sync::{self, SyncView};

/// The most items of one answer.
const LIMIT_MAX: i32 = 100;

/// Every route with the scope that it needs.
pub(crate) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::with_openapi(openapi::head())
        .routes(gate(Scope::FeedbackRead, routes!(get_satisfaction)))
        .routes(gate(Scope::FeedbackRead, routes!(list_menus)))
        .routes(gate(Scope::FeedbackRead, routes!(get_menu)))
        .routes(gate(Scope::FeedbackRead, routes!(list_feedback)))
        .routes(gate(Scope::FeedbackWrite, routes!(erase_words)))
        .routes(gate(Scope::FeedbackRead, routes!(list_cases)))
        .routes(gate(Scope::FeedbackRead, routes!(get_case)))
        .routes(gate(Scope::FeedbackWrite, routes!(change_case)))
        .routes(gate(Scope::SalesRead, routes!(get_sync)))
        .merge(people::routes(deps))
        .merge(rights::routes(deps))
        .merge(nights::routes(deps))
        .merge(findings::routes(deps))
        .merge(topups::routes(deps))
}

/// Which days of which outlet.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RangeQuery {
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// The first business date; 28 days in all if not given.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-01")]
    from: Option<String>,
    /// The last business date; today if not given. Beyond 92 days the answer is by whole months, two years at
    /// most.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    to: Option<String>,
}

impl From<RangeQuery> for Asked {
    fn from(query: RangeQuery) -> Self {
        Self {
            outlet: query.outlet,
            from: query.from,
            to: query.to,
            ..Self::default()
        }
    }
}

/// Says how satisfied guests are, with intervals, and whether that changed.
#[utoipa::path(
    get, path = "/v1/satisfaction", tag = "satisfaction", params(RangeQuery),
    responses(
        (status = 200, body = SatisfactionView),
        (status = 400, description = "`PARAMETER_INVALID` or `RANGE_TOO_LONG`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn get_satisfaction(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<RangeQuery>,
) -> Result<Json<SatisfactionView>, Problem> {
    let filter = Filter::read(&deps, &caller, query.into()).await?;
    let loaded = satisfaction::load(&deps, &filter, Detail::Totals).await?;
    Ok(Json(loaded.view))
}

/// Which dishes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MenusQuery {
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// The first business date; 28 days in all if not given.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-01")]
    from: Option<String>,
    /// The last business date; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    to: Option<String>,
    /// Of this category only.
    category: Option<String>,
    /// Whose name has these letters.
    q: Option<String>,
    /// `net` (if not given), `qty`, `best`, `worst`, `change`, `ratings` or `name`.
    sort: Option<String>,
}

/// Lists dishes: what sold and how it was rated.
#[utoipa::path(
    get, path = "/v1/satisfaction/menus", tag = "satisfaction", params(MenusQuery),
    responses(
        (status = 200, body = MenuView),
        (status = 400, description = "`PARAMETER_INVALID` or `RANGE_TOO_LONG`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn list_menus(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<MenusQuery>,
) -> Result<Json<MenuView>, Problem> {
    let asked = Asked {
        outlet: query.outlet,
        from: query.from,
        to: query.to,
        category: query.category,
        q: query.q,
        sort: query.sort,
        ..Asked::default()
    };
    let filter = Filter::read(&deps, &caller, asked).await?;
    Ok(Json(menu::load(&deps, &filter).await?))
}

/// Shows one dish: variants, ratings and sales over time.
#[utoipa::path(
    get, path = "/v1/satisfaction/menus/{menu}", tag = "satisfaction",
    params(("menu" = String, Path, description = "The dish's `key`", example = "Nasi.20Goreng"), RangeQuery),
    responses(
        (status = 200, body = DishView),
        (status = 400, description = "`PARAMETER_INVALID` or `RANGE_TOO_LONG`"),
        (status = 404, description = "`MENU_NOT_FOUND` or `OUTLET_NOT_FOUND`"),
    ),
)]
async fn get_menu(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(menu): PathParams<String>,
    Params(query): Params<RangeQuery>,
) -> Result<Json<DishView>, Problem> {
    let filter = Filter::read(&deps, &caller, query.into()).await?;
    Ok(Json(dish::load(&deps, &filter, &menu).await?))
}

/// Which comments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FeedbackQuery {
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// The first day: of one outlet the business date of the receipt, of all outlets the day on which it was
    /// said.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-01")]
    from: Option<String>,
    /// The last day; today if not given.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    to: Option<String>,
    /// With these letters in the words or in the name of a dish.
    q: Option<String>,
    /// With so many stars for the visit.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 5)]
    stars: Option<String>,
    /// `yes`: with what looks like an advertisement or noise too.
    spam: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 25 if not given. A page may have fewer, and more may follow all the same: a search looks at a
    /// bounded number of answers at a time.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists what guests wrote, the newest first.
#[utoipa::path(
    get, path = "/v1/feedback", tag = "feedback", params(FeedbackQuery),
    responses(
        (status = 200, body = CommentsView),
        (status = 400, description = "`PARAMETER_INVALID` or `RANGE_TOO_LONG`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn list_feedback(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<FeedbackQuery>,
) -> Result<Json<CommentsView>, Problem> {
    let limit = page_size(query.limit.as_deref(), comments::PAGE, LIMIT_MAX)?;
    let asked = Asked {
        outlet: query.outlet,
        from: query.from,
        to: query.to,
        q: query.q,
        stars: query.stars,
        spam: query.spam,
        after: query.after,
        ..Asked::default()
    };
    let filter = Filter::read(&deps, &caller, asked).await?;
    Ok(Json(comments::load(&deps, &filter, limit).await?))
}

/// Erases a guest's words for good, earlier ones too. The ratings stay. Once more changes nothing.
#[utoipa::path(
    delete, path = "/v1/feedback/{receipt}/words", tag = "feedback",
    params(("receipt" = String, Path, description = "The receipt's id")),
    responses(
        (status = 204, description = "The words are gone"),
        (status = 404, description = "`FEEDBACK_NOT_FOUND`"),
        (status = 409, description = "`CHANGED_MEANWHILE`"),
    ),
)]
async fn erase_words(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(receipt): PathParams<String>,
) -> Result<Response, Problem> {
    erase::erase(&deps, &caller, &receipt).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesQuery {
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// `open`, `contacted` or `resolved`. If not given: of one outlet all, of all outlets the open ones.
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 25 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
}

/// Lists low scores that somebody has to see to, the latest first.
#[utoipa::path(
    get, path = "/v1/cases", tag = "cases", params(CasesQuery),
    responses(
        (status = 200, body = CasesView),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn list_cases(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<CasesQuery>,
) -> Result<Json<CasesView>, Problem> {
    let limit = page_size(query.limit.as_deref(), cases::PAGE, LIMIT_MAX)?;
    let asked = Asked {
        outlet: query.outlet,
        state: query.state,
        after: query.after,
        ..Asked::default()
    };
    let filter = Filter::read(&deps, &caller, asked).await?;
    Ok(Json(cases::load(&deps, &filter, limit).await?))
}

/// Shows one case with what the guest said and what was noted.
#[utoipa::path(
    get, path = "/v1/cases/{outlet}/{id}", tag = "cases",
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("id" = String, Path, description = "The case's id"),
    ),
    responses((status = 200, body = CaseView), (status = 404, description = "`CASE_NOT_FOUND`")),
)]
async fn get_case(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams((outlet, id)): PathParams<(String, String)>,
) -> Result<Json<CaseView>, Problem> {
    let case = case::find(&deps, &caller, (&outlet, &id)).await?;
    Ok(Json(case::view(&deps, &case).await?))
}

/// What becomes of a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CaseRequest {
    /// `open`, `contacted` or `resolved`: a later state, or the present one with a note.
    #[schema(example = "contacted")]
    state: String,
    /// What is to be noted, without personal data.
    #[serde(default)]
    #[schema(max_length = 1000)]
    note: String,
}

/// Puts a case into a later state, or notes something about it.
#[utoipa::path(
    post, path = "/v1/cases/{outlet}/{id}", tag = "cases", request_body = CaseRequest,
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("id" = String, Path, description = "The case's id"),
    ),
    responses(
        (status = 200, body = CaseView),
        (status = 404, description = "`CASE_NOT_FOUND`"),
        (status = 409, description = "`CASE_SETTLED` or `CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn change_case(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams((outlet, id)): PathParams<(String, String)>,
    JsonBody(request): JsonBody<CaseRequest>,
) -> Result<Json<CaseView>, Problem> {
    let case = case::find(&deps, &caller, (&outlet, &id)).await?;
    let state = case::read_state(&request.state)?;
    let changed = case::decide(&deps, &caller, &case, (state, request.note.trim())).await?;
    Ok(Json(case::view(&deps, &changed).await?))
}

/// Which day of which outlets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SyncQuery {
    /// The outlet's id: its last 31 days. Without it, fifty outlets of one day.
    outlet: Option<String>,
    /// The business date, or the last one; if not given, the last whose file should have come.
    #[param(value_type = Option<String>, format = Date, example = "2025-10-28")]
    to: Option<String>,
    /// Of outlets or days that stand so: `missing`, `late`, `trouble` (missing, late, or with sales that lack
    /// their lines or don't add up), `complete` (in time, with their lines, and they add up), or `all` (if not given).
    status: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Says whether sales have come in: per outlet of a day, or per day of an outlet.
#[utoipa::path(
    get, path = "/v1/sync", tag = "sync", params(SyncQuery),
    responses(
        (status = 200, body = SyncView),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn get_sync(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<SyncQuery>,
) -> Result<Json<SyncView>, Problem> {
    let asked = Asked {
        outlet: query.outlet,
        to: query.to,
        status: query.status,
        after: query.after,
        ..Asked::default()
    };
    let filter = Filter::read(&deps, &caller, asked).await?;
    Ok(Json(sync::load(&deps, &filter).await?))
}
