//! `accept-exports`: the HTTP API. Takes exports, says what became of them, and answers questions
//! about days, receipts, customers, quarantined records, the audit trail and API keys.
//!
//! One file per resource holds its routes and the documents they answer with. Each route names the
//! scope it needs once, in [`api`]; the check and the API's description are both made from that.

mod audit;
mod claims;
mod customers;
mod days;
mod decisions;
mod deps;
mod exports;
mod keys;
mod mails;
mod media;
mod openapi;
mod outlets;
mod quarantine;
mod receipt;
mod receipts;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use domain::api_key::Scope;
use edge::auth::gated;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use deps::{Clock, Deps};

/// The largest body taken, in bytes. Lambda takes 6 MB with base64 around it (AWS Lambda quotas,
/// "invocation payload"); what is larger goes through a presigned upload.
const BODY_BYTES_MAX: usize = 6 << 20;

/// The whole API, ready to run under Lambda or in a test.
pub fn router(deps: Deps) -> Router {
    let deps = Arc::new(deps);
    let (routes, description) = api(&deps).split_for_parts();
    routes
        .merge(openapi::route(description))
        .method_not_allowed_fallback(edge::http::no_method)
        .fallback(edge::http::no_route)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&deps), count_cost))
        .layer(from_fn(edge::http::finish))
        .with_state(deps)
}

/// What the API's description says of these routes: this function's part of `/openapi.json`.
#[must_use]
pub fn description(deps: Deps) -> OpenApi {
    api(&Arc::new(deps)).into_openapi()
}

/// Counts what a request costs in the database.
async fn count_cost(State(deps): State<Arc<Deps>>, request: Request, next: Next) -> Response {
    let before = deps.cost();
    let response = next.run(request).await;
    deps.count_cost(before);
    response
}

/// Every route with the scope that it needs.
fn api(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::with_openapi(edge::openapi::head())
        .routes(routes!(openapi::health))
        .routes(gate(Scope::Exports, routes!(uploads::send_export)))
        .routes(gate(Scope::Exports, routes!(uploads::begin_upload)))
        .routes(gate(Scope::Exports, routes!(exports::find_export)))
        .routes(gate(Scope::Exports, routes!(exports::get_export)))
        .routes(gate(Scope::SalesRead, routes!(outlets::list_outlets)))
        .routes(gate(Scope::SalesRead, routes!(outlets::get_outlet)))
        .routes(gate(Scope::Admin, routes!(outlets::describe_outlet)))
        .routes(gate(Scope::SalesRead, routes!(days::list_days)))
        .routes(gate(Scope::SalesRead, routes!(days::get_day)))
        .routes(gate(Scope::SalesRead, routes!(receipts::list_receipts)))
        .routes(gate(Scope::SalesRead, routes!(receipt::get_receipt)))
        .routes(gate(Scope::CustomersRead, routes!(customers::get_customer)))
        .routes(gate(Scope::QuarantineRead, routes!(quarantine::list_quarantine)))
        .routes(gate(Scope::QuarantineRead, routes!(quarantine::get_quarantined)))
        .routes(gate(Scope::QuarantineWrite, routes!(decisions::replay_many)))
        .routes(gate(
            Scope::QuarantineWrite,
            routes!(decisions::replay_quarantined),
        ))
        .routes(gate(
            Scope::QuarantineWrite,
            routes!(decisions::discard_quarantined),
        ))
        .routes(gate(Scope::AuditRead, routes!(audit::list_audit)))
        .routes(gate(Scope::AuditRead, routes!(audit::verify_audit)))
        .routes(gate(Scope::Admin, routes!(mails::list_not_sent)))
        .routes(gate(Scope::Admin, routes!(mails::send_again)))
        .routes(gate(Scope::Admin, routes!(keys::list_keys)))
        .routes(gate(Scope::Admin, routes!(keys::create_key)))
        .routes(gate(Scope::Admin, routes!(keys::revoke_key)))
}
