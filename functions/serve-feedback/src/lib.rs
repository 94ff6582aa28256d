//! `serve-feedback`: what a guest reaches from the code on a receipt, and the links and codes that lead
//! there.
//!
//! The guest's side is pages of HTML without a script, in Bahasa Indonesia and English; whatever is
//! refused there is a page with a stable code. The shop's side, under `/v1/links`, is JSON like the rest of
//! the API. A link is never stored: it is computed from its receipt, see [`domain::guest_link`].

mod answers;
mod deps;
mod entered;
mod guest;
mod limits;
mod link_list;
mod links;
mod page;
mod refusal;
mod rotation;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use domain::api_key::Scope;
use domain::feedback::form::BODY_MAX;
use edge::auth::gated;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use deps::{Clock, Deps};

/// Every route, ready to run under Lambda or in a test.
pub fn router(deps: Deps) -> Router {
    let deps = Arc::new(deps);
    let (shop, _) = shop_routes(&deps).split_for_parts();
    let (guests, _) = guest_routes().split_for_parts();
    let guests = guests
        .method_not_allowed_fallback(edge::http::no_method)
        .layer(from_fn(refusal::as_page));
    shop.method_not_allowed_fallback(edge::http::no_method)
        .merge(guests)
        .fallback(refusal::nowhere)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(from_fn_with_state(Arc::clone(&deps), count_cost))
        .layer(from_fn(edge::http::finish))
        .with_state(deps)
}

/// The description of every route, a part of the API's.
#[must_use]
pub fn description(deps: Deps) -> OpenApi {
    let routes = shop_routes(&Arc::new(deps)).merge(guest_routes());
    routes.split_for_parts().1
}

/// Counts what a request costs in the database.
async fn count_cost(State(deps): State<Arc<Deps>>, request: Request, next: Next) -> Response {
    let before = deps.cost();
    let response = next.run(request).await;
    deps.count_cost(before);
    response
}

/// What the shop asks for, with the scope that each route needs.
fn shop_routes(deps: &Arc<Deps>) -> OpenApiRouter<Arc<Deps>> {
    let gate = |scope, routes| gated(deps, scope, routes);
    OpenApiRouter::with_openapi(edge::openapi::head())
        .routes(gate(Scope::LinksRead, routes!(link_list::list_links)))
        .routes(gate(Scope::LinksRead, routes!(links::get_link)))
        .routes(gate(Scope::LinksRead, routes!(links::get_svg)))
        .routes(gate(Scope::LinksRead, routes!(links::get_png)))
        .routes(gate(Scope::Admin, routes!(rotation::rotate_key)))
        .routes(gate(Scope::Admin, routes!(rotation::retire_key)))
}

/// What anybody with a link sees.
fn guest_routes() -> OpenApiRouter<Arc<Deps>> {
    OpenApiRouter::new()
        .routes(routes!(page::style))
        .routes(routes!(guest::show_page, guest::send_answer))
}
