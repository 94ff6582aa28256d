//! Customers: their ids, what is known of them, and what they spent.
//!
//! This is the one place of personal data. Pages, logs, mails and quarantine hold the id alone.

mod pack;
mod rights;

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::figures::of_receipt;
use crate::money::Money;
use crate::page::Receipts;
use crate::receipt::Status;
use crate::when::BusinessDate;

pub use pack::{pack, unpack};
pub use rights::{Corrected, ProfileField, Rights};

/// The prefix that the integration's document asks for (§5, first point).
const PREFIX: &str = "OYAKO_";

/// The key that turns a phone number into an id which tells nobody the number.
#[derive(Clone)]
pub struct PhoneKey([u8; 32]);

impl PhoneKey {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A keyed hash of 80 bits, in letters and digits.
    #[must_use]
    pub fn short_hash(&self, text: &str) -> String {
        // An HMAC takes a key of any length; the branch is there for the type alone.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(text.as_bytes());
        let hash = mac.finalize().into_bytes();
        data_encoding::BASE32_NOPAD.encode(hash.get(..10).unwrap_or_default())
    }
}

impl std::fmt::Debug for PhoneKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PhoneKey(…)")
    }
}

/// The id of a customer whom the point of sale knows by a number of its own.
///
/// The system is part of the id, so that a Moka 17 and a Majoo 17 stay two people. A source that
/// names no system gives `OYAKO_<id>`, as the integration's document writes it; an id that already
/// carries the prefix is left as it is.
#[must_use]
pub fn id_from_native(system: Option<&str>, native: &str) -> String {
    let native: String = native
        .trim()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(80)
        .collect();
    match system {
        // Another system's id can't be claimed from within a system.
        None if native.starts_with(PREFIX) => native,
        Some(system) => format!("{PREFIX}{}_{native}", system.to_uppercase()),
        None => format!("{PREFIX}{native}"),
    }
}

/// A mail address as it is kept: in lower case. `None` where the text is none.
#[must_use]
pub fn clean_email(text: &str) -> Option<String> {
    let text = text.trim();
    let plausible = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !host.contains('@') && text.len() <= 254
    });
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (plausible && plain).then(|| text.to_lowercase())
}

/// The id of a customer known by a phone number alone: a keyed hash of the number, 80 bits.
#[must_use]
pub fn id_from_phone(system: Option<&str>, e164: &str, key: &PhoneKey) -> String {
    let system = system.unwrap_or("POS").to_uppercase();
    format!("{PREFIX}{system}_{}", key.short_hash(e164))
}

/// A fact about a person and when its source last changed it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// When the telling receipt was revised, in Unix milliseconds.
    pub told_ms: i64,
    /// The fact.
    pub value: String,
}

/// What a source says of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name, as the guest gave it.
    pub name: Option<Fact>,
    /// The phone number, E.164.
    pub phone: Option<Fact>,
    /// The mail address.
    pub email: Option<Fact>,
    /// Why the last phone number given was not taken, such as `PHONE_MASKED`.
    pub phone_problem: Option<Fact>,
}

impl Profile {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Joins another telling into this one: of each fact the latest stays; silence erases nothing.
    pub fn join(&mut self, other: Self) {
        for (mine, theirs) in [
            (&mut self.name, other.name),
            (&mut self.phone, other.phone),
            (&mut self.email, other.email),
            (&mut self.phone_problem, other.phone_problem),
        ] {
            let same = matches!((&*mine, &theirs), (Some(a), Some(b)) if a.value == b.value);
            if same {
                *mine = (*mine).take().min(theirs);
            } else if theirs > *mine {
                *mine = theirs;
            }
        }
    }
}

/// What a customer did at one outlet on one business date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The version of the page that this was counted from.
    pub page_version: u64,
    /// How many sales.
    pub visits: u32,
    /// What they came to, less what was given back.
    pub total: Money,
}

/// An outlet and a business date.
pub type OutletDay = (String, BusinessDate);

/// All that is known of a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Who they are.
    pub profile: Profile,
    /// What they did, day by day: totals are sums over these, so that they stay right under replay,
    /// refund and correction.
    pub days: BTreeMap<OutletDay, Visit>,
    /// What they asked for as a person: it stands against whatever sources tell.
    pub rights: Rights,
    /// Hashes of the phone numbers that were theirs, until their books ([`crate::kin::KinBook`]) are left: nothing
    /// else knows these books once the number is gone.
    pub former_numbers: BTreeSet<String>,
}

impl Customer {
    /// The phone number, E.164.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        self.profile.phone.as_ref().map(|phone| phone.value.as_str())
    }

    /// Remembers the number that was the customer's before a change, if it is not theirs any more. Returns whether
    /// that is news.
    pub fn remember_number(&mut self, before: Option<&str>, key: &PhoneKey) -> bool {
        let gone = before.filter(|before| self.number() != Some(before));
        gone.is_some_and(|gone| self.former_numbers.insert(key.short_hash(gone)))
    }

    /// Sets what the customer did on a day, as counted from a version of the day's page. A count
    /// from an older version than the one known changes nothing. Returns whether anything changed.
    ///
    /// A day without a sale is kept too: something on it names the customer, such as a sale that was cancelled, and
    /// whoever looks for what they left behind, to copy or to erase it, has nothing but these days to go by.
    pub fn set_day(&mut self, day: &OutletDay, visit: Visit) -> bool {
        match self.days.get_mut(day) {
            Some(known) if known.page_version > visit.page_version => false,
            Some(known) if known.visits == visit.visits && known.total == visit.total => false,
            _ => {
                self.days.insert(day.clone(), visit);
                true
            }
        }
    }

    /// How many sales in all.
    #[must_use]
    pub fn visits(&self) -> u64 {
        self.days.values().map(|day| u64::from(day.visits)).sum()
    }

    /// What all sales came to, less what was given back; `None` when it leaves the range of [`Money`].
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        crate::money::sum(self.days.values().map(|day| day.total))
    }
}

/// What each customer whom a page names did that day; who has no paid receipt on it did nothing, and is named.
#[must_use]
pub fn visits_of(receipts: &Receipts, page_version: u64) -> BTreeMap<String, Visit> {
    let mut visits: BTreeMap<String, Visit> = BTreeMap::new();
    for receipt in receipts.values() {
        let Some(head) = receipt.head.as_ref().map(|head| &head.value) else {
            continue;
        };
        let Some(customer) = &head.customer else {
            continue;
        };
        let visit = visits.entry(customer.clone()).or_insert(Visit {
            page_version,
            ..Visit::default()
        });
        if head.status != Status::Paid {
            continue;
        }
        let spent = of_receipt(receipt)
            .ok()
            .and_then(|figures| figures.total.checked_sub(figures.refunded));
        visit.visits = visit.visits.saturating_add(1);
        // A sum out of range was refused when the receipt was taken.
        visit.total = spent
            .and_then(|spent| visit.total.checked_add(spent))
            .unwrap_or(visit.total);
    }
    visits
}
