//! What people decide about quarantined records: run them again, or put them aside.

use std::collections::HashMap;
use std::sync::Arc;

use aws::StoreError;
use axum::Json;
use axum::extract::State;
use domain::export::Export;
use domain::quarantine::{QuarantineState, Quarantined};
use edge::http::Correlation;
use edge::http_input::{JsonBody, PathParams};
use edge::problem::{EXPORT_NOT_FINISHED, FieldError, Problem, QUARANTINE_REPLAYING, QUARANTINE_SETTLED};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deps;
use crate::auth::Caller;
use crate::quarantine::{QuarantineDocument, find, read};

/// How long a replay is given before it may be asked for again, in milliseconds: the longest run of
/// the function that does it.
const REPLAY_MS: i64 = 15 * 60_000;
/// How many pieces one request has replayed at most.
const REPLAYS_MAX: u32 = 200;
/// How many pages of pieces one request looks through at most.
const PAGES_MAX: u32 = 20;
/// How many pieces a page has.
const PAGE: i32 = 200;
/// The shortest and the longest reason, in characters.
const REASON: std::ops::RangeInclusive<usize> = 3..=500;

/// Runs a quarantined record again, through the same rules as the first time.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/replay", tag = "quarantine",
    params(("id" = String, Path, description = "The piece's id")),
    responses(
        (status = 202, body = QuarantineDocument),
        (status = 409, description = "`EXPORT_NOT_FINISHED`, `QUARANTINE_REPLAYING` or `QUARANTINE_SETTLED`"),
    ),
)]
pub(crate) async fn replay_quarantined(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    PathParams(id): PathParams<String>,
) -> Result<(StatusCode, Json<QuarantineDocument>), Problem> {
    let piece = find(&deps, &id).await?;
    check_undecided(&piece, deps.now_ms())?;
    if !is_finished(deps.ledger.get(&piece.export_id, &piece.etag).await?.as_ref()) {
        return Err(Problem::new(&EXPORT_NOT_FINISHED).detail(
            "Tunggu sampai ekspornya selesai dibaca.",
            "Wait until its export has been read to the end.",
        ));
    }
    let asked = asked(&piece, &caller, &correlation, deps.now_ms());
    deps.quarantine.decide(&piece, &asked, &caller.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(asked.into())))
}

fn is_finished(export: Option<&Export>) -> bool {
    export.is_some_and(Export::is_final)
}

/// The piece with a replay asked for. The run itself counts the attempt.
fn asked(piece: &Quarantined, caller: &Caller, correlation: &Correlation, now_ms: i64) -> Quarantined {
    Quarantined {
        state: QuarantineState::Replaying,
        correlation: Some(correlation.0.clone()),
        last_seen_ms: now_ms,
        decided_by: Some(caller.actor()),
        reason: None,
        ..piece.clone()
    }
}

/// Refuses a replay of what is settled, or is being replayed and may still come to its end.
fn check_undecided(piece: &Quarantined, now_ms: i64) -> Result<(), Problem> {
    match piece.state {
        QuarantineState::Open | QuarantineState::Discarded => Ok(()),
        QuarantineState::Replaying if now_ms.saturating_sub(piece.last_seen_ms) >= REPLAY_MS => Ok(()),
        QuarantineState::Replaying => Err(Problem::new(&QUARANTINE_REPLAYING).detail(
            "Tunggu hasilnya, paling lama 15 menit.",
            "Wait for its result, 15 minutes at most.",
        )),
        QuarantineState::Replayed => {
            Err(Problem::new(&QUARANTINE_SETTLED)
                .detail("Data ini sudah masuk.", "This record has been taken."))
        }
    }
}

