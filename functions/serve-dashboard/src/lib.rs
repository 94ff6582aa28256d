//! `serve-dashboard`: what guests say and whether the sync works, as pages for owner and staff and as JSON
//! for programs.
//!
//! | module | what it does |
//! |---|---|
//! | `views` | one loader each, whose result is a page, a table and a document alike |
//! | `api` | the documents as an API, for keys and staff's tokens |
//! | `access` | signing in and out, sessions, forms |
//! | `filter`, `range`, `bar` | what a page is about, read from its address |
//! | `visit`, `frame` | who looks, in which language, and what stands around the content |
//! | `measure`, `words`, `chart`, `parts`, `sheet` | figures as text, pictures and tables |
//!
//! Pages hold no script and one style sheet. No page reads more than it shows.

mod access;
mod api;
mod asset;
mod bar;
mod chart;
mod deps;
mod fields;
mod filter;
mod frame;
mod measure;
mod menu_key;
mod parts;
mod range;
mod sheet;
mod views;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use edge::http::{PagePolicy, finish_page};
use edge::problem::{Problem, ROUTE_NOT_FOUND};

pub use access::Settings;
use access::guarded;
pub use deps::{Clock, Deps};
use frame::Place;
use views::{
    audit, case, case_contact, cases, comments, dish, erase, error, errors, finding, findings, links_page,
    menu, night, nights, overview, people, people_files, person_page, request, satisfaction, sync_page,
    topup, topup_books, topup_day, topups,
};

/// The largest body taken, in bytes: forms and requests are small.
const BODY_BYTES_MAX: usize = 64 << 10;

/// All pages and the API, ready to run under Lambda or in a test.
pub fn router(deps: Deps) -> Router {
    let deps = Arc::new(deps);
    let policy = Arc::new(PagePolicy::default());
    let (api, _) = api::routes(&deps).split_for_parts();
    guarded(&deps.access, pages(&deps))
        .merge(api)
        .merge(access::router(&deps.access))
        .route(asset::ROUTE, get(asset::get))
        .method_not_allowed_fallback(edge::http::no_method)
        .fallback(edge::http::no_route)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&deps), count_cost))
        .layer(from_fn_with_state(policy, finish_page))
        .with_state(deps)
}

/// The API's description, for the document that describes all functions.
#[must_use]
pub fn description(deps: Deps) -> utoipa::openapi::OpenApi {
    api::routes(&Arc::new(deps)).split_for_parts().1
}

/// The pages, each with its problems told kindly.
fn pages(deps: &Arc<Deps>) -> Router<Arc<Deps>> {
    Router::new()
        .route(Place::Overview.path(), get(overview::page))
        .route(Place::Satisfaction.path(), get(satisfaction::page))
        .route(Place::Menu.path(), get(menu::page))
        .route("/dashboard/menu/{menu}", get(dish::page))
        .route(Place::Comments.path(), get(comments::page))
        .route(
            "/dashboard/comments/erase/{receipt}",
            get(erase::page).post(erase::post),
        )
        .route(Place::Cases.path(), get(cases::page))
        .route("/dashboard/cases/{outlet}/{id}", get(case::page).post(case::post))
        .route("/dashboard/cases/{outlet}/{id}/contact", post(case_contact::post))
        .route(Place::Links.path(), get(links_page::page))
        .route(Place::Sync.path(), get(sync_page::page))
        .route(Place::Nights.path(), get(nights::page))
        .route("/dashboard/nights/{date}", get(night::page))
        .route(Place::Findings.path(), get(findings::page))
        .route(
            "/dashboard/findings/{outlet}/{date}/{code}",
            get(finding::page).post(finding::post),
        )
        .route(Place::Errors.path(), get(errors::page))
        .route("/dashboard/errors/{id}", get(error::page))
        .route("/dashboard/errors/{id}/replay", post(error::replay))
        .route("/dashboard/errors/{id}/discard", post(error::discard))
        .route(Place::Audit.path(), get(audit::page))
        .merge(of_people())
        .merge(of_topups())
        .route("/dashboard/{*rest}", get(no_page))
        .route_layer(from_fn_with_state(Arc::clone(deps), visit::kindly))
}

/// The pages of people and of what they ask for.
fn of_people() -> Router<Arc<Deps>> {
    Router::new()
        .route(Place::People.path(), get(people::page))
        .route("/dashboard/people/find", post(person_page::find))
        .route("/dashboard/people/affected", post(people_files::affected))
        .route("/dashboard/people/requests", post(people::post))
        .route("/dashboard/people/requests/{id}", get(request::page))
        .route("/dashboard/people/requests/{id}/check", post(request::check))
        .route("/dashboard/people/requests/{id}/execute", post(request::execute))
        .route("/dashboard/people/requests/{id}/refuse", post(request::refuse))
        .route("/dashboard/people/requests/{id}/copy", post(people_files::copy))
        .route("/dashboard/people/{customer}", get(person_page::page))
        .route("/dashboard/people/{customer}/part", post(person_page::part))
        .route("/dashboard/people/{customer}/reunite", post(person_page::reunite))
}

/// The pages of top-ups.
fn of_topups() -> Router<Arc<Deps>> {
    Router::new()
        .route(Place::Topups.path(), get(topups::page))
        .route("/dashboard/topups/books", get(topup_books::page))
        .route("/dashboard/topups/partners/{partner}", get(topup_day::page))
        .route("/dashboard/topups/{refid}", get(topup::page))
        .route("/dashboard/topups/{refid}/{deed}", post(topup::post))
}

/// The answer where there is no page.
async fn no_page() -> Problem {
    Problem::new(&ROUTE_NOT_FOUND)
}

/// Counts what a request costs in the database.
async fn count_cost(State(deps): State<Arc<Deps>>, request: Request, next: Next) -> Response {
    let before = deps.cost();
    let response = next.run(request).await;
    deps.count_cost(before);
    response
}
