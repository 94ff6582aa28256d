//! From what waits to the store: pages, then customers and answers, then summaries.
//!
//! The order is what makes a crash harmless. A page is the truth; a summary carries the version of
//! the page that it was made from, and is written last. A run that finds a summary behind its page
//! makes customers and summary anew, whatever the page already holds. What a file says of a visit is joined
//! whenever the file is read, because no page tells whether it was.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::sales::{Arrival, StoredDay, Writer, check_summary};
use domain::customer::{OutletDay, Visit, visits_of};
use domain::receipt::Fate;
use domain::summary::DaySummary;
use futures::{StreamExt, TryStreamExt, stream};

use crate::customers::{self, Change};
use crate::failure::Failure;
use crate::file::File;
use crate::pending::PendingDay;
use crate::{Deps, answers};

/// Days read with one request.
const GROUP: usize = 8;
/// Days written at the same time.
const PARALLEL: usize = 4;
/// How often a day is merged anew because another writer was first.
const MERGES_MAX: u32 = 12;

/// What writing a day came to.
#[derive(Debug)]
struct Written {
    day: OutletDay,
    /// The page as it is now.
    now: StoredDay,
    /// Customers whose day may have changed.
    touched: BTreeSet<String>,
    /// Counts of records.
    stored: u64,
    unchanged: u64,
    stale: u64,
    /// The page was written.
    changed: bool,
    /// The summary to write, where one has to follow.
    summary: Option<DaySummary>,
}

/// What became of a day that was to be written.
#[derive(Debug)]
enum Outcome {
    Written(Box<Written>),
    /// The day has no room for what the file tells of it.
    Full,
}

/// Writes days of a file and counts what became of their records.
///
/// # Errors
/// [`Failure`] when a store does not do its part; another try does no harm.
pub async fn write(file: &mut File, days: Vec<(OutletDay, PendingDay)>, deps: &Deps) -> Result<(), Failure> {
    deps.quarantine.list(&std::mem::take(&mut file.refused)).await?;
    let mark = file.mark();
    let arrival = Arrival {
        received_ms: file.export.received_ms,
        export_id: file.export.id.clone(),
        etag: file.export.etag.clone(),
    };
    let mut rest = days.into_iter().peekable();
    while rest.peek().is_some() {
        let group: Vec<(OutletDay, PendingDay)> = rest.by_ref().take(GROUP).collect();
        let keys: Vec<OutletDay> = group.iter().map(|(day, _)| day.clone()).collect();
        let stored = deps.sales.read_days(&keys).await?;
        let jobs = group
            .iter()
            .zip(stored)
            .map(|((day, pending), stored)| merge(day, pending, stored, &mark, deps));
        let outcomes: Vec<Outcome> = stream::iter(jobs).buffered(PARALLEL).try_collect().await?;
        let mut written = Vec::with_capacity(group.len());
        for (outcome, (day, pending)) in outcomes.into_iter().zip(&group) {
            match outcome {
                Outcome::Full => file.refuse_day(day, pending),
                Outcome::Written(done) => {
                    count(file, &done, pending);
                    written.push((*done, pending));
                }
            }
        }
        follow_up(&written, &arrival, deps).await?;
    }
    Ok(())
}

