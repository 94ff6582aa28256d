//! Who buys top-ups: a partner, what it may buy, how much, and where it is told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rupiah::Rupiah;
use super::state::State;
use super::window::wib_bounds;
use crate::when::BusinessDate;

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
    /// Which of its webhook secrets is in force, from 1.
    #[serde(default)]
    pub secret: u32,
    /// The first one that still signs too for a day after that: the one that the partner checks with by then.
    #[serde(default)]
    pub signs_from: u32,
    /// When the secret in force was made, Unix milliseconds.
    #[serde(default)]
    pub secret_ms: i64,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// For how long earlier secrets still sign, in milliseconds after the one in force was made.
const BOTH_SIGN_MS: i64 = 24 * 3_600_000;
/// The most secrets that sign one message.
const SIGNING_MAX: usize = 16;

impl Partner {
    /// It with a new secret of webhooks. Whoever makes two within a day, because the answer was lost, does not silence
    /// the one that the partner still checks with.
    #[must_use]
    pub fn with_new_secret(self, now_ms: i64) -> Self {
        let one_signs = now_ms.saturating_sub(self.secret_ms) >= BOTH_SIGN_MS;
        Self {
            signs_from: if one_signs { self.secret } else { self.signs_from },
            secret: self.secret.saturating_add(1),
            secret_ms: now_ms,
            ..self
        }
    }

    /// The numbers of the secrets that sign a message now, the one in force first.
    #[must_use]
    pub fn signing(&self, now_ms: i64) -> Vec<u32> {
        let first = if now_ms.saturating_sub(self.secret_ms) < BOTH_SIGN_MS {
            self.signs_from.clamp(1, self.secret.max(1))
        } else {
            self.secret
        };
        let latest = (first.saturating_add(1)..=self.secret)
            .rev()
            .take(SIGNING_MAX - 1);
        latest.chain([first]).collect()
    }
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

/// For how long a request for an order may be under way, in milliseconds.
const ON_ITS_WAY_MS: i64 = 40_000;

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

    /// Whether the day may still change: it is not over, an order of it is not, or one that was begun before its end may
    /// be on its way here. Read `now_ms` before the totals.
    #[must_use]
    pub fn is_provisional(&self, date: BusinessDate, now_ms: i64) -> bool {
        let settled_ms = wib_bounds(date).1.saturating_add(ON_ITS_WAY_MS);
        now_ms <= settled_ms || self.open().orders != 0
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
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn partner() -> Partner {
        Partner {
            id: "kios".to_owned(),
            name: "Kios".to_owned(),
            active: true,
            products: None,
            daily_cap: Rupiah::ZERO,
            per_minute: 60,
            cutoff: CutoffChoice::Refuse,
            webhook: None,
            secret: 0,
            signs_from: 0,
            secret_ms: 0,
            version: 0,
        }
    }

    #[test]
    fn the_secret_that_a_partner_has_signs_for_a_day_however_many_are_made() {
        const NOON_MS: i64 = 1_761_627_600_000;
        let first = partner().with_new_secret(NOON_MS);
        assert_eq!(first.signing(NOON_MS), [1]);
        let day = NOON_MS + BOTH_SIGN_MS;
        let second = first.with_new_secret(day);
        assert_eq!(second.signing(day), [2, 1]);
        let third = second.clone().with_new_secret(day + 1);
        assert_eq!(third.signing(day + 1), [3, 2, 1]);
        let mut many = third.clone();
        for _ in 0..20 {
            many = many.with_new_secret(day + 2);
        }
        let signing = many.signing(day + 2);
        assert_eq!(signing.len(), SIGNING_MAX);
        assert_eq!((signing.first(), signing.last()), (Some(&23), Some(&1)));
        assert_eq!(third.signing(day + 1 + BOTH_SIGN_MS), [3]);
        assert_eq!(
            second
                .with_new_secret(day + BOTH_SIGN_MS)
                .signing(day + BOTH_SIGN_MS),
            [3, 2]
        );
    }

    #[test]
    fn a_day_is_provisional_until_it_is_over_and_all_its_orders_are() {
        let date: BusinessDate = "2025-10-28".parse().unwrap();
        let ends_ms = wib_bounds(date).1;
        let price = Rupiah::new(11_500);
        let taken = DayTotals::of_step(None, State::New, price);
        let over = taken.plus(&DayTotals::of_step(Some(State::New), State::Failed, price));
        for (totals, now_ms, expected) in [
            (&over, ends_ms, true),
            (&over, ends_ms + 40_000, true),
            (&over, ends_ms + 40_001, false),
            (&taken, ends_ms + 40_001, true),
        ] {
            assert_eq!(totals.is_provisional(date, now_ms), expected, "{now_ms}");
        }
    }

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
