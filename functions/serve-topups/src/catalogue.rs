//! The shop's products: what the supplier is asked for, what it charges, and what partners pay.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::topup::number::Operator;
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::rupiah::Rupiah;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::http_input::{JsonBody, PathParams};
use edge::problem::{FieldError, NOT_FOUND, PARAMETER_INVALID, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deps;

/// The longest code, in characters.
const CODE_MAX: usize = 20;
/// The longest name, in characters.
const NAME_MAX: usize = 100;
/// The highest price, whole rupiah. What is above is a slip of the finger.
const PRICE_MAX: i64 = 100_000_000;

/// A product, as the shop sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TopupProduct)]
pub(crate) struct ProductDocument {
    /// The supplier's code.
    code: String,
    /// What people call it.
    name: String,
    /// `pulsa`, `data`, `pln` or `voucher`.
    kind: &'static str,
    /// Whose numbers it is for; null for PLN and vouchers.
    operator: Option<&'static str>,
    /// What the supplier charges, whole rupiah.
    cost: i64,
    /// What partners pay.
    price: i64,
    /// Whether it is sold.
    active: bool,
    /// Whether the supplier takes it more than once a day for the same number.
    repeatable: bool,
    /// Until when it is refused because it is down; null while it is not.
    down_until: Option<String>,
    /// Whether another price than `cost` was charged: refused until the product is described anew.
    price_differs: bool,
    /// Whether the supplier does not know the code: refused until the product is described anew.
    code_unknown: bool,
}

impl ProductDocument {
    fn of(product: Product, now_ms: i64) -> Self {
        Self {
            down_until: product.breaker.down_until(now_ms).map(format_utc),
            code: product.code,
            name: product.name,
            kind: product.kind.as_str(),
            operator: product.operator.map(|operator| operator.as_str()),
            cost: product.cost.get(),
            price: product.price.get(),
            active: product.active,
            repeatable: product.repeatable,
            price_differs: product.breaker.price_differs,
            code_unknown: product.breaker.code_unknown,
        }
    }
}

/// All products.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupProducts {
    /// The products, by code.
    items: Vec<ProductDocument>,
}

/// Lists all products, with what they cost.
#[utoipa::path(get, path = "/v1/topup-products", tag = "topup-settings", responses((status = 200, body = TopupProducts)))]
pub(crate) async fn list_topup_products(
    State(deps): State<Arc<Deps>>,
) -> Result<Json<TopupProducts>, Problem> {
    let (products, now_ms) = (deps.catalogue.products().await?, deps.now_ms());
    let items = products
        .into_iter()
        .map(|product| ProductDocument::of(product, now_ms));
    Ok(Json(TopupProducts {
        items: items.collect(),
    }))
}

/// Shows one product.
#[utoipa::path(
    get, path = "/v1/topup-products/{code}", tag = "topup-settings",
    params(("code" = String, Path, description = "The product's code")),
    responses((status = 200, body = ProductDocument), (status = 404, description = "`NOT_FOUND`")),
)]
pub(crate) async fn get_topup_product(
    State(deps): State<Arc<Deps>>,
    PathParams(code): PathParams<String>,
) -> Result<Json<ProductDocument>, Problem> {
    let product = deps.catalogue.product(&code).await?;
    let product = product.ok_or_else(|| Problem::new(&NOT_FOUND))?;
    Ok(Json(ProductDocument::of(product, deps.now_ms())))
}

/// How a product is to be described.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TopupProductDescription)]
pub(crate) struct ProductRequest {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "Telkomsel 10.000")]
    name: String,
    /// `pulsa`, `data`, `pln` or `voucher`.
    #[schema(value_type = String)]
    kind: Kind,
    /// Whose numbers it is for: `telkomsel`, `by_u`, `indosat`, `three`, `xl`, `axis` or `smartfren`. Needed for `pulsa`
    /// and `data`, and for nothing else.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    operator: Option<Operator>,
    /// What the supplier charges, whole rupiah.
    #[schema(minimum = 1, maximum = 100_000_000)]
    cost: i64,
    /// What partners pay.
    #[schema(minimum = 1, maximum = 100_000_000)]
    price: i64,
    /// Whether it is sold.
    active: bool,
    /// Whether the supplier takes it more than once a day for the same number.
    #[serde(default)]
    repeatable: bool,
}

impl ProductRequest {
    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, indonesian: &str, english: &str| {
            errors.push(FieldError::at(pointer, "FIELD_INVALID", indonesian, english));
        };
        let name = self.name.trim();
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            refuse("/name", "1 sampai 100 karakter", "1 to 100 characters");
        }
        let is_mobile = matches!(self.kind, Kind::Pulsa | Kind::Data);
        if is_mobile != self.operator.is_some() {
            refuse(
                "/operator",
                "wajib untuk pulsa dan data, dan hanya untuk itu",
                "needed for pulsa and data, and for nothing else",
            );
        }
        // Lists of suppliers have products at nothing and less: those are no purchases.
        for (pointer, amount) in [("/cost", self.cost), ("/price", self.price)] {
            if !(1..=PRICE_MAX).contains(&amount) {
                refuse(pointer, "1 sampai 100000000", "1 to 100000000");
            }
        }
        errors
    }
}

/// Describes a product. What its replies said of it lately is forgotten: whoever saves it has looked.
#[utoipa::path(
    put, path = "/v1/topup-products/{code}", tag = "topup-settings",
    params(("code" = String, Path, description = "The supplier's code: 1 to 20 letters and digits")),
    request_body = ProductRequest,
    responses(
        (status = 200, body = ProductDocument),
        (status = 409, description = "`CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn describe_topup_product(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(code): PathParams<String>,
    JsonBody(request): JsonBody<ProductRequest>,
) -> Result<Json<ProductDocument>, Problem> {
    if !(1..=CODE_MAX).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let (indonesian, english) = ("1 sampai 20 huruf dan angka", "1 to 20 letters and digits");
        return Err(Problem::parameter(
            &PARAMETER_INVALID,
            "code",
            indonesian,
            english,
        ));
    }
    let errors = request.errors();
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let known = deps.catalogue.product(&code).await?;
    let product = Product {
        code,
        name: request.name.trim().to_owned(),
        kind: request.kind,
        operator: request.operator,
        cost: Rupiah::new(request.cost),
        price: Rupiah::new(request.price),
        active: request.active,
        repeatable: request.repeatable,
        breaker: Breaker::default(),
        version: known.map_or(0, |known| known.version),
    };
    let now_ms = deps.now_ms();
    let stored = deps
        .catalogue
        .put_product(&product, &caller.actor(), now_ms)
        .await?;
    Ok(Json(ProductDocument::of(stored, now_ms)))
}
