//! What an answer makes of an order, or that there is none.

use std::fmt;

use super::meaning::{self, Meaning};
use super::{Rules, UNSENT_MAX, UNSENT_PAUSE_MS, late, plan};
use crate::topup::alert::AlertKind;
use crate::topup::change::{Around, Change, Draft};
use crate::topup::event::What;
use crate::topup::order::{Reason, Review, Unconfirmed};
use crate::topup::reply::{Balance, Failure, NotUnderstood, Outcome, Reply};
use crate::topup::rupiah::Rupiah;
use crate::topup::state::State;
use crate::topup::window;

/// What came of a call.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// A reply that was understood.
    Reply(Reply),
    /// A text that was not, and its beginning, masked.
    NotUnderstood(NotUnderstood, String),
    /// Nothing, and why: whether it arrived is not known.
    Lost(&'static str),
    /// There was no connection, and why: it certainly did not arrive.
    NotSent(&'static str),
}

impl fmt::Debug for Answer {
    /// Without the number and the serial number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(_) => f.write_str("Reply"),
            Self::NotUnderstood(why, _) => f.debug_tuple("NotUnderstood").field(why).finish(),
            Self::Lost(why) => f.debug_tuple("Lost").field(why).finish(),
            Self::NotSent(why) => f.debug_tuple("NotSent").field(why).finish(),
        }
    }
}

/// The order after an answer; `text` is the reply, masked. An order that has moved on since it was sent or asked about
/// takes what is still news: an answer is never lost, and never takes anything back by itself.
#[must_use]
pub fn answered(
    around: &Around,
    answer: &Answer,
    text: Option<String>,
    rules: &Rules,
    now_ms: i64,
) -> Change {
    let mut draft = Draft::of(around, now_ms);
    let what = match answer {
        Answer::Reply(reply) if meaning::is_ours(&around.order, reply) => {
            let meaning = meaning::of(around, reply, rules, now_ms);
            // What was there before was bought by an earlier request.
            if !matches!(reply.outcome, Outcome::Duplicate { .. }) {
                plan::may_have_bought(&mut draft.order, rules);
            }
            replied(&mut draft, reply, meaning, rules);
            What::Replied
        }
        Answer::Reply(reply) if meaning::is_bought_by_another(&around.order, reply) => {
            bought_by_another(&mut draft, &reply.balance, rules)
        }
        Answer::Reply(_) => {
            draft.alert(AlertKind::ForeignReply, &around.order.refid);
            no_reply(&mut draft, rules)
        }
        Answer::NotUnderstood(why, _) => {
            draft.alert_supplier(match why {
                NotUnderstood::AboutUs => AlertKind::AboutUs,
                NotUnderstood::Empty | NotUnderstood::Page | NotUnderstood::Other => AlertKind::NotUnderstood,
            });
            no_reply(&mut draft, rules)
        }
        Answer::Lost(_) => no_reply(&mut draft, rules),
        Answer::NotSent(_) => not_sent(&mut draft, rules),
    };
    draft.finish(what, text.or_else(|| words(answer)), None)
}

/// What an event says where there is no reply.
fn words(answer: &Answer) -> Option<String> {
    match answer {
        Answer::Reply(_) => None,
        Answer::NotUnderstood(_, masked) => Some(masked.clone()),
        Answer::Lost(why) | Answer::NotSent(why) => Some((*why).to_owned()),
    }
}

/// Nothing that tells what became of the order.
fn no_reply(draft: &mut Draft<'_>, rules: &Rules) -> What {
    match draft.order.state {
        State::Sending | State::Pending | State::Unknown => {
            plan::may_have_bought(&mut draft.order, rules);
            draft.goes_to(State::Unknown);
            plan::plan(&mut draft.order, draft.now_ms, rules);
        }
        _ => late::put_down(draft),
    }
    What::NoReply
}

