//! Days that stay as they are, because an export that told of them is not in the bucket any more.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::objects::Wanted;
use domain::customer::OutletDay;
use domain::export::{Export, ExportState};
use domain::when::BusinessDate;
use futures::{StreamExt, TryStreamExt, stream};

use crate::plan::Plan;
use crate::{Stop, Tools};

/// Objects that are looked for at the same time.
const PARALLEL: usize = 8;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// By how much the earliest clocks on Earth are ahead of UTC, in milliseconds.
const EARLIEST_ZONE_MS: i64 = 14 * 3_600_000;

/// What can't be told again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The keys of the objects that are gone.
    pub(crate) gone: Vec<String>,
    days: BTreeSet<OutletDay>,
    /// Days up to this one: of a file with more days than its entry lists nobody knows which they were. None is
    /// later than the day it was received.
    until: Option<BusinessDate>,
}

impl Kept {
    /// Whether a day stays as it is.
    pub(crate) fn has(&self, day: &OutletDay) -> bool {
        self.until.is_some_and(|until| day.1 <= until) || self.days.contains(day)
    }

    /// Keeps the days of an export. `retold` says that records of it were taken later: the entry does not list the
    /// days of those.
    fn keep(&mut self, export: &Export, retold: bool) {
        self.gone.push(export.key.clone());
        self.days.extend(export.days.iter().cloned());
        if retold || export.days_total > export.days.len() as u64 {
            self.until = self.until.max(latest_day(export.received_ms));
        }
    }
}

/// The latest date there was anywhere at a moment.
fn latest_day(at_ms: i64) -> Option<BusinessDate> {
    let days = at_ms.saturating_add(EARLIEST_ZONE_MS).div_euclid(DAY_MS);
    i32::try_from(days)
        .ok()
        .and_then(|days| BusinessDate::from_days(days).ok())
}

/// Looks for the object of every export that is to be told again.
///
/// # Errors
/// [`Stop`] when the ledger or the bucket can't be read.
pub(crate) async fn kept(plan: &Plan, tools: &Tools) -> Result<Kept, Stop> {
    let retold: BTreeSet<(&str, &str)> = plan
        .tellings
        .iter()
        .filter(|telling| telling.piece.is_some())
        .map(|telling| (telling.export.as_str(), telling.etag.as_str()))
        .collect();
    let (mut kept, mut at) = (Kept::default(), None);
    loop {
        let (exports, next) = tools.whole.exports(at).await?;
        let done = exports
            .into_iter()
            .filter(|export| export.state == ExportState::Done);
        let looked: Vec<(Export, bool)> = stream::iter(done)
            .map(|export| async { is_there(&export, tools).await.map(|there| (export, there)) })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        for (export, _) in looked.iter().filter(|(_, there)| !there) {
            kept.keep(
                export,
                retold.contains(&(export.id.as_str(), export.etag.as_str())),
            );
        }
        if next.is_none() {
            return Ok(kept);
        }
        at = next;
    }
}

/// Whether the content that was read is still in the bucket. Its bytes are not fetched.
async fn is_there(export: &Export, tools: &Tools) -> Result<bool, StoreError> {
    let wanted = Wanted {
        key: &export.key,
        etag: Some(&export.etag),
        version: export.version.as_deref(),
    };
    match tools.objects.open(wanted, 0).await {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound | StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(date: &str) -> OutletDay {
        ("moka-1".to_owned(), date.parse().unwrap())
    }

    #[test]
    fn what_an_entry_lists_is_kept_and_where_it_does_not_list_all_whatever_came_before() {
        let mut export = Export {
            days: vec![day("2025-10-20"), day("2025-11-09")],
            days_total: 2,
            // 28 October 2025, 12:00 in Jakarta.
            received_ms: 1_761_627_600_000,
            ..Export::default()
        };
        let has = |export: &Export, retold| {
            let mut kept = Kept::default();
            kept.keep(export, retold);
            let dates = [
                "2025-10-20",
                "2025-10-21",
                "2025-10-28",
                "2025-10-29",
                "2025-11-09",
            ];
            dates.map(|date| kept.has(&day(date)))
        };
        assert_eq!(has(&export, false), [true, false, false, false, true]);
        assert_eq!(has(&export, true), [true, true, true, false, true]);
        export.days_total = 3;
        assert_eq!(has(&export, false), [true, true, true, false, true]);
    }
}
