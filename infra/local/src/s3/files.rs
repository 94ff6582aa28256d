//! Objects as files, and the entity tags of files that nobody announced.
//!
//! `s3s-fs` 0.14.1 keeps an object's entity tag in a side file next to the bucket folders and trusts it
//! even when the object's file was replaced by hand since. Here a tag is trusted only while the file's size
//! and time of change are those it was computed for.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::crypto::{Checksum as _, Md5};
use s3s::{S3Error, S3Result, s3_error};
use s3s_fs::FileSystem;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::id;
use crate::object_events::{ObjectEvents, ObjectState};

/// Folder, next to the buckets, of uploads that are not yet checked. It begins with a dot, so it is no
/// bucket.
pub(super) const STAGING: &str = ".staging";

/// The longest file name of the usual Linux file systems.
const NAME_MAX: usize = 255;

/// The longest suffix that `s3s-fs` adds to a side file's name.
const LONGEST_SUFFIX: &str = ".upload-00000000-0000-0000-0000-000000000000.metadata.json";

/// The folder of objects; clones share it.
#[derive(Debug, Clone)]
pub(super) struct ObjectFiles {
    pub(super) inner: Arc<FileSystem>,
    pub(super) events: ObjectEvents,
    root: PathBuf,
    /// Held while an object's file, side files and record change together.
    pub(super) publishing: Arc<Mutex<()>>,
}

impl ObjectFiles {
    pub(super) fn open(root: &Path, events: ObjectEvents) -> anyhow::Result<Self> {
        let staging = root.join(STAGING);
        // What an earlier run did not finish is of no use: its client was told so or lost its connection.
        if staging.exists() {
            std::fs::remove_dir_all(&staging)?;
        }
        std::fs::create_dir_all(&staging)?;
        let inner =
            FileSystem::new(root).map_err(|error| anyhow::anyhow!("{}: {error:?}", root.display()))?;
        Ok(Self {
            inner: Arc::new(inner),
            events,
            root: root.canonicalize()?,
            publishing: Arc::new(Mutex::new(())),
        })
    }

    pub(super) fn bucket_folder(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    pub(super) fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(bucket).join(key)
    }

    /// The side file that `s3s-fs` keeps the entity tag and checksums in.
    pub(super) fn tag_file(&self, bucket: &str, key: &str) -> PathBuf {
        self.side_file(bucket, key, ".internal.json")
    }

    /// The side file that `s3s-fs` keeps the content type and user metadata in.
    pub(super) fn metadata_file(&self, bucket: &str, key: &str) -> PathBuf {
        self.side_file(bucket, key, ".metadata.json")
    }

    fn side_file(&self, bucket: &str, key: &str, suffix: &str) -> PathBuf {
        self.root.join(side_name(bucket, key, suffix))
    }

    /// What is known of an object's bytes, computed when its file is new or was changed by hand.
    pub(super) async fn state(&self, bucket: &str, key: &str) -> S3Result<ObjectState> {
        let path = self.path(bucket, key);
        let (size, modified_ns) = stat(&path).await?;
        let known = self
            .events
            .known(bucket, key)
            .await
            .map_err(S3Error::internal_error)?;
        let state = match known {
            Some((state, _)) if state.size == size && state.modified_ns == modified_ns => state,
            _ => {
                let state = ObjectState {
                    etag: md5(path).await?,
                    size,
                    modified_ns,
                };
                let _publishing = self.publishing.lock().await;
                self.events
                    .record(bucket, key, state.clone())
                    .await
                    .map_err(S3Error::internal_error)?;
                state
            }
        };
        self.write_tag(bucket, key, &state.etag).await?;
        Ok(state)
    }

    /// Makes the side file say `etag`. One that says something else belongs to bytes that are gone, so its
    /// checksums are dropped with it.
    async fn write_tag(&self, bucket: &str, key: &str, etag: &str) -> S3Result<()> {
        if side_name(bucket, key, LONGEST_SUFFIX).len() > NAME_MAX {
            // A dropped file with a very long name: `s3s-fs` computes its tag on each read instead.
            return Ok(());
        }
        let file = self.tag_file(bucket, key);
        let current = tokio::fs::read(&file).await.ok();
        let current: Option<Map<String, Value>> =
            current.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        if current.is_some_and(|info| info.get("e_tag").and_then(Value::as_str) == Some(etag)) {
            return Ok(());
        }
        let staged = self.root.join(STAGING).join(id::uuid());
        let text = serde_json::json!({ "e_tag": etag }).to_string();
        tokio::fs::write(&staged, text)
            .await
            .map_err(S3Error::internal_error)?;
        tokio::fs::rename(&staged, &file)
            .await
            .map_err(S3Error::internal_error)
    }

