//! What is written before the supplier is called, and what is written where it is not called any more.

use super::late::put_down;
use super::{Check, Rules, plan};
use crate::topup::change::{Around, Change, Draft};
use crate::topup::event::What;
use crate::topup::order::{Reason, Review};
use crate::topup::state::State;

/// A step that no way leads to. Nothing is written, and nobody is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from:?} cannot take this step")]
pub struct Misstep {
    /// Where the order stands.
    pub from: State,
}

/// Writes the intent to send an order, which holds for `lease_ms`: before the first byte.
///
/// # Errors
/// [`Misstep`] unless it is new. It must not be sent then.
pub fn sending(around: &Around, lease_ms: i64, now_ms: i64) -> Result<Change, Misstep> {
    let mut draft = Draft::of(around, now_ms);
    if !draft.goes_to(State::Sending) {
        return Err(misstep(around));
    }
    // What it costs by now: it may have waited for hours.
    draft.order.cost = around.product.cost;
    draft.books = draft.books.sent(&draft.order);
    draft.order.sent_ms = Some(now_ms);
    draft.order.bought_by_ms = Some(now_ms);
    draft.order.holds = false;
    draft.order.next_ms = Some(now_ms.saturating_add(lease_ms));
    Ok(draft.finish(What::Sending, None, None))
}

/// Writes the intent to ask about an order, which holds for `lease_ms`.
///
/// # Errors
/// [`Misstep`] unless it is pending or unknown, or over and contradicted; and while another run asks.
pub fn asking(around: &Around, lease_ms: i64, now_ms: i64) -> Result<Change, Misstep> {
    let order = &around.order;
    let open = matches!(order.state, State::Pending | State::Unknown);
    let contradicted = order.state.is_final() && order.contradicted.is_some();
    if order.asking || !(open || contradicted) {
        return Err(misstep(around));
    }
    let mut draft = Draft::of(around, now_ms);
    draft.order.asking = true;
    draft.order.asks = draft.order.asks.saturating_add(1);
    draft.order.asked_ms = Some(now_ms);
    draft.order.next_ms = Some(now_ms.saturating_add(lease_ms));
    Ok(draft.finish(What::Asking, None, None))
}

/// Writes that a run was cut off while it sent or asked: what became of the order is unknown.
///
/// # Errors
/// [`Misstep`] unless it is being sent or asked about.
pub fn lost(around: &Around, now_ms: i64) -> Result<Change, Misstep> {
    let mut draft = Draft::of(around, now_ms);
    match around.order.state {
        State::Sending => {
            draft.goes_to(State::Unknown);
            plan::plan_anyhow(&mut draft.order, now_ms);
        }
        State::Pending | State::Unknown if around.order.asking => {
            // How it was asked is not known here.
            plan::may_have_bought(&mut draft.order, &Rules { check: Check::Resend });
            draft.goes_to(State::Unknown);
            plan::plan_anyhow(&mut draft.order, now_ms);
        }
        state if state.is_final() && around.order.next_ms.is_some() => put_down(&mut draft),
        _ => return Err(misstep(around)),
    }
    Ok(draft.finish(What::CutOff, None, None))
}

/// Hands an order to a person.
///
/// # Errors
/// [`Misstep`] unless it is pending or unknown.
pub fn handed_over(around: &Around, review: Review, now_ms: i64) -> Result<Change, Misstep> {
    let mut draft = Draft::of(around, now_ms);
    if !draft.goes_to(State::Manual) {
        return Err(misstep(around));
    }
    draft.order.review = Some(review);
    Ok(draft.finish(What::HandedOver, None, None))
}

/// Ends an order that was not sent, and will not be.
///
/// # Errors
/// [`Misstep`] unless it is new.
pub fn failed_unsent(around: &Around, reason: Reason, now_ms: i64) -> Result<Change, Misstep> {
    let mut draft = Draft::of(around, now_ms);
    if around.order.state != State::New || !draft.goes_to(State::Failed) {
        return Err(misstep(around));
    }
    draft.order.failure = Some(reason);
    Ok(draft.finish(What::NotSent, Some(reason.code().to_owned()), None))
}

fn misstep(around: &Around) -> Misstep {
    Misstep {
        from: around.order.state,
    }
}
