//! What an answer makes of an order that people have, or that is over: it never moves it, and what is news is kept.

use super::meaning::Meaning;
use crate::topup::alert::AlertKind;
use crate::topup::change::Draft;
use crate::topup::order::Contradiction;
use crate::topup::reply::{Balance, DuplicateStatus, Outcome, Reply};
use crate::topup::rupiah::Rupiah;
use crate::topup::state::State;

/// A reply about such an order.
pub(super) fn replied(draft: &mut Draft<'_>, reply: &Reply, meaning: Meaning) {
    match (draft.order.state, meaning) {
        (State::Manual, Meaning::Delivered) => clue(draft, reply),
        (State::Manual, _) => {}
        (_, Meaning::Delivered) => said_anew(draft, true),
        (_, Meaning::Failed(_)) => said_anew(draft, false),
        (_, Meaning::Unconfirmed(_)) if is_failed_before(&reply.outcome) => confirmed(draft, false),
        (_, Meaning::Pending | Meaning::Unconfirmed(_) | Meaning::ForPerson(_)) => {}
    }
    put_down(draft);
    balance(draft, &reply.balance);
}

/// What a person who decides may want to know: it decides nothing.
fn clue(draft: &mut Draft<'_>, reply: &Reply) {
    let (Outcome::Success { sn } | Outcome::Duplicate { sn, .. }) = &reply.outcome else {
        return;
    };
    if !reply.trxid.trim().is_empty() {
        draft.order.trxid = Some(reply.trxid.trim().to_owned());
    }
    if !sn.trim().is_empty() {
        draft.order.sn = Some(sn.trim().to_owned());
    }
}

/// What such a reply says of the balance. Whether anything was charged for that order is for people to say. A reply that
/// others overtook is older than the books, and tells them nothing.
fn balance(draft: &mut Draft<'_>, balance: &Balance) {
    if !is_overtaken(draft) {
        draft.balance(balance, Rupiah::ZERO);
    }
}

/// Whether the balance was said since the request began that is answered now: there are several lanes, or a run was
/// held up.
pub(super) fn is_overtaken(draft: &Draft<'_>) -> bool {
    let begun_ms = draft.order.asked_ms.or(draft.order.sent_ms);
    begun_ms.is_some_and(|begun_ms| draft.books.at_ms > begun_ms)
}

/// How an order that is over ended, said anew.
fn said_anew(draft: &mut Draft<'_>, delivered: bool) {
    confirmed(draft, delivered);
    if contradicted(draft, delivered) {
        alert(draft);
    }
}

/// Where an order that is over was asked about on account of a report, and ended as we know, the report was false; unless
/// people have begun to decide.
fn confirmed(draft: &mut Draft<'_>, delivered: bool) {
    let reported = draft
        .order
        .contradicted
        .is_some_and(|said| said.delivered != delivered);
    if draft.order.asking && reported && draft.order.proposal.is_none() {
        draft.order.contradicted = None;
    }
}

const fn is_failed_before(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Duplicate {
            status: DuplicateStatus::Failed,
            ..
        }
    )
}

/// An order that is over is not asked about again. Where it was to be, on account of a report, people look, unless the
/// answer was that the report is false.
pub(super) fn put_down(draft: &mut Draft<'_>) {
    if !draft.order.state.is_final() {
        return;
    }
    let was_due = draft.order.next_ms.take().is_some();
    draft.order.asking = false;
    if was_due && draft.order.contradicted.is_some() {
        alert(draft);
    }
}

/// Notes that an order that is over is said to have ended otherwise. People decide. Answers whether it is news.
pub(super) fn contradicted(draft: &mut Draft<'_>, delivered: bool) -> bool {
    let against = match draft.order.state {
        State::Success => !delivered,
        State::Failed => delivered,
        _ => false,
    };
    let is_news = against && draft.order.contradicted.is_none();
    if is_news {
        draft.order.contradicted = Some(Contradiction {
            delivered,
            at_ms: draft.now_ms,
        });
    }
    is_news
}

/// Tells people that an order is said to have ended otherwise.
pub(super) fn alert(draft: &mut Draft<'_>) {
    draft.alert(AlertKind::Contradicted, &draft.order.refid.clone());
}
