//! Which outlets have sent their day's sales, and which have not.

use domain::customer::OutletDay;
use domain::map::OutletRules;
use domain::when::business_date;
use lambda_edge::metrics::Unit;
use serde::Serialize;

use crate::{Deps, Failure};

/// How far back the day lies that is looked for. At half past eleven in Jakarta it is half past one in
/// Jayapura: six hours before, it was the same day everywhere in Indonesia.
const LOOK_BACK_MS: i64 = 6 * 3_600_000;
/// Outlets read at a time.
const PAGE: i32 = 500;
/// Missing outlets that are named.
const NAMED_MAX: usize = 20;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Arrivals {
    /// Outlets that are known.
    pub expected: u64,
    /// Outlets with sales on the day that is looked for.
    pub reported: u64,
    /// The first of the others, by id.
    pub missing: Vec<String>,
}

/// Looks at every outlet, and says what was found in the log and the metrics.
///
/// # Errors
/// [`Failure`] when a store could not be read.
pub(crate) async fn watch(due_ms: i64, deps: &Deps) -> Result<Arrivals, Failure> {
    let at_ms = due_ms.saturating_sub(LOOK_BACK_MS);
    let (mut arrivals, mut after) = (Arrivals::default(), None::<String>);
    loop {
        let outlets = deps.outlets.list(after.as_deref(), PAGE).await?;
        let Some(last) = outlets.last() else { break };
        after = Some(last.id.clone());
        let days: Vec<OutletDay> = outlets
            .into_iter()
            .map(|outlet| {
                let rules = OutletRules::of(outlet);
                let date = business_date(at_ms, &rules.zone, rules.outlet.cutoff_hour);
                (rules.outlet.id, date)
            })
            .collect();
        let reported = deps.sales.summarised(&days).await?;
        for day in days {
            arrivals.expected += 1;
            if reported.contains(&day) {
                arrivals.reported += 1;
            } else if arrivals.missing.len() < NAMED_MAX {
                arrivals.missing.push(day.0);
            }
        }
    }
    let Arrivals {
        expected, reported, ..
    } = arrivals;
    // Nobody is late in a shop without outlets: no figure, no alarm.
    if expected > 0 {
        deps.metrics.add("OutletsExpected", Unit::Count, expected);
        deps.metrics.add("OutletsReported", Unit::Count, reported);
    }
    let missing = arrivals.missing.join(" ");
    if reported < expected {
        tracing::warn!(expected, reported, missing, "arrivals.watched");
    } else {
        tracing::info!(expected, reported, "arrivals.watched");
    }
    Ok(arrivals)
}
