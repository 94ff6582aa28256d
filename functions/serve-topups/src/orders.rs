//! Orders: placed, tried without being placed, looked at and listed.

use std::sync::Arc;

use aws::topups::Filter;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::topup::is_refid;
use domain::topup::number::{Fit, fit};
use domain::topup::order::Order;
use domain::topup::state::State as OrderState;
use domain::topup::window::wib_bounds;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::cursor;
use edge::http::Correlation;
use edge::http_input::{JsonBody, Params, PathParams, one_of, page_size, read_date};
use edge::problem::{FieldError, Problem, TOPUP_NOT_FOUND};
use http::header::{HeaderValue, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::claim::{hash, idempotency_key};
use crate::look::Look;
use crate::refusal::Told;
use crate::take::{Answered, Asked};
use crate::topup::TopupDocument;

/// The longest code of a product and the longest destination that are looked at, in characters.
const TEXT_MAX: usize = 64;
/// The longest reference of a partner, in characters.
const REFERENCE_MAX: usize = 64;
/// When to look at an open order again, in seconds.
const LOOK_AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What a partner wants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TopupRequest)]
pub(crate) struct TopupRequest {
    /// The product's code.
    #[schema(min_length = 1, max_length = 64, example = "S10")]
    pub(crate) product: String,
    /// A mobile number (`0812…`, `62812…`, `+62812…`), the number of a meter, or a customer's number for a voucher.
    #[schema(min_length = 1, max_length = 64, example = "081234567890")]
    pub(crate) destination: String,
    /// A reference of your own, shown back with the order. No name and no number of a customer, please.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub(crate) reference: Option<String>,
    /// The most that you want to pay, whole rupiah: a higher price refuses the order.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub(crate) max_price: Option<i64>,
    /// Whether the number is of the product's operator whatever it begins with, as one that was ported is.
    #[serde(default)]
    pub(crate) allow_operator_mismatch: bool,
}

impl TopupRequest {
    /// What is wrong with it, whatever else there is.
    fn check(&self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, indonesian: &str, english: &str| {
            errors.push(FieldError::at(pointer, "FIELD_INVALID", indonesian, english));
        };
        if !fits(&self.product, 1, TEXT_MAX) {
            refuse("/product", "1 sampai 64 karakter", "1 to 64 characters");
        }
        if !fits(&self.destination, 1, TEXT_MAX) {
            refuse("/destination", "1 sampai 64 karakter", "1 to 64 characters");
        }
        if self
            .reference
            .as_ref()
            .is_some_and(|text| !fits(text, 0, REFERENCE_MAX))
        {
            refuse("/reference", "paling banyak 64 karakter", "at most 64 characters");
        }
        if self.max_price.is_some_and(|most| most < 1) {
            refuse("/max_price", "paling sedikit 1", "1 at least");
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::fields(errors))
        }
    }

    /// A hash of it: another order under the same key has another one.
    pub(crate) fn fingerprint(&self) -> String {
        let most = self.max_price.map(|most| most.to_string());
        let optional = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), |text| format!("={text}"));
        hash(&[
            self.product.as_bytes(),
            self.destination.as_bytes(),
            optional(self.reference.as_deref()).as_bytes(),
            optional(most.as_deref()).as_bytes(),
            &[u8::from(self.allow_operator_mismatch)],
        ])
    }
}

