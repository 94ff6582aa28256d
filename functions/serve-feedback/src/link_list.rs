//! The links of a day, as JSON or as a table for whatever prints or sends them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::customer::OutletDay;
use domain::feedback::{Standing, standing};
use domain::receipt::Receipt;
use edge::guest_links::{DayPage, day_page};
use edge::http_input::{Params, page_size, read_date};
use edge::problem::{DAY_NOT_FOUND, PARAMETER_INVALID, PARAMETER_MISSING, Problem};
use edge::sheet::harmless;
use http::header::{CONTENT_TYPE, HeaderValue, LINK};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::links::{LinkDocument, link_of, linker_of};

/// A page of a day's links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuestLinkPage {
    /// The links, by the time of their receipts.
    items: Vec<LinkDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which links.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinksQuery {
    /// The outlet's id.
    #[param(value_type = String, required = true)]
    outlet: Option<String>,
    /// The business date, such as 2025-10-28.
    #[param(value_type = String, format = Date, required = true)]
    date: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many links, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
    /// `json`, which is what you get if not given, or `csv`.
    #[param(pattern = "^(json|csv)$")]
    format: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

/// Lists the links of a day's receipts by the time of the receipts. Refunded and cancelled receipts have none.
///
/// As `csv` the columns are `receipt`, `no`, `at`, `standing`, `url` and `expires`, and the address of the next page
/// is in the header `Link` (RFC 8288).
#[utoipa::path(
    get, path = "/v1/links", tag = "links",
    params(LinksQuery),
    responses((
        status = 200, description = "The links",
        content((GuestLinkPage = "application/json"), (String = "text/csv")),
        headers(("link" = String, description = "Only as `csv`: the next page, if there is one")),
    ), (status = 404, description = "`DAY_NOT_FOUND`")),
)]
pub(crate) async fn list_links(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<LinksQuery>,
) -> Result<Response, Problem> {
    let day = read_day(&query)?;
    let format = read_format(query.format.as_deref())?;
    let limit = page_size(query.limit.as_deref(), 100, 500)?;
    let most = usize::try_from(limit).unwrap_or_default();
    let stored = deps.sales.read_page(&day).await?;
    let stored = stored.ok_or_else(|| Problem::new(&DAY_NOT_FOUND))?;
    let linker = linker_of(&deps, &day.0).await?;
    let asked = (query.after.as_deref(), most);
    let DayPage { items, next } = day_page(&day, &stored.receipts, asked, has_link)?;
    let links = items
        .into_iter()
        .map(|(id, receipt)| link_of(&deps, &linker, &id, receipt));
    let items = links.collect::<Result<Vec<_>, _>>()?;
    match format {
        Format::Json => Ok(Json(GuestLinkPage { items, next }).into_response()),
        Format::Csv => {
            let next = next.map(|next| next_address(&day, limit, &next));
            table(&items, next)
        }
    }
}

fn has_link(receipt: &Receipt) -> bool {
    !matches!(standing(receipt), Standing::Refunded | Standing::Voided)
}

fn read_day(query: &LinksQuery) -> Result<OutletDay, Problem> {
    let given = |name: &str, value: &Option<String>| {
        value
            .clone()
            .ok_or_else(|| Problem::parameter(&PARAMETER_MISSING, name, "wajib diisi", "is needed"))
    };
    let outlet = given("outlet", &query.outlet)?;
    let date = read_date("date", &given("date", &query.date)?)?;
    Ok((outlet, date))
}

fn read_format(format: Option<&str>) -> Result<Format, Problem> {
    match format {
        None | Some("json") => Ok(Format::Json),
        Some("csv") => Ok(Format::Csv),
        Some(_) => {
            let (indonesian, english) = ("json atau csv", "json or csv");
            Err(Problem::parameter(
                &PARAMETER_INVALID,
                "format",
                indonesian,
                english,
            ))
        }
    }
}

fn next_address((outlet, date): &OutletDay, limit: i32, after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let date = date.to_string();
    query.extend_pairs([("outlet", outlet.as_str()), ("date", &date)]);
    query.extend_pairs([("after", after), ("limit", &limit.to_string()), ("format", "csv")]);
    format!("</v1/links?{}>; rel=\"next\"", query.finish())
}

/// The links as CSV (RFC 4180).
fn table(links: &[LinkDocument], next: Option<String>) -> Result<Response, Problem> {
    let bytes =
        csv_of(links).map_err(|error| Problem::internal(format!("a table can't be written: {error}")))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    let mut response = ([(CONTENT_TYPE, kind)], bytes).into_response();
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(LINK, next);
    }
    Ok(response)
}

fn csv_of(links: &[LinkDocument]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    table.write_record(["receipt", "no", "at", "standing", "url", "expires"])?;
    for link in links {
        table.write_record([
            &link.receipt,
            &harmless(link.no.as_deref().unwrap_or_default()),
            link.at.as_deref().unwrap_or_default(),
            link.standing,
            &link.url,
            &link.expires,
        ])?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}
