//! People who have not come for as long as profiles are kept.

use super::{PAGE, Retained, Round, START, Troubles};
use crate::RETENTION;
use crate::failure::Failure;

/// The bookmark of the round.
const PROFILES: &str = "retain-profiles";

impl Round<'_> {
    /// Erases people who have not come for as long as profiles are kept. Answers whether the round came to its end. Who
    /// can't be read or let go is passed over: the others' time is over all the same. So is who waits for an answer.
    pub(super) async fn profiles(
        &self,
        done: &mut Retained,
        troubles: &mut Troubles,
    ) -> Result<bool, Failure> {
        let (deps, retention) = (self.deps, self.deps.retention);
        let mut after = self.place(PROFILES).await?;
        while self.has_time() {
            let page = deps.customers.readable_page(after.as_deref(), PAGE).await?;
            troubles.damaged(&page.damaged);
            for (id, stored) in page.customers {
                if !retention.ends_profile(&stored.customer, self.started_ms) {
                    continue;
                }
                if !self.has_time() {
                    // The page is not done: the next run begins with it.
                    return Ok(false);
                }
                match self.profile(&id).await {
                    Ok(gone) => done.profiles += u64::from(gone),
                    Err(failure) => troubles.item(&id, &failure),
                }
            }
            deps.bookmarks
                .put(PROFILES, page.next.as_deref().unwrap_or(START))
                .await?;
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Erases somebody whose time is over, unless a request about them is open: it is answered from what is known of
    /// them. Answers whether that was done.
    async fn profile(&self, id: &str) -> Result<bool, Failure> {
        let deps = self.deps;
        let requests = deps.requests.of_customer(id).await?;
        if requests.iter().any(|request| !request.is_over()) {
            return Ok(false);
        }
        let is_over = |customer: &_| deps.retention.ends_profile(customer, self.started_ms);
        let gone = deps.people.let_go(id, is_over, RETENTION, (deps.now_ms)());
        Ok(gone.await?.is_some())
    }
}
