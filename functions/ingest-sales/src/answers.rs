//! What an export itself says of a visit: its ratings and words join what the guest says on the page. Words of a guest
//! who was erased are not taken in: no erasure can reach what comes after it.

use std::collections::BTreeMap;

use aws::StoreError;
use domain::customer::OutletDay;
use domain::feedback::{Answer, Said};
use domain::page::Receipts;
use domain::receipt_id::ReceiptId;
use futures::{StreamExt, TryStreamExt, stream};

use crate::failure::Failure;
use crate::{ACTOR, Deps};

/// How often an answer is joined anew because the guest, or another file, was first.
const TRIES_MAX: u32 = 12;
/// Answers that are joined at the same time.
const PARALLEL: usize = 4;

/// Joins what a file says of a day's receipts into their answers. What is known already costs a read.
///
/// # Errors
/// [`Failure`] when the store does not do its part; another try does no harm.
pub async fn take(
    day: &OutletDay,
    said: &BTreeMap<String, Said>,
    receipts: &Receipts,
    deps: &Deps,
) -> Result<(), Failure> {
    let jobs = said.iter().map(|(native, said)| {
        let place = ReceiptId {
            outlet: day.0.clone(),
            date: day.1,
            native: native.clone(),
        };
        let head = receipts.get(native).and_then(|receipt| receipt.head.as_ref());
        let customer = head.and_then(|head| head.value.customer.clone());
        // Without a head the rows stand alone, and what they say is as old as they are.
        let order_at_ms = head.map_or(said.at_ms, |head| head.value.at_ms);
        join(Answer::new(place, customer, order_at_ms), said, deps)
    });
    stream::iter(jobs).buffer_unordered(PARALLEL).try_collect().await
}

/// Joins one receipt's; `new` is its answer where nobody has given one.
async fn join(new: Answer, said: &Said, deps: &Deps) -> Result<(), Failure> {
    for _ in 0..TRIES_MAX {
        let stored = deps.feedback.get(&new.place).await?;
        let known = stored.as_ref().unwrap_or(&new);
        let mut joined = known.with_pos(said.clone());
        if joined != *known && said.comment.is_some() && is_erased(&new, deps).await? {
            joined = known.with_pos(Said {
                comment: None,
                ..said.clone()
            });
        }
        if joined == *known {
            return take_back(known, &new, deps).await;
        }
        joined.version = known.version.saturating_add(1);
        match deps.feedback.put(&joined, known.version).await {
            Err(StoreError::Conflict) => {}
            Ok(()) => return take_back(&joined, &new, deps).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Throttled.into())
}

/// Takes the export's words back where their guest was erased after the look before they were put: that erasure may have
/// been at its end by then, and nobody else looks here any more. A run that was cut short before this finds them again.
async fn take_back(stored: &Answer, new: &Answer, deps: &Deps) -> Result<(), Failure> {
    let mut stored = stored.clone();
    for _ in 0..TRIES_MAX {
        let mut without = stored.clone();
        let words = without.pos.as_mut().and_then(|pos| pos.comment.take());
        if words.is_none() || !is_erased(new, deps).await? {
            return Ok(());
        }
        without.words_erased = true;
        let erased = deps
            .feedback
            .erase_words(&stored, &without, ACTOR, (deps.now_ms)());
        match erased.await {
            Err(StoreError::Conflict) => match deps.feedback.get(&new.place).await? {
                Some(other) => stored = other,
                None => return Ok(()),
            },
            done => return Ok(done?),
        }
    }
    Err(StoreError::Throttled.into())
}

/// Whether a receipt is of a guest who is erased.
async fn is_erased(answer: &Answer, deps: &Deps) -> Result<bool, StoreError> {
    let Some(id) = &answer.customer else {
        return Ok(false);
    };
    let customer = deps.customers.find(id).await?;
    Ok(customer.is_some_and(|customer| customer.rights.is_erased_on(answer.place.date)))
}
