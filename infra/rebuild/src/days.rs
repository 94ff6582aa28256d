//! Emptying days of sales.

use aws::StoreError;
use domain::customer::{OutletDay, visits_of};
use domain::page::Receipts;
use futures::{StreamExt, TryStreamExt, stream};

use crate::kept::Kept;
use crate::{Stop, Tools, fingerprint};

/// Days that are emptied at the same time.
const PARALLEL: usize = 8;
/// How often a day is read anew because another writer was first.
const TRIES_MAX: u32 = 12;

/// Empties every day that is not kept. Answers how many there are.
///
/// # Errors
/// [`Stop`] when the table can't be read or written; doing it again mends it.
pub(crate) async fn empty(kept: &Kept, tools: &Tools) -> Result<usize, Stop> {
    let days = fingerprint::days(tools)
        .await?
        .into_iter()
        .filter(|day| !kept.has(day));
    let days: Vec<OutletDay> = days.collect();
    let jobs = days.iter().map(|day| empty_one(day, tools));
    stream::iter(jobs)
        .buffer_unordered(PARALLEL)
        .try_collect::<()>()
        .await?;
    Ok(days.len())
}

/// Takes the summary away and empties the page, as its next version. Whoever writes the day next finds a summary
/// that is behind, and makes everything that follows from the page anew.
async fn empty_one(day: &OutletDay, tools: &Tools) -> Result<(), StoreError> {
    for _ in 0..TRIES_MAX {
        let stored = tools.sales.read_days(std::slice::from_ref(day)).await?;
        let Some(mut stored) = stored.into_iter().next() else {
            return Ok(());
        };
        if stored.summarised > 0 {
            tools.sales.forget_summary(day).await?;
        }
        if stored.receipts.is_empty() {
            return Ok(());
        }
        let named = visits_of(&stored.receipts, 0).into_keys();
        let gone: std::collections::BTreeSet<String> =
            named.chain(std::mem::take(&mut stored.gone)).collect();
        stored.gone = gone.into_iter().collect();
        stored.receipts = Receipts::new();
        stored.writer = aws::sales::Writer::default();
        match tools.sales.write_page(day, &stored).await {
            Err(StoreError::Conflict) => {}
            done => return done.map(drop),
        }
    }
    Err(StoreError::Throttled)
}
