//! The S3 operations: `s3s-fs`'s, with keys checked, conditions honoured, uploads checked before they are
//! seen, and new objects announced.

use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use super::files::{ObjectFiles, STAGING, check_key};
use crate::id;
use crate::object_events::ObjectState;

/// The largest object that one PUT may carry: 5 GB, S3's own limit.
const MAX_PUT_BYTES: i64 = 5 * 1024 * 1024 * 1024;

pub(super) struct Operations {
    pub(super) files: ObjectFiles,
}

impl Operations {
    /// Evaluates the conditions of a write against the object that is there now.
    async fn check_write(
        &self,
        bucket: &str,
        key: &str,
        if_match: Option<ETagCondition>,
        if_none_match: Option<ETagCondition>,
    ) -> S3Result<()> {
        if if_match.is_none() && if_none_match.is_none() {
            return Ok(());
        }
        let current = self.files.state(bucket, key).await.ok();
        let etag = current.map(|state| ETag::Strong(state.etag));
        match (if_match, &etag) {
            (Some(ETagCondition::ETag(expected)), Some(etag)) if expected.strong_cmp(etag) => {}
            (Some(ETagCondition::Any), Some(_)) | (None, _) => {}
            _ => return Err(s3_error!(PreconditionFailed)),
        }
        match (if_none_match, &etag) {
            (Some(_), Some(_)) => Err(s3_error!(PreconditionFailed)),
            _ => Ok(()),
        }
    }

    /// Evaluates the conditions of a read.
    fn check_read(
        state: &ObjectState,
        if_match: Option<&ETagCondition>,
        if_none_match: Option<&ETagCondition>,
    ) -> S3Result<()> {
        let etag = ETag::Strong(state.etag.clone());
        if let Some(ETagCondition::ETag(expected)) = if_match
            && !expected.strong_cmp(&etag)
        {
            return Err(s3_error!(PreconditionFailed));
        }
        match if_none_match {
            Some(ETagCondition::ETag(expected)) if !expected.weak_cmp(&etag) => Ok(()),
            None => Ok(()),
            Some(_) => Err(s3_error!(NotModified)),
        }
    }
}

#[async_trait::async_trait]
impl S3 for Operations {
    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        check_key(&bucket, &key)?;
        if req
            .input
            .content_length
            .is_some_and(|length| length > MAX_PUT_BYTES)
        {
            return Err(s3_error!(EntityTooLarge));
        }
        if !self.files.bucket_folder(&bucket).is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        if key.ends_with('/') {
            return self.files.inner.put_object(req).await;
        }
        let staged = id::uuid();
        let mut req = req;
        let (if_match, if_none_match) = (req.input.if_match.take(), req.input.if_none_match.take());
        self.check_write(&bucket, &key, if_match.clone(), if_none_match.clone())
            .await?;
        req.input.bucket = STAGING.to_owned();
        req.input.key.clone_from(&staged);
        let response = match self.files.inner.put_object(req).await {
            Ok(response) => response,
            Err(error) => {
                self.files.discard(&staged).await;
                return Err(error);
            }
        };
        // Another upload may have finished while this one was running.
        if let Err(error) = self.check_write(&bucket, &key, if_match, if_none_match).await {
            self.files.discard(&staged).await;
            return Err(error);
        }
        let etag = response
            .output
            .e_tag
            .as_ref()
            .map(ETag::value)
            .unwrap_or_default();
        self.files.publish(&staged, &bucket, &key, etag).await?;
        Ok(response)
    }

    async fn copy_object(&self, req: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        check_key(&bucket, &key)?;
        if let CopySource::Bucket { bucket, key, .. } = &req.input.copy_source {
            check_key(bucket, key)?;
            self.files.state(bucket, key).await?;
        }
        let _publishing = self.files.publishing.lock().await;
        let response = self.files.inner.copy_object(req).await?;
        let etag = response
            .output
            .copy_object_result
            .as_ref()
            .and_then(|result| result.e_tag.as_ref());
        self.files
            .announce(
                &bucket,
                &key,
                etag.map(ETag::value).unwrap_or_default(),
                "CopyObject",
            )
            .await?;
        Ok(response)
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        check_key(&bucket, &key)?;
        let _publishing = self.files.publishing.lock().await;
        let mut response = self.files.inner.complete_multipart_upload(req).await?;
        // The file store hands back a future for slow completions; the work is done by now.
        if let Some(future) = response.output.future.take() {
            response.output = future.await?;
        }
        let etag = response
            .output
            .e_tag
            .as_ref()
            .map(ETag::value)
            .unwrap_or_default();
        self.files
            .announce(&bucket, &key, etag, "CompleteMultipartUpload")
            .await?;
        Ok(response)
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        check_key(&req.input.bucket, &req.input.key)?;
        let state = self.files.state(&req.input.bucket, &req.input.key).await?;
        Self::check_read(
            &state,
            req.input.if_match.as_ref(),
            req.input.if_none_match.as_ref(),
        )?;
        self.files.inner.get_object(req).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        check_key(&req.input.bucket, &req.input.key)?;
        let state = self.files.state(&req.input.bucket, &req.input.key).await?;
        Self::check_read(
            &state,
            req.input.if_match.as_ref(),
            req.input.if_none_match.as_ref(),
        )?;
        self.files.inner.head_object(req).await
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        check_key(&bucket, &key)?;
        let _publishing = self.files.publishing.lock().await;
        let response = self.files.inner.delete_object(req).await?;
        self.files.forget(&bucket, &key).await?;
        Ok(response)
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = req.input.bucket.clone();
        let keys: Vec<String> = req
            .input
            .delete
            .objects
            .iter()
            .map(|object| object.key.clone())
            .collect();
        keys.iter().try_for_each(|key| check_key(&bucket, key))?;
        let _publishing = self.files.publishing.lock().await;
        let response = self.files.inner.delete_objects(req).await?;
        for key in keys {
            self.files.forget(&bucket, &key).await?;
        }
        Ok(response)
    }

    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.files.inner.create_bucket(req).await
    }

    async fn delete_bucket(
        &self,
        req: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        let folder = self.files.bucket_folder(&req.input.bucket);
        // The file store would delete what is in it; S3 refuses.
        let mut entries = tokio::fs::read_dir(folder)
            .await
            .map_err(|error| s3_error!(error, NoSuchBucket))?;
        if entries
            .next_entry()
            .await
            .map_err(S3Error::internal_error)?
            .is_some()
        {
            return Err(s3_error!(BucketNotEmpty));
        }
        self.files.inner.delete_bucket(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.inner.head_bucket(req).await
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.files.inner.get_bucket_location(req).await
    }

    async fn list_buckets(
        &self,
        req: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        self.files.inner.list_buckets(req).await
    }

    async fn list_objects(
        &self,
        req: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        self.files.inner.list_objects(req).await
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.inner.list_objects_v2(req).await
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        check_key(&req.input.bucket, &req.input.key)?;
        if !self.files.bucket_folder(&req.input.bucket).is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        self.files.inner.create_multipart_upload(req).await
    }

    async fn upload_part(&self, req: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        self.files.inner.upload_part(req).await
    }

    async fn upload_part_copy(
        &self,
        req: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        if let CopySource::Bucket { bucket, key, .. } = &req.input.copy_source {
            check_key(bucket, key)?;
        }
        self.files.inner.upload_part_copy(req).await
    }

    async fn list_parts(&self, req: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        self.files.inner.list_parts(req).await
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.files.inner.abort_multipart_upload(req).await
    }
}
