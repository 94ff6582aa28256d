//! Files that people drop into a bucket's folder, without S3.
//!
//! The folder is read every half second. A file is taken once its size and time of change have stayed the same
//! for two seconds, so that a copy in progress is left alone, and announced when its content is not the one that
//! was announced last under its name. One that changes later is watched anew: its new content is news.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Store;
use super::files::{ObjectFiles, md5, modified_ns, stat};
use crate::object_events::ObjectState;
use crate::stop::Stop;

/// The pause between two reads of a folder.
const PAUSE: Duration = Duration::from_millis(500);

/// How many reads in a row have to find a file the same before it is taken: the first, and two seconds of quiet. A copy
/// over a slow network stands still for longer than one pause now and then.
const QUIET_READS: u8 = 5;

/// How the names of files end that a program is still writing.
const UNFINISHED: [&str; 6] = [".part", ".partial", ".filepart", ".crdownload", ".tmp", "~"];

/// Most files of one folder tree that are looked at; more are left until older ones are moved away.
const MAX_FILES: usize = 100_000;

/// Size and time of change.
type Stat = (u64, i64);
type Seen = HashMap<String, Stat>;

/// A file that is being watched.
#[derive(Debug)]
struct Watched {
    stat: Stat,
    /// Reads in a row that found it like this.
    reads: u8,
    taken: bool,
}

/// The files of a folder, as the last reads found them.
#[derive(Debug, Default)]
struct Watchlist(HashMap<String, Watched>);

impl Watchlist {
    /// Notes what a read found; answers the files that can be taken now.
    fn note(&mut self, now: Seen) -> Vec<(String, Stat)> {
        self.0.retain(|key, _| now.contains_key(key));
        let mut settled = Vec::new();
        for (key, stat) in now {
            match self.0.get_mut(&key) {
                Some(watched) if watched.stat == stat => {
                    watched.reads = watched.reads.saturating_add(1);
                    if watched.reads >= QUIET_READS && !watched.taken {
                        settled.push((key, stat));
                    }
                }
                _ => {
                    let new = Watched {
                        stat,
                        reads: 1,
                        taken: false,
                    };
                    self.0.insert(key, new);
                }
            }
        }
        settled
    }

    /// Notes that a file was taken as it is.
    fn take(&mut self, key: &str) {
        if let Some(watched) = self.0.get_mut(key) {
            watched.taken = true;
        }
    }
}

/// Announces files dropped into the folder of `bucket` until `stop`.
pub(crate) async fn watch(store: Store, bucket: String, mut stop: Stop) {
    let mut watchlist = Watchlist::default();
    loop {
        let folder = store.files.bucket_folder(&bucket);
        let now = tokio::task::spawn_blocking(move || list(&folder))
            .await
            .unwrap_or_default();
        for (key, seen) in watchlist.note(now) {
            match take(&store.files, &bucket, &key, seen).await {
                Ok(()) => watchlist.take(&key),
                // Such as a file that was moved away meanwhile; it is looked at again.
                Err(error) => tracing::warn!(code = ?error.code(), "a dropped file was not taken yet"),
            }
        }
        if !stop.sleep(PAUSE).await {
            return;
        }
    }
}

/// Announces one file unless its content was announced already.
async fn take(files: &ObjectFiles, bucket: &str, key: &str, seen: Stat) -> s3s::S3Result<()> {
    let known = files
        .events
        .known(bucket, key)
        .await
        .map_err(s3s::S3Error::internal_error)?;
    if let Some((state, true)) = &known
        && (state.size, state.modified_ns) == seen
    {
        return Ok(());
    }
    let path = files.path(bucket, key);
    let etag = md5(path.clone()).await?;
    let _publishing = files.publishing.lock().await;
    if stat(&path).await? != seen {
        return Err(s3s::s3_error!(
            OperationAborted,
            "the file is still being written"
        ));
    }
    let state = ObjectState {
        etag,
        size: seen.0,
        modified_ns: seen.1,
    };
    // Read again under the lock: an upload through S3 may have announced it since.
    let result = match files
        .events
        .known(bucket, key)
        .await
        .map_err(s3s::S3Error::internal_error)?
    {
        Some((known, true)) if (known.size, known.modified_ns) == seen => Ok(()),
        Some((known, true)) if known.etag == state.etag => files.events.record(bucket, key, state).await,
        _ => files.events.announce(bucket, key, state, "PutObject").await,
    };
    result.map_err(s3s::S3Error::internal_error)
}

/// Every file below `folder` by its key. Names of unfinished files are left out, and so are links and names that are
/// not UTF-8.
fn list(folder: &Path) -> Seen {
    let mut seen = Seen::new();
    let mut folders: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let (Ok(kind), false) = (entry.file_type(), is_unfinished(&name)) else {
                continue;
            };
            let key = format!("{prefix}{name}");
            if kind.is_dir() {
                folders.push((entry.path(), format!("{key}/")));
            } else if kind.is_file()
                && seen.len() < MAX_FILES
                && let Ok(metadata) = entry.metadata()
            {
                seen.insert(key, (metadata.len(), modified_ns(&metadata)));
            }
        }
    }
    seen
}

/// Whether copying programs, browsers and editors give such a name to what they are still writing.
fn is_unfinished(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stat: Stat) -> Seen {
        Seen::from([("incoming/a.json".to_owned(), stat)])
    }

    #[test]
    fn a_file_is_taken_only_after_it_has_stayed_the_same_for_a_while() {
        let mut watchlist = Watchlist::default();
        // It grows, stands still for a while, and grows on.
        for stat in [
            (1, 1),
            (1, 1),
            (1, 1),
            (2, 2),
            (3, 2),
            (3, 3),
            (3, 3),
            (3, 3),
            (3, 3),
        ] {
            assert_eq!(watchlist.note(found(stat)), [], "{stat:?}");
        }
        let settled = [("incoming/a.json".to_owned(), (3, 3))];
        assert_eq!(watchlist.note(found((3, 3))), settled);
        assert_eq!(
            watchlist.note(found((3, 3))),
            settled,
            "one that was not taken comes again"
        );
        watchlist.take("incoming/a.json");
        assert_eq!(watchlist.note(found((3, 3))), []);
    }

    #[test]
    fn a_file_that_changes_or_comes_back_is_watched_anew() {
        let mut watchlist = Watchlist::default();
        let mut settle = |stat: Stat| {
            let mut reads = 1;
            while watchlist.note(found(stat)).is_empty() {
                reads += 1;
            }
            watchlist.take("incoming/a.json");
            reads
        };
        assert_eq!((settle((1, 1)), settle((1, 2))), (QUIET_READS, QUIET_READS));
        watchlist.note(Seen::new());
        assert_eq!(watchlist.note(found((1, 2))), [], "it was away");
    }

    #[test]
    fn names_of_unfinished_files_are_told_from_others() {
        for name in [
            ".a.json",
            ".a.json.swp",
            "a.json.part",
            "a.TMP",
            "a.json~",
            "a.json.crdownload",
        ] {
            assert!(is_unfinished(name), "{name}");
        }
        for name in ["a.json", "part.json", "tmp", "a.b.ndjson.gz", "a~b.json"] {
            assert!(!is_unfinished(name), "{name}");
        }
    }
}
