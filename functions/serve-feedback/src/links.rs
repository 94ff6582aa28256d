//! The link of one receipt, and its code for printing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::outlet::Outlet;
use domain::receipt::Receipt;
use domain::receipt_id::ReceiptId;
use domain::when::format_local;
use edge::auth::AuthSource;
use edge::guest_links::{LinkState, Linker};
use edge::http_input::{Params, PathParams};
use edge::problem::{PARAMETER_INVALID, Problem, RECEIPT_NOT_FOUND, RECEIPT_REFUNDED, RECEIPT_VOIDED};
use edge::qr::{Code, QrError, SCALE, SCALE_MAX};
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// A guest's link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuestLink)]
pub(crate) struct LinkDocument {
    /// The receipt.
    pub(crate) receipt: String,
    /// The number printed on it; null where the source names none.
    pub(crate) no: Option<String>,
    /// When it was sold, on the outlet's clock; null while only lines or a refund of it have arrived.
    pub(crate) at: Option<String>,
    /// Whether the link leads to the form: `open`; to a page that says to try again: `unpaid`, or `incomplete`
    /// while only lines or a refund of the receipt have arrived; or to one that says that its last day is over:
    /// `expired`. Whether it was answered is not said here.
    pub(crate) standing: &'static str,
    /// The link: whoever has it can answer.
    #[schema(example = "https://example.org/r/AQ…")]
    pub(crate) url: String,
    /// The last day on which it can be answered.
    #[schema(example = "2025-11-27")]
    pub(crate) expires: String,
    /// Its code for printing.
    pub(crate) qr: QrLinks,
}

/// Where a link is as a QR code. Asking for it needs a key, unlike the link itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GuestLinkQr)]
pub(crate) struct QrLinks {
    /// As SVG.
    svg: String,
    /// As PNG.
    png: String,
}

/// What makes the links of an outlet.
pub(crate) async fn linker_of<'a>(deps: &'a Deps, outlet: &str) -> Result<Linker<'a>, Problem> {
    let known = deps.outlets.get(outlet).await?;
    let known = known.unwrap_or_else(|| Outlet::undescribed(outlet, None, None));
    deps.guest_links.linker(&known, deps.now_ms()).await
}

/// The link of a receipt, or why it has none.
pub(crate) fn link_of(
    deps: &Deps,
    linker: &Linker<'_>,
    place: &ReceiptId,
    receipt: &Receipt,
) -> Result<LinkDocument, Problem> {
    // Who lists links prints or sends them: reading the answers as well would double what a list costs.
    let state = linker.state(place, receipt, None)?;
    match state {
        LinkState::Refunded => return Err(Problem::new(&RECEIPT_REFUNDED)),
        LinkState::Voided => return Err(Problem::new(&RECEIPT_VOIDED)),
        _ => {}
    }
    let head = receipt.head.as_ref().map(|head| &head.value);
    let code = format!("{}/v1/links/{place}/qr", deps.guest_links.public_url());
    Ok(LinkDocument {
        receipt: place.to_string(),
        no: head.and_then(|head| head.number.clone()),
        at: head.map(|head| format_local(head.at_ms, linker.zone())),
        standing: state.as_str(),
        url: linker.url(place)?,
        expires: linker.expires(place.date)?.to_string(),
        qr: QrLinks {
            svg: format!("{code}.svg"),
            png: format!("{code}.png"),
        },
    })
}

/// The link of a receipt by its id.
async fn find(deps: &Deps, id: &str) -> Result<LinkDocument, Problem> {
    let not_found = || Problem::new(&RECEIPT_NOT_FOUND);
    let place = ReceiptId::parse(id).ok_or_else(not_found)?;
    let page = deps.sales.read_page(&(place.outlet.clone(), place.date)).await?;
    let page = page.ok_or_else(not_found)?;
    let receipt = page.receipts.get(&place.native).ok_or_else(not_found)?;
    let linker = linker_of(deps, &place.outlet).await?;
    link_of(deps, &linker, &place, receipt)
}

/// Answers the link of a receipt. It is the same whenever it is asked for, until the key of links is
/// changed; links of earlier keys go on working.
#[utoipa::path(
    get, path = "/v1/links/{receipt}", tag = "links",
    params(("receipt" = String, Path, description = "The receipt's id, as a day's list has it")),
    responses(
        (status = 200, body = LinkDocument),
        (status = 404, description = "`RECEIPT_NOT_FOUND`"),
        (status = 409, description = "`RECEIPT_REFUNDED`, `RECEIPT_VOIDED`: it can't be answered"),
    ),
)]
pub(crate) async fn get_link(
    State(deps): State<Arc<Deps>>,
    PathParams(receipt): PathParams<String>,
) -> Result<Json<LinkDocument>, Problem> {
    find(&deps, &receipt).await.map(Json)
}

/// Draws the link of a receipt as a QR code in SVG, with the quiet zone around it.
#[utoipa::path(
    get, path = "/v1/links/{receipt}/qr.svg", tag = "links",
    params(("receipt" = String, Path, description = "The receipt's id, as a day's list has it")),
    responses(
        (status = 200, description = "The code", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "`RECEIPT_NOT_FOUND`"),
        (status = 409, description = "`RECEIPT_REFUNDED`, `RECEIPT_VOIDED`: it can't be answered"),
    ),
)]
pub(crate) async fn get_svg(
    State(deps): State<Arc<Deps>>,
    PathParams(receipt): PathParams<String>,
) -> Result<Response, Problem> {
    let link = find(&deps, &receipt).await?;
    let svg = Code::of(&link.url).map_err(undrawn)?.svg();
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

/// How large a code is drawn.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SizeQuery {
    /// Pixels to a module of the code, 8 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 32)]
    scale: Option<String>,
}

/// Draws the link of a receipt as a QR code in PNG, black and white, with the quiet zone around it.
#[utoipa::path(
    get, path = "/v1/links/{receipt}/qr.png", tag = "links",
    params(("receipt" = String, Path, description = "The receipt's id, as a day's list has it"), SizeQuery),
    responses(
        (status = 200, description = "The code", body = Vec<u8>, content_type = "image/png"),
        (status = 404, description = "`RECEIPT_NOT_FOUND`"),
        (status = 409, description = "`RECEIPT_REFUNDED`, `RECEIPT_VOIDED`: it can't be answered"),
    ),
)]
pub(crate) async fn get_png(
    State(deps): State<Arc<Deps>>,
    PathParams(receipt): PathParams<String>,
    Params(query): Params<SizeQuery>,
) -> Result<Response, Problem> {
    let scale = read_scale(query.scale.as_deref())?;
    let link = find(&deps, &receipt).await?;
    let png = Code::of(&link.url)
        .and_then(|code| code.png(scale))
        .map_err(undrawn)?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("image/png"))], png).into_response())
}

fn read_scale(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(SCALE) };
    let scale = text.parse().ok().filter(|scale| (1..=SCALE_MAX).contains(scale));
    scale.ok_or_else(|| {
        let (indonesian, english) = (
            format!("bilangan 1 sampai {SCALE_MAX}"),
            format!("a number from 1 to {SCALE_MAX}"),
        );
        Problem::parameter(&PARAMETER_INVALID, "scale", indonesian, english)
    })
}

fn undrawn(error: QrError) -> Problem {
    Problem::internal(error.to_string())
}
