//! Messages that a partner's server did not take.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::topup::webhook::{Webhook, WebhookState};
use domain::when::format_utc;
use edge::auth::Caller;
use edge::cursor;
use edge::http_input::{Params, PathParams, page_size};
use edge::problem::{Problem, WEBHOOK_NOT_FOUND, WEBHOOK_UNDER_WAY};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// A message to a partner.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TopupWebhook)]
pub(crate) struct WebhookDocument {
    /// Its id, as in its header and body.
    id: String,
    /// What it tells, such as `topup.success`.
    #[serde(rename = "type")]
    kind: String,
    /// The order it is about.
    refid: String,
    /// `queued`, `delivered`, `given_up` or `not_wanted`.
    state: &'static str,
    /// How often it was tried.
    attempts: u32,
    /// The status of the last answer, or a word for why there was none.
    last: Option<String>,
    /// When what it tells happened.
    created_at: String,
}

impl From<Webhook> for WebhookDocument {
    fn from(webhook: Webhook) -> Self {
        Self {
            kind: format!("topup.{}", webhook.about.as_str()),
            id: webhook.id,
            refid: webhook.refid,
            state: webhook.state.as_str(),
            attempts: webhook.attempts,
            last: webhook.last,
            created_at: format_utc(webhook.at_ms),
        }
    }
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopupWebhookPage {
    /// The messages, the oldest first.
    items: Vec<WebhookDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which page of a listing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many messages, 50 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Lists the messages to the partner that were given up after two days.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "topups", params(WebhookQuery),
    responses((status = 200, body = TopupWebhookPage)),
)]
pub(crate) async fn list_given_up(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Params(query): Params<WebhookQuery>,
) -> Result<Json<TopupWebhookPage>, Problem> {
    let partner = deps.asker(&caller).await?;
    let limit = page_size(query.limit.as_deref(), 50, 200)?;
    let after = cursor::decode("after", query.after.as_deref())?;
    let page = deps
        .webhooks
        .given_up_of(&partner.id, after.as_deref(), limit)
        .await;
    let (webhooks, next) = page.map_err(cursor::refused)?;
    Ok(Json(TopupWebhookPage {
        items: webhooks.into_iter().map(Into::into).collect(),
        next: next.map(|next| cursor::encode(&next)),
    }))
}

/// Sends a message again that was given up, or that nobody wanted before an address was named.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/send-again", tag = "topups",
    params(("id" = String, Path, description = "The message's id")),
    responses(
        (status = 202, body = WebhookDocument),
        (status = 404, description = "`WEBHOOK_NOT_FOUND`"),
        (status = 409, description = "`WEBHOOK_UNDER_WAY`: it was taken, or is still being tried"),
    ),
)]
pub(crate) async fn send_webhook_again(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<(StatusCode, Json<WebhookDocument>), Problem> {
    let partner = deps.asker(&caller).await?;
    let webhook = deps.webhooks.get(&id).await?;
    let own = webhook.filter(|webhook| webhook.partner == partner.id);
    let own = own.ok_or_else(|| Problem::new(&WEBHOOK_NOT_FOUND))?;
    if matches!(own.state, WebhookState::Queued | WebhookState::Delivered) {
        return Err(Problem::new(&WEBHOOK_UNDER_WAY).detail(
            "Pesan ini sudah diterima atau masih dicoba.",
            "This message was taken, or is still being tried.",
        ));
    }
    let queued = deps.webhooks.resend(&own, deps.now_ms(), &caller.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(queued.into())))
}
