//! Days of an outlet: what was sold, and which dishes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::summary::{DaySummary, MenuDay};
use domain::when::BusinessDate;
use edge::http_input::{Params, PathParams, read_date};
use edge::problem::{DAY_NOT_FOUND, PARAMETER_INVALID, PARAMETER_MISSING, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// The most days that one listing spans.
const DAYS_MAX: i32 = 400;

/// An outlet's day. Sums are of what was sold: cancelled receipts are not in them, and refunds stand
/// apart in `refunded`. `net = gross - discount`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayTotals)]
pub(crate) struct DayTotals {
    /// The outlet.
    outlet: String,
    /// The business date.
    date: String,
    /// Receipts that are a sale.
    receipts: u32,
    /// Receipts that were cancelled or deleted.
    voided: u32,
    /// Receipts not paid yet.
    unpaid: u32,
    /// Sales of which something was given back.
    refunded_receipts: u32,
    /// Sales with a known customer.
    identified: u32,
    /// Sales whose lines have not arrived.
    without_lines: u32,
    /// Sales whose own figures don't add up.
    unbalanced: u32,
    /// Before any discount.
    #[schema(example = "1250000")]
    gross: String,
    /// What was taken off.
    discount: String,
    /// After discounts, before service, tax and rounding.
    net: String,
    /// Service charge or gratuity.
    service: String,
    /// Tax on top.
    tax: String,
    /// What rounding to coins added or took.
    rounding: String,
    /// What the guests owed.
    total: String,
    /// What was given back.
    refunded: String,
}

impl DayTotals {
    fn of(outlet: &str, date: BusinessDate, day: &DaySummary) -> Self {
        let figures = &day.figures;
        Self {
            outlet: outlet.to_owned(),
            date: date.to_string(),
            receipts: day.receipts,
            voided: day.voided,
            unpaid: day.unpaid,
            refunded_receipts: day.refunded_receipts,
            identified: day.identified,
            without_lines: day.without_lines,
            unbalanced: day.unbalanced,
            gross: figures.gross.to_string(),
            discount: figures.discount.to_string(),
            net: figures.net.to_string(),
            service: figures.service.to_string(),
            tax: figures.tax.to_string(),
            rounding: figures.rounding.to_string(),
            total: figures.total.to_string(),
            refunded: figures.refunded.to_string(),
        }
    }
}

/// An outlet's day with its dishes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Day)]
pub(crate) struct DayDocument {
    /// The day's figures.
    #[serde(flatten)]
    totals: DayTotals,
    /// The dishes sold, the greatest `net` first, then by name.
    menus: Vec<MenuDocument>,
}

/// What one dish sold in a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MenuDay)]
pub(crate) struct MenuDocument {
    /// The dish.
    name: String,
    /// Its category, where the source names one.
    category: Option<String>,
    /// How many were sold, given-back ones included.
    qty: String,
    /// How many of them were given back.
    refunded_qty: String,
    /// Before discount.
    gross: String,
    /// After discount.
    net: String,
    /// On how many receipts.
    receipts: u32,
    /// By variant, by name.
    variants: Vec<VariantDocument>,
    /// How many ratings of one, two, three, four and five came with the sales.
    #[schema(min_items = 5, max_items = 5)]
    ratings: [u32; 5],
}

/// What one variant of a dish sold in a day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VariantDay)]
pub(crate) struct VariantDocument {
    /// The variant; empty for the dish without one.
    name: String,
    /// How many were sold.
    qty: String,
    /// After discount.
    net: String,
}

fn menu((name, menu): (String, MenuDay)) -> MenuDocument {
    let variants = menu.variants.into_iter().map(|(name, variant)| VariantDocument {
        name,
        qty: variant.qty.to_string(),
        net: variant.net.to_string(),
    });
    MenuDocument {
        name,
        category: menu.category,
        qty: menu.qty.to_string(),
        refunded_qty: menu.refunded_qty.to_string(),
        gross: menu.gross.to_string(),
        net: menu.net.to_string(),
        receipts: menu.receipts,
        variants: variants.collect(),
        ratings: menu.ratings,
    }
}

/// Says what an outlet sold on a business date.
#[utoipa::path(
    get, path = "/v1/outlets/{outlet}/days/{date}", tag = "days",
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("date" = String, Path, description = "The business date, such as 2025-10-28"),
    ),
    responses((status = 200, body = DayDocument)),
)]
pub(crate) async fn get_day(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, date)): PathParams<(String, String)>,
) -> Result<Json<DayDocument>, Problem> {
    let day = (outlet, read_date("date", &date)?);
    let summary = deps.sales.read_summary(&day).await?.ok_or_else(not_found)?;
    let totals = DayTotals::of(&day.0, day.1, &summary);
    let mut menus: Vec<_> = summary.menus.into_iter().collect();
    // By name already: a stable sort keeps it among equals.
    menus.sort_by_key(|(_, menu)| std::cmp::Reverse(menu.net));
    Ok(Json(DayDocument {
        totals,
        menus: menus.into_iter().map(menu).collect(),
    }))
}

pub(crate) fn not_found() -> Problem {
    Problem::new(&DAY_NOT_FOUND).detail(
        "Periksa id outlet dan tanggal bisnisnya.",
        "Check the outlet's id and the business date.",
    )
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// The first business date, such as 2025-10-01.
    #[param(value_type = String, required = true)]
    from: Option<String>,
    /// The last business date; at most 400 days in all.
    #[param(value_type = String, required = true)]
    to: Option<String>,
}

/// Days of an outlet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayList {
    /// Days with sales, the oldest first.
    items: Vec<DayTotals>,
}

/// Lists an outlet's days without their dishes. Days without sales are not in the list.
#[utoipa::path(
    get, path = "/v1/outlets/{outlet}/days", tag = "days",
    params(("outlet" = String, Path, description = "The outlet's id"), DaysQuery),
    responses((status = 200, body = DayList)),
)]
pub(crate) async fn list_days(
    State(deps): State<Arc<Deps>>,
    PathParams(outlet): PathParams<String>,
    Params(query): Params<DaysQuery>,
) -> Result<Json<DayList>, Problem> {
    let date = |name: &str, text: Option<String>| match text {
        Some(text) => read_date(name, &text),
        None => Err(Problem::parameter(
            &PARAMETER_MISSING,
            name,
            "contoh: 2025-10-28",
            "a date such as 2025-10-28",
        )),
    };
    let (from, to) = (date("from", query.from)?, date("to", query.to)?);
    let span = to.days_since_epoch().saturating_sub(from.days_since_epoch());
    if !(0..DAYS_MAX).contains(&span) {
        let (indonesian, english) = (
            "from sampai to: 1 sampai 400 hari",
            "from 1 to 400 days, not before `from`",
        );
        return Err(Problem::parameter(&PARAMETER_INVALID, "to", indonesian, english));
    }
    let days = deps.sales.summaries(&outlet, from, to).await?;
    Ok(Json(DayList {
        items: days
            .iter()
            .map(|(date, day)| DayTotals::of(&outlet, *date, day))
            .collect(),
    }))
}
