//! A lane: the right to talk to the supplier, one order after the other.
//!
//! The supplier wants one request to end before the next one begins (its document, version 1.3, "Metode Transaksi"). A
//! lane is a lease; a run works the first one that is free, and leaves where there is none: whoever has it looks once
//! more after giving it back, so nothing that came meanwhile waits for the next minute. The quarter-hourly question
//! about our balance takes one too, see `look.rs`. What two runs do to one order they do under its version.

use std::collections::{HashMap, HashSet};

use data_encoding::HEXLOWER;
use domain::topup::order::Order;
use domain::topup::step::{self, Todo};
use lambda_edge::clock;
use serde::Serialize;

use crate::order::{self, Turn};
use crate::{Deps, Failure, look};

/// How long a lane is held without being renewed, in milliseconds: longer than a turn takes.
const LEASE_MS: i64 = 100_000;
/// How much time has to be left to begin a turn, in milliseconds: a request of 75 seconds, and what is stored around it.
const MARGIN_MS: i64 = 110_000;
/// Orders that wait to be sent, and others, that are looked at in one go.
const DUE_MAX: i32 = 1_000;
/// Requests after which it is looked anew what is due: the last question about an order has four minutes, a request takes
/// 75 seconds at most.
const REQUESTS_MAX: usize = 3;
/// How many orders may break off on account of what all of them need before the run does.
const BROKEN_MAX: u64 = 5;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Worked {
    /// How often something was done about an order.
    pub turns: u64,
    /// Orders that should have been sent and were not, because nothing is at the moment.
    pub held_back: u64,
    /// Orders that could not be seen to.
    pub broken: u64,
}

/// Works a lane, if one is free and something is due.
///
/// # Errors
/// [`Failure`] when the store fails, the supplier can't be spoken to, or some orders could not be seen to. What is
/// due stays due.
pub(crate) async fn work(deadline_ms: i64, deps: &Deps) -> Result<Worked, Failure> {
    let mut run = Run {
        deps,
        deadline_ms,
        lanes: Lanes::new(deps)?,
        resting: HashMap::new(),
        unlisted: HashSet::new(),
        closed: false,
        away: 0,
        worked: Worked::default(),
        failure: None,
    };
    // Looked at first: most minutes have nothing to do, and a lease is written.
    while !run.is_over() {
        let due = run.due().await?;
        if due.is_empty() {
            break;
        }
        let Some(lane) = run.lanes.take_one().await? else {
            break;
        };
        look::first_address(deps).await;
        let worked = run.until_nothing_is_due(&lane, due).await;
        run.lanes.give_back(&lane).await;
        worked?;
    }
    run.end()
}

/// The lanes, as one run takes them.
pub(crate) struct Lanes<'a> {
    deps: &'a Deps,
    /// A name that no other run has.
    holder: String,
}

impl<'a> Lanes<'a> {
    /// The lanes for a run.
    ///
    /// # Errors
    /// [`Failure::Randomness`] when there is no name for it.
    pub(crate) fn new(deps: &'a Deps) -> Result<Self, Failure> {
        let holder = HEXLOWER.encode(&clock::random::<16>()?);
        Ok(Self { deps, holder })
    }

    /// Takes the first lane that is free, and answers its name.
    ///
    /// # Errors
    /// [`Failure::Store`] when that can't be written.
    pub(crate) async fn take_one(&self) -> Result<Option<String>, Failure> {
        for number in 0..self.deps.lanes {
            let lane = format!("topup-lane-{number}");
            if self.take(&lane).await? {
                return Ok(Some(lane));
            }
        }
        Ok(None)
    }

    /// Takes a lane, or renews it. Answers whether it is this run's.
    ///
    /// # Errors
    /// [`Failure::Store`] when that can't be written.
    pub(crate) async fn take(&self, lane: &str) -> Result<bool, Failure> {
        let leases = &self.deps.leases;
        Ok(leases.take(lane, &self.holder, self.deps.now(), LEASE_MS).await?)
    }

    /// Gives a lane back.
    pub(crate) async fn give_back(&self, lane: &str) {
        if let Err(error) = self.deps.leases.give_back(lane, &self.holder).await {
            // It ends by itself.
            tracing::warn!(lane, error = %error, "topups.lane_not_given_back");
        }
    }
}

