//! The shop's partners: what they may order, how much, and where they are told.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::topup::partner::{CutoffChoice, Partner, is_id};
use domain::topup::rupiah::Rupiah;
use domain::topup::webhook::secret;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::http_input::{JsonBody, PathParams};
use edge::problem::{FieldError, PARAMETER_INVALID, Problem, TOPUP_PARTNER_UNKNOWN};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deps;

/// The longest name, in characters.
const NAME_MAX: usize = 100;
/// The longest address of webhooks, in bytes.
const WEBHOOK_MAX: usize = 500;
/// The most products that a partner's list names.
const PRODUCTS_MAX: usize = 1000;
/// The highest cap of a day, whole rupiah.
const CAP_MAX: i64 = 1_000_000_000_000;
/// The most requests that a partner may be given a minute.
const PER_MINUTE_MAX: u32 = 6000;

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TopupPartner)]
pub(crate) struct PartnerDocument {
    /// Its id.
    id: String,
    /// Its name for people.
    name: String,
    /// Whether it may order.
    active: bool,
    /// Which products it may order; null for all.
    products: Option<Vec<String>>,
    /// What its orders of one day (Asia/Jakarta) may come to, whole rupiah.
    daily_cap: i64,
    /// How many requests it may make in a minute.
    per_minute: u32,
    /// What becomes of its orders during the supplier's nightly cutoff: `refuse` or `hold`.
    cutoff: &'static str,
    /// Where it is told what became of its orders; null where it is not.
    webhook: Option<String>,
    /// When its webhook secret was made; null before the first was asked for.
    secret_made_at: Option<String>,
}

impl From<Partner> for PartnerDocument {
    fn from(partner: Partner) -> Self {
        Self {
            secret_made_at: (partner.secret > 0).then(|| format_utc(partner.secret_ms)),
            id: partner.id,
            name: partner.name,
            active: partner.active,
            products: partner.products.map(|products| products.into_iter().collect()),
            daily_cap: partner.daily_cap.get(),
            per_minute: partner.per_minute,
            cutoff: match partner.cutoff {
                CutoffChoice::Refuse => "refuse",
                CutoffChoice::Hold => "hold",
            },
            webhook: partner.webhook,
        }
    }
}

/// All partners.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupPartners {
    /// The partners, by id.
    items: Vec<PartnerDocument>,
}

/// Lists the partners.
#[utoipa::path(get, path = "/v1/topup-partners", tag = "topup-settings", responses((status = 200, body = TopupPartners)))]
pub(crate) async fn list_topup_partners(
    State(deps): State<Arc<Deps>>,
) -> Result<Json<TopupPartners>, Problem> {
    let partners = deps.catalogue.partners().await?;
    Ok(Json(TopupPartners {
        items: partners.into_iter().map(Into::into).collect(),
    }))
}

/// Shows one partner.
#[utoipa::path(
    get, path = "/v1/topup-partners/{id}", tag = "topup-settings",
    params(("id" = String, Path, description = "The partner's id")),
    responses((status = 200, body = PartnerDocument), (status = 404, description = "`TOPUP_PARTNER_UNKNOWN`")),
)]
pub(crate) async fn get_topup_partner(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
) -> Result<Json<PartnerDocument>, Problem> {
    Ok(Json(known(&deps, &id).await?.into()))
}

async fn known(deps: &Deps, id: &str) -> Result<Partner, Problem> {
    let partner = deps.catalogue.partner(id).await?;
    partner.ok_or_else(|| Problem::new(&TOPUP_PARTNER_UNKNOWN))
}

/// How a partner is to be described.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TopupPartnerDescription)]
pub(crate) struct PartnerRequest {
    /// Its name for people.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Whether it may order. One that may not still sees its orders.
    active: bool,
    /// The codes of the products it may order; all if not given.
    #[serde(default)]
    #[schema(max_items = 1000)]
    products: Option<BTreeSet<String>>,
    /// What its orders of one day (Asia/Jakarta) may come to, whole rupiah. What failed is given back.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    daily_cap: i64,
    /// How many requests it may make in a minute.
    #[schema(minimum = 1, maximum = 6000)]
    per_minute: u32,
    /// What becomes of its orders during the supplier's nightly cutoff: `refuse` if not given, or `hold`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    cutoff: CutoffChoice,
    /// Where it is told what became of its orders: `https`, at a public address.
    #[serde(default)]
    #[schema(max_length = 500, example = "https://kios.example/oyako")]
    webhook: Option<String>,
}

