//! What is to be told again, in which order.

use std::collections::BTreeSet;

use domain::export::ExportState;
use domain::map::folder_outlet;
use domain::quarantine::QuarantineState;
use serde::{Deserialize, Serialize};

use crate::fingerprint::each;
use crate::{Stop, Tools};

/// One telling: a file, or a record of it that was refused and taken later. In the order in which they are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Telling {
    /// When the file was received, or the record taken, Unix milliseconds.
    pub(crate) at_ms: i64,
    /// The export's id.
    pub(crate) export: String,
    /// The entity tag of the content.
    pub(crate) etag: String,
    /// The record's id within the export; `None` for the file.
    pub(crate) piece: Option<String>,
    /// The folder it lies in. Tellings of one folder are told one after the other.
    pub(crate) folder: String,
}

/// What the ledger and the quarantine hold.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// What is to be told again.
    pub(crate) tellings: BTreeSet<Telling>,
    /// Keys of what is being processed.
    pub(crate) busy: Vec<String>,
}

impl Plan {
    /// How many of the tellings are files.
    pub(crate) fn files(&self) -> usize {
        self.tellings
            .iter()
            .filter(|telling| telling.piece.is_none())
            .count()
    }
}

/// Lists what is to be told again. Files that failed as a whole told nothing.
///
/// # Errors
/// [`Stop`] when a table can't be read.
pub(crate) async fn plan(tools: &Tools) -> Result<Plan, Stop> {
    let mut plan = Plan::default();
    let folder = |key: &str| folder_outlet(key).unwrap_or_default();
    each(
        |at| tools.whole.exports(at),
        |export| {
            match export.state {
                ExportState::Done => drop(plan.tellings.insert(Telling {
                    at_ms: export.received_ms,
                    folder: folder(&export.key),
                    export: export.id,
                    etag: export.etag,
                    piece: None,
                })),
                ExportState::Accepted | ExportState::Processing => plan.busy.push(export.key),
                ExportState::Failed => {}
            }
            Ok(())
        },
    )
    .await?;
    each(
        |at| tools.whole.pieces(at),
        |piece| {
            match piece.state {
                QuarantineState::Replayed if !piece.whole_file => drop(plan.tellings.insert(Telling {
                    at_ms: piece.last_seen_ms,
                    folder: folder(&piece.key),
                    piece: Some(piece.local_id()),
                    export: piece.export_id,
                    etag: piece.etag,
                })),
                QuarantineState::Replaying => plan.busy.push(piece.key),
                _ => {}
            }
            Ok(())
        },
    )
    .await?;
    Ok(plan)
}
