//! One receipt in full.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::receipt::{Line, Receipt};
use domain::receipt_id::ReceiptId;
use domain::when::{TimeQuality, Zone, format_local};
use edge::http_input::PathParams;
use edge::problem::{Problem, RECEIPT_NOT_FOUND};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Deps;
use crate::receipts::{ReceiptEntry, entry, figures, zone};

/// A receipt in full. Its figures are zero, but for `refunded`, unless it was sold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(crate) struct ReceiptDocument {
    /// Its place and its figures.
    #[serde(flatten)]
    place: ReceiptPlace,
    /// Its lines; empty while they have not arrived.
    lines: Vec<LineDocument>,
    /// Refunds that the point of sale keeps as documents of their own.
    refunds: Vec<RefundDocument>,
}

/// A receipt without its lines and refunds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptPlace {
    /// The id.
    id: String,
    /// The outlet.
    outlet: String,
    /// The business date.
    date: String,
    /// The number printed on it.
    no: Option<String>,
    /// When it was sold, on the outlet's clock.
    at: Option<String>,
    /// How far `at` can be trusted: `offset`, `assumed_zone` or `date_only`.
    at_quality: Option<&'static str>,
    /// `paid`, `unpaid`, `voided`, `partially_refunded`, `refunded` or `incomplete`.
    status: &'static str,
    /// `dine_in`, `takeaway`, `delivery`, `online` or `other`.
    order_type: &'static str,
    /// The customer's id; null for a walk-in.
    customer_id: Option<String>,
    /// The table, as the outlet calls it.
    table: Option<String>,
    /// How it was paid.
    method: Option<String>,
    /// Before any discount.
    gross: String,
    /// `gross - net`.
    discount: String,
    /// After discounts, before service, tax and rounding.
    net: String,
    /// Service charge or gratuity.
    service: String,
    /// Tax on top.
    tax: String,
    /// What rounding to coins added or took.
    rounding: String,
    /// What the guest owed.
    total: String,
    /// What was given back.
    refunded: String,
}

/// One line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptLine)]
pub(crate) struct LineDocument {
    /// The dish.
    name: String,
    /// Its variant.
    variant: Option<String>,
    /// Its category.
    category: Option<String>,
    /// The point of sale's id of the dish.
    menu_id: Option<String>,
    /// The point of sale's id of the variant.
    variant_id: Option<String>,
    /// The stock-keeping unit.
    sku: Option<String>,
    /// How many; may be a fraction.
    qty: String,
    /// How many of them were given back.
    refunded_qty: String,
    /// Before discount.
    gross: String,
    /// `gross - net`.
    discount: String,
    /// After discount.
    net: String,
    /// Taken off the receipt.
    voided: bool,
    /// Whether a guest can be asked about it.
    rateable: bool,
    /// A rating of one to five that came with the sale.
    rating: Option<u8>,
    /// Modifiers in the order of the source.
    modifiers: Vec<ModifierDocument>,
}

/// A modifier of a dish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptModifier)]
pub(crate) struct ModifierDocument {
    /// Its group, such as `Topping`.
    group: Option<String>,
    /// What was chosen.
    name: String,
    /// How many.
    qty: String,
    /// Price for one.
    price: String,
}

/// A refund that the point of sale keeps as a document of its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptRefund)]
pub(crate) struct RefundDocument {
    /// Its id at the point of sale.
    id: String,
    /// When it was given, on the outlet's clock.
    at: String,
    /// How much.
    amount: String,
}

/// Shows one receipt in full.
#[utoipa::path(
    get, path = "/v1/receipts/{id}", tag = "receipts",
    params(("id" = String, Path, description = "The id, as a day's list has it")),
    responses((status = 200, body = ReceiptDocument)),
)]
pub(crate) async fn get_receipt(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
) -> Result<Json<ReceiptDocument>, Problem> {
    let not_found = || Problem::new(&RECEIPT_NOT_FOUND);
    let id = ReceiptId::parse(&id).ok_or_else(not_found)?;
    let page = deps
        .sales
        .read_page(&(id.outlet.clone(), id.date))
        .await?
        .ok_or_else(not_found)?;
    let receipt = page.receipts.get(&id.native).ok_or_else(not_found)?;
    let zone = zone(&deps, &id.outlet).await?;
    let refunds = receipt.refunds.iter().map(|(id, refund)| RefundDocument {
        id: id.clone(),
        at: format_local(refund.value.at_ms, &zone),
        amount: refund.value.amount.to_string(),
    });
    Ok(Json(ReceiptDocument {
        place: place(&id, receipt, &zone)?,
        lines: receipt.lines.iter().map(line).collect::<Result<_, _>>()?,
        refunds: refunds.collect(),
    }))
}

fn place(id: &ReceiptId, receipt: &Receipt, zone: &Zone) -> Result<ReceiptPlace, Problem> {
    let ReceiptEntry {
        id: text,
        no,
        at,
        status,
        customer_id,
        order_type,
        ..
    } = entry(id, receipt, zone)?;
    let figures = figures(receipt)?;
    let head = receipt.head.as_ref().map(|head| &head.value);
    Ok(ReceiptPlace {
        id: text,
        outlet: id.outlet.clone(),
        date: id.date.to_string(),
        no,
        at,
        at_quality: head.map(|head| match head.quality {
            TimeQuality::Offset => "offset",
            TimeQuality::AssumedZone => "assumed_zone",
            TimeQuality::DateOnly => "date_only",
        }),
        status,
        order_type,
        customer_id,
        table: head.and_then(|head| head.table.clone()),
        method: head.and_then(|head| head.method.clone()),
        gross: figures.gross.to_string(),
        discount: figures.discount.to_string(),
        net: figures.net.to_string(),
        service: figures.service.to_string(),
        tax: figures.tax.to_string(),
        rounding: figures.rounding.to_string(),
        total: figures.total.to_string(),
        refunded: figures.refunded.to_string(),
    })
}

fn line(line: &Line) -> Result<LineDocument, Problem> {
    let discount = line
        .gross
        .checked_sub(line.net)
        .ok_or_else(|| Problem::internal("a discount is out of range"))?;
    let modifiers = line.modifiers.iter().map(|modifier| ModifierDocument {
        group: modifier.group.clone(),
        name: modifier.name.clone(),
        qty: modifier.qty.to_string(),
        price: modifier.price.to_string(),
    });
    let item = line.item.clone();
    Ok(LineDocument {
        name: item.name,
        variant: item.variant,
        category: item.category,
        menu_id: item.menu_id,
        variant_id: item.variant_id,
        sku: item.sku,
        qty: line.qty.to_string(),
        refunded_qty: line.refunded_qty.to_string(),
        gross: line.gross.to_string(),
        discount: discount.to_string(),
        net: line.net.to_string(),
        voided: line.voided,
        rateable: item.rateable,
        rating: line.rating,
        modifiers: modifiers.collect(),
    })
}
