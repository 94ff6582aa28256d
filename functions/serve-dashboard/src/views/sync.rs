//! Whether the sales have come in: per outlet of a day, or per day of an outlet.
//!
//! A day's file is expected by half past eleven at night on the outlet's clock, when the nightly check
//! looks. What came later is late; what has not come by then is missing.

use std::collections::BTreeMap;

use aws::sales::DayArrival;
use domain::customer::OutletDay;
use domain::export::Export;
use domain::insight::Scope as Whose;
use domain::map::OutletRules;
use domain::money::Money;
use domain::when::{BusinessDate, Zone, format_local};
use edge::http_input::read_date;
use edge::problem::Problem;
use futures::future::try_join_all;
use serde::Serialize;
use utoipa::ToSchema;

use super::sync_filter::Wanted;
use super::sync_walk::{Found, first, walk};
use super::{exact, perhaps_moment};
use crate::Deps;
use crate::filter::Filter;

/// How many days one request of the store takes.
const BATCH: usize = 100;
/// How many days of one outlet a page has.
const DAYS: i32 = 31;
/// When a day's file is expected, on the outlet's clock.
const DEADLINE: &str = "T23:30";

/// Whether a day's sales have come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SyncStatus)]
pub(crate) enum Standing {
    /// They came in time.
    Received,
    /// They came after half past eleven at night.
    Late,
    /// They have not come, and it is not yet half past eleven at night.
    Expected,
    /// They have not come.
    Missing,
}

impl Standing {
    /// How a day stands at a moment.
    pub(crate) fn of(date: BusinessDate, arrival: Option<&DayArrival>, zone: &Zone, now_ms: i64) -> Self {
        let deadline = format!("{date}{DEADLINE}");
        let is_past = |at_ms: i64| format_local(at_ms, zone) > deadline;
        match arrival {
            Some(arrival) if arrival.first_received_ms.is_some_and(is_past) => Self::Late,
            Some(_) => Self::Received,
            None if is_past(now_ms) => Self::Missing,
            None => Self::Expected,
        }
    }
}

/// The export that last changed a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SyncExport)]
pub(crate) struct SyncExport {
    /// The export's id.
    pub(crate) id: String,
    /// The object's key.
    pub(crate) key: String,
    /// `processing`, `done` or `failed`.
    pub(crate) state: &'static str,
    /// Records found.
    pub(crate) received: u64,
    /// Records that could not be taken.
    pub(crate) quarantined: u64,
    /// How many records the file itself says it has.
    pub(crate) control_count: Option<u64>,
    /// What the file itself says they come to.
    #[schema(value_type = Option<String>)]
    pub(crate) control_sum: Option<String>,
    /// Which reading of the records agrees with the file's own totals: `all`, `sold` or `none`; null where it
    /// has no totals.
    pub(crate) control_matches: Option<String>,
    /// How long it took from being received to being read to its end, in milliseconds.
    pub(crate) lag_ms: Option<i64>,
}

impl From<Export> for SyncExport {
    fn from(export: Export) -> Self {
        let control = export.control.as_ref();
        Self {
            state: export.state.as_str(),
            received: export.counts.received,
            quarantined: export.counts.quarantined,
            control_count: control.and_then(|control| control.count),
            control_sum: control.and_then(|control| control.sum).map(|sum| sum.to_string()),
            control_matches: control.map(|control| control.matches.clone()),
            lag_ms: export
                .finished_ms
                .map(|finished| finished.saturating_sub(export.received_ms)),
            id: export.id,
            key: export.key,
        }
    }
}

/// An outlet's day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SyncDay)]
pub(crate) struct SyncRow {
    /// The outlet.
    pub(crate) outlet: String,
    /// The outlet's name.
    pub(crate) name: Option<String>,
    /// The business date.
    pub(crate) date: String,
    /// Whether the sales have come in.
    pub(crate) status: Standing,
    /// When the first file of the day was received, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) first_received_at: Option<i64>,
    /// When the file was received that last changed the day.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) last_received_at: Option<i64>,
    /// Receipts that are a sale.
    pub(crate) receipts: u32,
    /// Receipts that were cancelled or deleted.
    pub(crate) voided: u32,
    /// Sales of which something was given back.
    pub(crate) refunded: u32,
    /// Sales whose lines have not arrived.
    pub(crate) without_lines: u32,
    /// Sales whose own figures don't add up.
    pub(crate) unbalanced: u32,
    /// What the guests owed.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "1250000")]
    pub(crate) total: Money,
    /// The export that last changed the day.
    pub(crate) export: Option<SyncExport>,
    /// The zone of the outlet's clocks.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) zone: Zone,
}

/// A page of the sync status.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Sync)]
pub(crate) struct SyncView {
    /// The business date; of one outlet, the last of its days.
    pub(crate) date: String,
    /// Outlets by id, or days of one outlet, the latest first.
    pub(crate) items: Vec<SyncRow>,
    /// How many outlets, or days of one outlet, were looked through for these.
    pub(crate) looked_through: u32,
    /// What to give as `after` for the next page; null on the last. Of a status, a page may have fewer items than
    /// fit, and more may follow all the same: it looks through a bounded number of outlets.
    pub(crate) next: Option<String>,
}

