//! The end of a file: its ledger entry, its audit record, and the mail about what went wrong.

use aws::StoreError;
use domain::export::{Export, ExportState};
use domain::mail::{DigestReason, Mail, MailCause, MailState, REASONS_MAX, mail_id};

use lambda_edge::metrics::Unit;

use crate::failure::Failure;
use crate::file::File;
use crate::{ACTOR, Deps};

/// Closes a file that can't be read any more.
///
/// # Errors
/// [`Failure`] when a store does not do its part.
pub async fn fail(mut file: File, code: &'static str, detail: &str, deps: &Deps) -> Result<(), Failure> {
    file.fatal = Some((code, detail.to_owned()));
    finish(file, deps).await
}

/// Closes the file: its entry, its audit record and the mail about it.
///
/// # Errors
/// [`Failure`] when a store does not do its part; another try does no harm.
pub async fn finish(mut file: File, deps: &Deps) -> Result<(), Failure> {
    file.close();
    let reasons: Vec<DigestReason> = file.refused.iter().take(REASONS_MAX).map(reason).collect();
    deps.quarantine.list(&std::mem::take(&mut file.refused)).await?;
    let now_ms = (deps.now_ms)();
    let export = &mut file.export;
    export.state = if export.failure.is_some() {
        ExportState::Failed
    } else {
        ExportState::Done
    };
    export.finished_ms = Some(now_ms);
    export.checkpoint = None;
    let mail = if export.has_trouble() {
        Some(mail(export, reasons, now_ms, deps).await?)
    } else {
        None
    };
    match deps.ledger.finish(export, ACTOR, mail.as_ref()).await {
        // Another run of the same content closed it first: it counted the same records.
        Err(StoreError::Conflict) => {}
        done => {
            done?;
            count(export, file.context.modified_ms, deps);
        }
    }
    let counts = export.counts;
    let cost = deps.clients.meter().read().since(file.cost_before);
    tracing::info!(
        export = %export.id, outcome = export.state.as_str(), dialect = export.dialect.as_deref().unwrap_or("none"),
        received = counts.received, stored = counts.stored, unchanged = counts.unchanged, stale = counts.stale,
        quarantined = counts.quarantined, runs = export.runs, requests = cost.requests,
        write_units_milli = cost.write_milli, "export.ingested"
    );
    Ok(())
}

/// Counts a file once, when it is closed.
fn count(export: &Export, modified_ms: i64, deps: &Deps) {
    let finished_ms = export.finished_ms.unwrap_or(export.received_ms);
    deps.metrics.add("Receipts", Unit::Count, export.counts.stored);
    deps.metrics
        .add("Quarantined", Unit::Count, export.counts.quarantined);
    // A file that could not be opened has no time of its own.
    if modified_ms > 0 {
        let lag_ms = u64::try_from(finished_ms.saturating_sub(modified_ms)).unwrap_or_default();
        deps.metrics.record("LagSeconds", Unit::Seconds, lag_ms / 1000);
    }
}

fn reason(piece: &domain::quarantine::Quarantined) -> DigestReason {
    DigestReason {
        code: piece.code.clone(),
        pointer: piece.pointer.clone(),
        byte_start: piece.byte_start,
        detail: piece.detail.clone(),
    }
}

/// The one mail about a file. Its first reasons may have been listed by earlier writings.
async fn mail(
    export: &Export,
    mut reasons: Vec<DigestReason>,
    now_ms: i64,
    deps: &Deps,
) -> Result<Mail, Failure> {
    let wanted = usize::try_from(export.counts.quarantined)
        .unwrap_or(REASONS_MAX)
        .min(REASONS_MAX);
    if reasons.len() < wanted {
        let limit = i32::try_from(REASONS_MAX).unwrap_or(10);
        let (listed, _) = deps.quarantine.of_export(&export.id, None, limit).await?;
        reasons = listed.iter().map(reason).collect();
    }
    let cause = if export.failure.is_some() {
        "failed"
    } else {
        "quarantine"
    };
    Ok(Mail {
        id: mail_id(cause, &export.id, &export.etag),
        cause: MailCause::ExportTrouble {
            export: Box::new(export.clone()),
            reasons,
        },
        state: MailState::Queued,
        attempts: 0,
        due_ms: now_ms,
        created_ms: now_ms,
        correlation: export.correlation.clone(),
        outcome: None,
    })
}
