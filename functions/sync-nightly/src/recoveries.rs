//! Which guests who had rated low have come back.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::position::ListPosition;
use domain::case::{Case, CaseState, RECOVERY_DAYS, Recovered, recovery};
use domain::when::{BusinessDate, Zone, business_date};
use serde::Serialize;

use crate::{ACTOR, Deps, Failure};

/// How long after its last day a return is still looked for, in days: sales may come in late.
const LATE_DAYS: u16 = 14;
/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// The name of this task's bookmark.
const TASK: &str = "watch-recoveries";
/// Cases read at a time, and their customers with one request.
const PAGE: i32 = 100;
/// How much time has to be left for another page of cases, in milliseconds.
const MARGIN_MS: i64 = 20_000;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recoveries {
    /// Cases looked at that a return could still be noted of.
    pub watched: u64,
    /// Cases whose guest was found to have come back.
    pub recovered: u64,
    /// Whether every case had its turn in this run.
    pub complete: bool,
}

/// A place on the round through all cases: a list of cases, and how far it was read. The smaller one comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    state: CaseState,
    after: Option<ListPosition>,
}

impl Place {
    const FIRST: Self = Self {
        state: CaseState::Open,
        after: None,
    };

    /// Reads what `Display` writes; `None` for anything else.
    fn parse(text: &str) -> Option<Self> {
        let (state, after) = text.split_once(' ').unwrap_or((text, ""));
        let after = (!after.is_empty()).then(|| ListPosition::parse(after));
        Some(Self {
            state: CaseState::parse(state)?,
            // A position that can't be read any more is the beginning of its list.
            after: after.flatten(),
        })
    }

    /// The place after a page of cases. After the last list comes the first one again.
    fn next(&self, after: Option<ListPosition>) -> Self {
        let mut states = CaseState::ALL.into_iter();
        let state = match &after {
            Some(_) => Some(self.state),
            None => states.find(|state| *state > self.state),
        };
        state.map_or(Self::FIRST, |state| Self { state, after })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.state.as_str())?;
        match &self.after {
            Some(after) => write!(out, " {after}"),
            None => Ok(()),
        }
    }
}

/// Looks at young cases whose guest is known, and notes who has come back.
///
/// A run goes once round all cases, from the place where the run before it stopped. Where the time is over it stops
/// as well, so that however many cases there are, each has its turn after a few nights. The place is noted after
/// each page: a run that is cut short leaves out nothing, and what is looked at twice is noted once.
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
    let noted = deps.bookmarks.read(TASK).await?;
    let start = noted.as_deref().and_then(Place::parse).unwrap_or(Place::FIRST);
    let (mut place, mut past_the_end) = (start.clone(), false);
    let mut found = Recoveries::default();
    while !found.complete && deadline_ms.saturating_sub((deps.now_ms)()) >= MARGIN_MS {
        let Place { state, after } = &place;
        let (cases, next) = deps.cases.young(*state, since_ms, after.as_ref(), PAGE).await?;
        look(cases, today, &mut found, deps).await?;
        let next = place.next(next);
        past_the_end |= next <= place;
        found.complete = past_the_end && next >= start;
        place = next;
        deps.bookmarks.put(TASK, &place.to_string()).await?;
    }
    let Recoveries {
        watched,
        recovered,
        complete,
    } = found;
    if complete {
        tracing::info!(watched, recovered, "recoveries.watched");
    } else {
        tracing::warn!(
            watched,
            recovered,
            "recoveries.watched in part: the time is over, the next run goes on"
        );
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
