//! Exports as objects in the bucket.

mod fresh;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;

use domain::correlation;

use crate::Clients;
use crate::error::{StoreError, sort};

pub use fresh::{ObjectHead, Streamed};

/// The user metadata that carries the correlation of whoever put the object.
const CORRELATION: &str = "correlation";

/// The bucket of exports.
#[derive(Clone, Debug)]
pub struct Objects {
    client: Client,
    bucket: String,
}

/// Which content of an object is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The key.
    pub key: &'a str,
    /// The entity tag, without quotes.
    pub etag: Option<&'a str>,
    /// The version, where the bucket keeps versions.
    pub version: Option<&'a str>,
}

/// An object that is being read.
#[derive(Debug)]
pub struct OpenObject {
    /// The entity tag, without quotes.
    pub etag: String,
    /// The whole object's size in bytes.
    pub size: u64,
    /// When it was last written, Unix milliseconds.
    pub modified_ms: i64,
    /// The correlation that whoever put it gave it.
    pub correlation: Option<String>,
    /// Its bytes, from the offset asked for.
    pub body: ByteStream,
}

/// A place to put an object, good for a while.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Where to PUT the bytes.
    pub url: String,
    /// Headers that the PUT must carry.
    pub headers: Vec<(String, String)>,
}

impl Objects {
    /// The bucket of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            client: Client::new(clients.config()),
            bucket: clients.names().exports.clone(),
        }
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Opens an object from an offset; only while it still has the content asked for.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is gone, [`StoreError::Conflict`] when its content is another one.
    pub async fn open(&self, object: Wanted<'_>, offset: u64) -> Result<OpenObject, StoreError> {
        let Wanted { key, etag, version } = object;
        let mut request = self.client.get_object().bucket(&self.bucket).key(key);
        request = request
            .set_if_match(etag.map(|etag| format!("\"{etag}\"")))
            .set_version_id(version.map(str::to_owned));
        if offset > 0 {
            request = request.range(format!("bytes={offset}-"));
        }
        let reply = match request.send().await {
            Err(error) => return Err(not_opened(error)),
            Ok(reply) => reply,
        };
        let length = reply
            .content_length()
            .and_then(|length| u64::try_from(length).ok())
            .unwrap_or_default();
        Ok(OpenObject {
            etag: reply.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
            size: offset.saturating_add(length),
            modified_ms: reply
                .last_modified()
                .and_then(|at| at.to_millis().ok())
                .unwrap_or_default(),
            correlation: reply
                .metadata()
                .and_then(|metadata| metadata.get(CORRELATION))
                .and_then(|text| correlation::accept(text)),
            body: reply.body,
        })
    }

    /// Puts an object, with the correlation of the request that brought it. Answers its entity tag,
    /// without quotes.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be written.
    pub async fn put(
        &self,
        key: &str,
        content_type: &str,
        correlation: &str,
        bytes: Vec<u8>,
    ) -> Result<String, StoreError> {
        let reply = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .metadata(CORRELATION, correlation)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(sort("PutObject"))?;
        Ok(reply.e_tag().unwrap_or_default().trim_matches('"').to_owned())
    }

    /// The keys of all objects that begin with a text, in their order.
    pub(crate) async fn keys(&self, begins: &str) -> Result<Vec<String>, StoreError> {
        let (mut keys, mut next) = (Vec::new(), None);
        loop {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(begins);
            let reply = request
                .set_continuation_token(next)
                .send()
                .await
                .map_err(sort("ListObjectsV2"))?;
            let some = reply.contents.unwrap_or_default();
            keys.extend(some.into_iter().filter_map(|object| object.key));
            next = reply.next_continuation_token;
            if next.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Makes a place to put one object, good for `valid`. The correlation is one of the headers that the
    /// upload must carry.
    ///
    /// # Errors
    /// [`StoreError`] when the place can't be made.
    pub async fn presign_put(
        &self,
        key: &str,
        content_type: &str,
        correlation: &str,
        valid: Duration,
    ) -> Result<Upload, StoreError> {
        let unusable = StoreError::Damaged("a validity that can't be signed");
        let presigning = PresigningConfig::expires_in(valid).map_err(|_| unusable)?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .metadata(CORRELATION, correlation);
        let signed = request.presigned(presigning).await.map_err(sort("PutObject"))?;
        let headers = signed
            .headers()
            // The platform's trace of this very request is no business of the one who uploads.
            .filter(|(name, _)| !name.starts_with("x-amzn-"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Upload {
            url: signed.uri().to_owned(),
            headers,
        })
    }
}

/// Why an object could not be opened.
fn not_opened(error: SdkError<GetObjectError>) -> StoreError {
    match error.raw_response().map(|raw| raw.status().as_u16()) {
        // The condition on the entity tag does not hold.
        Some(412) => StoreError::Conflict,
        // The version is a mark that the object was deleted (S3 user guide, "Working with delete markers").
        Some(405) => StoreError::NotFound,
        _ => sort("GetObject")(error),
    }
}
