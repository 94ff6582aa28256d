//! A quarantined piece, run again through the real path.

use aws::StoreError;
use aws::objects::Wanted;
use domain::export::{Counts, Export, ExportState};
use domain::map::Context;
use domain::quarantine::{QuarantineState, Quarantined, RULES_VERSION};
use domain::record::Rejection;

use crate::failure::Failure;
use crate::file::{DAY_FULL, File};
use crate::pending::{Pending, Place};
use crate::source::Unpacker;
use crate::{ACTOR, Deps, flush, run};

/// How often the outcome is noted anew because another writer was first.
const TRIES_MAX: u32 = 8;

/// Runs a piece again. Coming twice does no harm: the outcome is noted only while the piece is
/// waiting for it.
///
/// # Errors
/// [`Failure`] when the trigger should come again.
pub async fn run(piece: Quarantined, deps: &Deps) -> Result<(), Failure> {
    let Some(piece) = deps.quarantine.get(&piece.export_id, &piece.local_id()).await? else {
        return Ok(());
    };
    if piece.state != QuarantineState::Replaying {
        return Ok(());
    }
    let Some(export) = deps.ledger.get(&piece.export_id, &piece.etag).await? else {
        return Ok(());
    };
    if piece.whole_file {
        return whole_file(&piece, export, deps).await;
    }
    let outcome = record(&piece, export, deps).await?;
    settle(&piece, outcome, deps).await
}

/// Opens the file again: the change of state starts its reading from the start.
async fn whole_file(piece: &Quarantined, export: Export, deps: &Deps) -> Result<(), Failure> {
    let again = Export {
        state: ExportState::Processing,
        runs: export.runs,
        received_ms: export.received_ms,
        correlation: piece.correlation.clone().or(export.correlation),
        id: export.id,
        bucket: export.bucket,
        key: export.key,
        etag: export.etag,
        version: export.version,
        size: export.size,
        ..Export::default()
    };
    deps.ledger.reopen(&again).await?;
    let done = Quarantined {
        state: QuarantineState::Replayed,
        last_seen_ms: (deps.now_ms)(),
        ..piece.clone()
    };
    match deps.quarantine.settle(piece, &done, None, ACTOR).await {
        // The reading may be done and have listed the piece again already.
        Err(StoreError::Conflict) => Ok(()),
        done => Ok(done?),
    }
}

/// Runs one record and notes nothing of it; answers what it added to the counts of its file.
pub(crate) async fn record(
    piece: &Quarantined,
    export: Export,
    deps: &Deps,
) -> Result<Result<Counts, Rejection>, Failure> {
    let bytes = match slice(piece, deps).await? {
        Ok(bytes) => bytes,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let context: Context = serde_json::from_str(&piece.context)?;
    let mut file = File::new(
        Export {
            counts: Counts::default(),
            ..export
        },
        None,
        0,
        (deps.now_ms)(),
    );
    file.context = context;
    let telling = match run::tell(&mut file, &bytes, deps).await? {
        Ok(telling) => telling,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let mut pending = Pending::default();
    pending.take(telling, Place::default());
    let before = file.export.counts.quarantined;
    flush::write(&mut file, pending.drain(), deps).await?;
    if file.export.counts.quarantined > before {
        return Ok(Err(Rejection::new(
            DAY_FULL,
            "",
            "the day still has no room for it",
        )));
    }
    Ok(Ok(file.export.counts))
}

/// The piece's bytes, from the object as it was.
async fn slice(piece: &Quarantined, deps: &Deps) -> Result<Result<Vec<u8>, Rejection>, Failure> {
    let gone = |code, detail| Ok(Err(Rejection::new(code, "", detail)));
    let wanted = Wanted {
        key: &piece.key,
        etag: Some(&piece.etag),
        version: piece.version.as_deref(),
    };
    let mut object = match deps.objects.open(wanted, 0).await {
        Ok(object) => object,
        Err(StoreError::Conflict) => return gone("FILE_CHANGED", "the object was overwritten meanwhile"),
        Err(StoreError::NotFound) => return gone("FILE_GONE", "the object is not there any more"),
        Err(error) => return Err(error.into()),
    };
    let (mut unpacker, mut skip, mut bytes) = (Unpacker::default(), piece.byte_start, Vec::new());
    let length = usize::try_from(piece.byte_len).unwrap_or(usize::MAX);
    let most = domain::split::Limits::default().record_bytes_max;
    if length > most {
        return gone("RECORD_TOO_LARGE", "the record is larger than any record may be");
    }
    let mut take = |unpacked: &[u8]| {
        let passed = usize::try_from(skip).unwrap_or(usize::MAX).min(unpacked.len());
        skip -= passed as u64;
        let rest = unpacked.get(passed..).unwrap_or_default();
        bytes.extend_from_slice(
            rest.get(..rest.len().min(length - bytes.len()))
                .unwrap_or_default(),
        );
        bytes.len() < length
    };
    loop {
        let next = object.body.next().await.transpose();
        let Some(packed) = next.map_err(|error| Failure::Interrupted(Box::new(error)))? else {
            break;
        };
        match unpacker.push(&packed, &mut take) {
            Ok(true) => {}
            Ok(false) => return Ok(Ok(bytes)),
            Err(rejection) => return Ok(Err(rejection)),
        }
    }
    if let Err(rejection) = unpacker.finish(&mut take) {
        return Ok(Err(rejection));
    }
    Ok(Ok(bytes))
}

/// Notes the outcome: the piece, its file's counts and the audit record.
async fn settle(piece: &Quarantined, outcome: Result<Counts, Rejection>, deps: &Deps) -> Result<(), Failure> {
    let attempts = piece.attempts + 1;
    let seen = Quarantined {
        attempts,
        rules: RULES_VERSION,
        last_seen_ms: (deps.now_ms)(),
        ..piece.clone()
    };
    let to = match &outcome {
        Ok(_) => Quarantined {
            state: QuarantineState::Replayed,
            ..seen
        },
        Err(rejection) => Quarantined {
            state: QuarantineState::Open,
            code: rejection.code.to_owned(),
            detail: rejection.detail.clone(),
            ..seen
        },
    };
    for _ in 0..TRIES_MAX {
        let before = deps.ledger.get(&piece.export_id, &piece.etag).await?;
        let after = match (&before, &outcome) {
            (Some(export), Ok(counts)) => Some(recounted(export.clone(), piece, *counts)),
            _ => None,
        };
        let export = before.as_ref().zip(after.as_ref());
        match deps.quarantine.settle(piece, &to, export, ACTOR).await {
            Err(StoreError::Conflict) => {
                let now = deps.quarantine.get(&piece.export_id, &piece.local_id()).await?;
                if now.is_none_or(|now| now != *piece) {
                    return Ok(());
                }
            }
            done => {
                done?;
                tracing::info!(export = %piece.export_id, state = to.state.as_str(), code = %to.code, "quarantine.replayed");
                return Ok(());
            }
        }
    }
    Err(StoreError::Throttled.into())
}

/// The file's counts once a refused record was taken after all.
fn recounted(mut export: Export, piece: &Quarantined, counts: Counts) -> Export {
    export.counts.quarantined = export.counts.quarantined.saturating_sub(1);
    export.counts.stored += counts.stored;
    export.counts.unchanged += counts.unchanged;
    export.counts.stale += counts.stale;
    if let Some(rejected) = export.rejected.get_mut(&piece.code) {
        *rejected = rejected.saturating_sub(1);
    }
    export.rejected.retain(|_, count| *count > 0);
    export
}