/// Merges a day into its page, again and again until no other writer was first.
async fn merge(
    day: &OutletDay,
    pending: &PendingDay,
    mut stored: StoredDay,
    mark: &str,
    deps: &Deps,
) -> Result<Outcome, Failure> {
    for _ in 0..MERGES_MAX {
        let before = stored.receipts.clone();
        let (mut news, mut unchanged, mut stale) = (0, pending.repeated, pending.outdated);
        for (id, waiting) in &pending.receipts {
            let known = stored.receipts.entry(id.clone()).or_default();
            match known.join(waiting.receipt.clone()) {
                Fate::Stored => news += waiting.records,
                Fate::Unchanged => unchanged += waiting.records,
                Fate::Stale => stale += waiting.records,
            }
        }
        // What an earlier run of this very file brought in is its own work, not what was there before.
        let own = if stored.writer.file == mark {
            stored.writer.stored
        } else {
            0
        };
        let again = own.min(unchanged.saturating_sub(pending.repeated));
        let summary_is_behind = stored.summarised < stored.version;
        let changed = before != stored.receipts;
        let (was, is) = (visits_of(&before, 0), visits_of(&stored.receipts, 0));
        let mut touched: BTreeSet<String> = was
            .keys()
            .chain(is.keys())
            .filter(|id| was.get(*id) != is.get(*id))
            .cloned()
            .collect();
        // What is said of a person may be news although their receipts are not.
        touched.extend(pending.profiles.keys().cloned());
        if summary_is_behind {
            touched.extend(is.keys().cloned());
            touched.extend(stored.gone.iter().cloned());
        }
        let summary = match (changed || summary_is_behind).then(|| summarise(&stored)) {
            Some(None) => return Ok(Outcome::Full),
            summary => summary.flatten(),
        };
        if changed {
            let gone = was.keys().filter(|id| !is.contains_key(*id)).cloned();
            let earlier = std::mem::take(&mut stored.gone);
            // A set: the store refuses one that names a customer twice.
            let gone: BTreeSet<String> = gone
                .chain(earlier.into_iter().filter(|_| summary_is_behind))
                .collect();
            stored.gone = gone.into_iter().collect();
            stored.writer = Writer {
                file: mark.to_owned(),
                stored: own + news,
            };
            match deps.sales.write_page(day, &stored).await {
                Ok(version) => stored.version = version,
                Err(StoreError::Conflict) => {
                    stored = reread(day, deps).await?;
                    continue;
                }
                Err(StoreError::TooLarge(_)) => return Ok(Outcome::Full),
                Err(error) => return Err(error.into()),
            }
        }
        return Ok(Outcome::Written(Box::new(Written {
            day: day.clone(),
            changed,
            summary,
            touched,
            stored: news + again,
            unchanged: unchanged - again,
            stale,
            now: stored,
        })));
    }
    Err(StoreError::Throttled.into())
}

/// The day's summary; `None` when it can't hold the day. Every receipt was taken with its sums in range; a
/// day of them may still leave it, or have more dishes than an item can name.
fn summarise(day: &StoredDay) -> Option<DaySummary> {
    let summary = DaySummary::of(day.receipts.values()).ok()?;
    match check_summary(&summary) {
        Err(StoreError::TooLarge(_)) => None,
        // Any other trouble shows when it is written.
        _ => Some(summary),
    }
}

async fn reread(day: &OutletDay, deps: &Deps) -> Result<StoredDay, Failure> {
    let days = deps.sales.read_days(std::slice::from_ref(day)).await?;
    Ok(days.into_iter().next().unwrap_or_default())
}

fn count(file: &mut File, written: &Written, pending: &PendingDay) {
    let counts = &mut file.export.counts;
    counts.received += written.stored + written.unchanged + written.stale;
    counts.stored += written.stored;
    counts.unchanged += written.unchanged;
    counts.stale += written.stale;
    file.pages += u64::from(written.changed);
    pending.tally(&mut file.tally);
    file.touched.add(&written.day);
    file.export.days_total = file.touched.count();
    let days = &mut file.export.days;
    if !days.contains(&written.day) && days.len() < domain::export::Export::DAYS_MAX {
        days.push(written.day.clone());
    }
}

/// Customers and summaries of the days whose page changed, or whose summary was left behind, and what the file
/// says of visits.
async fn follow_up(
    written: &[(Written, &PendingDay)],
    arrival: &Arrival,
    deps: &Deps,
) -> Result<(), Failure> {
    let mut changes: Vec<Change> = Vec::new();
    for (written, pending) in written {
        let visits = visits_of(&written.now.receipts, written.now.version);
        let none = Visit {
            page_version: written.now.version,
            ..Visit::default()
        };
        for id in &written.touched {
            changes.push(Change {
                customer: id.clone(),
                day: written.day.clone(),
                visit: visits.get(id).copied().unwrap_or(none),
                profile: pending.profiles.get(id).cloned().unwrap_or_default(),
            });
        }
    }
    customers::apply(changes, deps).await?;
    for (written, pending) in written {
        answers::take(&written.day, &pending.said, &written.now.receipts, deps).await?;
    }
    let summaries = written.iter().filter_map(|(written, _)| {
        let summary = written.summary.as_ref()?;
        let version = written.now.version;
        Some(deps.sales.write_summary(&written.day, version, summary, arrival))
    });
    stream::iter(summaries)
        .buffer_unordered(PARALLEL)
        .try_collect::<()>()
        .await?;
    Ok(())
}
