//! The files of an outlet, in the order in which they were read to their end.
//!
//! An entry has one place in the index, under the first outlet that its file tells of. For the others, which few
//! files have, there are items of their own that point to the entry, and vanish some weeks later.

use std::collections::BTreeSet;

use domain::export::Export;
use domain::map::folder_outlet;

use super::Ledger;
use crate::dynamo::{Item, key, number, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, EXPIRES_AT, KIND, PK, SK, WORK, WORK_AT};

/// What an item is that points to an entry.
const PLACE: &str = "file_place";
/// For how long it is kept, in seconds: sixty days, much longer than a night looks back.
const KEPT_S: i64 = 60 * 24 * 3_600;

impl Ledger {
    /// Files of an outlet that were read to their end after a moment (Unix milliseconds), the earliest first: at most
    /// as many as one request reads, the latest, which are some hundreds. A file of several outlets is listed under
    /// each, one of none under the outlet that its folder names. The list may be a moment behind.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn files_of(&self, outlet: &str, after_ms: i64) -> Result<Vec<Export>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::files(outlet))
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk AND #at > :after")
            .expression_attribute_names("#work", WORK)
            .expression_attribute_names("#at", WORK_AT)
            .expression_attribute_values(":after", text(keys::instant(after_ms.max(0))))
            .scan_index_forward(false);
        let (items, _) = self.dynamo.page(query).await?;
        let mut files = Vec::new();
        for item in items.iter().rev() {
            match pointed_at(item)? {
                None => files.push(read_document(item)?),
                Some((id, etag)) => {
                    let entry = self.get(id, etag).await?;
                    files.extend(entry.filter(Export::is_final));
                }
            }
        }
        Ok(files)
    }

    /// Gives a file that has ended its places in the lists of the outlets that its entry does not stand under. Before
    /// the entry is written: what points to a file that has not ended is passed over.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub(super) async fn list_under_others(&self, export: &Export) -> Result<(), StoreError> {
        for outlet in others(export) {
            let mut item = key(
                keys::file_place(&export.id),
                keys::file_place_of(&export.etag, outlet),
            );
            let ended_ms = ended_ms(export);
            item.insert(KIND.to_owned(), text(PLACE));
            item.insert(WORK.to_owned(), text(keys::files(outlet)));
            item.insert(WORK_AT.to_owned(), text(keys::instant(ended_ms)));
            let expires_at = ended_ms.div_euclid(1000).saturating_add(KEPT_S);
            item.insert(EXPIRES_AT.to_owned(), number(expires_at));
            self.dynamo.put(&self.table, item, None).await?;
        }
        Ok(())
    }
}

/// Gives the entry of a file that has ended its place in the list of its outlet.
pub(super) fn list(item: &mut Item, export: &Export) {
    let told = export.days.first().map(|(outlet, _)| outlet.clone());
    let outlet = told.or_else(|| folder_outlet(&export.key));
    let (true, Some(outlet)) = (export.is_final(), outlet) else {
        return;
    };
    item.insert(WORK.to_owned(), text(keys::files(&outlet)));
    item.insert(WORK_AT.to_owned(), text(keys::instant(ended_ms(export))));
}

/// The outlets of a file that has ended, but for the first.
fn others(export: &Export) -> BTreeSet<&str> {
    let first = export.days.first().map(|(outlet, _)| outlet.as_str());
    let ended = export.days.iter().filter(|_| export.is_final());
    ended
        .map(|(outlet, _)| outlet.as_str())
        .filter(|outlet| Some(*outlet) != first)
        .collect()
}

fn ended_ms(export: &Export) -> i64 {
    export.finished_ms.unwrap_or(export.received_ms)
}

/// The id and the entity tag of the file that an item points to; `None` for an entry itself.
fn pointed_at(item: &Item) -> Result<Option<(&str, &str)>, StoreError> {
    Ok(keys::placed_file(read_text(item, PK)?, read_text(item, SK)?))
}
