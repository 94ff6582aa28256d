//! `serve-topups`: where partners order top-ups and learn what became of them, where the shop describes its products
//! and partners, and where the supplier's reports arrive.
//!
//! Nothing is sent to the supplier from here: an order is written down, and `send-topups` is started by that. A report
//! is nobody's word: whatever it says, it only makes an open order be asked about at once.
//!
//! | module | what it does |
//! |---|---|
//! | `asker` | which partner asks, and how often it may |
//! | `take`, `claim`, `refusal` | an order from the request to the store, once for each key |
//! | `orders`, `topup` | orders, as their partner sees them |
//! | `products`, `balance`, `statements`, `webhooks` | what else a partner may see |
//! | `catalogue`, `manage`, `prefixes`, `destinations` | products, partners, prefixes and released numbers, for the shop |
//! | `reports` | what the supplier reports by itself |

mod asker;
mod balance;
mod catalogue;
mod claim;
mod deps;
mod destinations;
mod look;
mod manage;
mod orders;
mod prefixes;
mod products;
mod refusal;
mod reports;
mod settings;
mod statements;
mod take;
mod topup;
mod webhooks;

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
pub use settings::{Patience, Settings};

/// The largest body taken, in bytes: requests and reports are small, the largest is a table of prefixes.
const BODY_BYTES_MAX: usize = 512 << 10;

/// Every route, ready to run under Lambda or in a test.
pub fn router(deps: Deps) -> Router {
    let deps = Arc::new(deps);
    let (routes, _) = api(&deps).split_for_parts();
    routes
        .method_not_allowed_fallback(edge::http::no_method)
        // The supplier's address is told to the supplier alone: it is in no description, and whatever else is asked
        // of it is as unknown as any other.
        .merge(reports::routes())
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
    let partners = |routes| gated(deps, Scope::Topups, routes);
    let shop = |routes| gated(deps, Scope::TopupsManage, routes);
    OpenApiRouter::with_openapi(edge::openapi::head())
        .routes(partners(routes!(orders::order_topup)))
        .routes(partners(routes!(orders::list_topups)))
        .routes(partners(routes!(orders::check_topup)))
        .routes(partners(routes!(orders::get_topup)))
        .routes(partners(routes!(products::list_products)))
        .routes(partners(routes!(balance::get_balance)))
        .routes(partners(routes!(statements::get_statement)))
        .routes(partners(routes!(webhooks::list_given_up)))
        .routes(partners(routes!(webhooks::send_webhook_again)))
        .routes(shop(routes!(catalogue::list_topup_products)))
        .routes(shop(routes!(catalogue::get_topup_product)))
        .routes(shop(routes!(catalogue::describe_topup_product)))
        .routes(shop(routes!(manage::list_topup_partners)))
        .routes(shop(routes!(manage::get_topup_partner)))
        .routes(shop(routes!(manage::describe_topup_partner)))
        .routes(shop(routes!(manage::new_webhook_secret)))
        .routes(shop(routes!(destinations::release_destination)))
        .routes(shop(routes!(prefixes::get_prefixes)))
        .routes(shop(routes!(prefixes::put_prefixes)))
        .routes(shop(routes!(prefixes::delete_prefixes)))
}
