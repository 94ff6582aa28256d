//! Quarantine: a decision or an outcome holds only for what was read, and is written with all that follows.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::ledger::Ledger;
use aws::quarantine::Quarantine;
use domain::audit::chain_of;
use domain::export::Export;
use domain::quarantine::{QuarantineState, Quarantined};
use testkit::Stores;

use crate::support::{NOW_MS, export, piece};

fn in_state(piece: &Quarantined, state: QuarantineState) -> Quarantined {
    Quarantined {
        state,
        last_seen_ms: NOW_MS + 1,
        ..piece.clone()
    }
}

#[tokio::test]
async fn of_two_decisions_about_a_piece_the_first_holds() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let open = piece(&export("a"), 0);
    adapter.list(std::slice::from_ref(&open)).await.unwrap();
    let (replaying, discarded) = (
        in_state(&open, QuarantineState::Replaying),
        in_state(&open, QuarantineState::Discarded),
    );
    let (first, second) = tokio::join!(
        adapter.decide(&open, &replaying, "key:1"),
        adapter.decide(&open, &discarded, "key:2"),
    );
    let expected = match (first, second) {
        (Ok(()), Err(StoreError::Conflict)) => replaying,
        (Err(StoreError::Conflict), Ok(())) => discarded,
        other => panic!("{other:?}"),
    };
    let stored = adapter.get(&open.export_id, &open.local_id()).await.unwrap();
    assert_eq!(stored, Some(expected));
    let trail = AuditTrail::new(&stores.clients);
    let records = trail
        .list(chain_of(&open.export_id), Position::After(0), 10)
        .await;
    assert_eq!(records.unwrap().len(), 1, "one decision, one record");
    stores.stop().await;
}

#[tokio::test]
async fn the_outcome_of_a_replay_and_the_counts_of_its_file_are_written_together_or_not_at_all() {
    let stores = Stores::start().await;
    let (adapter, ledger) = (Quarantine::new(&stores.clients), Ledger::new(&stores.clients));
    let before = export("a");
    ledger.progress(&before).await.unwrap();
    let replaying = in_state(&piece(&before, 0), QuarantineState::Replaying);
    adapter.list(std::slice::from_ref(&replaying)).await.unwrap();
    let replayed = in_state(&replaying, QuarantineState::Replayed);
    let mut after = before.clone();
    (after.counts.stored, after.counts.quarantined) = (2, 0);

    let somebody_elses = Export {
        runs: 9,
        ..before.clone()
    };
    let stale = Some((&somebody_elses, &after));
    let outcome = adapter.settle(&replaying, &replayed, stale, "ingest-sales").await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let stored = adapter.get(&before.id, &replaying.local_id()).await.unwrap();
    assert_eq!(stored, Some(replaying.clone()));

    let fresh = Some((&before, &after));
    adapter
        .settle(&replaying, &replayed, fresh, "ingest-sales")
        .await
        .unwrap();
    let again = adapter.settle(&replaying, &replayed, fresh, "ingest-sales").await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let stored = adapter.get(&before.id, &replaying.local_id()).await.unwrap();
    assert_eq!(stored, Some(replayed));
    assert_eq!(ledger.get(&before.id, &before.etag).await.unwrap(), Some(after));
    stores.stop().await;
}
