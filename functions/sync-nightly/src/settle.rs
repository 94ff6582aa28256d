//! Waits until the ledger has what the night fetched.

use domain::export::{Export, ExportState, export_id};
use domain::map::folder_outlet;
use domain::night::{Night, Part, Trouble, WAITS_MAX};
use futures::{StreamExt, TryStreamExt, stream};

use crate::failure::Stopped;
use crate::{Deps, go_on};

use aws::StoreError;

/// Entries of the ledger that are read at the same time.
const PARALLEL: usize = 32;
/// How a file failed in which there is nothing.
const EMPTY: [&str; 2] = ["FILE_EMPTY", "FILE_WITHOUT_RECORDS"];
/// How much of a key a trouble names, in characters.
const KEY_MAX: usize = 160;

/// Asks the ledger about the objects of the parts, and notes the look in the night.
pub(crate) async fn look(night: &Night, parts: &[Part], deps: &Deps) -> Result<Night, Stopped> {
    // Only the last look names what is missing; before, the first one that is says enough.
    let is_last = night.waits.saturating_add(1) >= WAITS_MAX;
    let seen = Seen::of(parts, is_last, deps).await?;
    let next = match night.settled(parts, &seen.waiting, &seen.unread, deps.now()) {
        Ok(next) => next,
        // The list brought more to do a moment ago.
        Err(_) => return Ok(night.clone()),
    };
    go_on::write(night, &next, deps).await
}

/// What the ledger says of the objects.
#[derive(Debug, Default)]
struct Seen {
    /// Those, as key and entity tag, that it does not yet have as taken: all of them, or some.
    waiting: Vec<(String, String)>,
    /// Those that could not be read and are no outlet's: where they were, each outlet tells of its own.
    unread: Vec<Trouble>,
}

impl Seen {
    async fn of(parts: &[Part], all: bool, deps: &Deps) -> Result<Self, StoreError> {
        // The latest first: what was put last is read last.
        let exports: Vec<&(String, String)> = parts.iter().flat_map(|part| &part.exports).rev().collect();
        let mut seen = Self::default();
        for exports in exports.chunks(PARALLEL) {
            let asked = exports.iter().map(|export| async move {
                let entry = taken(export, deps).await?;
                Ok::<_, StoreError>((*export, entry))
            });
            let answers: Vec<_> = stream::iter(asked).buffered(PARALLEL).try_collect().await?;
            for (export, entry) in answers {
                match entry {
                    None => seen.waiting.push(export.clone()),
                    Some(entry) => seen.unread.extend(nobodys(&entry, deps).await?),
                }
            }
            if !all && !seen.waiting.is_empty() {
                break;
            }
        }
        Ok(seen)
    }
}

/// What the ledger has of an object that was read to its end, well or not.
async fn taken((key, etag): &(String, String), deps: &Deps) -> Result<Option<Export>, StoreError> {
    let id = export_id(deps.objects.bucket(), key);
    let entry = deps.ledger.get(&id, etag).await?;
    Ok(entry.filter(Export::is_final))
}

/// The trouble of a file that could not be read and of which no outlet tells, because none is known for it.
async fn nobodys(entry: &Export, deps: &Deps) -> Result<Option<Trouble>, StoreError> {
    let code = entry.failure.as_deref().unwrap_or_default();
    // One in which there is nothing lacks nothing.
    let is_empty = EMPTY.contains(&code);
    if entry.state != ExportState::Failed || is_empty {
        return Ok(None);
    }
    let told = entry.days.first().map(|(outlet, _)| outlet.clone());
    if let Some(outlet) = told.or_else(|| folder_outlet(&entry.key))
        && deps.outlets.get(&outlet).await?.is_some()
    {
        return Ok(None);
    }
    // The end of a key tells more than its beginning.
    let skipped = entry.key.chars().count().saturating_sub(KEY_MAX);
    let key: String = entry.key.chars().skip(skipped).collect();
    let detail = format!("{key}: {code}");
    Ok(Some(Trouble::new(None, "ingest", "FILE_FAILED", &detail)))
}
