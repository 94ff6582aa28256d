//! Exports as objects. Engines of DynamoDB alone have none: there, that is all there is to see.

use std::time::Duration;

use aws::StoreError;
use aws::objects::{Objects, OpenObject, Wanted};
use testkit::Stores;

use crate::differences::{Difference, agree};

/// A key of everything that a file name may have.
const KEY: &str = "incoming/moka-100818/sp ace é+1 (ü)%.json";
pub(crate) const JSON: &str = "application/json";

pub(crate) fn wanted<'a>(key: &'a str, etag: Option<&'a str>) -> Wanted<'a> {
    Wanted {
        key,
        etag,
        version: None,
    }
}

pub(crate) async fn content(object: OpenObject) -> Vec<u8> {
    object.body.collect().await.unwrap().to_vec()
}

/// Stores with objects; `None` where the engine has none, after a look that it truly has none.
pub(crate) async fn stores_with_objects() -> Option<Stores> {
    let stores = Stores::start().await;
    agree(&stores, Difference::NoObjects, stores.has_objects, true);
    if stores.has_objects {
        return Some(stores);
    }
    let objects = Objects::new(&stores.clients);
    let put = objects.put(KEY, JSON, "c", b"[]".to_vec()).await;
    put.expect_err("STORE_S3 says there are no objects");
    stores.stop().await;
    None
}

#[tokio::test]
async fn an_object_is_read_as_it_was_put_from_any_place_on() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let etag = objects
        .put(KEY, JSON, "c-1", b"0123456789".to_vec())
        .await
        .unwrap();
    assert!(!etag.is_empty() && !etag.contains('"'), "{etag}");
    for (offset, expected) in [(0, "0123456789"), (1, "123456789"), (9, "9")] {
        let object = objects.open(wanted(KEY, Some(&etag)), offset).await.unwrap();
        assert_eq!((object.size, &object.etag), (10, &etag), "from {offset}");
        assert!(object.modified_ms > 1_700_000_000_000);
        assert_eq!(content(object).await, expected.as_bytes(), "from {offset}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn the_same_content_has_the_same_tag_and_another_has_another() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let mut tags = Vec::new();
    for bytes in [b"[1]", b"[1]", b"[2]"] {
        tags.push(objects.put(KEY, JSON, "c", bytes.to_vec()).await.unwrap());
    }
    assert_eq!(tags[0], tags[1]);
    assert_ne!(tags[0], tags[2]);
    stores.stop().await;
}

#[tokio::test]
async fn content_that_was_replaced_or_removed_is_not_taken_for_the_one_announced() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let gone = objects.open(wanted(KEY, None), 0).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    let first = objects.put(KEY, JSON, "c", b"[1]".to_vec()).await.unwrap();
    objects.put(KEY, JSON, "c", b"[2]".to_vec()).await.unwrap();
    for offset in [0, 1] {
        let replaced = objects.open(wanted(KEY, Some(&first)), offset).await;
        assert!(
            matches!(replaced, Err(StoreError::Conflict)),
            "{offset}: {replaced:?}"
        );
    }
    let gone = objects.open(wanted("incoming/none", Some(&first)), 0).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    stores.stop().await;
}

#[tokio::test]
async fn a_replaced_content_can_still_be_read_by_its_version() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let client = aws_sdk_s3::Client::new(stores.clients.config());
    let put = client.put_object().bucket(objects.bucket()).key(KEY);
    let first = put.body(b"[1]".to_vec().into()).send().await.unwrap();
    objects.put(KEY, JSON, "c", b"[2]".to_vec()).await.unwrap();
    let version = first.version_id();
    agree(&stores, Difference::NoObjectVersions, version.is_some(), true);
    if let Some(version) = version {
        let old = Wanted {
            key: KEY,
            etag: None,
            version: Some(version),
        };
        let object = objects.open(old, 0).await.unwrap();
        assert_eq!(content(object).await, b"[1]");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_presigned_place_takes_the_one_upload_it_was_made_for() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let place = objects
        .presign_put(KEY, JSON, "till-7", Duration::from_mins(5))
        .await
        .unwrap();
    let status = stores.upload(&place.url, &place.headers, b"[3]".to_vec()).await;
    assert_eq!(status, 200);
    let object = objects.open(wanted(KEY, None), 0).await.unwrap();
    assert_eq!(content(object).await, b"[3]");
    let elsewhere = place.url.replace("incoming/", "outgoing/");
    let status = stores.upload(&elsewhere, &place.headers, b"[4]".to_vec()).await;
    assert_eq!(status, 403, "somewhere else than signed");
    stores.stop().await;
}
