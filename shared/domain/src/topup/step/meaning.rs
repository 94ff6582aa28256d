//! What a reply means for the order it answers. The numbers are the kinds of source document 002.

use super::{Check, Rules};
use crate::topup::change::Around;
use crate::topup::number;
use crate::topup::order::{Order, Reason, Review};
use crate::topup::reply::{DuplicateStatus, Failure, Outcome, Reply};
use crate::topup::state::State;
use crate::topup::window;

/// A refusal for the cutoff comes at once; a timeout takes its time.
const CUTOFF_SAID_MS: i64 = 30_000;

/// What a reply means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It was delivered.
    Delivered,
    /// It is not done yet.
    Pending,
    /// It was not delivered, and that is certain.
    Failed(Reason),
    /// It is said not to have been delivered, which a later reply and the balance have to confirm.
    Unconfirmed(Reason),
    /// Something was bought, and nobody can tell whether it was this: a person has to find out.
    ForPerson(Review),
}

/// Whether a reply is about this order: the supplier repeats what it was asked.
pub(super) fn is_ours(order: &Order, reply: &Reply) -> bool {
    let same = |ours: &str, echoed: &str| echoed.trim().eq_ignore_ascii_case(ours);
    same(&order.refid, &reply.refid)
        && same(&order.product, &reply.product)
        && number::same(order.kind, &order.dest, &reply.dest)
}

/// Whether a reply says of a first request that the same was bought under another id. It may be another order's reply, so
/// the same has to be said again in the end: with an untouched balance, the supplier did not take this one.
pub(super) fn is_bought_by_another(order: &Order, reply: &Reply) -> bool {
    let own = Reply {
        refid: order.refid.clone(),
        ..reply.clone()
    };
    let before = order.unconfirmed.map(|before| before.reason);
    let said_before = before == Some(Reason::DuplicateForeign);
    matches!(reply.outcome, Outcome::Duplicate { .. })
        && is_ours(order, &own)
        && (order.asks == 0 || said_before)
}

/// What a reply about this order means.
pub(super) fn of(around: &Around, reply: &Reply, rules: &Rules, now_ms: i64) -> Meaning {
    let order = &around.order;
    match reply.outcome {
        Outcome::Success { .. } => Meaning::Delivered,
        Outcome::Accepted | Outcome::InProcess => Meaning::Pending,
        Outcome::Duplicate { status, .. } => duplicate(around, status, reply, now_ms),
        Outcome::Failed(Failure::CutoffOrTimeout) if is_cutoff(order, now_ms) => {
            Meaning::Failed(Reason::Cutoff)
        }
        Outcome::Failed(Failure::PackageAlreadyActive) if has_sibling(around) => {
            Meaning::ForPerson(Review::SiblingOpen)
        }
        Outcome::Failed(failure) if is_certain(around, failure, reply, (rules, now_ms)) => {
            Meaning::Failed(reason(failure))
        }
        Outcome::Failed(failure) => Meaning::Unconfirmed(reason(failure)),
    }
}

/// Kind 12. Only of an order that was asked about does it say what became of that. One that was said to have failed, and
/// that is not certain, is said to have failed once more.
fn duplicate(around: &Around, status: DuplicateStatus, reply: &Reply, now_ms: i64) -> Meaning {
    let order = &around.order;
    match (status, order.unconfirmed) {
        _ if order.asks == 0 => duplicate_at_first(around, status, reply),
        // Nothing was charged since it was sent: what was delivered is somebody else's. What ours was charged is known of
        // one that is over.
        (DuplicateStatus::Success, _) if order.charged.is_none() && is_untouched(around, reply) => {
            Meaning::ForPerson(Review::BoughtBefore)
        }
        (DuplicateStatus::Success, _) => Meaning::Delivered,
        (DuplicateStatus::Failed, Some(before)) => Meaning::Unconfirmed(before.reason),
        (DuplicateStatus::Failed, None)
            if order.was_pending || is_untouched_at_the_end(around, reply, now_ms) =>
        {
            Meaning::Failed(Reason::FailedBefore)
        }
        // The answer that was lost may have been a timeout, and then the operator may deliver yet.
        (DuplicateStatus::Failed, None) => Meaning::Unconfirmed(Reason::FailedBefore),
        (DuplicateStatus::Other, _) => Meaning::Pending,
    }
}

