//! The walk through outlets for those that somebody looks for: so far, and no further, for one page.

use domain::map::OutletRules;
use domain::when::BusinessDate;
use edge::cursor;
use edge::problem::Problem;

use super::sync::{Placed, SyncView, rows};
use super::sync_filter::Wanted;
use crate::Deps;
use crate::filter::Filter;

/// How many outlets a page has.
const PAGE: i32 = 50;
/// The same, for what is in memory.
const PAGE_ROWS: usize = 50;
/// How many outlets are looked through at a time for those of a status.
const CHUNK: i32 = 500;
/// How many times that for one page: two thousand outlets. The next page goes on from there.
const CHUNKS: u32 = 4;

/// What a walk through outlets has found.
#[derive(Default)]
pub(super) struct Found {
    /// The rows, at most a page of them.
    pub(super) rows: Vec<Placed>,
    looked_through: u32,
    /// The outlet to go on behind.
    next: Option<String>,
}

impl Found {
    /// Those that are wanted of rows that are all there is.
    pub(super) fn among(rows: Vec<Placed>, wanted: Wanted) -> Self {
        let mut found = Self::default();
        found.take(rows, wanted);
        found.next = None;
        found
    }

    /// Takes those that are wanted until the page is full; answers whether all were looked at.
    fn take(&mut self, rows: Vec<Placed>, wanted: Wanted) -> bool {
        for placed in rows {
            if self.is_full() {
                return false;
            }
            self.looked_through = self.looked_through.saturating_add(1);
            self.next = Some(placed.0.outlet.clone());
            if wanted.takes(&placed.0) {
                self.rows.push(placed);
            }
        }
        true
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= PAGE_ROWS
    }

    /// The page of them.
    pub(super) fn into_view(self, date: BusinessDate) -> SyncView {
        SyncView {
            date: date.to_string(),
            items: self.rows.into_iter().map(|(row, _)| row).collect(),
            looked_through: self.looked_through,
            next: self.next.as_deref().map(cursor::encode),
        }
    }
}

/// Walks through the outlets on a day until a page is full, or as many were looked through as one page may.
///
/// # Errors
/// `PARAMETER_INVALID` for a position that no page gave, or the store's failure.
pub(super) async fn walk(
    deps: &Deps,
    filter: &Filter,
    date: BusinessDate,
    wanted: Wanted,
) -> Result<Found, Problem> {
    let (chunk, chunks) = if wanted == Wanted::All {
        (PAGE, 1)
    } else {
        (CHUNK, CHUNKS)
    };
    let mut found = Found {
        next: cursor::decode("after", filter.asked.after.as_deref())?,
        ..Found::default()
    };
    for _ in 0..chunks {
        let (days, next) = outlets_on(deps, found.next.as_deref(), date, chunk).await?;
        if !found.take(rows(deps, &days).await?, wanted) {
            break;
        }
        found.next = next;
        if found.next.is_none() || found.is_full() {
            break;
        }
    }
    Ok(found)
}

/// The first outlets on a day.
///
/// # Errors
/// The store's failure.
pub(super) async fn first(deps: &Deps, date: BusinessDate) -> Result<Found, Problem> {
    let (days, next) = outlets_on(deps, None, date, PAGE).await?;
    let found = Found::among(rows(deps, &days).await?, Wanted::All);
    Ok(Found { next, ..found })
}

/// Outlets with their days, and the one to go on behind.
type Days = (Vec<(OutletRules, BusinessDate)>, Option<String>);

async fn outlets_on(
    deps: &Deps,
    after: Option<&str>,
    date: BusinessDate,
    limit: i32,
) -> Result<Days, Problem> {
    let outlets = deps.outlets.list(after, limit).await?;
    let is_full = i32::try_from(outlets.len()).is_ok_and(|count| count >= limit);
    let next = outlets.last().filter(|_| is_full).map(|last| last.id.clone());
    let days = outlets.into_iter().map(|outlet| (OutletRules::of(outlet), date));
    Ok((days.collect(), next))
}