struct Run<'a> {
    deps: &'a Deps,
    deadline_ms: i64,
    lanes: Lanes<'a>,
    /// Orders with which there is nothing to do before a moment: in which version they were looked at, and when.
    resting: HashMap<String, (u64, i64)>,
    /// Products of which nothing is sent before people have looked at them.
    unlisted: HashSet<String>,
    /// Whether the supplier can't be spoken to.
    closed: bool,
    /// How many orders broke off because something is away that all of them need.
    away: u64,
    worked: Worked,
    /// What went wrong first.
    failure: Option<Failure>,
}

impl Run<'_> {
    /// Orders that are due, without those that rest: first what needs no word with the supplier, then questions, and last
    /// what waits to be sent.
    async fn due(&self) -> Result<Vec<Order>, Failure> {
        let now_ms = self.deps.now();
        let mut due = self.deps.topups.due(now_ms, DUE_MAX).await?;
        due.retain(|order| match self.resting.get(&order.refid) {
            Some((version, until_ms)) => *version < order.version || *until_ms <= now_ms,
            None => true,
        });
        due.retain(|order| !self.waits_for_people(order));
        // Once for each order: what is to be done changes with the clock, and an order among them must not.
        due.sort_by_cached_key(|order| match self.todo(order) {
            Todo::Send => 2,
            Todo::Ask => 1,
            _ => 0,
        });
        Ok(due)
    }

    fn todo(&self, order: &Order) -> Todo {
        step::todo(order, self.deps.now(), &self.deps.rules())
    }

    /// Whether an order is to be sent, and nothing of its product is: that is not found out anew for each.
    fn waits_for_people(&self, order: &Order) -> bool {
        self.unlisted.contains(&order.product) && self.todo(order) == Todo::Send
    }

    /// Turn after turn, while the lane is held and something is due.
    async fn until_nothing_is_due(&mut self, lane: &str, mut due: Vec<Order>) -> Result<(), Failure> {
        while !due.is_empty() {
            let mut requests = 0;
            for order in due {
                if requests == REQUESTS_MAX {
                    break;
                }
                if self.waits_for_people(&order) {
                    continue;
                }
                // Renewed before each turn, so that it lasts until its end.
                if self.is_over() || !self.lanes.take(lane).await? {
                    return Ok(());
                }
                requests += usize::from(self.turn(&order).await);
            }
            due = self.due().await?;
        }
        Ok(())
    }

    /// One order's turn. One that breaks off takes down no other. Answers whether the supplier was spoken to.
    async fn turn(&mut self, order: &Order) -> bool {
        let (until_ms, version) = match Box::pin(order::turn(&order.refid, self.closed, self.deps)).await {
            Ok(turn @ (Turn::Done | Turn::Spoke)) => {
                self.worked.turns += 1;
                return turn == Turn::Spoke;
            }
            Ok(Turn::Rests(until_ms)) => (until_ms, order.version),
            Ok(Turn::HeldBack) => {
                self.worked.held_back += 1;
                (i64::MAX, u64::MAX)
            }
            Ok(Turn::NotAsListed) => {
                self.worked.held_back += 1;
                self.unlisted.insert(order.product.clone());
                (i64::MAX, u64::MAX)
            }
            Err(failure) => {
                self.note(order, failure);
                (i64::MAX, u64::MAX)
            }
        };
        self.resting.insert(order.refid.clone(), (version, until_ms));
        false
    }

    fn note(&mut self, order: &Order, failure: Failure) {
        let code = failure.code();
        tracing::error!(topup.refid = %order.refid, code, error = %failure, "topup.broke_off");
        if failure.stops() {
            self.closed = true;
        } else {
            self.worked.broken += 1;
            // One that can't be read, or written, says nothing of those behind it, and stays in front of them.
            self.away += u64::from(!failure.is_of_one());
        }
        self.failure.get_or_insert(failure);
    }

    /// Whether no other turn may begin.
    fn is_over(&self) -> bool {
        let left_ms = self.deadline_ms.saturating_sub(self.deps.now());
        left_ms < MARGIN_MS || self.away >= BROKEN_MAX
    }

    fn end(self) -> Result<Worked, Failure> {
        let Worked {
            turns,
            held_back,
            broken,
        } = self.worked;
        if turns + held_back + broken > 0 {
            tracing::info!(turns, held_back, broken, "topups.worked");
        }
        match self.failure {
            None => Ok(self.worked),
            Some(failure) if broken <= 1 => Err(failure),
            Some(_) => Err(Failure::NotAllDone(broken)),
        }
    }
}
