//! Files that people drop into a bucket's folder, without S3.
//!
//! The folder is read every half second. A file is taken once its size and time of change were the same in
//! two reads, so that a copy in progress is left alone, and announced when its content is not the one that
//! was announced last under its name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Store;
use super::files::{ObjectFiles, md5, modified_ns, stat};
use crate::object_events::ObjectState;
use crate::stop::Stop;

/// The pause between two reads of a folder.
const PAUSE: Duration = Duration::from_millis(500);

/// Most files of one folder tree that are looked at; more are left until older ones are moved away.
const MAX_FILES: usize = 100_000;

type Seen = HashMap<String, (u64, i64)>;

/// Announces files dropped into the folder of `bucket` until `stop`.
pub(crate) async fn watch(store: Store, bucket: String, mut stop: Stop) {
    let mut before: Seen = HashMap::new();
    let mut settled: Seen = HashMap::new();
    loop {
        let folder = store.files.bucket_folder(&bucket);
        let now = tokio::task::spawn_blocking(move || list(&folder))
            .await
            .unwrap_or_default();
        for (key, seen) in &now {
            if before.get(key) != Some(seen) || settled.get(key) == Some(seen) {
                continue;
            }
            match take(&store.files, &bucket, key, *seen).await {
                Ok(()) => drop(settled.insert(key.clone(), *seen)),
                // Such as a file that was moved away meanwhile; it is looked at again.
                Err(error) => tracing::warn!(code = ?error.code(), "a dropped file was not taken yet"),
            }
        }
        settled.retain(|key, _| now.contains_key(key));
        before = now;
        if !stop.sleep(PAUSE).await {
            return;
        }
    }
}

/// Announces one file unless its content was announced already.
async fn take(files: &ObjectFiles, bucket: &str, key: &str, seen: (u64, i64)) -> s3s::S3Result<()> {
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

/// Every file below `folder` by its key. Names that begin with a dot are left out: copying programs and
/// editors write their unfinished files under such names. So are links and names that are not UTF-8.
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
            let (Ok(kind), false) = (entry.file_type(), name.starts_with('.')) else {
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
