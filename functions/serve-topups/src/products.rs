//! What a partner may buy.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::topup::guard;
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Deps;

/// A product, as partners see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartnerProduct {
    /// Its code.
    code: String,
    /// What people call it.
    name: String,
    /// `pulsa`, `data`, `pln` or `voucher`.
    kind: &'static str,
    /// Whose numbers it is for: `telkomsel`, `by_u`, `indosat`, `three`, `xl`, `axis` or `smartfren`; null for PLN and
    /// vouchers.
    operator: Option<&'static str>,
    /// What it costs, whole rupiah.
    price: i64,
    /// Whether it can be ordered now.
    available: bool,
    /// When it can be tried again, where that is known.
    available_from: Option<String>,
}

impl PartnerProduct {
    fn of(product: &Product, now_ms: i64) -> Self {
        let down = product.breaker.down_until(now_ms);
        Self {
            code: product.code.clone(),
            name: product.name.clone(),
            kind: product.kind.as_str(),
            operator: product.operator.map(|operator| operator.as_str()),
            price: product.price.get(),
            available: down.is_none() && guard::is_as_listed(product),
            available_from: down.map(format_utc),
        }
    }
}

/// What a partner may buy.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartnerProducts {
    /// The products, by code.
    items: Vec<PartnerProduct>,
}

/// Lists the products that the partner may order, with their prices.
#[utoipa::path(get, path = "/v1/products", tag = "topups", responses((status = 200, body = PartnerProducts)))]
pub(crate) async fn list_products(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
) -> Result<Json<PartnerProducts>, Problem> {
    let partner = deps.asker(&caller).await?;
    let now_ms = deps.now_ms();
    let allowed = |product: &&Product| {
        let listed = partner.products.as_ref();
        product.active
            && product.price > Rupiah::ZERO
            && listed.is_none_or(|products| products.contains(&product.code))
    };
    let products = deps.catalogue.products().await?;
    let items = products
        .iter()
        .filter(allowed)
        .map(|product| PartnerProduct::of(product, now_ms));
    Ok(Json(PartnerProducts {
        items: items.collect(),
    }))
}
