//! The figures of an outlet's day, made anew from its page and its answers.

use aws::StoreError;
use domain::customer::OutletDay;
use domain::feedback::{Answer, Standing, standing};
use domain::insight::Insight;
use domain::receipt::Receipt;

use crate::Deps;
use crate::failure::Failure;

/// How often an answer is settled anew because the guest was first.
const TRIES_MAX: u32 = 12;

/// Writes the figures of a day, and answers the answers that they were made of.
///
/// The figures carry the sum of the versions that they were made from, so that a count of less never replaces
/// one of more. What changes after this was read has a record of its own, which comes after it.
pub(crate) async fn count(day: &OutletDay, deps: &Deps) -> Result<Vec<Answer>, Failure> {
    let page = deps.sales.read_page(day).await?.unwrap_or_default();
    let mut answers = Vec::new();
    for answer in deps.feedback.of_day(day).await? {
        let receipt = page.receipts.get(&answer.place.native);
        answers.push(settle(answer, receipt, deps).await?);
    }
    let insight = Insight::of_day(&page.receipts, &answers)?;
    let version = answers
        .iter()
        .fold(page.version, |sum, answer| sum.saturating_add(answer.version));
    deps.insights.write_day(day, version, &insight).await?;
    Ok(answers)
}

/// Brings an answer up to what its receipt says by now, and answers it as it is stored.
async fn settle(mut answer: Answer, receipt: Option<&Receipt>, deps: &Deps) -> Result<Answer, Failure> {
    for _ in 0..TRIES_MAX {
        let Some(settled) = settled(&answer, receipt) else {
            return Ok(answer);
        };
        match deps.feedback.put(&settled, answer.version).await {
            Ok(()) => return Ok(settled),
            Err(StoreError::Conflict) => {
                let stored = deps.feedback.get(&answer.place).await?;
                answer = stored.ok_or(StoreError::NotFound)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Throttled.into())
}

/// The answer as its receipt has it by now; `None` where it is that already. A sale that is voided or given back, or
/// that is not on its page any more (moved to another day, say), takes its answer with it, and one that comes back
/// brings it back.
fn settled(answer: &Answer, receipt: Option<&Receipt>) -> Option<Answer> {
    let reversed =
        receipt.is_none_or(|receipt| matches!(standing(receipt), Standing::Refunded | Standing::Voided));
    let mut settled = Answer {
        reversed: reversed && answer.is_answered(),
        ..answer.clone()
    };
    let head = receipt.and_then(|receipt| receipt.head.as_ref());
    if let Some(head) = head.map(|head| &head.value) {
        settled.customer.clone_from(&head.customer);
        settled.order_at_ms = head.at_ms;
    }
    let changed = settled != *answer;
    settled.version = answer.version.saturating_add(1);
    changed.then_some(settled)
}
