//! A night begins, or begins again.

use aws::StoreError;
use domain::night::{LOOK_BACK_MS, Night, Phase};
use domain::when::{BusinessDate, business_date, read_moment};

use crate::{ACTOR, Deps, Failure, Standing, go_on, owed};

/// When a night that a person starts was due, on the clock of the schedules: as the template's schedule has it.
const DUE: &str = "23:00";
/// How long after the beginning of a day its night is due, in milliseconds.
const DUE_AFTER_MS: i64 = 23 * 3_600_000;
/// How far the clock of a schedule may be ahead of that of a run, in milliseconds.
const AHEAD_MS: i64 = 5 * 60_000;

/// Begins the night that was due then, unless it has begun, and does what it needs. `at_ms` is when the schedule
/// wanted it; `None` when a person starts it: then it is the last one that was due. With `again`, a night that is over
/// begins anew.
///
/// # Errors
/// [`Failure::NotDue`] for a night that is not due yet: it would be over before its sales are made, and in the way of
/// the one that the schedule starts. One that has begun is gone on with, whatever the clock says by now.
pub(crate) async fn start(
    at_ms: Option<i64>,
    again: bool,
    deadline_ms: i64,
    deps: &Deps,
) -> Result<Vec<Standing>, Failure> {
    let now_ms = deps.now();
    let due_ms = at_ms.unwrap_or_else(|| last_due(now_ms, deps));
    // As outlets count theirs: some time before, it was the same date everywhere in Indonesia.
    let date = business_date(due_ms.saturating_sub(LOOK_BACK_MS), &deps.zone, 0);
    let correlation = correlation(date);
    lambda_edge::correlation::set(correlation.as_str());
    match deps.nights.get(date).await? {
        None if due_ms > now_ms.saturating_add(AHEAD_MS) => return Err(Failure::NotDue),
        None => {
            let before = deps.nights.before(date).await?;
            let central = deps.servers.has_central();
            let mut night = Night::begin(date, due_ms, before.as_ref(), central, now_ms);
            night.correlation = Some(correlation);
            night.lists = owed::to(date, None, deps).await?.lists;
            if deps.nights.begin(&night).await? {
                tracing::info!(night = %date, due_ms, "night.began");
            }
        }
        Some(night) if again && night.phase == Phase::Over => {
            // What is left to do at its end comes first.
            let ended = Box::pin(go_on::turn(date, deadline_ms, deps)).await?;
            begin_again(&ended.unwrap_or(night), deps).await?;
        }
        Some(_) => {}
    }
    let night = Box::pin(go_on::turn(date, deadline_ms, deps)).await?;
    Ok(night.iter().map(Standing::from).collect())
}

/// Begins a night again that is over.
async fn begin_again(night: &Night, deps: &Deps) -> Result<(), Failure> {
    // News are what no night has looked at.
    let latest = deps.nights.list(None, 1).await?.0;
    let news_ms = latest.first().and_then(Night::news_ms);
    let since_ms = news_ms.unwrap_or(night.since_ms);
    let Ok(mut next) = night.again(since_ms, deps.servers.has_central(), deps.now()) else {
        return Ok(());
    };
    let owed = owed::to(night.date, Some(night), deps).await?;
    next.lists.extend(owed.lists);
    match deps.nights.again(&next, ACTOR).await {
        Ok(next) => tracing::info!(night = %next.date, round = next.round, "night.began_again"),
        // Somebody else who asked for it was first.
        Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// The correlation of everything that a night does.
pub(crate) fn correlation(date: BusinessDate) -> String {
    format!("night-{date}")
}

/// When the night was due that a person wants who starts one at this moment: the last one, and not tonight's before its
/// time.
fn last_due(now_ms: i64, deps: &Deps) -> i64 {
    let date = business_date(now_ms.saturating_sub(DUE_AFTER_MS), &deps.zone, 0);
    let due = read_moment(&format!("{date} {DUE}"), &deps.zone);
    due.ok().flatten().map_or(now_ms, |moment| moment.at_ms)
}
