//! What people decide: one says what became of an order, another agrees. Nobody decides alone where money is at stake.

use super::change::{Around, Change, Draft};
use super::event::What;
use super::mask;
use super::order::{Order, Proposal, Reason, Verdict};
use super::state::State;

/// The longest reason, in characters.
pub const REASON_MAX: usize = 500;

/// The longest serial number that a person can enter, in characters.
pub const SN_MAX: usize = 200;

/// Why a decision is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The order needs no decision.
    #[error("the order does not wait for a decision")]
    NotToDecide,
    /// Somebody has said already what became of it.
    #[error("a decision is proposed already")]
    AlreadyProposed,
    /// Nobody has said yet what became of it.
    #[error("no decision is proposed")]
    NothingProposed,
    /// Who says so cannot be the one who agrees.
    #[error("another person has to confirm the decision")]
    SamePerson,
    /// There is no reason.
    #[error("a decision needs a reason")]
    ReasonMissing,
    /// The reason or the serial number is too long, or holds characters that are not text.
    #[error("the reason or the serial number is too long or not text")]
    TooLong,
}

impl DecideError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotToDecide => "TOPUP_NOT_TO_DECIDE",
            Self::AlreadyProposed => "TOPUP_ALREADY_PROPOSED",
            Self::NothingProposed => "TOPUP_NOTHING_PROPOSED",
            Self::SamePerson => "TOPUP_SAME_PERSON",
            Self::ReasonMissing => "TOPUP_REASON_MISSING",
            Self::TooLong => "TOPUP_REASON_TOO_LONG",
        }
    }
}

/// Whether people decide about an order: it was handed to them, a report contradicts how it ended, or somebody says that
/// it ended otherwise.
#[must_use]
pub fn is_to_decide(order: &Order) -> bool {
    match order.state {
        State::Manual => true,
        State::Success | State::Failed => order.contradicted.is_some() || order.proposal.is_some(),
        _ => false,
    }
}

/// Whether somebody may say that an order which is over ended otherwise, although no report does: the supplier's people
/// may tell by word of mouth. What was never sent was not delivered.
#[must_use]
pub fn is_to_correct(order: &Order, verdict: &Verdict) -> bool {
    match (order.state, verdict) {
        (State::Success, Verdict::NotDelivered) => true,
        (State::Failed, Verdict::Delivered { .. }) => order.sent_ms.is_some(),
        _ => false,
    }
}

/// A person says what became of an order, and why. Of one that is over, they may say that it ended otherwise.
///
/// # Errors
/// [`DecideError`] when it is not to decide, when something is proposed already, and without a reason.
pub fn proposed(
    around: &Around,
    verdict: Verdict,
    reason: &str,
    by: &str,
    now_ms: i64,
) -> Result<Change, DecideError> {
    if !is_to_decide(&around.order) && !is_to_correct(&around.order, &verdict) {
        return Err(DecideError::NotToDecide);
    }
    if around.order.proposal.is_some() {
        return Err(DecideError::AlreadyProposed);
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(DecideError::ReasonMissing);
    }
    let verdict = cleaned(verdict)?;
    if reason.chars().count() > REASON_MAX {
        return Err(DecideError::TooLong);
    }
    let mut draft = Draft::of(around, now_ms);
    draft.order.proposal = Some(Proposal {
        verdict,
        reason: reason.to_owned(),
        by: by.to_owned(),
        at_ms: now_ms,
    });
    // People copy numbers into their reasons.
    Ok(draft.finish(What::Proposed, Some(mask::text(reason)), Some(by)))
}

/// The verdict with its serial number as it is kept; an empty one is none.
fn cleaned(verdict: Verdict) -> Result<Verdict, DecideError> {
    let Verdict::Delivered { sn: Some(sn) } = verdict else {
        return Ok(verdict);
    };
    let sn = sn.trim();
    if sn.chars().count() > SN_MAX || sn.chars().any(char::is_control) {
        return Err(DecideError::TooLong);
    }
    Ok(Verdict::Delivered {
        sn: (!sn.is_empty()).then(|| sn.to_owned()),
    })
}

/// Another person agrees: the order ends so. Where it has ended and a report contradicts that, the same verdict again
/// says that the report was wrong.
///
/// # Errors
/// [`DecideError`] when nothing is proposed or to decide, and for the person who proposed it.
pub fn confirmed(around: &Around, by: &str, now_ms: i64) -> Result<Change, DecideError> {
    let proposal = proposal(&around.order)?;
    if proposal.by == by {
        return Err(DecideError::SamePerson);
    }
    let mut draft = Draft::of(around, now_ms);
    draft.order.proposal = None;
    draft.order.contradicted = None;
    match &proposal.verdict {
        Verdict::Delivered { sn } => delivered(&mut draft, sn.as_deref()),
        Verdict::NotDelivered => not_delivered(&mut draft),
    }
    // A question that was still to be asked is answered.
    draft.order.next_ms = None;
    draft.order.asking = false;
    Ok(draft.finish(What::Confirmed, None, Some(by)))
}

/// Another person does not agree, or the same one takes it back: somebody has to find out anew.
///
/// # Errors
/// [`DecideError`] when nothing is proposed or to decide.
pub fn rejected(around: &Around, by: &str, now_ms: i64) -> Result<Change, DecideError> {
    proposal(&around.order)?;
    let mut draft = Draft::of(around, now_ms);
    draft.order.proposal = None;
    Ok(draft.finish(What::Rejected, None, Some(by)))
}

fn proposal(order: &Order) -> Result<&Proposal, DecideError> {
    if !is_to_decide(order) {
        return Err(DecideError::NotToDecide);
    }
    order.proposal.as_ref().ok_or(DecideError::NothingProposed)
}

fn delivered(draft: &mut Draft<'_>, sn: Option<&str>) {
    if let Some(sn) = sn {
        draft.order.sn = Some(sn.to_owned());
    }
    match draft.order.state {
        State::Manual => {
            let cost = draft.order.cost;
            draft.order.charged = Some(cost);
            draft.goes_to(State::Success);
            draft.books = draft.books.charged(cost);
        }
        State::Failed => {
            // What it was charged is in the books already, as something that nobody could explain.
            draft.order.charged = Some(draft.order.cost);
            draft.order.failure = None;
            draft.goes_to(State::LateSuccess);
        }
        _ => {}
    }
}

fn not_delivered(draft: &mut Draft<'_>) {
    match draft.order.state {
        State::Manual => {
            draft.order.failure = Some(Reason::DecidedByPerson);
            draft.order.sn = None;
            draft.goes_to(State::Failed);
            // Whatever it was, the supplier may have counted it.
            draft.destination = draft.destination.failed(draft.now_ms);
        }
        // What the supplier gives back is in the books when it comes, as something that was paid in.
        State::Success => {
            draft.goes_to(State::Reversed);
        }
        _ => {}
    }
}