/// Reads the sync status of a filter: of an outlet its last days, else a page of outlets on one day.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter) -> Result<SyncView, Problem> {
    let date = last_night(deps, filter)?;
    let wanted = Wanted::read(filter.asked.status.as_deref())?;
    let mut found = match (&filter.scope, &filter.outlet) {
        (Whose::Outlet(_), Some(outlet)) => {
            let rules = OutletRules::of(outlet.clone());
            let days = (0..DAYS).filter_map(|back| date.add_days(back.saturating_neg()));
            let days: Vec<_> = days.map(|date| (rules.clone(), date)).collect();
            Found::among(rows(deps, &days).await?, wanted)
        }
        _ => walk(deps, filter, date, wanted).await?,
    };
    add_exports(deps, &mut found.rows).await?;
    Ok(found.into_view(date))
}

/// How last night went for the first outlets.
pub(crate) async fn glance(deps: &Deps, filter: &Filter) -> Result<SyncView, Problem> {
    let date = last_night(deps, filter)?;
    let found = match &filter.outlet {
        Some(outlet) => {
            let days = [(OutletRules::of(outlet.clone()), date)];
            Found::among(rows(deps, &days).await?, Wanted::All)
        }
        None => first(deps, date).await?,
    };
    Ok(found.into_view(date))
}

/// The day that is asked for, or else the last one whose file should have come.
fn last_night(deps: &Deps, filter: &Filter) -> Result<BusinessDate, Problem> {
    if let Some(text) = filter.asked.to.as_deref() {
        return read_date("to", text);
    }
    let today = filter.today;
    let is_over = format_local(deps.now_ms(), &filter.zone) > format!("{today}{DEADLINE}");
    Ok(if is_over {
        today
    } else {
        today.add_days(-1).unwrap_or(today)
    })
}

/// A row with the place of its export in the ledger.
pub(super) type Placed = (SyncRow, Option<(String, String)>);

/// The rows of outlets with their days, in the same order.
pub(super) async fn rows(deps: &Deps, days: &[(OutletRules, BusinessDate)]) -> Result<Vec<Placed>, Problem> {
    let keys: Vec<OutletDay> = days
        .iter()
        .map(|(rules, date)| (rules.outlet.id.clone(), *date))
        .collect();
    let batches = keys.chunks(BATCH).map(|keys| deps.sales.arrivals(keys));
    let arrivals = try_join_all(batches).await?.into_iter().flatten();
    let now_ms = deps.now_ms();
    let rows = days.iter().zip(arrivals).map(|((rules, date), arrival)| {
        let status = Standing::of(*date, arrival.as_ref(), &rules.zone, now_ms);
        let (summary, first, last, export) = match arrival {
            Some(arrival) => (
                arrival.summary,
                arrival.first_received_ms,
                arrival.last_received_ms,
                arrival.export,
            ),
            None => Default::default(),
        };
        let row = SyncRow {
            outlet: rules.outlet.id.clone(),
            name: rules.outlet.name.clone(),
            date: date.to_string(),
            status,
            first_received_at: first,
            last_received_at: last,
            receipts: summary.receipts,
            voided: summary.voided,
            refunded: summary.refunded_receipts,
            without_lines: summary.without_lines,
            unbalanced: summary.unbalanced,
            total: summary.figures.total,
            export: None,
            zone: rules.zone.clone(),
        };
        (row, export)
    });
    Ok(rows.collect())
}

/// Adds to each row what its export came to. Rows of one export share its one read.
async fn add_exports(deps: &Deps, rows: &mut [Placed]) -> Result<(), Problem> {
    let mut known: BTreeMap<(String, String), Option<Export>> = rows
        .iter()
        .filter_map(|(_, export)| Some((export.clone()?, None)))
        .collect();
    let reads = known.keys().map(|(id, etag)| deps.ledger.get(id, etag));
    let read = try_join_all(reads).await?;
    for (entry, export) in known.values_mut().zip(read) {
        *entry = export;
    }
    for (row, place) in rows {
        let export = place.as_ref().and_then(|place| known.get(place));
        row.export = export.and_then(Clone::clone).map(SyncExport::from);
    }
    Ok(())
}

impl SyncView {
    /// How many outlets or days stand how.
    pub(crate) fn count(&self, standing: Standing) -> usize {
        self.items.iter().filter(|row| row.status == standing).count()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn half_past_eleven_at_the_outlet_is_the_line() {
        let date = "2025-10-28".parse().unwrap();
        let jakarta = Zone::named("Asia/Jakarta").unwrap();
        let jayapura = Zone::named("Asia/Jayapura").unwrap();
        let line = 1_761_669_000_000; // 2025-10-28T16:30:00Z, half past eleven in Jakarta
        let arrived = |first_received_ms| DayArrival {
            summary: Default::default(),
            version: 1,
            first_received_ms,
            last_received_ms: None,
            export: None,
        };
        let table = [
            (Some(arrived(Some(line - 1))), &jakarta, line, Standing::Received),
            (Some(arrived(Some(line))), &jakarta, line, Standing::Late),
            (Some(arrived(Some(line - 1))), &jayapura, line, Standing::Late),
            (Some(arrived(None)), &jakarta, line, Standing::Received),
            (None, &jakarta, line - 1, Standing::Expected),
            (None, &jakarta, line, Standing::Missing),
        ];
        for (at, (arrival, zone, now_ms, expected)) in table.into_iter().enumerate() {
            assert_eq!(
                Standing::of(date, arrival.as_ref(), zone, now_ms),
                expected,
                "{at}"
            );
        }
    }
}
