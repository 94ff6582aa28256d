//! Which guests who had rated low have come back.

use std::collections::BTreeMap;

use aws::StoreError;
use domain::case::{Case, CaseState, RECOVERY_DAYS, Recovered, recovery};
use domain::when::{BusinessDate, Zone, business_date};
use serde::Serialize;

use crate::{ACTOR, Deps, Failure};

/// How long after its last day a return is still looked for, in days: sales may come in late.
const LATE_DAYS: u16 = 14;
/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Cases read at a time, and their customers with one request.
const PAGE: i32 = 100;
/// How much time has to be left for another page of cases, in milliseconds.
const MARGIN_MS: i64 = 20_000;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recoveries {
    /// Cases that a return could still be noted of.
    pub watched: u64,
    /// Cases whose guest was found to have come back.
    pub recovered: u64,
    /// Whether every case had its turn before the time was over.
    pub complete: bool,
}

/// Looks at every young case whose guest is known, and notes who has come back. What was noted is not looked at
/// again: a run that ended early is gone on with by the next one.
///
/// # Errors
/// [`Failure`] when a store could not be read or written.
pub(crate) async fn watch(due_ms: i64, deadline_ms: i64, deps: &Deps) -> Result<Recoveries, Failure> {
    let watched_days = RECOVERY_DAYS
        .into_iter()
        .max()
        .unwrap_or_default()
        .saturating_add(LATE_DAYS);
    let since_ms = due_ms.saturating_sub(DAY_MS.saturating_mul(i64::from(watched_days)));
    // Midnight comes to eastern Indonesia first; a visit that is stored has taken place.
    let today = business_date(due_ms, &Zone::default(), 0);
    let today = today.add_days(1).unwrap_or(today);
    let mut found = Recoveries {
        complete: true,
        ..Recoveries::default()
    };
    'states: for state in CaseState::ALL {
        let mut after = None;
        loop {
            if deadline_ms.saturating_sub((deps.now_ms)()) < MARGIN_MS {
                found.complete = false;
                break 'states;
            }
            let (cases, next) = deps.cases.young(state, since_ms, after.as_ref(), PAGE).await?;
            look(cases, today, &mut found, deps).await?;
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    let Recoveries {
        watched,
        recovered,
        complete,
    } = found;
    if complete {
        tracing::info!(watched, recovered, "recoveries.watched");
    } else {
        tracing::warn!(watched, recovered, "recoveries.watched in part: the time is over");
    }
    Ok(found)
}

/// Looks at a page of cases.
async fn look(
    cases: Vec<Case>,
    today: BusinessDate,
    found: &mut Recoveries,
    deps: &Deps,
) -> Result<(), Failure> {
    let mut by_customer: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases {
        if let (Some(customer), None) = (&case.customer, &case.recovered) {
            by_customer.entry(customer.clone()).or_default().push(case);
        }
    }
    let ids: Vec<String> = by_customer.keys().cloned().collect();
    let customers = if ids.is_empty() {
        Default::default()
    } else {
        deps.customers.read(&ids).await?
    };
    for (id, cases) in by_customer {
        for case in cases {
            found.watched += 1;
            let days = customers.get(&id).map(|stored| &stored.customer.days);
            let recovered = days.and_then(|days| recovery(case.receipt.date, days, today));
            if let Some(recovered) = recovered {
                let noted = note(&case, recovered, deps).await?;
                found.recovered += u64::from(noted);
            }
        }
    }
    Ok(())
}

/// Notes a return, and answers whether it was noted.
async fn note(case: &Case, recovered: Recovered, deps: &Deps) -> Result<bool, Failure> {
    let now_ms = (deps.now_ms)();
    let noted = case.with_recovery(recovered, now_ms);
    match deps.cases.change(case, &noted, ACTOR, now_ms).await {
        Ok(()) => {
            tracing::info!(case.id = %case.id, days = recovered.days, "case.recovered");
            Ok(true)
        }
        // Somebody works on the case this minute, or the list was a moment behind: tomorrow.
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
