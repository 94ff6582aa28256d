//! Keys of links, sessions and counts: what guests and staff come in by.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::limits::Limits;
use aws::link_keys::{LinkKeysStore, RetireError};
use aws::sessions::Sessions;
use domain::audit::chain_of;
use domain::guest_link::LinkKey;
use testkit::Stores;

use crate::support::{NOW_MS, get, operations};

#[tokio::test]
async fn the_first_callers_at_once_get_one_and_the_same_first_key() {
    let stores = Stores::start().await;
    let callers = (1..=4).map(|caller| {
        let keys = LinkKeysStore::new(&stores.clients);
        tokio::spawn(async move { keys.load(NOW_MS, [caller; 32]).await.unwrap() })
    });
    let mut loaded = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        loaded.push(caller.await.unwrap());
    }
    let later = LinkKeysStore::new(&stores.clients)
        .load(NOW_MS + 1, [99; 32])
        .await;
    loaded.push(later.unwrap());
    assert!(loaded.iter().all(|keys| *keys == loaded[0]), "{loaded:?}");
    let first = loaded[0].newest().unwrap();
    assert_eq!((first.kid, first.created_ms), (1, NOW_MS));
    assert_eq!(loaded[0].all().len(), 1);
    stores.stop().await;
}

#[tokio::test]
async fn a_new_key_comes_last_and_is_on_record_without_its_bytes() {
    let stores = Stores::start().await;
    let keys = LinkKeysStore::new(&stores.clients);
    let mut expected = vec![LinkKey::new(1, NOW_MS, [1; 32])];
    keys.load(NOW_MS, [1; 32]).await.unwrap();
    // Two digits, so that an order by text would show.
    for kid in 2..=11_u8 {
        let made_ms = NOW_MS + i64::from(kid);
        expected.push(LinkKey::new(u32::from(kid), made_ms, [kid; 32]));
        let all = keys.rotate(made_ms, [kid; 32], "key:1").await.unwrap();
        assert_eq!(all.all(), expected);
    }
    let trail = AuditTrail::new(&stores.clients);
    let records = trail
        .list(chain_of("link-keys"), Position::After(0), 100)
        .await
        .unwrap();
    let facts: Vec<&str> = records.iter().map(|record| record.facts.as_str()).collect();
    let expected: Vec<String> = (2..=11).map(|kid| format!(r#"{{"kid":{kid}}}"#)).collect();
    assert_eq!(facts, expected);
    assert!(records.iter().all(|record| record.action == "link_key.made"));
    stores.stop().await;
}

#[tokio::test]
async fn of_two_new_keys_at_once_at_most_one_has_a_number() {
    let stores = Stores::start().await;
    let keys = LinkKeysStore::new(&stores.clients);
    keys.load(NOW_MS, [1; 32]).await.unwrap();
    let (first, second) = tokio::join!(
        keys.rotate(NOW_MS, [2; 32], "key:1"),
        keys.rotate(NOW_MS, [3; 32], "key:2"),
    );
    let made = [first, second]
        .into_iter()
        .filter(|made| match made {
            Ok(_) => true,
            Err(StoreError::Conflict) => false,
            Err(error) => panic!("{error}"),
        })
        .count();
    let all = keys.load(NOW_MS, [9; 32]).await.unwrap();
    let numbers: Vec<u32> = all.all().iter().map(|key| key.kid).collect();
    let expected: Vec<u32> = (1..).take(made + 1).collect();
    assert_eq!(numbers, expected);
    stores.stop().await;
}

#[tokio::test]
async fn a_retired_key_is_forgotten_and_its_number_stays_taken() {
    let stores = Stores::start().await;
    let keys = LinkKeysStore::new(&stores.clients);
    keys.load(NOW_MS, [1; 32]).await.unwrap();
    let retire = async |kid, now_ms| keys.retire(kid, now_ms, "key:1").await;
    assert!(matches!(retire(1, NOW_MS).await, Err(RetireError::Newest)));
    assert!(matches!(retire(2, NOW_MS).await, Err(RetireError::Unknown)));
    keys.rotate(NOW_MS, [2; 32], "key:1").await.unwrap();
    assert_eq!(retire(1, NOW_MS + 1).await.unwrap(), NOW_MS + 1);
    assert_eq!(retire(1, NOW_MS + 9).await.unwrap(), NOW_MS + 1, "once is enough");
    let left = keys.load(NOW_MS, [9; 32]).await.unwrap();
    assert_eq!(left.all(), [LinkKey::new(2, NOW_MS, [2; 32])]);
    let stored = get(&stores, operations(&stores), "L", "0000000001")
        .await
        .unwrap();
    assert!(!stored.contains_key("d"), "{stored:?}");
    assert!(matches!(retire(2, NOW_MS).await, Err(RetireError::Newest)));
    let next = keys.rotate(NOW_MS, [3; 32], "key:1").await.unwrap();
    assert_eq!(next.newest().unwrap().kid, 3);
    stores.stop().await;
}

#[tokio::test]
async fn of_many_who_retire_a_key_at_once_one_is_on_record() {
    let stores = Stores::start().await;
    let keys = LinkKeysStore::new(&stores.clients);
    keys.load(NOW_MS, [1; 32]).await.unwrap();
    keys.rotate(NOW_MS, [2; 32], "key:1").await.unwrap();
    let (first, second) = tokio::join!(keys.retire(1, NOW_MS, "key:1"), keys.retire(1, NOW_MS, "key:2"));
    for done in [first, second] {
        let lost = matches!(done, Err(RetireError::Store(StoreError::Conflict)));
        assert!(lost || done.is_ok(), "{done:?}");
    }
    let trail = AuditTrail::new(&stores.clients);
    let records = trail
        .list(chain_of("link-keys"), Position::After(0), 9)
        .await
        .unwrap();
    let retired = records
        .iter()
        .filter(|record| record.action == "link_key.retired");
    assert_eq!(retired.count(), 1);
    stores.stop().await;
}

#[tokio::test]
async fn a_session_lasts_until_its_second_and_ends_at_once_when_it_is_deleted() {
    let stores = Stores::start().await;
    let sessions = Sessions::new(&stores.clients);
    let read = async |hash, now_ms| sessions.get(hash, now_ms).await.unwrap();
    sessions.put("a", "first", 10_000).await.unwrap();
    sessions.put("b", "other", 99_000).await.unwrap();
    assert_eq!(read("a", 9_999).await.as_deref(), Some("first"));
    assert_eq!(read("a", 10_000).await, None, "although the table has it still");
    sessions.put("a", "second", 20_000).await.unwrap();
    assert_eq!(read("a", 10_000).await.as_deref(), Some("second"));
    for _ in 0..2 {
        sessions.delete("a").await.unwrap();
        assert_eq!(read("a", 0).await, None);
    }
    assert_eq!(read("b", 0).await.as_deref(), Some("other"));
    stores.stop().await;
}

#[tokio::test]
async fn a_limit_lets_so_many_through_in_each_window_and_forgets_them_after_it() {
    let stores = Stores::start().await;
    let limits = Limits::new(&stores.clients);
    let may = async |who, now_ms| limits.take("answer", who, 600, 3, now_ms).await.unwrap();
    let tries = (0..8).map(|_| {
        let limits = limits.clone();
        tokio::spawn(async move { limits.take("answer", "a", 600, 3, 1_199_999).await.unwrap() })
    });
    let mut through = 0;
    for one in tries.collect::<Vec<_>>() {
        through += u32::from(one.await.unwrap());
    }
    assert_eq!(through, 3, "side by side");
    assert!(!may("a", 1_199_999).await);
    assert!(may("b", 1_199_999).await, "somebody else");
    assert!(may("a", 1_200_000).await, "the next window");
    assert!(
        limits.take("page", "a", 600, 1, 1_199_999).await.unwrap(),
        "something else"
    );
    assert!(!limits.take("none", "a", 600, 0, 1_199_999).await.unwrap());
    let counted = get(&stores, operations(&stores), "T#answer#a", "1")
        .await
        .unwrap();
    assert_eq!(counted["n"].as_n().unwrap(), "3");
    assert_eq!(counted["expires_at"].as_n().unwrap(), "1200");
    stores.stop().await;
}