/// Nothing was sent: an order waits for its next try, a question for the next one.
fn not_sent(draft: &mut Draft<'_>, rules: &Rules) -> What {
    match draft.order.state {
        State::Sending => {
            draft.order.unsent = draft.order.unsent.saturating_add(1);
            draft.order.sent_ms = None;
            if draft.order.unsent > UNSENT_MAX {
                draft.order.failure = Some(Reason::NotSent);
                draft.goes_to(State::Failed);
            } else {
                draft.goes_to(State::New);
                let next_ms = draft.now_ms.saturating_add(UNSENT_PAUSE_MS);
                draft.order.holds = draft.order.waits_out_cutoffs && window::is_cutoff(next_ms);
                draft.order.next_ms = Some(if draft.order.holds {
                    window::sends_from(next_ms)
                } else {
                    next_ms
                });
            }
        }
        State::Pending | State::Unknown => plan::plan(&mut draft.order, draft.now_ms, rules),
        _ => late::put_down(draft),
    }
    What::NotSent
}

/// A reply about this order.
fn replied(draft: &mut Draft<'_>, reply: &Reply, meaning: Meaning, rules: &Rules) {
    match draft.order.state {
        State::Sending | State::Pending | State::Unknown => {}
        State::New => return,
        State::Manual | State::Success | State::Failed | State::Reversed | State::LateSuccess => {
            return late::replied(draft, reply, meaning);
        }
    }
    if !reply.trxid.trim().is_empty() {
        draft.order.trxid = Some(reply.trxid.trim().to_owned());
    }
    if let Outcome::Failed(failure) = reply.outcome {
        learned(draft, failure);
    }
    let charged = match meaning {
        Meaning::Delivered => delivered(draft, reply),
        Meaning::Pending => pending(draft, reply, rules),
        Meaning::Failed(reason) => failed(draft, reason),
        Meaning::Unconfirmed(reason) => unconfirmed(draft, reason, &reply.balance, rules),
        Meaning::ForPerson(review) => for_person(draft, review),
    };
    let was_overtaken = late::is_overtaken(draft);
    draft.balance(&reply.balance, charged);
    if meaning == Meaning::Delivered && !was_overtaken {
        was_dearer(draft, &reply.balance);
    }
}

/// A delivery that is told without its price, by the balance: where nothing else is open, what is missing without an
/// order is taken for its price, unless the catalogue has that by now.
fn was_dearer(draft: &mut Draft<'_>, balance: &Balance) {
    let entry = draft.entry.as_ref();
    let missing = entry.map_or(Rupiah::ZERO, |entry| entry.unrecorded);
    let told = matches!(balance, Balance::Charged { .. });
    let listed = draft.order.cost.checked_add(missing) == Some(draft.product.cost);
    if missing > Rupiah::ZERO && !told && !listed && draft.books.open.is_empty() {
        costs_otherwise(draft);
    }
}

/// A product that is not charged as the catalogue has it: nothing of it is sold before people have looked.
fn costs_otherwise(draft: &mut Draft<'_>) {
    draft.product.breaker.price_differs = true;
    draft.alert(AlertKind::PriceDiffers, &draft.product.code.clone());
}

/// A person has to find out; what was said is not taken for an end.
fn for_person(draft: &mut Draft<'_>, review: Review) -> Rupiah {
    if review == Review::BoughtBefore {
        draft.alert(AlertKind::ForeignReply, &draft.order.refid.clone());
    }
    draft.goes_to(State::Unknown);
    draft.order.asking = false;
    draft.order.review = Some(review);
    draft.order.next_ms = Some(draft.now_ms);
    Rupiah::ZERO
}

/// It was delivered; says what was charged.
fn delivered(draft: &mut Draft<'_>, reply: &Reply) -> Rupiah {
    let (Outcome::Success { sn } | Outcome::Duplicate { sn, .. }) = &reply.outcome else {
        return Rupiah::ZERO;
    };
    let sn = sn.trim();
    draft.order.sn = (!sn.is_empty()).then(|| sn.to_owned());
    let charged = match reply.balance {
        Balance::Charged { price, .. } => {
            if price != draft.order.cost && price != draft.product.cost {
                costs_otherwise(draft);
            }
            price
        }
        Balance::Left(_) | Balance::Unreadable => draft.order.cost,
    };
    draft.order.charged = Some(charged);
    draft.product.breaker = draft.product.breaker.delivered();
    draft.goes_to(State::Success);
    charged
}

