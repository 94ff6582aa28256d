//! Queries that do not fit in one answer: an answer ends at 1 MB or at its limit, and says where it ended.

use aws::api_keys::ApiKeys;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use domain::api_key::ApiKey;
use domain::quarantine::Quarantined;
use testkit::Stores;

use crate::support::{NOW_MS, export, item, noise, operations, piece, put, raw, text};

#[tokio::test]
async fn an_answer_ends_at_one_megabyte_and_the_next_goes_on_there() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let export = export("a");
    let mut pieces: Vec<Quarantined> = (0..30).map(|n| piece(&export, n * 100)).collect();
    for (n, piece) in pieces.iter_mut().enumerate() {
        piece.detail = noise(n as u64, 50_000);
    }
    adapter.list(&pieces).await.unwrap();
    let mut read = Vec::new();
    let mut answers = 0;
    let mut after: Option<String> = None;
    loop {
        let (some, next) = adapter
            .of_export(&export.id, after.as_deref(), 100)
            .await
            .unwrap();
        read.extend(some);
        answers += 1;
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((read, answers), (pieces, 2), "1.5 MB are two answers");
    stores.stop().await;
}

#[tokio::test]
async fn a_limit_cuts_an_answer_and_nothing_is_skipped_or_told_twice() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let export = export("a");
    let pieces: Vec<Quarantined> = (0..7).map(|n| piece(&export, n * 100)).collect();
    adapter.list(&pieces).await.unwrap();
    let mut read = Vec::new();
    let mut after: Option<String> = None;
    for expected in [3, 3, 1] {
        let (some, next) = adapter.of_export(&export.id, after.as_deref(), 3).await.unwrap();
        assert_eq!(some.len(), expected);
        read.extend(some);
        after = next;
    }
    assert_eq!((read, after), (pieces, None));
    stores.stop().await;
}

/// An answer that ends exactly at its limit still says that there may be more, and the next is empty.
#[tokio::test]
async fn an_answer_that_just_fills_its_limit_may_be_followed_by_an_empty_one() {
    let stores = Stores::start().await;
    for sk in ["a", "b"] {
        put(&stores, item("T#limit", sk, [])).await;
    }
    let query = raw(&stores)
        .query()
        .table_name(operations(&stores))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("T#limit"))
        .limit(2);
    let first = query.clone().send().await.unwrap();
    assert_eq!(first.items().len(), 2);
    let next = first.last_evaluated_key().cloned();
    assert_eq!(next, Some(item("T#limit", "b", [])));
    let second = query.set_exclusive_start_key(next).send().await.unwrap();
    assert_eq!((second.items().len(), second.last_evaluated_key()), (0, None));
    stores.stop().await;
}

#[tokio::test]
async fn a_query_may_begin_at_a_key_that_is_not_there() {
    let stores = Stores::start().await;
    let outlets = Outlets::new(&stores.clients);
    for id in ["1", "2", "4"] {
        outlets.get_or_register(id, None, None).await.unwrap();
    }
    let listed = outlets.list(Some("3"), 10).await.unwrap();
    assert_eq!(listed.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["4"]);
    let query = raw(&stores)
        .query()
        .table_name(operations(&stores))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("U"))
        .set_exclusive_start_key(Some(item("U", "3", [])));
    let reply = query.send().await.unwrap();
    assert_eq!(reply.items().len(), 1);
    stores.stop().await;
}

#[tokio::test]
async fn all_keys_are_listed_however_many_answers_that_takes() {
    let stores = Stores::start().await;
    let adapter = ApiKeys::new(&stores.clients);
    let mut made = Vec::new();
    for n in 0..9_u8 {
        let (_, key) = domain::api_key::mint([n; 40], "", Vec::new(), NOW_MS);
        let key = ApiKey {
            name: noise(u64::from(n), 150_000),
            ..key
        };
        adapter.create(&key, "test").await.unwrap();
        made.push(key);
    }
    made.sort_by(|a, b| a.id.cmp(&b.id));
    let listed = adapter.all().await.unwrap();
    assert!(listed == made, "{} of {} keys", listed.len(), made.len());
    stores.stop().await;
}
