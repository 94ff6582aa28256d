//! What people say of a destination.

use domain::topup::mask;
use serde_json::json;

use super::Topups;
use super::actions::{TRIES, pause};
use crate::audit::Action;
use crate::error::StoreError;

impl Topups {
    /// Forgets that the supplier has blocked a destination, and how often it failed, with the audit record of it, in
    /// which the number is masked. Answers whether there was anything to forget: where there was not, nothing is
    /// written.
    ///
    /// # Errors
    /// [`StoreError::Throttled`] when orders for it change it all the time.
    pub async fn release(&self, dest: &str, actor: &str, at_ms: i64) -> Result<bool, StoreError> {
        let masked = mask::number(dest);
        for round in 0..TRIES {
            let known = self.destination(dest).await?;
            if !known.blocked && known.failures == 0 {
                return Ok(false);
            }
            let action = Action {
                at_ms,
                actor,
                action: "topup.destination_released",
                subject: &masked,
            };
            let facts = json!({ "blocked": known.blocked, "failures": known.failures });
            let released = known.released();
            let changes = |_: &_| Ok(vec![self.destination_action(dest, &released, at_ms)?]);
            match self.audit.commit(action, &facts, changes).await {
                Ok(_) => return Ok(true),
                // An order for it was taken or has ended meanwhile.
                Err(StoreError::Conflict) => pause(round).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
