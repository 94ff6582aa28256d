//! The books of our deposit with the supplier: what every reply says of the balance, chained.
//!
//! The level is the balance with everything added that we know was charged. It changes when something was charged that
//! we do not know of, or when somebody paid in; orders that are open may lower it by what they cost.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::reply::Balance;
use super::rupiah::Rupiah;

/// The end of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The balance as it was last said; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Rupiah>,
    /// When, Unix milliseconds.
    #[serde(default)]
    pub at_ms: i64,
    /// All that is known to have been charged since the books were opened.
    #[serde(default)]
    pub charged: Rupiah,
    /// The level that is accounted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Rupiah>,
    /// When the level last changed, Unix milliseconds. Of what was sent before, it cannot tell whether it was charged.
    #[serde(default)]
    pub level_ms: i64,
    /// When the balance was last said to be below the level, Unix milliseconds: one of the open orders was charged then,
    /// whatever is said later.
    #[serde(default)]
    pub below_ms: i64,
    /// Whether something is in `charged` that no balance has been said with since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsaid: bool,
    /// For what the deposit did not suffice, as the supplier last said; `None` since it was said to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<Rupiah>,
    /// What orders cost that are over since the balance was last said, within one step: what they had been charged is no
    /// other's.
    #[serde(skip)]
    pub released: Rupiah,
    /// Orders that were sent and are not over, with what they cost by the catalogue.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, Rupiah>,
    /// How many entries there are.
    #[serde(default)]
    pub entries: u64,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// An entry of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The order whose reply it is; `None` for an answer about the balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refid: Option<String>,
    /// What the reply says of the balance before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Rupiah>,
    /// What was charged by this entry.
    pub charged: Rupiah,
    /// The balance.
    pub balance: Rupiah,
    /// Whether before, price and after of the reply do not add up.
    #[serde(default)]
    pub does_not_add_up: bool,
    /// What came in.
    pub paid_in: Rupiah,
    /// What went out, and no order of ours explains it.
    pub unrecorded: Rupiah,
}

impl Books {
    /// The books after the intent to send an order was written: from here on it may be charged.
    #[must_use]
    pub fn sent(&self, order: &Order) -> Self {
        let mut next = self.next();
        next.open.insert(order.refid.clone(), order.cost);
        next
    }

    /// The books after an order is over, or is known not to have been sent.
    #[must_use]
    pub fn ended(&self, refid: &str) -> Self {
        let mut next = self.next();
        if let Some(cost) = next.open.remove(refid) {
            next.released = plus(next.released, cost);
        }
        next
    }

    /// The books after it turned out, without a word of the balance, that something was charged.
    #[must_use]
    pub fn charged(&self, amount: Rupiah) -> Self {
        let mut next = self.next();
        next.charged = plus(self.charged, amount);
        next.unsaid |= amount != Rupiah::ZERO;
        next
    }

    /// The books after the supplier refused an order of this cost because the deposit does not suffice.
    #[must_use]
    pub fn fell_short(&self, cost: Rupiah) -> Self {
        let mut next = self.next();
        next.short = Some(cost);
        next
    }

    /// The books after the supplier said what the balance is, and the entry of that; there is none where the balance
    /// cannot be read. An order that is over has to be taken out with [`Books::ended`] before.
    #[must_use]
    pub fn said(
        &self,
        at_ms: i64,
        refid: Option<&str>,
        balance: &Balance,
        charged: Rupiah,
    ) -> (Self, Option<Entry>) {
        let mut next = self.charged(charged);
        let Some(left) = balance.left() else {
            return (next, None);
        };
        let said = plus(left, next.charged);
        let (level, paid_in, unrecorded) = self.moved(said, charged);
        if level != self.level {
            next.level = level;
            next.level_ms = at_ms;
        }
        // What was charged without a word of the balance may be what makes it up to the level again.
        if self.unsaid || self.level.is_some_and(|level| said < level) {
            next.below_ms = at_ms;
        }
        (next.unsaid, next.released) = (false, Rupiah::ZERO);
        next.short = self.short.filter(|short| left < *short);
        next.balance = Some(left);
        next.at_ms = at_ms;
        next.entries = self.entries.saturating_add(1);
        let (before, does_not_add_up) = match *balance {
            Balance::Charged { before, price, after } => {
                (Some(before), before.checked_sub(price) != Some(after))
            }
            Balance::Left(_) | Balance::Unreadable => (None, false),
        };
        let entry = Entry {
            number: next.entries,
            at_ms,
            refid: refid.map(str::to_owned),
            before,
            charged,
            balance: left,
            does_not_add_up,
            paid_in,
            unrecorded,
        };
        (next, Some(entry))
    }

