//! The end of a night: backup, digest, audit.

use aws::StoreError;
use aws::position::ListPosition;
use domain::mail::{Mail, MailCause, MailState, mail_id};
use domain::night::{End, Night, Phase, Sum};
use lambda_edge::metrics::Unit;

use crate::failure::Stopped;
use crate::{ACTOR, Deps, backup};

/// Phases whose parts make up what a night came to.
const WORKED: [Phase; 3] = [Phase::Pull, Phase::Reconcile, Phase::Enrich];
/// Findings counted with one request, and requests at most: more open ones than that are one alarm.
const PAGE: i32 = 500;
const PAGES_MAX: usize = 40;

/// Makes the backup, and closes the night together with its digest mail and its audit record.
pub(crate) async fn close(night: &Night, deps: &Deps) -> Result<Night, Stopped> {
    let mut sum = Sum::default();
    for phase in WORKED {
        let parts = deps.nights.parts(night.date, phase).await?;
        let own = parts.iter().filter(|part| night.has(part));
        own.for_each(|part| sum.add(part));
    }
    let mut reported = night.clone();
    let troubles = backup::make(night, deps).await;
    troubles.into_iter().for_each(|trouble| reported.trouble(trouble));
    let now_ms = deps.now();
    let digest = digest(night, now_ms);
    let closed = reported.closed(&sum, &digest.id, now_ms)?;
    Ok(deps.nights.close(&closed, ACTOR, &digest).await?)
}

/// The mail about a night: one for each of its runs, however often somebody comes this far.
fn digest(night: &Night, now_ms: i64) -> Mail {
    let round = match night.round {
        0 => String::new(),
        again => again.to_string(),
    };
    Mail {
        id: mail_id("night_digest", &night.date.to_string(), &round),
        cause: MailCause::NightDigest { date: night.date },
        state: MailState::Queued,
        attempts: 0,
        due_ms: now_ms,
        created_ms: now_ms,
        correlation: night.correlation.clone(),
        outcome: None,
    }
}

/// Says in the log and the metrics how a night ended, and notes that it did so. Whoever is killed between the two says
/// it again, or somebody else does: those who watch hear of it at least once.
pub(crate) async fn tell(night: &Night, deps: &Deps) -> Result<Night, Stopped> {
    let Night { date, end, tally, .. } = night;
    let troubles = night.troubles_total;
    deps.metrics.add("NightsEnded", Unit::Count, 1);
    deps.metrics.add("NightTroubles", Unit::Count, troubles);
    deps.metrics.add("FilesPulled", Unit::Count, tally.pulled);
    match open_findings(deps).await {
        Ok(open) => deps.metrics.add("FindingsOpen", Unit::Count, open),
        Err(error) => tracing::warn!(error = %error, "findings.not_counted"),
    }
    let end = end.map_or("", End::as_str);
    let (listed, pulled, known) = (tally.listed, tally.pulled, tally.known);
    let (opened, resolved) = (tally.opened, tally.resolved);
    if night.end == Some(End::Complete) {
        tracing::info!(night = %date, end, listed, pulled, known, opened, resolved, "night.ended");
    } else {
        tracing::warn!(night = %date, end, troubles, listed, pulled, known, opened, resolved, "night.ended");
    }
    deps.metrics.flush();
    Ok(deps.nights.write(&night.told()?).await?)
}

async fn open_findings(deps: &Deps) -> Result<u64, StoreError> {
    let (mut open, mut after) = (0_u64, None::<ListPosition>);
    for _ in 0..PAGES_MAX {
        let (findings, next) = deps.findings.open(after.as_ref(), PAGE).await?;
        open = open.saturating_add(u64::try_from(findings.len()).unwrap_or(u64::MAX));
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(open)
}
