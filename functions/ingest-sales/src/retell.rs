//! What an export told, told again: for tables that are made anew.
//!
//! The bytes go through the same reading, rules and writing as they did at first. What became of the file then is
//! history and stays as it is: its entry in the ledger, its audit record, its mail, and every decision that people
//! took about its refused records. So this neither opens the entry again, which would also start a deployed
//! function beside the caller, nor lists anything.

use std::collections::BTreeSet;

use domain::export::{Counts, Export};
use domain::quarantine::Quarantined;
use domain::record::Rejection;

use crate::failure::Failure;
use crate::file::{File, LISTED_MAX};
use crate::pending::Pending;
use crate::reading::Reading;
use crate::run::{self, Run};
use crate::{Deps, replay};

/// Reads a finished file again and takes what it tells. `left_out` are the places, among its records, of those
/// that were refused: what has become of them is not for this reading to decide.
///
/// # Errors
/// [`Failure`] when a store does not do its part, or does not have the file any more. Doing it again mends it.
pub async fn file(export: &Export, left_out: BTreeSet<u64>, deps: &Deps) -> Result<Counts, Failure> {
    let again = Export {
        counts: Counts::default(),
        ..export.clone()
    };
    let mut file = File::new(again, None, 0, (deps.now_ms)());
    // As if all that can be listed of one file were: refusals are counted and go nowhere.
    file.listed = LISTED_MAX;
    let object = run::open(&file, 0, deps).await?;
    file.context.modified_ms = object.body.modified_ms;
    let run = Run {
        reading: Reading::new(None),
        pending: Pending::default(),
        deadline_ms: i64::MAX,
        left_out,
        deps,
    };
    run.through(&mut file, object).await?;
    Ok(file.export.counts)
}

/// Takes again a record that was refused at first and taken later. The inner error: it is refused by now.
///
/// # Errors
/// As [`file`].
pub async fn piece(
    piece: &Quarantined,
    export: Export,
    deps: &Deps,
) -> Result<Result<Counts, Rejection>, Failure> {
    replay::record(piece, export, deps).await
}
