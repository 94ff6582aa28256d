//! Objects that are put only where there is none: what is fetched again is not put again.
//!
//! The bucket keeps versions and tells of each, so a second put of the same bytes would be a second version and
//! a second message. S3 decides which of two puts at once is the first (S3 user guide, "Conditional writes").

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use futures::{Stream, StreamExt};
use http_body::{Body, Frame, SizeHint};

use super::{CORRELATION, Objects};
use crate::error::{StoreError, sort};

/// How long a stream may take. Whoever makes one has its own, shorter limits.
const STREAM_TIMEOUT: Duration = Duration::from_mins(6);

/// How long a SHA-256 is, in bytes.
const SHA256_BYTES: usize = 32;

/// What makes a stream fail.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An object as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectHead {
    /// The entity tag, without quotes.
    pub etag: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, Unix milliseconds.
    pub modified_ms: i64,
}

/// Bytes on their way, of which size and checksum are known beforehand.
#[derive(Debug)]
pub struct Streamed<'a, S> {
    /// How many bytes they are.
    pub size: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: &'a str,
    /// The bytes.
    pub body: S,
}

impl Objects {
    /// An object as it stands; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the bucket can't be asked.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let reply = match request.send().await.map_err(sort("HeadObject")) {
            Ok(reply) => reply,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let size = reply.content_length().and_then(|size| u64::try_from(size).ok());
        let modified_ms = reply.last_modified().and_then(|at| at.to_millis().ok());
        Ok(Some(ObjectHead {
            etag: reply.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
            size: size.ok_or(StoreError::Damaged("an object without a size"))?,
            modified_ms: modified_ms.ok_or(StoreError::Damaged("an object without a time"))?,
        }))
    }

    /// Puts an object where there is none. Answers the entity tag of the one that is there then, without quotes.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be written.
    pub async fn put_new(
        &self,
        key: &str,
        content_type: &str,
        correlation: &str,
        bytes: Bytes,
    ) -> Result<String, StoreError> {
        let request = self.new_object(key, content_type, correlation);
        let put = request.body(ByteStream::from(bytes)).send().await;
        self.tag_of(key, put.map(|reply| reply.e_tag)).await
    }

    /// As [`Objects::put_new`], for bytes that are too many to be held. The bucket makes no object of a stream that
    /// ends in an error or too early, or whose bytes have another checksum than was said; what comes after the said
    /// size is not read. A stream can't be read twice, so nothing is tried again.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be written; why the stream failed, its maker knows.
    pub async fn put_new_stream<S, E>(
        &self,
        key: &str,
        content_type: &str,
        correlation: &str,
        streamed: Streamed<'_, S>,
    ) -> Result<String, StoreError>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Failure>,
    {
        let Streamed { size, sha256, body } = streamed;
        let length = i64::try_from(size).map_err(|_| StoreError::TooLarge("an object"))?;
        let checksum = HEXLOWER_PERMISSIVE.decode(sha256.as_bytes()).ok();
        let checksum = checksum
            .filter(|checksum| checksum.len() == SHA256_BYTES)
            .ok_or(StoreError::Damaged("a checksum that is none"))?;
        let body = Pieces {
            stream: Mutex::new(body.map(|piece| piece.map_err(Into::into)).boxed()),
            left: size,
        };
        let request = self
            .new_object(key, content_type, correlation)
            .content_length(length)
            .checksum_sha256(BASE64.encode(&checksum))
            .body(ByteStream::from_body_1_x(body));
        // The clients' limit is made for calls that end at once.
        let patient = TimeoutConfig::builder()
            .operation_attempt_timeout(STREAM_TIMEOUT)
            .build();
        let patient = aws_sdk_s3::config::Builder::new().timeout_config(patient);
        let put = request.customize().config_override(patient).send().await;
        self.tag_of(key, put.map(|reply| reply.e_tag)).await
    }

    fn new_object(&self, key: &str, content_type: &str, correlation: &str) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            .metadata(CORRELATION, correlation)
            .if_none_match("*")
    }

    /// The entity tag of the object that was put, or of the one that was there before.
    async fn tag_of(
        &self,
        key: &str,
        put: Result<Option<String>, SdkError<PutObjectError>>,
    ) -> Result<String, StoreError> {
        let error = match put {
            Ok(etag) => return Ok(etag.unwrap_or_default().trim_matches('"').to_owned()),
            Err(error) => error,
        };
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        if status == Some(412)
            && let Some(there) = self.head(key).await?
        {
            return Ok(there.etag);
        }
        Err(sort("PutObject")(error))
    }
}

/// A stream as the body of a request, which the SDK wants to be shareable: only one holder ever reads it, through
/// the lock's inside.
struct Pieces {
    stream: Mutex<futures::stream::BoxStream<'static, Result<Bytes, Failure>>>,
    left: u64,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        let this = self.get_mut();
        let stream = this.stream.get_mut().unwrap_or_else(PoisonError::into_inner);
        let piece = ready!(stream.as_mut().poll_next(context));
        Poll::Ready(match piece {
            Some(Ok(bytes)) => {
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                this.left = this.left.saturating_sub(length);
                Some(Ok(Frame::data(bytes)))
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
