//! One order's turn: what is to be done about it is decided by `domain::topup::step`, and done here.

use std::time::Duration;

use aws::StoreError;
use domain::mail::Mail;
use domain::topup::alert::Alert;
use domain::topup::change::{Around, Change};
use domain::topup::guard;
use domain::topup::mask;
use domain::topup::order::{Order, Reason};
use domain::topup::reply::{self, NotUnderstood};
use domain::topup::state::State;
use domain::topup::step::{self, Answer, Todo};
use lambda_edge::metrics::Unit;
use lambda_edge::redact::Redactor;
use partners::kios::Sent;

use crate::brakes::{self, Gate};
use crate::{Deps, Failure};

/// How long an order may be on its way before nobody knows what became of it, in milliseconds: longer than the longest
/// request and what is stored after it.
const LEASE_MS: i64 = 100_000;
/// How old an intent may be when its request begins, in milliseconds. A process that was frozen in between sends nothing:
/// others may have looked after the order, and the time in which it may be sent may be over.
const FRESH_MS: i64 = 15_000;
/// How often an order is read again that somebody else changed.
const TRIES_MAX: u32 = 8;
/// The pause before an answer is stored once more, doubled each time.
const PAUSE: Duration = Duration::from_millis(25);
/// For how long an order is left alone with which there is nothing to do, although it was listed, in milliseconds.
const REST_MS: i64 = 10_000;
/// For how long an order is left alone that waits for others to the same destination, in milliseconds.
const BEHIND_MS: i64 = 60_000;

/// What a turn came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Something was done; there may be more to do.
    Done,
    /// The supplier was to be spoken to, which takes a while; there may be more to do.
    Spoke,
    /// There is nothing to do before this moment, Unix milliseconds.
    Rests(i64),
    /// It is to be sent, and nothing is at the moment.
    HeldBack,
    /// It is to be sent, and nothing of its product is before people have looked at that.
    NotAsListed,
}

/// How the supplier is spoken to about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Buy,
    Ask,
}

/// An order's turn. Where the supplier is `closed`, all is done that needs no word with it.
///
/// # Errors
/// [`Failure`] when a store failed, or the supplier can't be spoken to. The order is as it was, or as it was before its
/// answer: then it becomes one that nobody knows the end of.
pub(crate) async fn turn(refid: &str, closed: bool, deps: &Deps) -> Result<Turn, Failure> {
    for _ in 0..TRIES_MAX {
        let Some(around) = deps.topups.around(refid).await? else {
            tracing::error!(topup.refid = %refid, "topup.gone");
            return Ok(Turn::Rests(i64::MAX));
        };
        let correlation = around.order.correlation.as_deref();
        lambda_edge::correlation::set(correlation.unwrap_or(refid));
        let now_ms = deps.now();
        let turned = match step::todo(&around.order, now_ms, &deps.rules()) {
            Todo::Nothing => return Ok(Turn::Rests(now_ms.saturating_add(REST_MS))),
            Todo::Wait(until_ms) => return Ok(Turn::Rests(until_ms)),
            Todo::Send | Todo::Ask if closed => return Ok(Turn::HeldBack),
            Todo::Send => send(&around, now_ms, deps).await,
            Todo::Ask => talk(&around, Way::Ask, deps).await,
            Todo::Lost => write(&around, &step::lost(&around, now_ms)?, deps).await,
            Todo::HandOver(review) => {
                write(&around, &step::handed_over(&around, review, now_ms)?, deps).await
            }
            Todo::Fail(reason) => write(&around, &step::failed_unsent(&around, reason, now_ms)?, deps).await,
        };
        match turned {
            Err(Failure::Store(StoreError::Conflict)) => {}
            turned => return turned,
        }
    }
    // Somebody changes it faster than it can be read: they look after it.
    Ok(Turn::Rests(deps.now().saturating_add(REST_MS)))
}

