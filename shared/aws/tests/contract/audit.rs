//! The audit trail: writers side by side extend a chain one after the other.

use aws::api_keys::ApiKeys;
use aws::audit::{Action, AuditTrail, Position};
use aws::outlets::Outlets;
use domain::audit::{AuditRecord, Verifier, chain_of};
use domain::outlet::Outlet;
use serde_json::json;
use testkit::Stores;

use crate::support::NOW_MS;

/// All records of a chain, whole and unbroken.
async fn verified(trail: &AuditTrail, chain: u8) -> Vec<AuditRecord> {
    let records = trail.list(chain, Position::After(0), 1000).await.unwrap();
    let mut verifier = Verifier::default();
    for record in &records {
        verifier.check(record).unwrap();
    }
    records
}

#[tokio::test]
async fn writers_side_by_side_extend_one_chain_without_a_gap_or_a_loss() {
    let stores = Stores::start().await;
    let writers = ["first", "second"].map(|actor| {
        let trail = AuditTrail::new(&stores.clients);
        tokio::spawn(async move {
            for n in 0..10 {
                let action = Action {
                    at_ms: NOW_MS + n,
                    actor,
                    action: "test",
                    subject: "one",
                };
                trail.record(action, &json!({ "n": n })).await.unwrap();
            }
        })
    });
    for writer in writers {
        writer.await.unwrap();
    }
    let records = verified(&AuditTrail::new(&stores.clients), chain_of("one")).await;
    for actor in ["first", "second"] {
        let of_actor = records.iter().filter(|record| record.actor == actor);
        let moments: Vec<i64> = of_actor.map(|record| record.at_ms - NOW_MS).collect();
        assert_eq!(moments, (0..10).collect::<Vec<_>>(), "{actor}");
    }
    stores.stop().await;
}

/// A change that must hold is refused for its own sake only, never because the chain grew meanwhile.
#[tokio::test]
async fn changes_side_by_side_are_made_with_a_record_each() {
    let stores = Stores::start().await;
    let ids: Vec<String> = (0..400)
        .map(|n| format!("{n}"))
        .filter(|id| chain_of(id) == 3)
        .take(8)
        .collect();
    let writers = ids.iter().cloned().map(|id| {
        let outlets = Outlets::new(&stores.clients);
        tokio::spawn(async move {
            let outlet = Outlet::undescribed(&id, Some("described"), None);
            outlets.describe(&outlet, NOW_MS, "test").await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let records = verified(&AuditTrail::new(&stores.clients), 3).await;
    let mut subjects: Vec<String> = records.into_iter().map(|record| record.subject).collect();
    subjects.sort_by_key(|id| id.parse::<u32>().unwrap());
    assert_eq!(subjects, ids);
    for id in ids {
        assert!(Outlets::new(&stores.clients).get(&id).await.unwrap().is_some());
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_chain_is_read_from_either_end() {
    let stores = Stores::start().await;
    let trail = AuditTrail::new(&stores.clients);
    let chain = chain_of("one");
    assert_eq!(trail.last(chain).await.unwrap(), None);
    for at_ms in 1..=12 {
        let action = Action {
            at_ms,
            actor: "test",
            action: "test",
            subject: "one",
        };
        trail.record(action, &json!({})).await.unwrap();
    }
    let numbers = |records: Vec<AuditRecord>| -> Vec<u64> { records.iter().map(|r| r.number).collect() };
    for (from, limit, expected) in [
        (Position::NEWEST, 3, vec![12, 11, 10]),
        (Position::Before(10), 2, vec![9, 8]),
        (Position::Before(1), 2, vec![]),
        (Position::After(0), 3, vec![1, 2, 3]),
        (Position::After(9), 100, vec![10, 11, 12]),
        (Position::After(12), 100, vec![]),
    ] {
        let listed = trail.list(chain, from, limit).await.unwrap();
        assert_eq!(numbers(listed), expected, "{from:?}");
    }
    assert_eq!(trail.last(chain).await.unwrap().unwrap().number, 12);
    stores.stop().await;
}

#[tokio::test]
async fn a_key_is_revoked_once_and_stays_so() {
    let stores = Stores::start().await;
    let keys = ApiKeys::new(&stores.clients);
    let (_, key) = domain::api_key::mint([7; 40], "kasir", Vec::new(), NOW_MS);
    keys.create(&key, "test").await.unwrap();
    for later in [1, 2] {
        let revoked = keys.revoke(&key.id, NOW_MS + later, "test").await.unwrap();
        assert_eq!(revoked.revoked_ms, Some(NOW_MS + 1));
    }
    let unknown = keys.revoke("nobody", NOW_MS, "test").await;
    assert!(matches!(unknown, Err(aws::StoreError::NotFound)), "{unknown:?}");
    let records = verified(&AuditTrail::new(&stores.clients), chain_of(&key.id)).await;
    let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["api_key.created", "api_key.revoked"]);
    stores.stop().await;
}
