//! What there is to do in a night, seen from its records alone.
//!
//! Whoever started a night, finished a part of it or comes by every minute asks the same question and does
//! what [`look`] answers. Each action is guarded by a version or a key, so any number may come at once, and
//! one that was begun and not finished is simply seen again.

use super::{ANNOUNCE_MS, Listing, Night, Part, PartState, Phase};

/// Something that a night needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write this part under its version: it was left lying. In state `todo` the write announces it.
    Write(Box<Part>),
    /// Ask the central server for its list: [`Night::listed`] or [`Night::list_failed`].
    List,
    /// Plan the parts of this phase and put them: [`Night::planned`].
    Plan(Phase),
    /// Ask the ledger about the objects of the parts: [`Night::settled`].
    Settle,
    /// Move the night on: [`Night::advanced`].
    Advance,
    /// Make the report and close the night: [`Night::closed`].
    Report,
    /// Tell how it ended: [`Night::told`].
    Tell,
}

/// What there is to do, given the parts of the night's phase ([`Phase::parts_of`]); others are passed over. The
/// actions are in their order, each to be done on the night as the one before left it; one that no longer fits
/// is refused by its transition and seen again at the next look.
#[must_use]
pub fn look(night: &Night, parts: &[Part], now_ms: i64) -> Vec<Action> {
    let Some(of) = night.phase.parts_of() else {
        return match night.phase {
            Phase::Over if night.told => Vec::new(),
            Phase::Over => vec![Action::Tell],
            _ => vec![Action::Report],
        };
    };
    let mine = || parts.iter().filter(|part| night.has(part) && part.phase == of);
    let is_worked_on = mine().any(|part| is_worked_on(part, now_ms));
    let mut actions: Vec<Action> = mine()
        .filter(|part| !(is_worked_on && part.state == PartState::Todo))
        .filter_map(|part| part.left_lying(now_ms))
        .map(|part| Action::Write(Box::new(part)))
        .collect();
    if of == Phase::Pull && matches!(night.listing, Listing::Wanted { .. }) {
        actions.push(Action::List);
    }
    if !night.parts.contains_key(&of) {
        actions.push(Action::Plan(of));
    } else if night.has_ended(parts, now_ms) {
        actions.push(match night.phase {
            Phase::Settle => Action::Settle,
            _ => Action::Advance,
        });
    }
    actions
}

/// Whether a part shows that workers are at it: only so many are at a time, and a part that merely waits for its turn
/// behind others need not be announced again.
fn is_worked_on(part: &Part, now_ms: i64) -> bool {
    let ended_lately = |at_ms: i64| now_ms.saturating_sub(at_ms) < ANNOUNCE_MS;
    match part.state {
        PartState::Todo => false,
        PartState::Doing => part.lease_until_ms > now_ms && !part.rests,
        PartState::Done | PartState::Failed => part.finished_ms.is_some_and(ended_lately),
    }
}
