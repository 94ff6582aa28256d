//! People as an API: finding somebody, what is known of them, their copy, and whom a breach concerns. All of it is
//! personal data, and every answer is on record.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::api_key::Scope;
use domain::receipt_id::ReceiptId;
use edge::auth::{Caller, gated};
use edge::http_input::{JsonBody, Params, PathParams};
use edge::people::{AffectedPage, Copy, Sought};
use edge::problem::{FieldError, PERSON_NOT_FOUND, Problem};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Deps;
use crate::views::people_files::{FileFormat, affected_file, copy_file, window};
use crate::views::person::{self, PersonView};
use crate::views::request_deeds::check_may;

/// Every route with the scope that it needs.
pub(super) fn routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |routes| gated(deps, Scope::PeopleWrite, routes);
    OpenApiRouter::new()
        .routes(gate(routes!(find_people)))
        .routes(gate(routes!(list_affected)))
        .routes(gate(routes!(get_person)))
        .routes(gate(routes!(copy_person)))
        .routes(gate(routes!(part_person)))
        .routes(gate(routes!(reunite_people)))
}

/// Whom somebody looks for: one of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FindRequest {
    /// A phone number in any spelling.
    #[schema(example = "0812-3456-7890")]
    phone: Option<String>,
    /// A customer's id.
    #[schema(example = "OYAKO_MOKA_163124")]
    customer: Option<String>,
    /// A receipt's id.
    #[schema(example = "moka-100818_20251028_53L8YFC")]
    receipt: Option<String>,
}

impl FindRequest {
    fn sought(self) -> Result<Sought, Problem> {
        let refused = |pointer, indonesian, english| {
            let error = FieldError::at(pointer, "FIELD_INVALID", indonesian, english);
            Err(Problem::fields(vec![error]))
        };
        match (self.phone, self.customer, self.receipt) {
            (Some(phone), None, None) => match Sought::read(&phone) {
                Some(sought @ Sought::Phone(_)) => Ok(sought),
                _ => refused("/phone", "bukan nomor telepon", "not a phone number"),
            },
            (None, Some(customer), None) => Ok(Sought::Customer(customer)),
            (None, None, Some(receipt)) => match ReceiptId::parse(&receipt) {
                Some(receipt) => Ok(Sought::Receipt(receipt)),
                None => refused("/receipt", "bukan ID struk", "not a receipt's id"),
            },
            _ => refused(
                "",
                "isi tepat satu dari phone, customer, receipt",
                "give exactly one of phone, customer, receipt",
            ),
        }
    }
}

/// Whom a search found.
#[derive(Debug, Serialize, ToSchema)]
struct FoundPeople {
    /// Customers' ids, in order; empty where nobody is known. Several need not be one person.
    items: Vec<String>,
}

/// Finds the ids of somebody. The number goes in the body, so that no log of addresses holds it.
#[utoipa::path(
    post, path = "/v1/people/find", tag = "people", request_body = FindRequest,
    responses(
        (status = 200, body = FoundPeople),
        (status = 409, description = "`PEOPLE_TOO_MANY`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn find_people(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    JsonBody(request): JsonBody<FindRequest>,
) -> Result<Json<FoundPeople>, Problem> {
    let items = person::find(&deps, &caller, &request.sought()?).await?;
    Ok(Json(FoundPeople { items }))
}

/// Shows a person under all of their ids.
#[utoipa::path(
    get, path = "/v1/people/{customer}", tag = "people",
    params(("customer" = String, Path, description = "The customer's id", example = "OYAKO_MOKA_163124")),
    responses((status = 200, body = PersonView), (status = 404, description = "`PERSON_NOT_FOUND`")),
)]
async fn get_person(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(customer): PathParams<String>,
) -> Result<Json<PersonView>, Problem> {
    Ok(Json(person::load(&deps, &caller, &customer).await?))
}

/// Which part of a copy.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CopyQuery {
    /// `json` (if not given) or `csv`.
    #[param(pattern = "^(json|csv)$")]
    format: Option<String>,
    /// The `next` of the part before.
    after: Option<String>,
}