/// It is not done yet. What a word means that nobody knows is asked once more, and takes nothing back.
fn pending(draft: &mut Draft<'_>, reply: &Reply, rules: &Rules) -> Rupiah {
    draft.goes_to(State::Pending);
    if matches!(reply.outcome, Outcome::Duplicate { .. }) {
        draft.alert_supplier(AlertKind::NotUnderstood);
    } else {
        draft.order.was_pending = true;
        draft.order.unconfirmed = None;
    }
    plan::plan(&mut draft.order, draft.now_ms, rules);
    Rupiah::ZERO
}

/// It certainly failed.
fn failed(draft: &mut Draft<'_>, reason: Reason) -> Rupiah {
    if reason == Reason::DuplicateForeign {
        draft.alert(AlertKind::ForeignReply, &draft.order.refid.clone());
    }
    draft.order.failure = Some(reason);
    draft.goes_to(State::Failed);
    if meaning::counts(reason) {
        draft.destination = draft.destination.failed(draft.now_ms);
    }
    Rupiah::ZERO
}

/// It is said to have failed. Certain only when the same is said once more, when the supplier has long been done with
/// it, and the balance shows that nothing was charged.
fn unconfirmed(draft: &mut Draft<'_>, reason: Reason, balance: &Balance, rules: &Rules) -> Rupiah {
    let sent_ms = draft.order.sent_ms.unwrap_or(draft.now_ms);
    let before = draft.order.unconfirmed.filter(|before| before.reason == reason);
    let over = meaning::is_over(&draft.order, draft.now_ms);
    if before.is_some() && over && draft.books.untouched(balance, sent_ms) == Some(true) {
        return failed(draft, reason);
    }
    draft.goes_to(State::Unknown);
    draft.order.unconfirmed = before.or(Some(Unconfirmed {
        reason,
        at_ms: draft.now_ms,
    }));
    plan::plan(&mut draft.order, draft.now_ms, rules);
    Rupiah::ZERO
}

/// The same is said to have been bought under another id: this order failed, if that is said again in the end.
fn bought_by_another(draft: &mut Draft<'_>, balance: &Balance, rules: &Rules) -> What {
    if !matches!(
        draft.order.state,
        State::Sending | State::Pending | State::Unknown
    ) {
        return no_reply(draft, rules);
    }
    let charged = unconfirmed(draft, Reason::DuplicateForeign, balance, rules);
    // Where it has failed by that, people are told already.
    if draft.order.state != State::Failed {
        draft.alert(AlertKind::ForeignReply, &draft.order.refid.clone());
    }
    draft.balance(balance, charged);
    What::Replied
}

/// What a failure says beyond this order.
fn learned(draft: &mut Draft<'_>, failure: Failure) {
    let now_ms = draft.now_ms;
    let code = draft.product.code.clone();
    match failure {
        Failure::NumberBlocked => {
            draft.destination = draft.destination.blocked(now_ms);
            draft.alert(AlertKind::NumberBlocked, &draft.order.refid.clone());
        }
        Failure::ProductDownSupplier | Failure::ProductDownOperator => {
            let before = draft.product.breaker;
            draft.product.breaker = before.down(now_ms);
            let stops = draft.product.breaker.down_until(now_ms).is_some();
            if stops && before.down_until(now_ms).is_none() {
                draft.alert(AlertKind::ProductDown, &code);
            }
        }
        Failure::BadProduct => {
            draft.product.breaker.code_unknown = true;
            draft.alert(AlertKind::ProductInvalid, &code);
        }
        Failure::InsufficientBalance => {
            draft.books = draft.books.fell_short(draft.order.cost);
            draft.alert_supplier(AlertKind::BalanceCritical);
        }
        _ => {}
    }
}