impl PartnerRequest {
    fn errors(&self, webhooks_local: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, indonesian: &str, english: &str| {
            errors.push(FieldError::at(pointer, "FIELD_INVALID", indonesian, english));
        };
        let name = self.name.trim();
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            refuse("/name", "1 sampai 100 karakter", "1 to 100 characters");
        }
        if self
            .products
            .as_ref()
            .is_some_and(|list| list.len() > PRODUCTS_MAX)
        {
            refuse("/products", "paling banyak 1000", "at most 1000");
        }
        if !(0..=CAP_MAX).contains(&self.daily_cap) {
            refuse("/daily_cap", "0 sampai 1000000000000", "0 to 1000000000000");
        }
        if !(1..=PER_MINUTE_MAX).contains(&self.per_minute) {
            refuse("/per_minute", "1 sampai 6000", "1 to 6000");
        }
        let is_usable =
            |url: &String| url.len() <= WEBHOOK_MAX && partners::webhook::check(url, webhooks_local).is_ok();
        if !self.webhook.as_ref().is_none_or(is_usable) {
            refuse(
                "/webhook",
                "alamat https publik dalam ASCII (xn--…), paling panjang 500 karakter",
                "a public https address in ASCII (xn--…) of at most 500 characters",
            );
        }
        errors
    }
}

/// Describes a partner. Its key is made with `POST /v1/keys`.
#[utoipa::path(
    put, path = "/v1/topup-partners/{id}", tag = "topup-settings",
    params(("id" = String, Path, description = "1 to 40 lower case letters, digits or `-`")),
    request_body = PartnerRequest,
    responses(
        (status = 200, body = PartnerDocument),
        (status = 409, description = "`CHANGED_MEANWHILE`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn describe_topup_partner(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<PartnerRequest>,
) -> Result<Json<PartnerDocument>, Problem> {
    if !is_id(&id) {
        let (indonesian, english) = (
            "1 sampai 40 huruf kecil, angka atau `-`",
            "1 to 40 lower case letters, digits or `-`",
        );
        return Err(Problem::parameter(&PARAMETER_INVALID, "id", indonesian, english));
    }
    let errors = request.errors(deps.settings.webhooks_local);
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let known = deps.catalogue.partner(&id).await?;
    let secrets = |known: Partner| (known.secret, known.signs_from, known.secret_ms, known.version);
    let (secret, signs_from, secret_ms, version) = known.map_or((0, 0, 0, 0), secrets);
    let partner = Partner {
        id,
        name: request.name.trim().to_owned(),
        active: request.active,
        products: request.products,
        daily_cap: Rupiah::new(request.daily_cap),
        per_minute: request.per_minute,
        cutoff: request.cutoff,
        webhook: request.webhook.map(|url| url.trim().to_owned()),
        secret,
        signs_from,
        secret_ms,
        version,
    };
    let stored = deps
        .catalogue
        .put_partner(&partner, &caller.actor(), deps.now_ms())
        .await?;
    Ok(Json(stored.into()))
}

/// A new secret of webhooks.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookSecret {
    /// The secret. It is shown here and never again.
    #[schema(example = "whs_…")]
    secret: String,
    /// Which of the partner's secrets it is, from 1.
    number: u32,
    /// When it was made.
    made_at: String,
}

/// Makes a partner a new secret of webhooks. The answer is the only place where it is ever shown; the one that
/// was in force before signs as well for another day, also where this is asked twice.
#[utoipa::path(
    post, path = "/v1/topup-partners/{id}/webhook-secret", tag = "topup-settings",
    params(("id" = String, Path, description = "The partner's id")),
    responses(
        (status = 200, body = WebhookSecret),
        (status = 404, description = "`TOPUP_PARTNER_UNKNOWN`"),
        (status = 409, description = "`CHANGED_MEANWHILE`, `TOPUP_OFF`"),
    ),
)]
pub(crate) async fn new_webhook_secret(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<Json<WebhookSecret>, Problem> {
    let known = known(&deps, &id).await?;
    let key = deps.webhook_key().await?;
    let now_ms = deps.now_ms();
    let next = known.with_new_secret(now_ms);
    let stored = deps.catalogue.put_partner(&next, &caller.actor(), now_ms).await?;
    Ok(Json(WebhookSecret {
        secret: secret(key.expose().trim().as_bytes(), &stored.id, stored.secret),
        number: stored.secret,
        made_at: format_utc(now_ms),
    }))
}
