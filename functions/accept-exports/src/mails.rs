//! Mails that were not sent, and what people decide about them.
//!
//! A mail of which nobody knows whether it was taken is never sent again by itself: the reader could
//! get it twice. A person who has looked may decide that twice is better than never.

use std::sync::Arc;

use aws::position::ListPosition;
use axum::Json;
use axum::extract::State;
use domain::mail::{Mail, MailCause, MailState};
use domain::when::format_utc;
use edge::auth::Caller;
use edge::cursor;
use edge::http_input::{Params, PathParams, page_size};
use edge::problem::{MAIL_NOT_FOUND, MAIL_UNDER_WAY, Problem};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// A mail of the outbox, without its words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub(crate) struct MailDocument {
    /// The mail's id.
    id: String,
    /// `queued`, `sending`, `sent`, `unknown` (nobody knows whether it was taken) or `failed`.
    state: &'static str,
    /// What it is about: `export_trouble`, `low_score`, `night_digest`, `rights_due` or `topup_alert`.
    cause: &'static str,
    /// The export it is about; null where it is about none.
    export: Option<String>,
    /// The receipt it is about; null where it is about none.
    receipt: Option<String>,
    /// The case it is about; null where it is about none.
    case: Option<String>,
    /// How often it was tried.
    attempts: u32,
    /// When it was made.
    created_at: String,
    /// The mail service's id of it, or its last complaint; no address is in it.
    outcome: Option<String>,
    /// What ties it to the log lines about the same file or request.
    correlation: Option<String>,
}

impl From<Mail> for MailDocument {
    fn from(mail: Mail) -> Self {
        let (cause, export, receipt, case) = match mail.cause {
            MailCause::ExportTrouble { export, .. } => ("export_trouble", Some(export.id), None, None),
            MailCause::LowScore { receipt, case, .. } => ("low_score", None, Some(receipt), Some(case)),
            MailCause::NightDigest { .. } => ("night_digest", None, None, None),
            MailCause::RightsDue { .. } => ("rights_due", None, None, None),
            MailCause::TopupAlert { .. } => ("topup_alert", None, None, None),
        };
        Self {
            id: mail.id,
            state: mail.state.as_str(),
            cause,
            export,
            receipt,
            case,
            attempts: mail.attempts,
            created_at: format_utc(mail.created_ms),
            outcome: mail.outcome,
            correlation: mail.correlation,
        }
    }
}

/// A page of mails.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailPage {
    /// The mails, the oldest first.
    items: Vec<MailDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which mails.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MailQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many mails, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// Lists mails that were refused for good, or of which nobody knows whether they were taken.
#[utoipa::path(
    get, path = "/v1/mails/not-sent", tag = "mails",
    params(MailQuery), responses((status = 200, body = MailPage)),
)]
pub(crate) async fn list_not_sent(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<MailQuery>,
) -> Result<Json<MailPage>, Problem> {
    let limit = page_size(query.limit.as_deref(), 100, 500)?;
    let after = cursor::decode("after", query.after.as_deref())?
        .map(|after| ListPosition::parse(&after).ok_or_else(|| cursor::unusable("after")))
        .transpose()?;
    let (mails, next) = deps.outbox.not_sent(after.as_ref(), limit).await?;
    Ok(Json(MailPage {
        items: mails.into_iter().map(Into::into).collect(),
        next: next.map(|next| cursor::encode(&next.to_string())),
    }))
}

/// Sends a mail again that was refused, or of which nobody knows whether it was taken. In the second
/// case its reader may get it twice.
#[utoipa::path(
    post, path = "/v1/mails/{id}/send-again", tag = "mails",
    params(("id" = String, Path, description = "The mail's id")),
    responses(
        (status = 202, body = MailDocument),
        (status = 404, description = "`MAIL_NOT_FOUND`"),
        (status = 409, description = "`MAIL_UNDER_WAY`: it is being sent, or was sent"),
    ),
)]
pub(crate) async fn send_again(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<(StatusCode, Json<MailDocument>), Problem> {
    let mail = deps.outbox.get(&id).await?;
    let mail = mail.ok_or_else(|| Problem::new(&MAIL_NOT_FOUND))?;
    if !matches!(mail.state, MailState::Unknown | MailState::Failed) {
        return Err(Problem::new(&MAIL_UNDER_WAY).detail(
            "Surat ini sudah terkirim atau sedang dikirim.",
            "This mail was sent, or is being sent.",
        ));
    }
    let queued = Mail {
        state: MailState::Queued,
        attempts: 0,
        due_ms: deps.now_ms(),
        outcome: None,
        ..mail.clone()
    };
    deps.outbox.send_again(&mail, &queued, &caller.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(queued.into())))
}