fn fits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Orders a top-up. Most end within seconds and are answered as they ended; otherwise the answer is where the order
/// stands, and it is looked at under `Location` or told by a webhook.
///
/// The same `Idempotency-Key` is the same order for at least 90 days, however often it is sent. A refusal uses up no
/// key. Where there is no answer, send the same request again under the same key: never a new one.
#[utoipa::path(
    post, path = "/v1/topups", tag = "topups", request_body = TopupRequest,
    params(("Idempotency-Key" = String, Header, description = "8 to 128 visible ASCII characters, new for each order")),
    responses(
        (status = 200, description = "It has ended", body = TopupDocument),
        (status = 202, description = "It was taken", body = TopupDocument),
        (status = 400, description = "`IDEMPOTENCY_KEY_MISSING`, `IDEMPOTENCY_KEY_INVALID`"),
        (status = 403, description = "`SCOPE_MISSING`, `TOPUP_PARTNER_MISSING`, `TOPUP_PARTNER_INACTIVE`, \
            `TOPUP_PRODUCT_NOT_ALLOWED`"),
        (status = 409, description = "`IDEMPOTENCY_KEY_REUSED`, `TOPUP_ALREADY_OPEN`, `TOPUP_BALANCE_LOW`, \
            `TOPUP_COOLING`, `TOPUP_CUTOFF`, `TOPUP_DESTINATION_BLOCKED`, `TOPUP_DESTINATION_FAILING`, `TOPUP_OFF`, \
            `TOPUP_PAUSED`, `TOPUP_PRICE_HIGHER`, `TOPUP_PRODUCT_DOWN`, `TOPUP_PRODUCT_PRICE_DIFFERS`"),
        (status = 422, description = "`BODY_INVALID`, `TOPUP_DESTINATION_INVALID`, `TOPUP_OPERATOR_DIFFERS`, \
            `TOPUP_PRODUCT_OFF`, `TOPUP_PRODUCT_UNKNOWN`"),
        (status = 429, description = "`TOO_MANY_REQUESTS`, `TOPUP_CAP_REACHED`"),
    ),
)]
pub(crate) async fn order_topup(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    headers: HeaderMap,
    JsonBody(request): JsonBody<TopupRequest>,
) -> Result<Response, Problem> {
    let partner = deps.asker(&caller).await?;
    let key = idempotency_key(&headers)?;
    request.check()?;
    let asked = Asked {
        partner: &partner,
        request: &request,
        key,
        correlation: &correlation,
    };
    let order = match deps.take(&asked).await? {
        Answered::Now(order) => deps.settled(*order).await,
        Answered::Before(order) => *order,
    };
    placed(&order)
}

/// The answer about an order that was placed, now or before.
fn placed(order: &Order) -> Result<Response, Problem> {
    let place = HeaderValue::try_from(format!("/v1/topups/{}", order.refid))
        .map_err(|error| Problem::internal(error.to_string()))?;
    let document = Json(TopupDocument::from(order));
    let mut response = if order.state.is_final() {
        (StatusCode::OK, document).into_response()
    } else {
        (StatusCode::ACCEPTED, [(RETRY_AFTER, LOOK_AGAIN)], document).into_response()
    };
    response.headers_mut().insert(LOCATION, place);
    Ok(response)
}

/// What would become of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupCheck {
    /// Whether it would be taken now.
    accepted: bool,
    /// The destination as it would be sent; null where it is none.
    destination: Option<String>,
    /// What it would cost, whole rupiah; null where there is no such product.
    price: Option<i64>,
    /// All that stands against it: first what waiting does not change, then what passes.
    refusals: Vec<TopupRefusal>,
    /// What does not stand against it and should be looked at: `OPERATOR_DOUBTFUL`, where nobody can tell by the number
    /// that it is the product's operator's.
    warnings: Vec<&'static str>,
}

/// One thing that stands against an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupRefusal {
    /// The code that the order would be refused with.
    code: &'static str,
    /// What to know or do, in Bahasa Indonesia.
    detail: String,
    /// What to know or do, in English.
    detail_en: String,
    /// Until when it stands; null where no time ends it.
    until: Option<String>,
}

impl From<Told> for TopupRefusal {
    fn from(told: Told) -> Self {
        Self {
            code: told.kind.code,
            detail: told.detail,
            detail_en: told.detail_en,
            until: told.until_ms.map(format_utc),
        }
    }
}

