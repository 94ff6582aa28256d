//! What the staff noted about cases longer ago than words are kept.

use super::places::CasePlace;
use super::{PAGE, Retained, Round, START, Troubles};
use crate::RETENTION;
use crate::failure::Failure;

/// The bookmark of the round.
const NOTES: &str = "retain-notes";

impl Round<'_> {
    /// Erases what was noted about cases longer ago than words are kept. Answers whether the round came to its end.
    pub(super) async fn notes(&self, done: &mut Retained, troubles: &mut Troubles) -> Result<bool, Failure> {
        let deps = self.deps;
        let since_ms = deps.retention.words_since(self.started_ms);
        let noted = self.place(NOTES).await?;
        let mut place = noted.as_deref().and_then(CasePlace::parse).unwrap_or_default();
        while self.has_time() {
            let after = place.after.as_ref();
            let page = deps.cases.readable_young(place.state, 0, after, PAGE).await?;
            troubles.damaged(&page.damaged);
            // The earliest opened come first: after the first young one there is nothing old any more. Nobody knows how
            // old a damaged one is.
            let opened = page.items.last().map(|case| case.opened_ms);
            let was_last = opened.is_some_and(|opened_ms| opened_ms > since_ms);
            for case in page.items {
                let is_over = |case: &_| deps.retention.ends_notes(case, self.started_ms);
                let gone = deps.people.erase_notes(case, is_over, RETENTION, (deps.now_ms)());
                done.cases += u64::from(gone.await?);
            }
            let Some(further) = place.next(page.next.filter(|_| !was_last)) else {
                deps.bookmarks.put(NOTES, START).await?;
                return Ok(true);
            };
            place = further;
            deps.bookmarks.put(NOTES, &place.to_string()).await?;
        }
        Ok(false)
    }
}