/// Sends an order that waits, if it is still to be bought: it was taken before others to the same destination failed,
/// before people stopped its partner or its product, and before the supplier charged another price for that.
async fn send(around: &Around, now_ms: i64, deps: &Deps) -> Result<Turn, Failure> {
    let (order, destination) = (&around.order, &around.destination);
    let partner = deps.catalogue.partner(&order.partner).await?;
    let is_sold = guard::is_still_sold(order, &around.product, partner.as_ref());
    if is_sold && !guard::is_as_listed(&around.product) {
        Ok(Turn::NotAsListed)
    } else if is_sold && guard::may_send(destination, &order.refid, now_ms) {
        talk(around, Way::Buy, deps).await
    } else if is_sold && !guard::is_hopeless(destination, now_ms) {
        Ok(Turn::Rests(now_ms.saturating_add(BEHIND_MS)))
    } else {
        write(
            around,
            &step::failed_unsent(around, Reason::NotSent, now_ms)?,
            deps,
        )
        .await
    }
}

/// Sends an order, or asks about it: first the intent, then the request, then its answer.
async fn talk(around: &Around, way: Way, deps: &Deps) -> Result<Turn, Failure> {
    let Some(supplier) = &deps.supplier else {
        return Ok(Turn::HeldBack);
    };
    // The same for each try of one request, and for no other request.
    let probe = format!("{} {way:?} {}", around.order.refid, around.order.asks);
    let gate = match way {
        Way::Buy => brakes::to_send(&probe, deps).await?,
        Way::Ask => brakes::to_ask(&probe, deps).await?,
    };
    if let Gate::Shut(why) = gate {
        tracing::warn!(topup.refid = %around.order.refid, why, "topup.held_back");
        return Ok(Turn::HeldBack);
    }
    // Before the intent: what is missing here must not leave an order half begun. After the gate: a probe goes with the
    // secrets as they are now.
    let kios = supplier.kios().await?;
    let begun_ms = deps.now();
    let intent = match way {
        Way::Buy => step::sending(around, LEASE_MS, begun_ms)?,
        Way::Ask => step::asking(around, LEASE_MS, begun_ms)?,
    };
    // An intent of which it is not known whether it was stored is nobody's: nothing is sent, and its lease ends.
    commit(around, &intent, deps).await?;
    if deps.now().saturating_sub(begun_ms) > FRESH_MS {
        tracing::warn!(topup.refid = %around.order.refid, "topup.intent_too_old");
        return Ok(Turn::Spoke);
    }
    let Order {
        refid, product, dest, ..
    } = &intent.order;
    let sent = match way {
        Way::Buy => kios.buy(product, dest, refid).await,
        Way::Ask => kios.ask(product, dest, refid, supplier.check()).await,
    };
    let (answer, text) = answer(sent);
    keep(&intent.order, &answer, text.as_deref(), deps).await?;
    match answer {
        Answer::NotUnderstood(NotUnderstood::AboutUs, _) => brakes::pause(deps).await?,
        Answer::Reply(_) => brakes::answered(gate, deps).await?,
        Answer::NotUnderstood(..) | Answer::Lost(_) | Answer::NotSent(_) => {}
    }
    Ok(Turn::Spoke)
}

/// What came back, read; and its text, masked, to be kept with the order's events.
fn answer(sent: Sent) -> (Answer, Option<String>) {
    match sent {
        Sent::Lost(why, said) => (Answer::Lost(why), heard(why, &said)),
        Sent::NotSent(why) => (Answer::NotSent(why), None),
        Sent::NotTaken(why, said) => {
            let about_us = Answer::NotUnderstood(NotUnderstood::AboutUs, why.to_owned());
            (about_us, heard(why, &said))
        }
        Sent::Answer(bytes) => {
            let text = masked(&bytes);
            let answer = match reply::read(&bytes) {
                Ok(reply) => Answer::Reply(reply),
                Err(not_understood) => Answer::NotUnderstood(not_understood, text.clone()),
            };
            (answer, Some(text))
        }
    }
}

/// What was heard of no answer, for whoever has to find out what became of the order.
fn heard(why: &str, said: &[u8]) -> Option<String> {
    let said = masked(said);
    let said = said.trim();
    (!said.is_empty()).then(|| format!("{why}: {said}"))
}