/// Says whether an order would be taken, and buys nothing.
#[utoipa::path(
    post, path = "/v1/topups/check", tag = "topups", request_body = TopupRequest,
    responses(
        (status = 200, body = TopupCheck),
        (status = 422, description = "`BODY_INVALID`"),
        (status = 429, description = "`TOO_MANY_REQUESTS`"),
    ),
)]
pub(crate) async fn check_topup(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    JsonBody(request): JsonBody<TopupRequest>,
) -> Result<Json<TopupCheck>, Problem> {
    let partner = deps.asker(&caller).await?;
    request.check()?;
    let now_ms = deps.now_ms();
    let closed = deps.closed(&partner, now_ms).await?;
    let mut refusals: Vec<TopupRefusal> = closed.map(Into::into).into_iter().collect();
    let (mut destination, mut price, mut warnings) = (None, None, Vec::new());
    match Look::at(&deps, &partner, &request, now_ms).await? {
        Ok(look) => {
            let told = look.refusals(&deps, &partner, &request).await?;
            refusals.extend(told.into_iter().map(Into::into));
            let operator = look.product.operator;
            if operator.is_some_and(|operator| fit(&look.prefixes, operator, &look.dest) == Fit::Doubtful) {
                warnings.push("OPERATOR_DOUBTFUL");
            }
            price = Some(look.product.price.get());
            destination = Some(look.dest);
        }
        Err(unfit) => refusals.push(Told::from(&unfit).into()),
    }
    Ok(Json(TopupCheck {
        accepted: refusals.is_empty(),
        destination,
        price,
        refusals,
        warnings,
    }))
}

/// Shows one order of the partner's own.
#[utoipa::path(
    get, path = "/v1/topups/{refid}", tag = "topups",
    params(("refid" = String, Path, description = "The order's id")),
    responses((status = 200, body = TopupDocument), (status = 404, description = "`TOPUP_NOT_FOUND`")),
)]
pub(crate) async fn get_topup(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(refid): PathParams<String>,
) -> Result<Json<TopupDocument>, Problem> {
    let partner = deps.asker(&caller).await?;
    let order = if is_refid(&refid) {
        deps.topups.get(&refid).await?
    } else {
        None
    };
    let own = order.filter(|order| order.partner == partner.id);
    let own = own.ok_or_else(|| {
        Problem::new(&TOPUP_NOT_FOUND).detail(
            "Periksa refid-nya. Pesanan Anda ada di GET /v1/topups.",
            "Check its refid. Your orders are in GET /v1/topups.",
        )
    })?;
    Ok(Json(TopupDocument::from(&own)))
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupPage {
    /// The orders, the latest first. With `state` there may be fewer than `limit`, or none, and a next page all the
    /// same.
    items: Vec<TopupDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TopupQuery {
    /// Only those that stand there.
    state: Option<String>,
    /// Taken on this date (Asia/Jakarta) or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Taken on this date (Asia/Jakarta) or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many orders, 50 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

fn state(text: &str) -> Result<OrderState, Problem> {
    one_of(
        "state",
        text,
        &OrderState::ALL.map(|state| (state.as_str(), state)),
    )
}

impl TopupQuery {
    fn filter(&self) -> Result<Filter, Problem> {
        let state = self.state.as_deref().map(state).transpose()?;
        let from = self
            .from
            .as_deref()
            .map(|text| read_date("from", text))
            .transpose()?;
        let to = self.to.as_deref().map(|text| read_date("to", text)).transpose()?;
        Ok(Filter {
            from_ms: from.map_or(Filter::ALL.from_ms, |date| wib_bounds(date).0),
            to_ms: to.map_or(Filter::ALL.to_ms, |date| wib_bounds(date).1),
            state,
        })
    }
}

/// Lists the partner's own orders.
#[utoipa::path(
    get, path = "/v1/topups", tag = "topups", params(TopupQuery), responses((status = 200, body = TopupPage)),
)]
pub(crate) async fn list_topups(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<TopupQuery>,
) -> Result<Json<TopupPage>, Problem> {
    let partner = deps.asker(&caller).await?;
    let (filter, limit) = (query.filter()?, page_size(query.limit.as_deref(), 50, 200)?);
    let (items, next) = deps
        .page(&partner.id, &filter, query.after.as_deref(), limit)
        .await?;
    Ok(Json(TopupPage { items, next }))
}

impl Deps {
    /// A page of a partner's orders, and the cursor of the next.
    pub(crate) async fn page(
        &self,
        partner: &str,
        filter: &Filter,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<TopupDocument>, Option<String>), Problem> {
        let after = cursor::decode("after", after)?;
        let page = self.topups.list(partner, filter, after.as_deref(), limit).await;
        let (orders, next) = page.map_err(cursor::refused)?;
        let items = orders.iter().map(Into::into).collect();
        Ok((items, next.map(|next| cursor::encode(&next))))
    }
}
