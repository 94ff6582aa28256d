//! The receipts of an outlet's day with the links that their guests answer by.

use std::collections::BTreeMap;

use domain::customer::OutletDay;
use domain::figures::of_receipt;
use domain::money::Money;
use domain::outlet::Outlet;
use domain::receipt::Receipt;
use domain::receipt_id::ReceiptId;
use domain::when::{BusinessDate, format_local};
use edge::guest_links::{DayPage, LinkState, Linker, day_page};
use edge::http_input::read_date;
use edge::problem::{PARAMETER_MISSING, Problem};
use serde::{Serialize, Serializer};

use super::exact;
use crate::Deps;
use crate::filter::Filter;

/// How many receipts a page has: two sheets of codes.
const PAGE: usize = 24;

/// A receipt and its link.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LinkRow {
    /// The receipt's id.
    pub(crate) receipt: String,
    /// The number printed on it; null where the source names none.
    pub(crate) no: Option<String>,
    /// When it was sold, on the outlet's clock; null while only lines or a refund of it have arrived.
    pub(crate) at: Option<String>,
    /// What the guest paid; null as `at` is.
    #[serde(serialize_with = "perhaps_exact")]
    pub(crate) total: Option<Money>,
    /// `open`, `answered`, `spent`, `expired`, `unpaid`, `incomplete`, `refunded` or `voided`.
    pub(crate) standing: &'static str,
    /// The link: whoever has it can answer. Null where the receipt was refunded or voided.
    pub(crate) url: Option<String>,
    /// The last day on which it can be answered.
    pub(crate) expires: String,
    /// What a page draws it from.
    #[serde(skip)]
    pub(crate) state: LinkState,
    /// What a page tells the time from, Unix milliseconds.
    #[serde(skip)]
    pub(crate) at_ms: Option<i64>,
}

/// Receipts of an outlet's day, by their time.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LinksView {
    /// The outlet's id.
    pub(crate) outlet: String,
    /// The business date.
    pub(crate) date: String,
    /// The receipts; none where the day has no sales.
    pub(crate) items: Vec<LinkRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

fn perhaps_exact<S: Serializer>(amount: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => exact(amount, serializer),
        None => serializer.serialize_none(),
    }
}

/// The day that a page is about: today where nobody chose one.
///
/// # Errors
/// `PARAMETER_INVALID` for what is no date.
pub(crate) fn date_of(filter: &Filter) -> Result<BusinessDate, Problem> {
    match &filter.asked.date {
        Some(text) => read_date("date", text),
        None => Ok(filter.today),
    }
}

/// The refusal of a table or a document of no outlet: links are an outlet's.
pub(crate) fn no_outlet() -> Problem {
    Problem::parameter(&PARAMETER_MISSING, "outlet", "wajib diisi", "is needed")
}

/// Reads a page of an outlet's day.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(
    deps: &Deps,
    outlet: &Outlet,
    (date, after): (BusinessDate, Option<&str>),
) -> Result<LinksView, Problem> {
    let day: OutletDay = (outlet.id.clone(), date);
    let stored = deps.sales.read_page(&day).await?.unwrap_or_default();
    let DayPage { items, next } = day_page(&day, &stored.receipts, (after, PAGE), |_| true)?;
    let linker = deps.guest_links.linker(outlet, deps.now_ms()).await?;
    let places: Vec<ReceiptId> = items.iter().map(|(place, _)| place.clone()).collect();
    let answers = deps.feedback.of_receipts(&places).await?.into_iter();
    let answers: BTreeMap<_, _> = answers.map(|answer| (answer.place.clone(), answer)).collect();
    let rows = items.into_iter().map(|(place, receipt)| {
        let state = linker.state(&place, receipt, answers.get(&place))?;
        row(&linker, &place, receipt, state)
    });
    Ok(LinksView {
        outlet: day.0,
        date: date.to_string(),
        items: rows.collect::<Result<_, Problem>>()?,
        next,
    })
}

fn row(
    linker: &Linker<'_>,
    place: &ReceiptId,
    receipt: &Receipt,
    state: LinkState,
) -> Result<LinkRow, Problem> {
    let head = receipt.head.as_ref().map(|head| &head.value);
    // Sums out of range were refused when the receipt was taken.
    let total = head
        .and_then(|_| of_receipt(receipt).ok())
        .map(|figures| figures.total);
    let url = state.has_link().then(|| linker.url(place)).transpose()?;
    Ok(LinkRow {
        receipt: place.to_string(),
        no: head.and_then(|head| head.number.clone()),
        at: head.map(|head| format_local(head.at_ms, linker.zone())),
        total,
        standing: state.as_str(),
        url,
        expires: linker.expires(place.date)?.to_string(),
        state,
        at_ms: head.map(|head| head.at_ms),
    })
}
