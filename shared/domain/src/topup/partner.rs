//! Who buys top-ups: a partner, what it may buy, how much, and where it is told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rupiah::Rupiah;
use super::state::State;

/// A partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its id: lower case letters, digits and `-`, at most 40 characters.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it may order.
    pub active: bool,
    /// Which products it may order; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<BTreeSet<String>>,
    /// What its orders of one day (Asia/Jakarta) may come to. What failed is given back.
    pub daily_cap: Rupiah,
    /// How many requests it may make in a minute.
    pub per_minute: u32,
    /// What becomes of its orders during the supplier's nightly cutoff.
    #[serde(default)]
    pub cutoff: CutoffChoice,
    /// Where it is told what became of its orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Which of its webhook secrets is in force, from 1; the one before still signs too for a day.
    #[serde(default)]
    pub secret: u32,
    /// When the secret in force was made, Unix milliseconds.
    #[serde(default)]
    pub secret_ms: i64,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// What becomes of an order that comes during the cutoff.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutoffChoice {
    /// Refused at once.
    #[default]
    Refuse,
    /// Taken, and sent when the cutoff is over.
    Hold,
}

/// What a partner's orders of a day came to; every figure follows the orders, step by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTotals {
    /// Orders taken, and their prices.
    pub taken: Totals,
    /// Delivered, the late ones too.
    pub delivered: Totals,
    /// Failed.
    pub failed: Totals,
    /// Told as delivered and taken back.
    pub reversed: Totals,
}

impl DayTotals {
    /// What is neither delivered nor failed nor taken back yet.
    #[must_use]
    pub fn open(&self) -> Totals {
        let over = |of: fn(&Totals) -> i64| of(&self.delivered) + of(&self.failed) + of(&self.reversed);
        Totals {
            orders: self.taken.orders - over(|totals| totals.orders),
            rupiah: self.taken.rupiah - over(|totals| totals.rupiah),
        }
    }

    /// What counts against the daily cap: everything but what failed or was taken back.
    #[must_use]
    pub fn used(&self) -> i64 {
        self.taken.rupiah - self.failed.rupiah - self.reversed.rupiah
    }

    /// What the step of an order from one state to another adds; from `None` when it is taken.
    #[must_use]
    pub fn of_step(from: Option<State>, to: State, price: Rupiah) -> Self {
        let mut totals = Self::default();
        match from {
            None => totals.taken.add(1, price),
            Some(state) => totals.count(state, -1, price),
        }
        totals.count(to, 1, price);
        totals
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            taken: self.taken.plus(other.taken),
            delivered: self.delivered.plus(other.delivered),
            failed: self.failed.plus(other.failed),
            reversed: self.reversed.plus(other.reversed),
        }
    }

    fn count(&mut self, state: State, orders: i64, price: Rupiah) {
        match state {
            State::Success | State::LateSuccess => self.delivered.add(orders, price),
            State::Failed => self.failed.add(orders, price),
            State::Reversed => self.reversed.add(orders, price),
            State::New | State::Sending | State::Pending | State::Unknown | State::Manual => {}
        }
    }
}

/// A number of orders and what they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many.
    pub orders: i64,
    /// Their prices, whole rupiah.
    pub rupiah: i64,
}

/// The longest id of a partner, in characters.
pub const ID_MAX: usize = 40;

/// Whether a text can be a partner's id: lower case letters, digits and `-`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=ID_MAX).contains(&text.len()) && text.bytes().all(fits)
}

impl Totals {
    fn add(&mut self, orders: i64, price: Rupiah) {
        self.orders = self.orders.saturating_add(orders);
        self.rupiah = self.rupiah.saturating_add(orders.saturating_mul(price.get()));
    }

    fn plus(self, other: Self) -> Self {
        Self {
            orders: self.orders.saturating_add(other.orders),
            rupiah: self.rupiah.saturating_add(other.rupiah),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_can_stand_in_an_address_as_it_is() {
        for good in ["a", "kios-12", &"x".repeat(ID_MAX)] {
            assert!(is_id(good), "{good}");
        }
        for bad in [
            "",
            "Kios",
            "kios 1",
            "kios/1",
            "kios#1",
            "é",
            &"x".repeat(ID_MAX + 1),
        ] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
