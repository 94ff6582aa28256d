//! What a partner's day came to, with the orders it is made of.

use std::sync::Arc;

use aws::topups::Filter;
use axum::Json;
use axum::extract::State;
use domain::topup::partner::Totals;
use domain::topup::window::wib_bounds;
use edge::auth::Caller;
use edge::http_input::{Params, PathParams, page_size, read_date};
use edge::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::topup::TopupDocument;

/// A number of orders and their prices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupTotals {
    /// How many.
    orders: i64,
    /// Their prices, whole rupiah.
    rupiah: i64,
}

impl From<Totals> for TopupTotals {
    fn from(totals: Totals) -> Self {
        Self {
            orders: totals.orders,
            rupiah: totals.rupiah,
        }
    }
}

/// A day of a partner's: `taken` is `delivered` and `failed` and `reversed` and `open` together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupStatement {
    /// The date on which the orders were taken (Asia/Jakarta).
    date: String,
    /// Whether it may still change: the day is not over, or an order of it is open.
    provisional: bool,
    /// Orders taken.
    taken: TopupTotals,
    /// Delivered: what the partner owes.
    delivered: TopupTotals,
    /// Failed, and not owed.
    failed: TopupTotals,
    /// Told as delivered and taken back, and not owed.
    reversed: TopupTotals,
    /// Open: neither owed nor failed yet.
    open: TopupTotals,
    /// The orders, the latest first.
    items: Vec<TopupDocument>,
    /// What to give as `after` for the next page of them; null on the last.
    next: Option<String>,
}

/// Which page of the orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatementQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many orders, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Shows what the partner's orders of a date came to.
#[utoipa::path(
    get, path = "/v1/statements/{date}", tag = "topups",
    params(("date" = String, Path, description = "The date, such as `2025-10-28`"), StatementQuery),
    responses((status = 200, body = TopupStatement)),
)]
pub(crate) async fn get_statement(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(text): PathParams<String>,
    Params(query): Params<StatementQuery>,
) -> Result<Json<TopupStatement>, Problem> {
    let partner = deps.asker(&caller).await?;
    let date = read_date("date", &text)?;
    let limit = page_size(query.limit.as_deref(), 100, 200)?;
    let now_ms = deps.now_ms();
    let (from_ms, to_ms) = wib_bounds(date);
    let filter = Filter {
        from_ms,
        to_ms,
        state: None,
    };
    let (items, next) = deps
        .page(&partner.id, &filter, query.after.as_deref(), limit)
        .await?;
    let day = deps.topups.day(&partner.id, date).await?;
    let open = day.open();
    Ok(Json(TopupStatement {
        date: date.to_string(),
        provisional: day.is_provisional(date, now_ms),
        taken: day.taken.into(),
        delivered: day.delivered.into(),
        failed: day.failed.into(),
        reversed: day.reversed.into(),
        open: open.into(),
        items,
        next,
    }))
}
