//! Which files came for an outlet's days since the night before.

use aws::StoreError;
use aws::sales::DayArrival;
use domain::customer::OutletDay;
use domain::export::Export;
use domain::finding::FileFact;
use domain::map::OutletRules;
use domain::night::Night;
use domain::when::{BusinessDate, business_date};

use crate::Deps;

/// How long a date in a key is: `2026-11-22`.
const DATE_LEN: usize = 10;

/// The files of an outlet that are news to a night: read to their end since the night before looked.
pub(crate) async fn since(outlet: &str, night: &Night, deps: &Deps) -> Result<Vec<Export>, StoreError> {
    deps.ledger.files_of(outlet, night.since_ms).await
}

/// The file that last changed a day, if that was since the night before: one of `files`, or one that is listed late.
pub(super) async fn last_of_day(
    files: &[Export],
    arrival: Option<&DayArrival>,
    (night, deps): (&Night, &Deps),
) -> Result<Option<Export>, StoreError> {
    let is_news = |arrival: &&DayArrival| arrival.last_received_ms > Some(night.since_ms);
    let last = arrival
        .filter(is_news)
        .and_then(|arrival| arrival.export.as_ref());
    let Some((id, etag)) = last else {
        return Ok(None);
    };
    match files.iter().find(|file| file.id == *id && file.etag == *etag) {
        Some(file) => Ok(Some(file.clone())),
        None => deps.ledger.get(id, etag).await,
    }
}

/// What the ledger says of the files of a day: those among `files` that touch it, or have no records and are meant
/// for it, and the one that last changed it.
pub(super) fn of_day(
    day: &OutletDay,
    files: &[Export],
    last: Option<&Export>,
    rules: &OutletRules,
) -> Vec<FileFact> {
    let mine = |export: &&Export| is_of(export, day, rules);
    let is_last = |export: &Export| last.is_some_and(|last| last.id == export.id && last.etag == export.etag);
    let mine = files.iter().filter(mine).filter(|export| !is_last(export));
    mine.chain(last).filter_map(fact).collect()
}

/// What the ledger says of a file, as of its end: a file that is being read while one night looks is news to the
/// next.
fn fact(export: &Export) -> Option<FileFact> {
    let fact = FileFact::of(export)?;
    Some(FileFact {
        received_ms: export.finished_ms.unwrap_or(fact.received_ms),
        ..fact
    })
}

/// Whether a file is one of a day: it touches the day, or it has nothing that could be taken and its key names the day,
/// or no day and it came on it.
fn is_of(export: &Export, (outlet, date): &OutletDay, rules: &OutletRules) -> bool {
    if !export.days.is_empty() {
        return export.days.iter().any(|(of, on)| of == outlet && on == date);
    }
    let came_on = || business_date(export.received_ms, &rules.zone, rules.outlet.cutoff_hour);
    date_in(&export.key).unwrap_or_else(came_on) == *date
}

/// The last date that a key names.
fn date_in(key: &str) -> Option<BusinessDate> {
    let starts = (0..key.len().saturating_sub(DATE_LEN - 1)).rev();
    let mut dates = starts.filter_map(|start| key.get(start..start + DATE_LEN)?.parse().ok());
    dates.next()
}
