//! When an order is asked about, and when there is nothing more to ask.

use super::{Check, Rules};
use crate::topup::order::{Order, Review};
use crate::topup::state::State;
use crate::topup::window;

/// More questions about one order than there can be, unless every run is cut off.
const ASKS_MAX: u32 = 40;

/// Plans the next question about an order, or that a person looks.
pub(super) fn plan(order: &mut Order, now_ms: i64, rules: &Rules) {
    order.asking = false;
    if let Some(next_ms) = next_question(order, now_ms, rules) {
        order.next_ms = Some(next_ms);
        order.review = None;
    } else {
        order.review = Some(review(order));
        order.next_ms = Some(last_ms(order).max(now_ms));
    }
}

/// Plans what comes after a run that was cut off: whether a question may be asked then is looked at when it is due.
pub(super) fn plan_anyhow(order: &mut Order, now_ms: i64) {
    order.asking = false;
    // What was said to have failed may be asked about at the end alone.
    let next_ms = match order.unconfirmed {
        Some(_) => None,
        None => next_question(order, now_ms, &Rules { check: Check::Flag }),
    };
    order.next_ms = Some(next_ms.unwrap_or_else(|| last_ms(order).max(now_ms)));
}

/// Notes that the last question may have been the purchase: the supplier has never spoken of the order, so what was sent
/// before may not have arrived.
pub(super) fn may_have_bought(order: &mut Order, rules: &Rules) {
    let was_heard_of = order.was_pending || order.unconfirmed.is_some();
    if rules.check != Check::Flag && !was_heard_of {
        order.bought_by_ms = order.asked_ms.or(order.bought_by_ms);
    }
}

/// The next planned question after this moment.
fn next_question(order: &Order, now_ms: i64, rules: &Rules) -> Option<i64> {
    let sent_ms = order.sent_ms?;
    if order.unconfirmed.is_some() && rules.check == Check::Resend {
        return Some(last_ms(order)).filter(|at_ms| *at_ms > now_ms && may_be_asked(order, *at_ms, rules));
    }
    window::ASKS_MS
        .into_iter()
        .map(|after_ms| sent_ms.saturating_add(after_ms))
        .find(|at_ms| *at_ms > now_ms && may_be_asked(order, *at_ms, rules))
}

/// Whether an order may be asked about at a moment.
pub(super) fn may_be_asked(order: &Order, at_ms: i64, rules: &Rules) -> bool {
    match (rules.check, order.sent_ms) {
        _ if order.asks >= ASKS_MAX => false,
        // What was said to have failed is sent as rarely as possible: the supplier might take it for a new try.
        (Check::Resend, Some(_)) if order.unconfirmed.is_some() && at_ms < last_ms(order) => false,
        (Check::Resend, Some(sent_ms)) => window::may_ask(sent_ms, at_ms),
        (Check::Flag, Some(_)) => !window::is_cutoff(at_ms),
        (Check::Never, _) | (_, None) => false,
    }
}

/// Whether an order may be asked about now because of a report. Anybody can send as many of those as they like, so where a
/// question could be a purchase there is one more than the planned ones at most.
pub(super) fn may_be_asked_early(order: &Order, now_ms: i64, rules: &Rules) -> bool {
    let sent_ms = order.sent_ms.unwrap_or(now_ms);
    let planned = window::ASKS_MS
        .into_iter()
        .filter(|after_ms| sent_ms.saturating_add(*after_ms) <= now_ms)
        .count();
    let is_first = usize::try_from(order.asks).is_ok_and(|asks| asks <= planned);
    (rules.check == Check::Flag || is_first) && may_be_asked(order, now_ms, rules)
}

/// Why a person has to look at an order that cannot be asked about any more.
pub(super) fn review(order: &Order) -> Review {
    match order.state {
        _ if order.unconfirmed.is_some() => Review::FailureNotConfirmed,
        State::Pending => Review::StillPending,
        _ => Review::NoAnswer,
    }
}

/// When the last question is due. Before, the supplier itself may not know: where a question may have been the purchase,
/// it is later, as far as it may be asked by then.
fn last_ms(order: &Order) -> i64 {
    /// What is due is done within that time, mostly.
    const RUN_MS: i64 = 60_000;
    let after = |from_ms: Option<i64>, ms: i64| from_ms.unwrap_or_default().saturating_add(ms);
    let usual_ms = after(order.sent_ms, window::ASKS_MS.last().copied().unwrap_or_default());
    let known_ms = after(order.bought_by_ms, window::PENDING_MAX_MS);
    let until_ms = after(order.sent_ms, window::ASK_UNTIL_MS.saturating_sub(RUN_MS));
    if known_ms <= until_ms {
        usual_ms.max(known_ms)
    } else {
        usual_ms
    }
}
