//! Waiting until the ledger has what was fetched.

use super::{Listing, Night, NightError, Part, Phase, Trouble, WAIT_MS, WAITS_MAX};

impl Night {
    /// The night after a look at the ledger, which does not yet have the objects `waiting` (key and entity tag)
    /// as taken: one look later, or, when nothing is waited for or the wait is over, reconciling. What is still
    /// missing then is trouble, and so is what could not be read (`unread`). The same night means that the look
    /// came too soon to count: nothing to write.
    ///
    /// # Errors
    /// [`NightError::WrongPhase`] when it is not settling; [`NightError::NotEnded`] while parts pull.
    pub fn settled(
        &self,
        parts: &[Part],
        waiting: &[(String, String)],
        unread: &[Trouble],
        now_ms: i64,
    ) -> Result<Self, NightError> {
        if self.phase != Phase::Settle {
            return Err(NightError::WrongPhase);
        }
        if !self.has_ended(parts, now_ms) {
            return Err(NightError::NotEnded);
        }
        let mut next = self.clone();
        let no_list = matches!(self.listing, Listing::Wanted { .. });
        if no_list || !waiting.is_empty() {
            // A clock that was put back far must not stop the count.
            let passed = now_ms.saturating_sub(self.waited_ms).saturating_abs();
            if passed < WAIT_MS {
                return Ok(next);
            }
            next.waits = self.waits.saturating_add(1);
            next.waited_ms = now_ms;
            if next.waits < WAITS_MAX {
                return Ok(next);
            }
        }
        if let Listing::Wanted { trouble } = &self.listing {
            let unknown = || {
                Trouble::new(
                    None,
                    "central",
                    "CENTRAL_UNREACHABLE",
                    "the list was not had in time",
                )
            };
            next.trouble(trouble.clone().unwrap_or_else(unknown));
        }
        for (key, _) in waiting {
            next.trouble(Trouble::new(None, "ingest", "INGEST_LATE", key));
        }
        unread.iter().for_each(|trouble| next.trouble(trouble.clone()));
        Ok(next.enter_next(now_ms))
    }
}
