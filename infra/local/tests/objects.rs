//! From an object to the function: uploads, dropped files, and what S3 promises about them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use support::{World, eventually};

/// The MD5 of `hello`, from RFC 1321's reference program.
const HELLO_MD5: &str = "5d41402abc4b2a76b9719d911017c592";

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_object_reaches_the_function_as_aws_tells_it() {
    let world = World::start().await;
    let key = "incoming/in/sp ace é+1.json";
    world
        .s3()
        .put_object()
        .bucket("exports")
        .key(key)
        .body(ByteStream::from_static(b"hello"))
        .send()
        .await
        .unwrap();
    let event = world.object(key).await;
    assert_eq!(
        (&event["detail-type"], &event["source"]),
        (&"Object Created".into(), &"aws.s3".into())
    );
    assert_eq!(event["resources"][0], "arn:aws:s3:::exports");
    let detail = &event["detail"];
    assert_eq!(
        (&detail["reason"], &detail["bucket"]["name"]),
        (&"PutObject".into(), &"exports".into())
    );
    assert_eq!(
        (&detail["object"]["size"], &detail["object"]["etag"]),
        (&5.into(), &HELLO_MD5.into())
    );
    let record = &world.events("Files")[0]["Records"][0];
    assert_eq!(
        (&record["eventSource"], &record["awsRegion"]),
        (&"aws:sqs".into(), &"ap-southeast-3".into())
    );
    assert_eq!(
        record["eventSourceARN"],
        "arn:aws:sqs:ap-southeast-3:000000000000:Work"
    );
    assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_keys_that_the_rule_takes_are_delivered() {
    let world = World::start().await;
    for key in ["other/a.json", "incoming/b.json"] {
        world
            .s3()
            .put_object()
            .bucket("exports")
            .key(key)
            .body(ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
    }
    world.object("incoming/b.json").await;
    assert_eq!(world.objects().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_file_is_announced_once_and_readable() {
    let mut world = World::start().await;
    let folder = world.bucket_folder().join("incoming");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("dropped.json"), "hello").unwrap();
    std::fs::write(folder.join(".dropped.json.swp"), "unfinished").unwrap();
    let event = world.object("incoming/dropped.json").await;
    assert_eq!(event["detail"]["object"]["etag"], HELLO_MD5);
    // The same bytes again, and a restart: neither is news. The file after them is.
    std::fs::write(folder.join("dropped.json"), "hello").unwrap();
    world.restart().await;
    std::fs::write(folder.join("next.json"), "next").unwrap();
    world.object("incoming/next.json").await;
    assert_eq!(world.objects().len(), 2);

    let get = || {
        world
            .s3()
            .get_object()
            .bucket("exports")
            .key("incoming/dropped.json")
    };
    let object = get().if_match(format!("\"{HELLO_MD5}\"")).send().await.unwrap();
    assert_eq!(object.e_tag(), Some(format!("\"{HELLO_MD5}\"").as_str()));
    let refused = get()
        .if_match("\"00000000000000000000000000000000\"")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_file_enters_under_its_last_name_and_again_when_it_changes() {
    let world = World::start().await;
    let folder = world.bucket_folder().join("incoming");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["a.json.part", "b.json.tmp", "c.json~"] {
        std::fs::write(folder.join(name), "hel").unwrap();
    }
    std::fs::write(folder.join("first.json"), "first").unwrap();
    world.object("incoming/first.json").await;
    std::fs::write(folder.join("a.json.part"), "hello").unwrap();
    std::fs::rename(folder.join("a.json.part"), folder.join("a.json")).unwrap();
    let whole = world.object("incoming/a.json").await;
    assert_eq!(whole["detail"]["object"]["etag"], HELLO_MD5);
    std::fs::write(folder.join("a.json"), "hello again").unwrap();
    let sizes = || async {
        let events = world.objects().into_iter();
        let sizes: Vec<_> = events
            .map(|event| event["detail"]["object"]["size"].clone())
            .collect();
        (sizes.len() == 3).then_some(sizes)
    };
    assert_eq!(eventually("the new content", sizes).await, [5, 5, 11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_dropped_over_an_upload_gets_its_own_tag() {
    let world = World::start().await;
    let key = "incoming/a.json";
    world
        .s3()
        .put_object()
        .bucket("exports")
        .key(key)
        .body(ByteStream::from_static(b"first"))
        .send()
        .await
        .unwrap();
    std::fs::write(world.bucket_folder().join(key), "hello").unwrap();
    let head = world
        .s3()
        .head_object()
        .bucket("exports")
        .key(key)
        .send()
        .await
        .unwrap();
    assert_eq!(head.e_tag(), Some(format!("\"{HELLO_MD5}\"").as_str()));
    eventually("the new content", || async {
        world
            .objects()
            .iter()
            .any(|event| event["detail"]["object"]["etag"] == HELLO_MD5)
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_checksum_fails_is_never_seen() {
    let world = World::start().await;
    let put = |key: &str| world.s3().put_object().bucket("exports").key(key);
    let body = || ByteStream::from_static(b"hello");
    put("incoming/kept.json").body(body()).send().await.unwrap();
    let md5_of_nothing = "1B2M2Y8AsgTpgAmY7PhCfg==";
    for key in ["incoming/bad.json", "incoming/kept.json"] {
        let refused = put(key)
            .body(ByteStream::from_static(b"other"))
            .content_md5(md5_of_nothing)
            .send()
            .await;
        assert_eq!(
            refused.unwrap_err().into_service_error().meta().code(),
            Some("BadDigest"),
            "{key}"
        );
    }
    assert!(!world.bucket_folder().join("incoming/bad.json").exists());
    assert_eq!(
        std::fs::read(world.bucket_folder().join("incoming/kept.json")).unwrap(),
        b"hello"
    );
    put("incoming/last.json").body(body()).send().await.unwrap();
    world.object("incoming/last.json").await;
    assert_eq!(world.objects().len(), 2);
    let listed = world
        .s3()
        .list_objects_v2()
        .bucket("exports")
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = listed
        .contents()
        .iter()
        .filter_map(|object| object.key())
        .collect();
    assert_eq!(
        keys,
        ["incoming/kept.json", "incoming/last.json"],
        "no side file is an object"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_honour_their_conditions() {
    let world = World::start().await;
    let put = || {
        world
            .s3()
            .put_object()
            .bucket("exports")
            .key("a")
            .body(ByteStream::from_static(b"hello"))
    };
    put().if_none_match("*").send().await.unwrap();
    assert!(put().if_none_match("*").send().await.is_err());
    assert!(put().if_match("\"00\"").send().await.is_err());
    put().if_match(format!("\"{HELLO_MD5}\"")).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_address_takes_one_upload_and_no_changed_one() {
    let world = World::start().await;
    let presigning = PresigningConfig::expires_in(Duration::from_secs(600)).unwrap();
    let request = world
        .s3()
        .put_object()
        .bucket("exports")
        .key("incoming/big é.json")
        .presigned(presigning)
        .await
        .unwrap();
    let client = local::web_client().unwrap();
    let tampered = request.uri().replace("big", "pig");
    assert_eq!(
        client.put(tampered).body("hello").send().await.unwrap().status(),
        403
    );
    let answer = client.put(request.uri()).body("hello").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    assert_eq!(
        world.object("incoming/big é.json").await["detail"]["object"]["etag"],
        HELLO_MD5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multipart_upload_and_a_copy_are_announced() {
    let world = World::start().await;
    let s3 = world.s3();
    let key = "incoming/parts.json";
    let upload = s3
        .create_multipart_upload()
        .bucket("exports")
        .key(key)
        .send()
        .await
        .unwrap();
    let id = upload.upload_id().unwrap();
    let part = s3
        .upload_part()
        .bucket("exports")
        .key(key)
        .upload_id(id)
        .part_number(1);
    let part = part.body(ByteStream::from_static(b"hello")).send().await.unwrap();
    let part = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(part.e_tag().map(str::to_owned))
        .build();
    let done = s3
        .complete_multipart_upload()
        .bucket("exports")
        .key(key)
        .upload_id(id);
    let done = done
        .multipart_upload(CompletedMultipartUpload::builder().parts(part).build())
        .send()
        .await
        .unwrap();
    let event = world.object(key).await;
    assert_eq!(event["detail"]["reason"], "CompleteMultipartUpload");
    let etag = event["detail"]["object"]["etag"].as_str().unwrap().to_owned();
    assert!(etag.ends_with("-1"), "{etag}");
    assert_eq!(
        done.e_tag().map(|tag| tag.trim_matches('"').to_owned()),
        Some(etag)
    );
    s3.copy_object()
        .bucket("exports")
        .key("incoming/copy.json")
        .copy_source("exports/incoming/parts.json")
        .send()
        .await
        .unwrap();
    assert_eq!(
        world.object("incoming/copy.json").await["detail"]["reason"],
        "CopyObject"
    );
    s3.delete_object()
        .bucket("exports")
        .key("incoming/copy.json")
        .send()
        .await
        .unwrap();
    std::fs::write(world.bucket_folder().join("incoming/copy.json"), "hello").unwrap();
    let head = s3
        .head_object()
        .bucket("exports")
        .key("incoming/copy.json")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.e_tag(),
        Some(format!("\"{HELLO_MD5}\"").as_str()),
        "nothing is left of a deleted object"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_cannot_leave_the_bucket() {
    let world = World::start().await;
    let put = |key: &str| {
        world
            .s3()
            .put_object()
            .bucket("exports")
            .key(key)
            .body(ByteStream::from_static(b"x"))
    };
    for key in ["../escaped", "a/../../escaped", "a//b"] {
        assert!(put(key).send().await.is_err(), "{key}");
    }
    assert!(!world.folder.path().join("data/s3/escaped").exists());
}
