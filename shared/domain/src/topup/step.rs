//! What is done about an order next, and what an answer, a silence or a report makes of it.
//!
//! An intent is written before a call, and an answer after it. A run that is cut off in between leaves an intent whose
//! right has ended: whether anything was bought is then unknown, and an unknown order is asked about, never sent anew.

use std::str::FromStr;

use super::order::{Order, Reason, Review};
use super::state::State;
use super::window;

mod answer;
mod intent;
mod late;
mod meaning;
mod plan;
mod report;

pub use answer::{Answer, answered};
pub use intent::{Misstep, asking, failed_unsent, handed_over, lost, sending};
pub use report::{REPORTS_MAX, reported};

/// How often an order is tried anew after it was certainly not sent.
pub const UNSENT_MAX: u32 = 3;

/// The pause before it is tried anew, in milliseconds.
pub const UNSENT_PAUSE_MS: i64 = 20_000;

/// For how long an order may wait to be sent, in milliseconds: whoever waits for it has long gone then.
pub const NEW_MAX_MS: i64 = 1_800_000;

/// How the supplier may be asked what became of an order. The source document does not say; until the supplier does,
/// the same order under the same id is the only question there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// By sending the same order again under its id: the supplier says that it was there before.
    #[default]
    Resend,
    /// By a question of its own, which cannot be a purchase.
    Flag,
    /// Not at all: people find out.
    Never,
}

/// A word that names no way of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither \"resend\" nor \"flag\" nor \"never\"")]
pub struct UnknownCheck;

impl FromStr for Check {
    type Err = UnknownCheck;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "resend" => Ok(Self::Resend),
            "flag" => Ok(Self::Flag),
            "never" => Ok(Self::Never),
            _ => Err(UnknownCheck),
        }
    }
}

/// What the supplier has agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// How it may be asked.
    pub check: Check,
}

/// What is to be done about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Send it.
    Send,
    /// Ask about it.
    Ask,
    /// The right to send it or to ask about it has ended: a run was cut off.
    Lost,
    /// Hand it to a person.
    HandOver(Review),
    /// It failed: it was not sent, and will not be.
    Fail(Reason),
    /// Nothing before this moment, Unix milliseconds.
    Wait(i64),
    /// Nothing by itself.
    Nothing,
}

/// What is to be done about an order now.
#[must_use]
pub fn todo(order: &Order, now_ms: i64, rules: &Rules) -> Todo {
    match order.state {
        State::New => unsent(order, now_ms),
        State::Sending => held(order, now_ms),
        State::Pending | State::Unknown if order.asking => held(order, now_ms),
        State::Pending | State::Unknown => open(order, now_ms, rules),
        State::Manual => Todo::Nothing,
        State::Success | State::Failed | State::Reversed | State::LateSuccess => over(order, now_ms, rules),
    }
}

/// About an order that waits to be sent.
fn unsent(order: &Order, now_ms: i64) -> Todo {
    // While the supplier is closed no time passes for an order that waits for it to open.
    if window::open_ms(order.accepted_ms, now_ms) >= NEW_MAX_MS {
        return Todo::Fail(Reason::NotSent);
    }
    if window::is_cutoff(now_ms) && !order.holds && !order.waits_out_cutoffs {
        return Todo::Fail(Reason::Cutoff);
    }
    match order.next_ms {
        Some(next_ms) if now_ms < next_ms => Todo::Wait(next_ms),
        _ if window::is_cutoff(now_ms) => Todo::Wait(window::sends_from(now_ms)),
        _ => Todo::Send,
    }
}

/// About an order that a run holds.
fn held(order: &Order, now_ms: i64) -> Todo {
    match order.next_ms {
        Some(until_ms) if now_ms < until_ms => Todo::Wait(until_ms),
        _ => Todo::Lost,
    }
}

/// About an order that the supplier has, or may have.
fn open(order: &Order, now_ms: i64, rules: &Rules) -> Todo {
    match order.next_ms {
        Some(next_ms) if now_ms < next_ms => Todo::Wait(next_ms),
        _ => match order.review {
            Some(review) => Todo::HandOver(review),
            None if plan::may_be_asked(order, now_ms, rules) => Todo::Ask,
            None => Todo::HandOver(plan::review(order)),
        },
    }
}

/// About an order that is over: a question about one that a report contradicts, where questions buy nothing.
fn over(order: &Order, now_ms: i64, rules: &Rules) -> Todo {
    match order.next_ms {
        None => Todo::Nothing,
        Some(next_ms) if now_ms < next_ms => Todo::Wait(next_ms),
        Some(_) if !order.asking && order.contradicted.is_some() && rules.check == Check::Flag => {
            if window::is_cutoff(now_ms) {
                Todo::Wait(window::sends_from(now_ms))
            } else {
                Todo::Ask
            }
        }
        Some(_) => Todo::Lost,
    }
}
