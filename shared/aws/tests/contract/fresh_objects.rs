//! Objects that are put only where there is none, from bytes and from streams.

use std::io;

use aws::StoreError;
use aws::objects::{Objects, Streamed};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::stream::{self, Stream};
use sha2::{Digest, Sha256};
use testkit::Stores;

use crate::objects::{JSON, content, stores_with_objects, wanted};

const KEY: &str = "incoming/1/central/2025-10-28/3f2a-sales (ü).json";

/// A stream of so many pieces of 64 KiB, of which one may be an error.
fn pieces(
    count: usize,
    broken: Option<usize>,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    stream::iter((0..count).map(move |n| match broken {
        Some(at) if at == n => Err(io::Error::other("the line is dead")),
        _ => Ok(Bytes::from(piece(n))),
    }))
}

fn piece(n: usize) -> Vec<u8> {
    format!("{n:016}").into_bytes().repeat(4 << 10)
}

/// What the pieces are together, and their checksum.
fn whole(count: usize) -> (Vec<u8>, String) {
    let whole: Vec<u8> = (0..count).flat_map(piece).collect();
    let checksum = HEXLOWER.encode(&Sha256::digest(&whole));
    (whole, checksum)
}

async fn put_stream<S>(stores: &Stores, size: usize, sha256: &str, body: S) -> Result<String, StoreError>
where
    S: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
{
    let size = u64::try_from(size).unwrap();
    let streamed = Streamed { size, sha256, body };
    Objects::new(&stores.clients)
        .put_new_stream(KEY, JSON, "c-1", streamed)
        .await
}

async fn stored(stores: &Stores) -> Option<Vec<u8>> {
    match Objects::new(&stores.clients).open(wanted(KEY, None), 0).await {
        Ok(object) => Some(content(object).await),
        Err(StoreError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_is_there_is_not_put_again_and_has_the_tag_it_had() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    assert_eq!(objects.head(KEY).await.unwrap(), None);
    let put = async |bytes: &'static str| {
        let bytes = Bytes::from_static(bytes.as_bytes());
        objects.put_new(KEY, JSON, "c-1", bytes).await.unwrap()
    };
    let first = put("[1]").await;
    let head = objects.head(KEY).await.unwrap().unwrap();
    assert_eq!((&head.etag, head.size), (&first, 3));
    assert!(head.modified_ms > 1_700_000_000_000);
    assert_eq!(put("[22]").await, first);
    let (bytes, checksum) = whole(3);
    let again = put_stream(&stores, bytes.len(), &checksum, pieces(3, None)).await;
    assert_eq!(again.unwrap(), first);
    assert_eq!(objects.head(KEY).await.unwrap(), Some(head));
    assert_eq!(stored(&stores).await.unwrap(), b"[1]");
    stores.stop().await;
}

#[tokio::test]
async fn a_stream_becomes_the_object_that_its_bytes_would_be() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let objects = Objects::new(&stores.clients);
    let (bytes, checksum) = whole(40);
    let etag = put_stream(&stores, bytes.len(), &checksum, pieces(40, None)).await;
    assert_eq!(stored(&stores).await.as_ref(), Some(&bytes));
    let open = objects.open(wanted(KEY, None), 0).await.unwrap();
    assert_eq!(open.correlation.as_deref(), Some("c-1"));
    let at_once = objects.put("incoming/b.json", JSON, "c", bytes).await;
    assert_eq!(
        etag.unwrap(),
        at_once.unwrap(),
        "the ledger knows content by its tag"
    );
    stores.stop().await;
}

#[tokio::test]
async fn a_stream_that_is_not_what_it_was_said_to_be_makes_no_object() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let (bytes, checksum) = whole(3);
    let (size, of_four) = (bytes.len(), whole(4).1);
    let table = [
        ("broken at once", size, &checksum, pieces(3, Some(0))),
        ("broken before its end", size, &checksum, pieces(3, Some(2))),
        ("too short", size, &checksum, pieces(2, None)),
        ("other bytes", size, &of_four, pieces(3, None)),
    ];
    for (what, size, checksum, body) in table {
        let put = put_stream(&stores, size, checksum, body).await;
        assert!(put.is_err(), "{what}: {put:?}");
        assert_eq!(stored(&stores).await, None, "{what}");
    }
    for nonsense in ["", "zz", "abc"] {
        let put = put_stream(&stores, size, nonsense, pieces(3, None)).await;
        assert!(put.is_err(), "{nonsense}");
    }
    // What comes after the size that was said is not read.
    let put = put_stream(&stores, size, &checksum, pieces(4, None)).await;
    put.expect("nothing of those before is in its way");
    assert_eq!(stored(&stores).await, Some(bytes));
    stores.stop().await;
}
