//! What a reply means for the order it answers. The numbers are the kinds of source document 002.

use super::{Check, Rules};
use crate::topup::change::Around;
use crate::topup::number;
use crate::topup::order::{Order, Reason};
use crate::topup::reply::{DuplicateStatus, Failure, Outcome, Reply};
use crate::topup::state::State;
use crate::topup::window;

/// A refusal for the cutoff comes at once; a timeout takes its time. Just before the cutoff, this tells kind 16's two
/// meanings apart.
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
    /// The same was bought before, while an earlier order for it is open: perhaps by that.
    SiblingOpen,
}

/// Whether a reply is about this order: the supplier repeats what it was asked.
pub(super) fn is_ours(order: &Order, reply: &Reply) -> bool {
    let same = |ours: &str, echoed: &str| echoed.trim().eq_ignore_ascii_case(ours);
    same(&order.refid, &reply.refid)
        && same(&order.product, &reply.product)
        && number::same(order.kind, &order.dest, &reply.dest)
}

/// What a reply about this order means.
pub(super) fn of(around: &Around, reply: &Reply, rules: &Rules, now_ms: i64) -> Meaning {
    let order = &around.order;
    match reply.outcome {
        Outcome::Success { .. } => Meaning::Delivered,
        Outcome::Accepted | Outcome::InProcess => Meaning::Pending,
        Outcome::Duplicate { status, .. } => duplicate(around, status),
        Outcome::Failed(Failure::CutoffOrTimeout) if is_cutoff(order, now_ms) => {
            Meaning::Failed(Reason::Cutoff)
        }
        Outcome::Failed(Failure::PackageAlreadyActive) if has_sibling(around) => Meaning::SiblingOpen,
        Outcome::Failed(failure) if is_certain(order, failure, rules) => Meaning::Failed(reason(failure)),
        Outcome::Failed(failure) => Meaning::Unconfirmed(reason(failure)),
    }
}

/// Kind 12. Only of an order that was sent before does it say what became of that.
fn duplicate(around: &Around, status: DuplicateStatus) -> Meaning {
    match status {
        _ if !was_sent_before(&around.order) && has_sibling(around) => Meaning::SiblingOpen,
        _ if !was_sent_before(&around.order) => Meaning::Failed(Reason::DuplicateForeign),
        DuplicateStatus::Success => Meaning::Delivered,
        DuplicateStatus::Failed => Meaning::Failed(Reason::FailedBefore),
        DuplicateStatus::Other => Meaning::Pending,
    }
}

/// Whether the supplier may know the order from before the call that it answers. What is believed not to have been sent
/// counts too: here it is the careful side.
fn was_sent_before(order: &Order) -> bool {
    order.asks > 0 || order.unsent > 0
}

fn has_sibling(around: &Around) -> bool {
    let order = &around.order;
    around
        .destination
        .open_for(&order.product, &order.refid)
        .is_some()
}

/// Whether kind 16 says that the supplier is closed: only to an order that it never had.
fn is_cutoff(order: &Order, now_ms: i64) -> bool {
    let first = order.state == State::Sending && !order.was_pending && order.asks == 0;
    let sent_ms = order.sent_ms.unwrap_or(now_ms);
    let at_once = window::is_cutoff(sent_ms) || now_ms.saturating_sub(sent_ms) <= CUTOFF_SAID_MS;
    first && at_once && window::is_cutoff(now_ms)
}

/// Whether a failure is certain. Where the same order was sent again as a question, a refusal of all orders there are,
/// or for this number or product, may be about the question and not about what was sent first.
fn is_certain(order: &Order, failure: Failure, rules: &Rules) -> bool {
    let question = order.asks > 0 && rules.check != Check::Flag;
    match failure {
        Failure::NotProcessable
        | Failure::CancelledByProvider
        | Failure::BadNumber
        | Failure::NumberExpired
        | Failure::NumberInactive => true,
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
    )
}
