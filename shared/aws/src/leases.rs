//! The right to do something alone for a while.

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, key, number, text};
use crate::error::StoreError;
use crate::keys::{self, EXPIRES_AT, HOLDER, KIND, LEASE, UNTIL};

/// How long after its end a lease is kept before it may vanish, in seconds.
const KEPT_S: i64 = 86_400;

/// The leases in the duties table, or in that of top-ups.
#[derive(Clone, Debug)]
pub struct Leases {
    dynamo: Dynamo,
    table: String,
}

impl Leases {
    /// The leases of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().duties.clone(),
        }
    }

    /// The leases in the table of top-ups.
    #[must_use]
    pub fn topups(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().topups.clone(),
        }
    }

    /// Takes the right to do something until `lease_ms` from now, as a holder whose name nobody else has. Answers
    /// whether it is the holder's; one who has it already has it anew.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn take(
        &self,
        what: &str,
        holder: &str,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<bool, StoreError> {
        let until_ms = now_ms.saturating_add(lease_ms);
        let mut item = key(keys::lease(what), LEASE);
        item.insert(KIND.to_owned(), text("lease"));
        item.insert(HOLDER.to_owned(), text(holder));
        item.insert(UNTIL.to_owned(), number(until_ms));
        let expires_at = until_ms.div_euclid(1000).saturating_add(KEPT_S);
        item.insert(EXPIRES_AT.to_owned(), number(expires_at));
        let free = Condition::that(
            "attribute_not_exists(pk) OR u <= :now OR h = :holder",
            [(":now", number(now_ms)), (":holder", text(holder))],
        );
        match self.dynamo.put(&self.table, item, Some(free)).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the right back. One that is somebody else's by now stays theirs.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written: the lease ends by itself.
    pub async fn give_back(&self, what: &str, holder: &str) -> Result<(), StoreError> {
        let own = Condition::that("h = :holder", [(":holder", text(holder))]);
        let place = key(keys::lease(what), LEASE);
        match self.dynamo.delete_if(&self.table, place, own).await {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
