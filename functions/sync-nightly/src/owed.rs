//! What a night fetches beside its own three days, because earlier nights could not: see [`Owed`].

use aws::StoreError;
use aws::position::ListPosition;
use domain::finding::Code;
use domain::night::{Night, OWED_DAYS, Owed, Phase};
use domain::when::BusinessDate;

use crate::Deps;

/// Open findings read with one request, and requests at most.
const PAGE: i32 = 500;
const PAGES_MAX: usize = 40;
/// How much earlier than its day is owed a finding may have been opened, in days: its night may have come late.
const OPENED_DAYS: i64 = 2;
const DAY_MS: i64 = 24 * 3_600_000;

/// What is owed to the night of a date: by the night before it, by its own earlier runs where it is run again
/// (`own`), and wherever an outlet's sales are missing.
pub(crate) async fn to(date: BusinessDate, own: Option<&Night>, deps: &Deps) -> Result<Owed, StoreError> {
    let mut owed = Owed::to(date);
    if let Some(before) = deps.nights.before(date).await? {
        owed.add_gap(&before);
        add_undone(&mut owed, &before, deps).await?;
    }
    if let Some(own) = own {
        add_undone(&mut owed, own, deps).await?;
    }
    add_missing(&mut owed, deps).await?;
    Ok(owed)
}

async fn add_undone(owed: &mut Owed, night: &Night, deps: &Deps) -> Result<(), StoreError> {
    // What was not done is always told.
    if night.phase == Phase::Over && night.troubles_total == 0 {
        return Ok(());
    }
    let parts = deps.nights.parts(night.date, Phase::Pull).await?;
    owed.add_undone(night, &parts);
    Ok(())
}

/// Adds the days of which sales are missing. The latest findings come first.
async fn add_missing(owed: &mut Owed, deps: &Deps) -> Result<(), StoreError> {
    let days = i64::from(OWED_DAYS).saturating_add(OPENED_DAYS);
    let oldest_ms = deps.now().saturating_sub(days.saturating_mul(DAY_MS));
    let mut after = None::<ListPosition>;
    for _ in 0..PAGES_MAX {
        let (findings, next) = deps.findings.open(after.as_ref(), PAGE).await?;
        let is_old = findings.last().is_some_and(|last| last.opened_ms < oldest_ms);
        for finding in findings {
            if finding.code == Code::SalesMissing {
                owed.add_missing(&finding.outlet, finding.date);
            }
        }
        after = next;
        if is_old || after.is_none() {
            break;
        }
    }
    Ok(())
}
