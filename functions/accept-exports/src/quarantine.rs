//! Quarantined records: which there are, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::quarantine::Quarantined;
use domain::when::format_utc;
use edge::cursor;
use edge::decisions::{Pieces, find, id_of, read};
use edge::http_input::{Params, PathParams, page_size};
use edge::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// A piece of a file that could not be taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quarantined)]
pub(crate) struct QuarantineDocument {
    /// The id: `<export>.<place in the file>`.
    id: String,
    /// The export it came from.
    export: String,
    /// The object's key.
    key: String,
    /// The stable code of the reason.
    code: String,
    /// What the code means and what to do, in Bahasa Indonesia.
    hint_id: Option<&'static str>,
    /// What the code means and what to do, in English.
    hint_en: Option<&'static str>,
    /// Where it stands in the document, as a JSON pointer (RFC 6901).
    pointer: String,
    /// What exactly was wrong, without content of the file.
    detail: String,
    /// Where it begins in the unpacked file, in bytes.
    byte_start: u64,
    /// How long it is, in bytes.
    byte_len: u64,
    /// `open`, `replaying`, `replayed` or `discarded`.
    state: &'static str,
    /// How often it was run.
    attempts: u32,
    /// The version of the rules that refused it.
    rules: u32,
    /// The record with every text and long number masked.
    preview: String,
    /// When it was first refused.
    first_seen: String,
    /// When it was last run or decided about.
    last_seen: String,
    /// Who decided, where a person did: `key:` and the id of an API key, or `staff:` and a person's id.
    decided_by: Option<String>,
    /// Why, in the person's words.
    reason: Option<String>,
}

impl From<Quarantined> for QuarantineDocument {
    fn from(piece: Quarantined) -> Self {
        let hint = domain::code::explain(&piece.code);
        Self {
            id: id_of(&piece),
            export: piece.export_id,
            key: piece.key,
            hint_id: hint.map(|hint| hint.id),
            hint_en: hint.map(|hint| hint.en),
            code: piece.code,
            pointer: piece.pointer,
            detail: piece.detail,
            byte_start: piece.byte_start,
            byte_len: piece.byte_len,
            state: piece.state.as_str(),
            attempts: piece.attempts,
            rules: piece.rules,
            preview: piece.preview,
            first_seen: format_utc(piece.first_seen_ms),
            last_seen: format_utc(piece.last_seen_ms),
            decided_by: piece.decided_by,
            reason: piece.reason,
        }
    }
}

/// A page of quarantined pieces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinePage {
    /// The pieces: of one export in the order of the file, of all exports the longest waiting first.
    items: Vec<QuarantineDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which quarantined pieces.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QuarantineQuery {
    /// All pieces of this export; without it, the open pieces of all exports.
    export: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many pieces, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 500)]
    limit: Option<String>,
}

/// Lists what could not be taken.
#[utoipa::path(
    get, path = "/v1/quarantine", tag = "quarantine",
    params(QuarantineQuery), responses((status = 200, body = QuarantinePage)),
)]
pub(crate) async fn list_quarantine(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<QuarantineQuery>,
) -> Result<Json<QuarantinePage>, Problem> {
    let limit = page_size(query.limit.as_deref(), 100, 500)?;
    let after = cursor::decode("after", query.after.as_deref())?;
    // An empty id is that of no export.
    let pieces = match query.export.as_deref() {
        Some("") => Pieces {
            items: Vec::new(),
            next: None,
        },
        export => read(&deps.quarantine, export, after.as_deref(), limit).await?,
    };
    let items = pieces.items.into_iter().map(Into::into).collect();
    Ok(Json(QuarantinePage {
        items,
        next: pieces.next.as_deref().map(cursor::encode),
    }))
}

/// Shows one quarantined piece.
#[utoipa::path(
    get, path = "/v1/quarantine/{id}", tag = "quarantine",
    params(("id" = String, Path, description = "The piece's id")),
    responses((status = 200, body = QuarantineDocument)),
)]
pub(crate) async fn get_quarantined(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
) -> Result<Json<QuarantineDocument>, Problem> {
    Ok(Json(find(&deps.quarantine, &id).await?.into()))
}
