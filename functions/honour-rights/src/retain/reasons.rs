//! Why refused records were put aside, where that was said longer ago than words are kept.

use aws::StoreError;

use super::{PAGE, Retained, Round, Troubles};
use crate::RETENTION;
use crate::failure::Failure;

impl Round<'_> {
    /// Erases reasons that were given longer ago than words are kept. Answers whether the round came to its end. It
    /// needs no bookmark: what is done leaves the list that it reads.
    pub(super) async fn reasons(
        &self,
        done: &mut Retained,
        troubles: &mut Troubles,
    ) -> Result<bool, Failure> {
        let (deps, retention) = (self.deps, self.deps.retention);
        let since_ms = retention.words_since(self.started_ms);
        let mut after = None;
        while self.has_time() {
            let page = deps.quarantine.reasoned_until(since_ms, after.as_ref(), PAGE);
            let page = page.await?;
            troubles.damaged(&page.damaged);
            for piece in page.items {
                let Some(without) = retention.without_reason(&piece, self.started_ms) else {
                    continue;
                };
                let now_ms = (deps.now_ms)();
                let erased = deps.quarantine.erase_reason(&piece, &without, RETENTION, now_ms);
                match erased.await {
                    Ok(()) => done.reasons += 1,
                    // Somebody decided about it this very moment, or the index is behind.
                    Err(StoreError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