    /// The level after it is said to be so much, what came in, and what went out without an order of ours.
    ///
    /// The level opens when no order is open, because until then nobody can tell what they were charged. Where more went
    /// out than open orders explain, only the rest is unrecorded: if they turn out not to have been charged, that
    /// shows when they are over. What came in leaves them charged, where they were: if it was what they had been
    /// charged, that shows then too. What came in before the reply that ends an order, and is said by that alone, cannot
    /// be told from what the order was given back.
    fn moved(&self, said: Rupiah, charged: Rupiah) -> (Option<Rupiah>, Rupiah, Rupiah) {
        let open = self.reserved();
        match self.level {
            None if self.open.is_empty() => (Some(said), Rupiah::ZERO, Rupiah::ZERO),
            None => (None, Rupiah::ZERO, Rupiah::ZERO),
            Some(level) if said > level => {
                let next = plus(said, self.held(charged).min(open));
                (Some(next), minus(next, level), Rupiah::ZERO)
            }
            Some(level) if said < minus(level, open) => {
                let unrecorded = minus(minus(level, open), said);
                (Some(plus(said, open)), Rupiah::ZERO, unrecorded)
            }
            Some(level) => (Some(level), Rupiah::ZERO, Rupiah::ZERO),
        }
    }

    /// How far the last balance was below the level, without what is over by now: what open orders had been charged by
    /// then. `charged` is what the order was that just ended.
    fn held(&self, charged: Rupiah) -> Rupiah {
        let was = self
            .balance
            .map(|balance| plus(balance, plus(self.charged, charged)));
        let held = self.level.zip(was).map(|(level, was)| minus(level, was));
        let given_back = minus(self.released, charged).max(Rupiah::ZERO);
        minus(held.unwrap_or(Rupiah::ZERO), given_back).max(Rupiah::ZERO)
    }

    /// Whether a balance shows that none of the open orders was charged; `None` where it cannot tell. An order that was
    /// sent at `since_ms` is judged only by a level that is older: a payment in between may hide what it was charged. So
    /// may one that made good for what was charged, and was said to be missing, since; and what people say was charged,
    /// before the supplier says the balance again.
    #[must_use]
    pub fn untouched(&self, balance: &Balance, since_ms: i64) -> Option<bool> {
        let level = self.level.filter(|_| self.level_ms < since_ms && !self.unsaid)?;
        let said = plus(balance.left()?, self.charged);
        match said.cmp(&level) {
            Ordering::Equal if self.below_ms < since_ms => Some(true),
            Ordering::Less if self.open.len() <= 1 => Some(false),
            Ordering::Less | Ordering::Equal | Ordering::Greater => None,
        }
    }

    /// What open orders may have been charged, or will be.
    #[must_use]
    pub fn reserved(&self) -> Rupiah {
        self.open.values().copied().fold(Rupiah::ZERO, plus)
    }

    /// What is left for new orders, when open ones are all charged and so many rupiah wait to be sent; `None` before
    /// any balance is known. Nothing is while the supplier says that it does not suffice, whatever these books say.
    #[must_use]
    pub fn free(&self, waiting: i64) -> Option<Rupiah> {
        // What open orders were charged already is in the balance and not in the level: it must not count twice.
        let before = match self.level {
            Some(level) => minus(level, self.charged),
            None => match self.short {
                Some(_) => Rupiah::ZERO,
                None => self.balance?,
            },
        };
        let free = minus(minus(before, self.reserved()), Rupiah::new(waiting));
        Some(self.short.map_or(free, |_| free.min(Rupiah::ZERO)))
    }

    fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}

/// The sum. What a garbled reply says may be too large for one; then it is as large as can be.
fn plus(one: Rupiah, other: Rupiah) -> Rupiah {
    Rupiah::new(one.get().saturating_add(other.get()))
}

fn minus(one: Rupiah, other: Rupiah) -> Rupiah {
    Rupiah::new(one.get().saturating_sub(other.get()))
}
