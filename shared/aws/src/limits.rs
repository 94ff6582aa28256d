//! How often somebody may do something.

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, key, number};
use crate::error::StoreError;
use crate::keys::{self, COUNT};

/// What was done, counted in windows of time.
#[derive(Clone, Debug)]
pub struct Limits {
    dynamo: Dynamo,
    table: String,
}

impl Limits {
    /// The counts of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
        }
    }

    /// Whether somebody may do something once more: at most `max` times in each window. Windows follow each
    /// other without overlap, so that about one moment twice as much gets through. `who` is a hash, and the
    /// count goes away after its window.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn take(
        &self,
        what: &str,
        who: &str,
        window_seconds: u32,
        max: u32,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        if max == 0 {
            return Ok(false);
        }
        let length = i64::from(window_seconds.max(1));
        let window = now_ms.div_euclid(1000).div_euclid(length);
        let end = window.saturating_add(1).saturating_mul(length);
        let values = [(":one", number(1)), (":max", number(max)), (":end", number(end))];
        let room =
            Condition::that("attribute_not_exists(#count) OR #count < :max", values).naming("#count", COUNT);
        let place = key(keys::counter(what, who), window.to_string());
        let change = "ADD #count :one SET expires_at = :end";
        match self.dynamo.update(&self.table, place, change, room).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