/// Hands out a person's copy of their data, a part at a time: all ids, visits, receipts, answers, consents, cases
/// and requests.
#[utoipa::path(
    get, path = "/v1/people/{customer}/copy", tag = "people",
    params(("customer" = String, Path, description = "The customer's id"), CopyQuery),
    responses(
        (status = 200, content((Copy = "application/json"), (String = "text/csv")),
            description = "The part; as CSV with `format=csv`, the `next` is in the header `next-after`"),
        (status = 400, description = "`PARAMETER_INVALID`"),
        (status = 404, description = "`PERSON_NOT_FOUND`"),
    ),
)]
async fn copy_person(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(customer): PathParams<String>,
    Params(query): Params<CopyQuery>,
) -> Result<Response, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let format = FileFormat::read(query.format.as_deref())?;
    if deps.customers.find(&customer).await?.is_none() {
        return Err(Problem::new(&PERSON_NOT_FOUND));
    }
    let ids = deps.people.with_kin(&[customer]).await?;
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    let copy = deps
        .people
        .copy(&ids, query.after.as_deref(), &actor, now_ms)
        .await?;
    copy_file(&copy, format)
}

/// Parts an id from the person it was taken for, for good. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/people/{customer}/part", tag = "people",
    params(("customer" = String, Path, description = "The customer's id")),
    responses(
        (status = 204, description = "It stands by itself"),
        (status = 404, description = "`KIN_UNKNOWN`"),
        (status = 409, description = "`KIN_SETTLED`"),
    ),
)]
async fn part_person(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(customer): PathParams<String>,
) -> Result<Response, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    deps.people.part(&customer, &actor, now_ms).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// With whom an id is one person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReuniteRequest {
    /// Another id of the same phone number.
    with: String,
}

/// Takes two ids of one phone number for one person, parted ones too. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/people/{customer}/reunite", tag = "people", request_body = ReuniteRequest,
    params(("customer" = String, Path, description = "The customer's id")),
    responses(
        (status = 204, description = "They are one person"),
        (status = 404, description = "`KIN_UNKNOWN`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
async fn reunite_people(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(customer): PathParams<String>,
    JsonBody(request): JsonBody<ReuniteRequest>,
) -> Result<Response, Problem> {
    check_may(&caller, Scope::PeopleWrite)?;
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    deps.people
        .reunite(&customer, &request.with, &actor, now_ms)
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a breach is about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AffectedQuery {
    /// The first business date.
    #[param(format = Date, example = "2025-10-01", required = true)]
    from: Option<String>,
    /// The last business date.
    #[param(format = Date, example = "2025-10-28", required = true)]
    to: Option<String>,
    /// The outlet's id; without it, all outlets.
    outlet: Option<String>,
    /// `json` (if not given) or `csv`. Parts of a table, one after the other, are one file.
    #[param(pattern = "^(json|csv)$")]
    format: Option<String>,
    /// The `next` of the part before.
    after: Option<String>,
}

/// Lists whom a breach concerns, with their contact data, for the notice of UU 27/2022, article 46. It comes in
/// parts; one may be empty and have a next one.
#[utoipa::path(
    get, path = "/v1/people/affected", tag = "people", params(AffectedQuery),
    responses(
        (status = 200, content((AffectedPage = "application/json"), (String = "text/csv")),
            description = "The part; as CSV with `format=csv`, the `next` is in the header `next-after`"),
        (status = 400, description = "`PARAMETER_INVALID` or `PARAMETER_MISSING`"),
        (status = 404, description = "`OUTLET_NOT_FOUND`"),
    ),
)]
async fn list_affected(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<AffectedQuery>,
) -> Result<Response, Problem> {
    let format = FileFormat::read(query.format.as_deref())?;
    let days = (query.from.as_deref(), query.to.as_deref());
    let window = window(&deps, &caller, days, query.outlet.as_deref()).await?;
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    let page = deps
        .people
        .affected(&window, query.after.as_deref(), &actor, now_ms)
        .await?;
    match format {
        FileFormat::Json => Ok(Json(page).into_response()),
        FileFormat::Csv => {
            let csv = page.csv().map_err(|error| Problem::internal(error.to_string()))?;
            Ok(affected_file(csv, page.next.as_deref()))
        }
    }
}
