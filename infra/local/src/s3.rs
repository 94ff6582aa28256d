//! S3 over a folder: the `s3s` protocol server and the `s3s-fs` file store, with what they leave out.
//!
//! `s3s-fs` keeps each object as a plain file, so a person can drop a file into the bucket's folder. Added
//! here: entity tags for dropped files, conditional reads, uploads that become visible only when their
//! checksum held, and the announcement of new objects.

mod files;
mod operations;
mod scan;

use std::path::Path;
use std::sync::Arc;

use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::dto::{PutObjectInput, StreamingBlob};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3, S3Request, S3Result, s3_error};

use crate::object_events::ObjectEvents;
use crate::template::Bucket;
use files::ObjectFiles;
pub(crate) use scan::watch;

/// A clock that is a little off must not refuse a presigned address; AWS allows 15 minutes.
const MAX_CLOCK_SKEW_S: u32 = 15 * 60;

/// The S3 server over one folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    files: ObjectFiles,
}

impl Store {
    /// Opens the folder `root`, creating it and a folder for each bucket.
    ///
    /// # Errors
    /// A folder cannot be created or read.
    pub(crate) fn open(root: &Path, buckets: &[Bucket], events: ObjectEvents) -> anyhow::Result<Self> {
        for bucket in buckets {
            std::fs::create_dir_all(root.join(&bucket.name))?;
        }
        Ok(Self {
            files: ObjectFiles::open(root, events)?,
        })
    }

    /// Puts the file at `path` under `key` as an upload would, unless the same bytes are there already.
    /// Returns whether it was put.
    ///
    /// # Errors
    /// The file cannot be read, or the object not written.
    pub(crate) async fn put_file(&self, bucket: &str, key: &str, path: &Path) -> anyhow::Result<bool> {
        let failed = |error: s3s::S3Error| anyhow::anyhow!("{key}: {error}");
        let etag = files::md5(path.to_owned()).await.map_err(failed)?;
        if self
            .files
            .state(bucket, key)
            .await
            .is_ok_and(|state| state.etag == etag)
        {
            return Ok(false);
        }
        let input = PutObjectInput {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            body: Some(StreamingBlob::from(Body::from(tokio::fs::read(path).await?))),
            ..PutObjectInput::default()
        };
        let request = S3Request {
            input,
            method: http::Method::PUT,
            uri: http::Uri::from_static("/"),
            headers: http::HeaderMap::new(),
            extensions: http::Extensions::new(),
            credentials: None,
            region: None,
            service: None,
            trailing_headers: None,
        };
        operations::Operations {
            files: self.files.clone(),
        }
        .put_object(request)
        .await
        .map_err(failed)?;
        Ok(true)
    }

    /// The protocol server.
    pub(crate) fn service(&self) -> S3Service {
        let mut builder = S3ServiceBuilder::new(operations::Operations {
            files: self.files.clone(),
        });
        builder.set_auth(LocalAuth);
        let mut config = S3Config::default();
        config.presigned_url_max_skew_time_secs = MAX_CLOCK_SKEW_S;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.build()
    }
}

/// Accepts any key whose secret is the same text, such as `test` with `test`: the port is open to this
/// machine only, and signatures still catch a request that was changed on its way.
struct LocalAuth;

#[async_trait::async_trait]
impl S3Auth for LocalAuth {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key.is_empty() {
            return Err(s3_error!(InvalidAccessKeyId));
        }
        Ok(SecretKey::from(access_key))
    }
}