    /// Moves a checked upload to its place, records it and announces it.
    pub(super) async fn publish(&self, staged: &str, bucket: &str, key: &str, etag: &str) -> S3Result<()> {
        let target = self.path(bucket, key);
        if let Some(folder) = target.parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|e| s3_error!(e, InvalidArgument, "a folder of the key is an object"))?;
        }
        let _publishing = self.publishing.lock().await;
        let moves = [
            (
                self.metadata_file(STAGING, staged),
                self.metadata_file(bucket, key),
            ),
            (self.tag_file(STAGING, staged), self.tag_file(bucket, key)),
            (self.path(STAGING, staged), target),
        ];
        for (from, to) in moves {
            tokio::fs::rename(from, to)
                .await
                .map_err(S3Error::internal_error)?;
        }
        self.announce(bucket, key, etag, "PutObject").await
    }

    /// Records and announces an object that is in its place.
    pub(super) async fn announce(&self, bucket: &str, key: &str, etag: &str, reason: &str) -> S3Result<()> {
        let (size, modified_ns) = stat(&self.path(bucket, key)).await?;
        let state = ObjectState {
            etag: etag.to_owned(),
            size,
            modified_ns,
        };
        self.events
            .announce(bucket, key, state, reason)
            .await
            .map_err(S3Error::internal_error)
    }

    /// Removes what is left of an upload that failed.
    pub(super) async fn discard(&self, staged: &str) {
        for file in [
            self.metadata_file(STAGING, staged),
            self.tag_file(STAGING, staged),
            self.path(STAGING, staged),
        ] {
            // Most of them were never written; what stays is removed at the next start.
            drop(tokio::fs::remove_file(file).await);
        }
    }

    /// Removes the side files and the record of a deleted object.
    pub(super) async fn forget(&self, bucket: &str, key: &str) -> S3Result<()> {
        for file in [self.metadata_file(bucket, key), self.tag_file(bucket, key)] {
            match tokio::fs::remove_file(file).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(S3Error::internal_error(error));
                }
                _ => {}
            }
        }
        self.events
            .forget(bucket, key)
            .await
            .map_err(S3Error::internal_error)
    }
}

fn side_name(bucket: &str, key: &str, suffix: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(".bucket-{}.object-{}{suffix}", encode(bucket), encode(key))
}

/// Refuses keys that are no path below the bucket's folder, or too long for a file's name.
pub(super) fn check_key(bucket: &str, key: &str) -> S3Result<()> {
    let path = key.strip_suffix('/').unwrap_or(key);
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) || key.contains('\0') {
        return Err(s3_error!(
            InvalidArgument,
            "the key is no path: it has an empty part, \".\" or \"..\""
        ));
    }
    let too_long = path.split('/').any(|part| part.len() > NAME_MAX)
        || side_name(bucket, key, LONGEST_SUFFIX).len() > NAME_MAX;
    if too_long {
        return Err(s3_error!(
            KeyTooLongError,
            "the key is too long for a file's name on this machine"
        ));
    }
    Ok(())
}

/// Size in bytes and time of change in nanoseconds.
pub(super) async fn stat(path: &Path) -> S3Result<(u64, i64)> {
    let metadata = tokio::fs::metadata(path)
        .await
        .map_err(|error| s3_error!(error, NoSuchKey))?;
    if metadata.is_dir() {
        return Err(s3_error!(NoSuchKey));
    }
    Ok((metadata.len(), modified_ns(&metadata)))
}

/// A file's time of change in nanoseconds since the Unix epoch; 0 where the system has none.
pub(super) fn modified_ns(metadata: &std::fs::Metadata) -> i64 {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    modified
        .and_then(|age| i64::try_from(age.as_nanos()).ok())
        .unwrap_or(0)
}

/// The MD5 of a file in hexadecimal, which is S3's entity tag of an object put in one piece.
pub(super) async fn md5(path: PathBuf) -> S3Result<String> {
    let hash = move || -> std::io::Result<String> {
        let mut file = std::fs::File::open(path)?;
        let mut hasher = Md5::new();
        let mut buffer = vec![0_u8; 256 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(id::hex(hasher.finalize().as_ref())),
                read => hasher.update(&buffer[..read]),
            }
        }
    };
    let result = tokio::task::spawn_blocking(hash)
        .await
        .map_err(S3Error::internal_error)?;
    result.map_err(|error| s3_error!(error, NoSuchKey))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn keys_that_leave_the_bucket_are_refused() {
        for key in ["../x", "a/../../x", "a//b", "/a", "./a", ""] {
            assert!(check_key("exports", key).is_err(), "{key}");
        }
        for key in ["a", "incoming/in/sp ace é+1.txt", "folder/", "..a/b.."] {
            check_key("exports", key).unwrap();
        }
        assert!(check_key("exports", &"k".repeat(200)).is_err());
        check_key("exports", &"k".repeat(120)).unwrap();
    }
}
