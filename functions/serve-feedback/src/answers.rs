//! How what a guest says becomes the stored answer.

use aws::StoreError;
use domain::feedback::{Answer, Said};
use edge::auth::AuthSource;
use edge::problem::{LINK_SPENT, Problem};

use crate::Deps;
use crate::visit::Visit;

/// How often an answer is decided anew because another writer was first.
const TRIES: u32 = 3;

impl Visit {
    /// What is stored, or what will be with the first thing to store.
    fn answer_or_new(&self) -> Answer {
        let head = self.receipt.head.as_ref().map(|head| &head.value);
        self.answer.clone().unwrap_or_else(|| {
            let order_at_ms = head.map_or(0, |head| head.at_ms);
            let customer = head.and_then(|head| head.customer.clone());
            Answer::new(self.place.clone(), customer, order_at_ms)
        })
    }

    /// Notes that the page was seen. A page is shown whether or not this succeeds: the next view, or
    /// the answer itself, notes it again.
    pub(crate) async fn note_opened(&self, deps: &Deps) {
        let mut answer = self.answer_or_new();
        if answer.opened_ms.is_some() {
            return;
        }
        answer.opened_ms = Some(deps.now_ms());
        match put_next(deps, answer).await {
            // Two phones at once: the other one's view counts.
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(error) => tracing::warn!(%error, "a page's first view was not noted"),
        }
    }

    /// Stores what a guest says, and answers what is stored then. The same thing twice, as after a
    /// double tap, is one answer.
    ///
    /// # Errors
    /// `LINK_SPENT` when the answer can't be changed any more, or what failed at the store.
    pub(crate) async fn keep(&self, deps: &Deps, said: Said) -> Result<Answer, Problem> {
        let mut stored = self.answer_or_new();
        for _ in 0..TRIES {
            if stored
                .guest
                .as_ref()
                .is_some_and(|known| known.says_the_same(&said))
            {
                return Ok(stored);
            }
            let next = stored
                .with_guest(said.clone())
                .map_err(|_| Problem::new(&LINK_SPENT))?;
            match put_next(deps, next.clone()).await {
                Ok(()) => return Ok(next),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            let read = deps.feedback.get(&self.place).await?;
            stored = read.unwrap_or_else(|| self.answer_or_new());
        }
        Err(StoreError::Throttled.into())
    }
}

async fn put_next(deps: &Deps, answer: Answer) -> Result<(), StoreError> {
    let expected = answer.version;
    let next = Answer {
        version: expected.saturating_add(1),
        ..answer
    };
    deps.feedback.put(&next, expected).await
}
