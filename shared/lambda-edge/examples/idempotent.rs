//! A step that must not happen twice, by a function that may be stopped anywhere. In a function the
//! store is `idempotency::dynamodb::Table` (feature `dynamodb`) instead of `MemoryStore`.

use lambda_edge::clock::now_ms;
use lambda_edge::idempotency::{Begin, Claim, Ledger, LedgerError, MemoryStore};

const DAY_MS: i64 = 86_400_000;
/// After the function's timeout, so that nobody is in the middle of the step when a lease runs out.
const LEASE_MS: i64 = 60_000;

type Store = MemoryStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), LedgerError> {
    let ledger = Ledger::new(Store::default());
    let first = order(&ledger, "order-1", "sha256:ab12").await?;
    let again = order(&ledger, "order-1", "sha256:ab12").await?;
    assert_eq!(first, again);
    Ok(())
}

/// Orders a courier for a request, once. `None`: somebody else is at it, come again later.
async fn order(ledger: &Ledger<Store>, key: &str, fingerprint: &str) -> Result<Option<String>, LedgerError> {
    let now = now_ms();
    match ledger
        .begin("orders", key, fingerprint, now + LEASE_MS, now)
        .await?
    {
        Begin::Fresh(claim) => book(claim, key).await.map(Some),
        Begin::Interrupted(mut claim) => match find_booking(key) {
            Some(booking) => {
                claim.finish(&booking, now + DAY_MS).await?;
                Ok(Some(booking))
            }
            None => book(claim, key).await.map(Some),
        },
        Begin::Finished(booking) => Ok(Some(booking)),
        Begin::Running { .. } => Ok(None),
        Begin::Mismatch => Ok(Some("this key was used for another order".to_owned())),
    }
}

async fn book(mut claim: Claim<Store>, key: &str) -> Result<String, LedgerError> {
    claim
        .note(&format!("booking a courier with reference {key}"))
        .await?;
    // Here the courier's service is called, with the key as the reference.
    let booking = format!("booking of {key}");
    claim.finish(&booking, now_ms() + DAY_MS).await?;
    Ok(booking)
}

/// Asks the courier's service whether it knows the reference.
const fn find_booking(_reference: &str) -> Option<String> {
    None
}
