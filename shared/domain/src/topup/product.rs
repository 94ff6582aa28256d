//! What can be bought: the catalogue is the shop's own list, because the supplier has none to ask for (source document
//! 002 names codes, and gives neither list nor prices).

use serde::{Deserialize, Serialize};

use super::number::Operator;
use super::rupiah::Rupiah;

/// What kind of product it is: which destinations it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Credit for a mobile number.
    Pulsa,
    /// A data package for a mobile number.
    Data,
    /// A token for a prepaid electricity meter.
    Pln,
    /// A voucher for a customer's number.
    Voucher,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Pulsa, Self::Data, Self::Pln, Self::Voucher];

    /// The kind's name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pulsa => "pulsa",
            Self::Data => "data",
            Self::Pln => "pln",
            Self::Voucher => "voucher",
        }
    }
}

/// A product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The supplier's code. Neither nominal nor price are ever read out of it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Whose numbers it is for; `None` for PLN and vouchers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
    /// What the supplier charges.
    pub cost: Rupiah,
    /// What partners pay.
    pub price: Rupiah,
    /// Whether it is sold at all.
    pub active: bool,
    /// Whether the supplier is known to accept it more than once a day for the same number.
    #[serde(default)]
    pub repeatable: bool,
    /// What its replies say of it lately.
    #[serde(default)]
    pub breaker: Breaker,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// Whether a product is being tried at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// How many replies in a row said that the product is down.
    #[serde(default)]
    pub downs: u32,
    /// Until when it is refused, Unix milliseconds. The first real order after that is the probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// Whether a price other than the catalogue's was charged: refused until a person has looked.
    #[serde(default)]
    pub price_differs: bool,
    /// Whether the supplier does not know the code: refused until a person has looked.
    #[serde(default)]
    pub code_unknown: bool,
}

/// How many replies in a row, each of which says that a product is down, are believed.
pub const DOWNS_MAX: u32 = 3;

/// For how long a product that is down is refused at first; doubled every time it is still down.
const DOWN_MS: i64 = 600_000;

/// The longest it is refused.
const DOWN_MAX_MS: i64 = 7_200_000;

/// For how long other orders wait for what becomes of the one that tries a product again.
const PROBE_MS: i64 = 120_000;

impl Breaker {
    /// The breaker after a reply that says that the product is down.
    #[must_use]
    pub fn down(&self, now_ms: i64) -> Self {
        let downs = self.downs.saturating_add(1);
        let until_ms = downs.checked_sub(DOWNS_MAX).map(|more| {
            let pause = DOWN_MS.saturating_mul(1_i64 << more.min(10)).min(DOWN_MAX_MS);
            now_ms.saturating_add(pause)
        });
        Self {
            downs,
            until_ms: until_ms.or(self.until_ms),
            ..*self
        }
    }

    /// The breaker after a delivery. What a person has to look at stays.
    #[must_use]
    pub const fn delivered(&self) -> Self {
        Self {
            downs: 0,
            until_ms: None,
            ..*self
        }
    }

    /// Until when the product is refused; `None` when it is not.
    #[must_use]
    pub fn down_until(&self, now_ms: i64) -> Option<i64> {
        self.until_ms.filter(|until_ms| now_ms < *until_ms)
    }

    /// The breaker after an order was taken: the first one after a pause tries the product, and the next ones wait for
    /// what becomes of it.
    #[must_use]
    pub fn taken(&self, now_ms: i64) -> Self {
        let probes = self.until_ms.is_some_and(|until_ms| until_ms <= now_ms);
        Self {
            until_ms: if probes {
                Some(now_ms.saturating_add(PROBE_MS))
            } else {
                self.until_ms
            },
            ..*self
        }
    }
}