/// What the supplier said, as it may be kept. It may say what we told it: our secrets may look like any word.
fn masked(said: &[u8]) -> String {
    mask::bytes(&Redactor::process().secrets(said))
}

/// Stores an answer. It is there once and never again: whatever was changed meanwhile is read, and the answer is
/// applied to that.
async fn keep(sent: &Order, answer: &Answer, text: Option<&str>, deps: &Deps) -> Result<(), Failure> {
    let mut keeping = Keeping {
        refid: &sent.refid,
        answer,
        text,
        at_ms: deps.now(),
        tried: None,
        deps,
    };
    let (mut pause, mut last) = (PAUSE, StoreError::Conflict);
    for number in 0..TRIES_MAX {
        if number > 0 {
            deps.waits.wait(pause).await;
            pause = pause.saturating_mul(2);
        }
        match keeping.once().await {
            Ok(()) => return Ok(()),
            Err(error) => {
                tracing::warn!(topup.refid = %sent.refid, error = %error, "topup.answer_waits");
                last = error;
            }
        }
    }
    Err(Failure::AnswerNotKept(last))
}

struct Keeping<'a> {
    refid: &'a str,
    answer: &'a Answer,
    text: Option<&'a str>,
    /// When the answer came, Unix milliseconds.
    at_ms: i64,
    /// What was tried last.
    tried: Option<(Around, Change)>,
    deps: &'a Deps,
}

impl Keeping<'_> {
    async fn once(&mut self) -> Result<(), StoreError> {
        let topups = &self.deps.topups;
        let around = topups.around(self.refid).await?.ok_or(StoreError::NotFound)?;
        // A write whose answer was lost may have been done.
        if let Some((before, change)) = &self.tried
            && around.order.version >= change.order.version
            && topups.events(self.refid).await?.contains(&change.event)
        {
            tell(before, change, self.deps);
            return Ok(());
        }
        let text = self.text.map(str::to_owned);
        let change = step::answered(&around, self.answer, text, &self.deps.rules(), self.at_ms);
        let (around, change) = self.tried.insert((around, change));
        commit(around, change, self.deps).await
    }
}

async fn write(around: &Around, change: &Change, deps: &Deps) -> Result<Turn, Failure> {
    commit(around, change, deps).await?;
    Ok(Turn::Done)
}

/// Stores a change with the mails it asks for.
async fn commit(around: &Around, change: &Change, deps: &Deps) -> Result<(), StoreError> {
    let mails: Vec<Mail> = change.alerts.iter().map(Alert::mail).collect();
    deps.topups.commit(change, &mails).await?;
    tell(around, change, deps);
    Ok(())
}

/// One line for each step, and a count for each end: an order's id, and neither number nor serial number.
fn tell(before: &Around, change: &Change, deps: &Deps) {
    let (order, event) = (&change.order, &change.event);
    let (refid, state, product) = (&order.refid, order.state.as_str(), &order.product);
    let (what, failure) = (event.what, order.failure.map(|reason| reason.code()));
    for alert in &change.alerts {
        // Not its subject: only the order's id is said here.
        tracing::warn!(topup.refid = %refid, topup.alert = alert.kind.as_str(), "topup.alert");
    }
    tracing::info!(topup.refid = %refid, topup.state = state, topup.product = %product, topup.event = ?what,
        topup.failure = failure, topup.asks = order.asks, "topup");
    let was = &before.order;
    if was.state != order.state {
        match order.state {
            State::Success | State::LateSuccess => deps.metrics.add("TopupsDelivered", Unit::Count, 1),
            State::Failed | State::Reversed => deps.metrics.add("TopupsFailed", Unit::Count, 1),
            State::Manual => deps.metrics.add("TopupsForPerson", Unit::Count, 1),
            State::New | State::Sending | State::Pending | State::Unknown => {}
        }
    }
    if change.contradicts() {
        deps.metrics.add("TopupsForPerson", Unit::Count, 1);
    }
}
