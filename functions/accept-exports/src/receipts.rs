//! Receipts of a day, as a list.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::figures::{Figures, of_receipt};
use domain::page::Receipts;
use domain::receipt::{OrderType, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::{Zone, format_local};
use edge::cursor;
use edge::http_input::{Params, PathParams, page_size, read_date};
use edge::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::days;

/// A receipt in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptEntry {
    /// The id, as `GET /v1/receipts/{id}` takes it.
    pub(crate) id: String,
    /// The number printed on it; null where the source names none.
    pub(crate) no: Option<String>,
    /// When it was sold, on the outlet's clock; null while only lines or a refund of it have arrived.
    pub(crate) at: Option<String>,
    /// `paid`, `unpaid`, `voided`, `partially_refunded`, `refunded`, or `incomplete` while only lines
    /// or a refund of it have arrived.
    pub(crate) status: &'static str,
    /// What the guest owed; zero unless it was sold.
    total: String,
    /// After discounts, before service, tax and rounding.
    net: String,
    /// What was given back.
    refunded: String,
    /// The customer's id; null for a walk-in.
    pub(crate) customer_id: Option<String>,
    /// `dine_in`, `takeaway`, `delivery`, `online` or `other`.
    pub(crate) order_type: &'static str,
    /// How many lines it has.
    lines: usize,
}

/// A page of a day's receipts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptPage {
    /// The receipts by time.
    items: Vec<ReceiptEntry>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which receipts of a day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReceiptsQuery {
    /// The number printed on the receipt. Where no receipt has exactly this number, upper and lower
    /// case are taken as the same.
    no: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many receipts, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// Lists the receipts of an outlet's business date by time.
#[utoipa::path(
    get, path = "/v1/outlets/{outlet}/days/{date}/receipts", tag = "receipts",
    params(
        ("outlet" = String, Path, description = "The outlet's id"),
        ("date" = String, Path, description = "The business date, such as 2025-10-28"),
        ReceiptsQuery,
    ),
    responses((status = 200, body = ReceiptPage)),
)]
pub(crate) async fn list_receipts(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, date)): PathParams<(String, String)>,
    Params(query): Params<ReceiptsQuery>,
) -> Result<Json<ReceiptPage>, Problem> {
    let day = (outlet, read_date("date", &date)?);
    let limit = page_size(query.limit.as_deref(), 100, 500)?;
    let after = cursor::decode("after", query.after.as_deref())?
        .as_deref()
        .map(read_position)
        .transpose()?;
    let page = deps.sales.read_page(&day).await?.ok_or_else(days::not_found)?;
    let zone = zone(&deps, &day.0).await?;
    let mut found = by_number(&page.receipts, query.no.as_deref());
    found.sort_by_key(|(native, receipt)| position(native, receipt));
    found.retain(|(native, receipt)| {
        after
            .as_ref()
            .is_none_or(|after| position(native, receipt) > *after)
    });
    let left = found.len();
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let next = found
        .last()
        .filter(|_| left > found.len())
        .map(|(native, receipt)| {
            let (at_ms, native) = position(native, receipt);
            cursor::encode(&format!("{at_ms}|{native}"))
        });
    let entry = |(native, receipt): (&String, &Receipt)| {
        let id = ReceiptId {
            outlet: day.0.clone(),
            date: day.1,
            native: native.clone(),
        };
        entry(&id, receipt, &zone)
    };
    Ok(Json(ReceiptPage {
        items: found.into_iter().map(entry).collect::<Result<_, _>>()?,
        next,
    }))
}

/// A receipt's place in the list: those without a time first; the id settles equal times.
fn position(native: &str, receipt: &Receipt) -> (i64, String) {
    (
        receipt.head.as_ref().map_or(i64::MIN, |head| head.value.at_ms),
        native.to_owned(),
    )
}

fn read_position(text: &str) -> Result<(i64, String), Problem> {
    let position = text
        .split_once('|')
        .and_then(|(at_ms, native)| Some((at_ms.parse().ok()?, native.to_owned())));
    position.ok_or_else(|| cursor::unusable("after"))
}

fn by_number<'a>(receipts: &'a Receipts, number: Option<&str>) -> Vec<(&'a String, &'a Receipt)> {
    let Some(wanted) = number else {
        return receipts.iter().collect();
    };
    let having = |fits: &dyn Fn(&str) -> bool| -> Vec<(&'a String, &'a Receipt)> {
        let number = |receipt: &'a Receipt| {
            receipt
                .head
                .as_ref()
                .and_then(|head| head.value.number.as_deref())
        };
        receipts
            .iter()
            .filter(|(_, receipt)| number(receipt).is_some_and(fits))
            .collect()
    };
    let exact = having(&|number| number == wanted);
    if !exact.is_empty() {
        return exact;
    }
    let wanted = wanted.to_lowercase();
    having(&|number| number.to_lowercase() == wanted)
}

pub(crate) async fn zone(deps: &Deps, outlet: &str) -> Result<Zone, Problem> {
    let Some(outlet) = deps.outlets.get(outlet).await? else {
        return Ok(Zone::default());
    };
    Zone::named(&outlet.zone).map_err(|_| Problem::internal("an outlet's zone is not known any more"))
}

pub(crate) fn entry(id: &ReceiptId, receipt: &Receipt, zone: &Zone) -> Result<ReceiptEntry, Problem> {
    let figures = figures(receipt)?;
    let head = receipt.head.as_ref().map(|head| &head.value);
    Ok(ReceiptEntry {
        id: id.to_string(),
        no: head.and_then(|head| head.number.clone()),
        at: head.map(|head| format_local(head.at_ms, zone)),
        status: status(receipt, &figures),
        total: figures.total.to_string(),
        net: figures.net.to_string(),
        refunded: figures.refunded.to_string(),
        customer_id: head.and_then(|head| head.customer.clone()),
        order_type: order_type(head.map_or(OrderType::Other, |head| head.order_type)),
        lines: receipt.lines.iter().count(),
    })
}

pub(crate) fn figures(receipt: &Receipt) -> Result<Figures, Problem> {
    of_receipt(receipt).map_err(|overflow| Problem::internal(overflow.to_string()))
}

fn status(receipt: &Receipt, figures: &Figures) -> &'static str {
    match receipt.head.as_ref().map(|head| head.value.status) {
        None => "incomplete",
        Some(Status::Unpaid) => "unpaid",
        Some(Status::Voided) => "voided",
        Some(Status::Paid) if figures.refunded.is_zero() => "paid",
        Some(Status::Paid) if figures.refunded < figures.total => "partially_refunded",
        Some(Status::Paid) => "refunded",
    }
}

fn order_type(order_type: OrderType) -> &'static str {
    match order_type {
        OrderType::DineIn => "dine_in",
        OrderType::Takeaway => "takeaway",
        OrderType::Delivery => "delivery",
        OrderType::Online => "online",
        OrderType::Other => "other",
    }
}