/// Kind 12 about an order that was not there before, as far as we know: somebody else's, unless the request was
/// repeated on its way, or an earlier try arrived after all. The balance tells, where it can.
fn duplicate_at_first(around: &Around, status: DuplicateStatus, reply: &Reply) -> Meaning {
    let nothing_was_bought = match status {
        DuplicateStatus::Failed => true,
        // The level may be younger than an earlier try, and then shows nothing of it.
        DuplicateStatus::Success => around.order.unsent == 0 && is_untouched(around, reply),
        // What is still being done may be charged at its end alone.
        DuplicateStatus::Other => false,
    };
    if has_sibling(around) {
        Meaning::ForPerson(Review::SiblingOpen)
    } else if nothing_was_bought {
        Meaning::Failed(Reason::DuplicateForeign)
    } else {
        Meaning::ForPerson(Review::BoughtBefore)
    }
}

/// Whether the balance in a reply shows that nothing was charged since the order was sent.
fn is_untouched(around: &Around, reply: &Reply) -> bool {
    let sent_ms = around.order.sent_ms;
    sent_ms.is_some_and(|sent_ms| around.books.untouched(&reply.balance, sent_ms) == Some(true))
}

/// Whether a balance shows that when the supplier is long done: it may charge what it delivers.
fn is_untouched_at_the_end(around: &Around, reply: &Reply, now_ms: i64) -> bool {
    is_over(&around.order, now_ms) && is_untouched(around, reply)
}

/// Whether the supplier is done with an order, whatever became of it, and whichever request was the purchase.
pub(super) fn is_over(order: &Order, now_ms: i64) -> bool {
    let bought_by_ms = order.bought_by_ms.unwrap_or(now_ms);
    now_ms.saturating_sub(bought_by_ms) >= window::PENDING_MAX_MS
}

fn has_sibling(around: &Around) -> bool {
    let order = &around.order;
    around
        .destination
        .open_for(&order.product, &order.refid)
        .is_some()
}

/// Whether kind 16 says that the supplier is closed: only to an order that it never had, that was sent while it is
/// closed, and at once. Before that it is a timeout, and nobody knows what the operator does.
fn is_cutoff(order: &Order, now_ms: i64) -> bool {
    let first = order.state == State::Sending && !order.was_pending && order.asks == 0 && order.unsent == 0;
    let at_once = |sent_ms: i64| now_ms.saturating_sub(sent_ms) <= CUTOFF_SAID_MS;
    let closed = |sent_ms: i64| window::is_closed(sent_ms) && window::is_closed(now_ms);
    first
        && order
            .sent_ms
            .is_some_and(|sent_ms| at_once(sent_ms) && closed(sent_ms))
}

/// Whether a failure is certain. Where the order was asked about, it may be about the question and not about what was
/// sent first: a refusal of all orders there are, or for this number or product, always, whatever was agreed about
/// questions; another one, where the question was the same order again, unless the supplier had the order, or the balance
/// shows in the end that nothing was charged.
fn is_certain(around: &Around, failure: Failure, reply: &Reply, (rules, now_ms): (&Rules, i64)) -> bool {
    let order = &around.order;
    let question = order.asks > 0;
    let repeated = question && rules.check != Check::Flag;
    let was_taken = order.was_pending && order.unconfirmed.is_none();
    match failure {
        Failure::NotProcessable
        | Failure::CancelledByProvider
        | Failure::BadNumber
        | Failure::NumberExpired
        | Failure::NumberInactive => !repeated || was_taken || is_untouched_at_the_end(around, reply, now_ms),
        Failure::NumberBlocked
        | Failure::ProductDownSupplier
        | Failure::ProductDownOperator
        | Failure::BadProduct
        | Failure::InsufficientBalance
        | Failure::PackageAlreadyActive => !question,
        Failure::CutoffOrTimeout | Failure::Other => false,
    }
}

/// The reason as partners are told.
const fn reason(failure: Failure) -> Reason {
    match failure {
        Failure::NotProcessable => Reason::NotProcessable,
        Failure::CancelledByProvider => Reason::CancelledByProvider,
        Failure::NumberBlocked => Reason::NumberBlocked,
        Failure::ProductDownSupplier | Failure::ProductDownOperator => Reason::ProductDown,
        Failure::BadProduct => Reason::ProductInvalid,
        Failure::BadNumber => Reason::NumberInvalid,
        Failure::InsufficientBalance => Reason::DepositLow,
        Failure::PackageAlreadyActive => Reason::PackageAlreadyActive,
        Failure::NumberExpired => Reason::NumberExpired,
        Failure::NumberInactive => Reason::NumberInactive,
        Failure::CutoffOrTimeout => Reason::TimedOut,
        Failure::Other => Reason::Other,
    }
}

/// Whether the supplier counts a failure towards blocking the number.
pub(super) const fn counts(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NotProcessable
            | Reason::CancelledByProvider
            | Reason::NumberInvalid
            | Reason::NumberExpired
            | Reason::NumberInactive
            // Whatever it was, it may have counted.
            | Reason::FailedBefore
            | Reason::TimedOut
    )
}