/// Why a record is put aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DiscardRequest)]
pub(crate) struct DiscardRequest {
    /// The reason, in the person's words.
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Puts a quarantined record aside, with a reason. It can still be replayed later.
#[utoipa::path(
    post, path = "/v1/quarantine/{id}/discard", tag = "quarantine",
    params(("id" = String, Path, description = "The piece's id")),
    request_body = DiscardRequest,
    responses(
        (status = 200, body = QuarantineDocument),
        (status = 409, description = "`QUARANTINE_REPLAYING` or `QUARANTINE_SETTLED`"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn discard_quarantined(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<DiscardRequest>,
) -> Result<Json<QuarantineDocument>, Problem> {
    let reason = request.reason.trim();
    if !REASON.contains(&reason.chars().count()) {
        let error = FieldError::at(
            "/reason",
            "FIELD_INVALID",
            "3 sampai 500 karakter",
            "3 to 500 characters",
        );
        return Err(Problem::fields(vec![error]));
    }
    let piece = find(&deps, &id).await?;
    let now_ms = deps.now_ms();
    let discarded = Quarantined {
        state: QuarantineState::Discarded,
        last_seen_ms: now_ms,
        decided_by: Some(caller.actor()),
        reason: Some(reason.to_owned()),
        ..piece.clone()
    };
    if piece.state == QuarantineState::Discarded {
        // The same decision once more is a repeated request.
        let same = (&piece.decided_by, &piece.reason) == (&discarded.decided_by, &discarded.reason);
        return if same {
            Ok(Json(piece.into()))
        } else {
            Err(settled())
        };
    }
    check_undecided(&piece, now_ms)?;
    deps.quarantine
        .decide(&piece, &discarded, &caller.actor())
        .await?;
    Ok(Json(discarded.into()))
}

fn settled() -> Problem {
    Problem::new(&QUARANTINE_SETTLED).detail(
        "Data ini sudah disisihkan.",
        "This record has been put aside already.",
    )
}

/// Which open records to replay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayRequest)]
pub(crate) struct ReplayRequest {
    /// Of this export; of all exports if not given.
    export: Option<String>,
    /// Refused for this code; for any if not given.
    code: Option<String>,
}

/// What a replay of many records came to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Replays {
    /// How many are being replayed.
    asked: u32,
    /// How many were left alone: their export is still being read, or they changed meanwhile.
    skipped: u32,
    /// Whether there may be more: send the request again once these are through.
    more: bool,
}

/// Replays open quarantined records, at most 200 with one request.
#[utoipa::path(
    post, path = "/v1/quarantine/replay", tag = "quarantine", request_body = ReplayRequest,
    responses(
        (status = 202, body = Replays),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn replay_many(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    JsonBody(request): JsonBody<ReplayRequest>,
) -> Result<(StatusCode, Json<Replays>), Problem> {
    if request.export.as_deref() == Some("") {
        let error = FieldError::at("/export", "FIELD_INVALID", "id ekspor", "an export's id");
        return Err(Problem::fields(vec![error]));
    }
    let (mut replays, mut after, mut finished) = (Replays::default(), None, HashMap::new());
    for _ in 0..PAGES_MAX {
        let pieces = read(&deps, request.export.as_deref(), after.as_deref(), PAGE).await?;
        for piece in pieces.items {
            let wanted = request.code.as_ref().is_none_or(|code| *code == piece.code);
            if piece.state != QuarantineState::Open || !wanted {
                continue;
            }
            if replays.asked >= REPLAYS_MAX {
                replays.more = true;
                return Ok((StatusCode::ACCEPTED, Json(replays)));
            }
            if replay_one(&deps, (&caller, &correlation), &piece, &mut finished).await? {
                replays.asked = replays.asked.saturating_add(1);
            } else {
                replays.skipped = replays.skipped.saturating_add(1);
            }
        }
        after = pieces.next;
        if after.is_none() {
            break;
        }
    }
    replays.more = after.is_some();
    Ok((StatusCode::ACCEPTED, Json(replays)))
}

/// Asks for a replay of one piece of many. `finished` remembers which files have been read.
async fn replay_one(
    deps: &Deps,
    (caller, correlation): (&Caller, &Correlation),
    piece: &Quarantined,
    finished: &mut HashMap<(String, String), bool>,
) -> Result<bool, StoreError> {
    let file = (piece.export_id.clone(), piece.etag.clone());
    let is_final = match finished.get(&file) {
        Some(known) => *known,
        None => is_finished(deps.ledger.get(&file.0, &file.1).await?.as_ref()),
    };
    finished.insert(file, is_final);
    if !is_final {
        return Ok(false);
    }
    let asked = asked(piece, caller, correlation, deps.now_ms());
    match deps.quarantine.decide(piece, &asked, &caller.actor()).await {
        Ok(()) => Ok(true),
        // Somebody else decided first.
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
