//! What the server knows: products, the deposit, and every order that was ever taken.

mod record;
mod time;

use std::collections::BTreeMap;

use domain::topup::reply::{DuplicateStatus, Failure, Outcome};
use serde::{Deserialize, Serialize};

use super::admit::Order;
use super::magic::{Deed, Script};
use super::{failed, magic, text};

pub use record::{Event, Serial, Standing, Status, Transaction, What};

use record::sn;
use time::{clock, date, day, is_cutoff};

/// How long something is pending where nobody says otherwise, in milliseconds.
const PENDING_MS: i64 = 40_000;
/// Failures in a row after which a destination is blocked (source document 002, kind 6).
const FAILURES_MAX: u32 = 5;
const MINUTE_MS: i64 = 60_000;
/// Another member's id of an order.
const SOMEBODY: &str = "SOMEBODYELSE00000001";
/// The number of the first transaction.
const FIRST: usize = 71_000_001;

/// A product of the list.
#[derive(Clone, Copy, Debug)]
struct Product {
    price: i64,
    serial: Serial,
    standing: Standing,
}

/// The state.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) balance: i64,
    pub(super) pending_ms: i64,
    pub(super) charges_pending: bool,
    pub(super) refuses_repeats: bool,
    pub(super) knows_check: bool,
    pub(super) forgets_timeouts: bool,
    /// Failures in a row, by destination.
    pub(super) failures: BTreeMap<String, u32>,
    pub(super) transactions: Vec<Transaction>,
    pub(super) events: Vec<Event>,
    products: BTreeMap<String, Product>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            balance: 0,
            pending_ms: PENDING_MS,
            charges_pending: true,
            refuses_repeats: false,
            knows_check: false,
            forgets_timeouts: false,
            failures: BTreeMap::new(),
            transactions: Vec::new(),
            events: Vec::new(),
            products: BTreeMap::new(),
        }
    }
}

/// What outlasts a server: its deposit, and what it was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    balance: i64,
    failures: BTreeMap<String, u32>,
    transactions: Vec<Transaction>,
    events: Vec<Event>,
}

impl Ledger {
    pub(super) fn kept(&self) -> Kept {
        Kept {
            balance: self.balance,
            failures: self.failures.clone(),
            transactions: self.transactions.clone(),
            events: self.events.clone(),
        }
    }

    pub(super) fn remember(&mut self, kept: Kept) {
        self.balance = kept.balance;
        self.failures = kept.failures;
        self.transactions = kept.transactions;
        self.events = kept.events;
    }

    pub(super) fn product(&mut self, code: &str, price: i64, serial: Serial) {
        let product = Product {
            price,
            serial,
            standing: Standing::Open,
        };
        self.products.insert(code.to_owned(), product);
    }

    pub(super) fn stand(&mut self, code: &str, standing: Standing) {
        if let Some(product) = self.products.get_mut(code) {
            product.standing = standing;
        }
    }

    /// Whether an order would be a new one.
    pub(super) fn is_new(&self, order: &Order, now_ms: i64) -> bool {
        self.known(order, now_ms).is_none()
    }

    /// The transaction that an id of today names. Yesterday's ids are free again, as with servers of this family.
    fn known(&self, order: &Order, now_ms: i64) -> Option<usize> {
        let is_it = |one: &Transaction| one.refid == order.refid && day(one.at_ms) == day(now_ms);
        self.transactions.iter().rposition(is_it)
    }

    /// Lets time do its work; the ids of what was settled by it, and when.
    pub(super) fn settle(&mut self, now_ms: i64) -> Vec<(String, i64)> {
        let due = |one: &Transaction| one.settles.filter(|(at, _)| *at <= now_ms);
        let due: Vec<(usize, i64, bool)> = (0..)
            .zip(&self.transactions)
            .filter_map(|(place, one)| due(one).map(|(at, delivers)| (place, at, delivers)))
            .collect();
        let mut settled = Vec::new();
        for (place, at_ms, delivers) in due {
            if delivers {
                self.deliver(place, at_ms);
            } else {
                self.fail(place, Failure::CancelledByProvider, at_ms);
            }
            let refid = self.transactions.get(place).map(|one| one.refid.clone());
            settled.push((refid.unwrap_or_default(), at_ms));
        }
        settled
    }

    /// Takes an order, or a question about one; the text that answers it.
    pub(super) fn deal(&mut self, order: &Order, script: &Script, forgotten: bool, now_ms: i64) -> String {
        // While it is closed it speaks of nothing, not even of what it has.
        if is_cutoff(now_ms) {
            let failure = Failure::CutoffOrTimeout;
            self.note(&order.refid, What::Refused(failure), now_ms);
            return self.says(order, "0", failed(failure), now_ms);
        }
        if let Some(place) = self.known(order, now_ms).filter(|_| !forgotten) {
            self.note(&order.refid, What::Asked, now_ms);
            return self.told(order, place);
        }
        if order.check && self.knows_check {
            self.note(&order.refid, What::Asked, now_ms);
            return text::unknown(&order.dest, &date(now_ms));
        }
        if let Some(failure) = self.refusal(order, script.deed) {
            self.note(&order.refid, What::Refused(failure), now_ms);
            return self.says(order, "0", failed(failure), now_ms);
        }
        let repeats = self.refuses_repeats
            && self.transactions.iter().any(|one| {
                one.dest == order.dest
                    && one.product == order.product
                    && one.status == Status::Delivered
                    && day(one.at_ms) == day(now_ms)
            });
        if repeats || matches!(script.deed, Deed::Foreign(_)) {
            let outcome = Outcome::Duplicate {
                status: DuplicateStatus::Success,
                at: clock(now_ms - MINUTE_MS),
                sn: "R999999.0001F1".to_owned(),
            };
            let mut said = order.clone();
            if script.deed == Deed::Foreign(true) {
                SOMEBODY.clone_into(&mut said.refid);
            }
            return self.says(&said, "70999999", outcome, now_ms);
        }
        self.take(order, script.deed, now_ms)
    }

    /// Why an order becomes nothing at all.
    fn refusal(&self, order: &Order, deed: Deed) -> Option<Failure> {
        if self
            .failures
            .get(&order.dest)
            .is_some_and(|count| *count >= FAILURES_MAX)
        {
            return Some(Failure::NumberBlocked);
        }
        let Some(product) = self.products.get(&order.product) else {
            return Some(Failure::BadProduct);
        };
        match (product.standing, deed) {
            (Standing::Down, _) => Some(Failure::ProductDownSupplier),
            (Standing::DownAtOperator, _) => Some(Failure::ProductDownOperator),
            (Standing::Gone, _) => Some(Failure::BadProduct),
            (Standing::Open, _) if product.price > self.balance => Some(Failure::InsufficientBalance),
            // What fails before it is tried leaves no trace.
            (
                Standing::Open,
                Deed::Fail(
                    failure @ (Failure::NumberBlocked
                    | Failure::ProductDownSupplier
                    | Failure::ProductDownOperator
                    | Failure::BadProduct
                    | Failure::InsufficientBalance
                    | Failure::PackageAlreadyActive),
                ),
            ) => Some(failure),
            (Standing::Open, _) => None,
        }
    }

    /// Makes a transaction of an order; what is said of it.
    fn take(&mut self, order: &Order, deed: Deed, now_ms: i64) -> String {
        let place = self.transactions.len();
        let price = self
            .products
            .get(&order.product)
            .map_or(0, |product| product.price);
        let settles = match deed {
            Deed::PendDeliver => Some((now_ms + self.pending_ms, true)),
            Deed::PendLong(ms) => Some((now_ms + ms, true)),
            Deed::PendFail => Some((now_ms + self.pending_ms, false)),
            Deed::DeliverLate(ms) => Some((now_ms + ms, true)),
            _ => None,
        };
        let pends = match deed {
            Deed::PendForEver => true,
            Deed::DeliverLate(_) => false,
            _ => settles.is_some(),
        };
        let charged = pends && self.charges_pending;
        let before = self.balance;
        if charged {
            self.balance -= price;
        }
        let trxid = (FIRST + place).to_string();
        self.transactions.push(Transaction {
            trxid: trxid.clone(),
            refid: order.refid.clone(),
            product: order.product.clone(),
            dest: order.dest.clone(),
            at_ms: now_ms,
            price,
            status: Status::Pending,
            sn: String::new(),
            charged,
            settles,
        });
        self.note(&order.refid, What::Taken, now_ms);
        match deed {
            _ if pends => self.says(order, &trxid, Outcome::Accepted, now_ms),
            Deed::Fail(failure) => {
                self.fail(place, failure, now_ms);
                self.says(order, &trxid, failed(failure), now_ms)
            }
            Deed::DeliverLate(_) => {
                self.fail(place, Failure::CutoffOrTimeout, now_ms);
                if let Some(one) = self.transactions.get_mut(place) {
                    one.settles = settles;
                }
                self.says(order, &trxid, failed(Failure::CutoffOrTimeout), now_ms)
            }
            Deed::DeliverUnheard => {
                self.deliver(place, now_ms);
                self.says(order, &trxid, failed(Failure::CutoffOrTimeout), now_ms)
            }
            _ => {
                self.deliver(place, now_ms);
                let sn = self.transactions.get(place).map(|one| one.sn.clone());
                text::bought(order, &trxid, &sn.unwrap_or_default(), (before, price))
            }
        }
    }

    /// A reply that prints the deposit as it is.
    pub(super) fn says(&self, order: &Order, trxid: &str, outcome: Outcome, now_ms: i64) -> String {
        text::of(order, trxid, outcome, self.balance, &clock(now_ms))
    }

    /// What a question about a transaction is told: it is answered as a repeated order.
    fn told(&self, order: &Order, place: usize) -> String {
        let Some(one) = self.transactions.get(place) else {
            return String::new();
        };
        let status = match one.status {
            Status::Pending => return self.says(order, &one.trxid, Outcome::InProcess, one.at_ms),
            // A timeout is one each time that somebody asks, or a failure like any other.
            Status::Failed(Failure::CutoffOrTimeout)
                if !self.forgets_timeouts && !magic::forgets_timeout(&one.dest) =>
            {
                return self.says(order, &one.trxid, failed(Failure::CutoffOrTimeout), one.at_ms);
            }
            Status::Delivered => DuplicateStatus::Success,
            Status::Failed(_) => DuplicateStatus::Failed,
        };
        let outcome = Outcome::Duplicate {
            status,
            at: clock(one.at_ms),
            sn: one.sn.clone(),
        };
        let original = Order {
            product: one.product.clone(),
            dest: one.dest.clone(),
            ..order.clone()
        };
        self.says(&original, &one.trxid, outcome, one.at_ms)
    }

    fn deliver(&mut self, place: usize, at_ms: i64) {
        let Some(one) = self.transactions.get_mut(place) else {
            return;
        };
        let serial = self.products.get(&one.product).map(|product| product.serial);
        one.sn = sn(serial.unwrap_or(Serial::Pulsa), place, at_ms);
        one.status = Status::Delivered;
        one.settles = None;
        if !one.charged {
            self.balance -= one.price;
            one.charged = true;
        }
        self.failures.remove(&one.dest);
        let refid = one.refid.clone();
        self.note(&refid, What::Delivered, at_ms);
    }

    fn fail(&mut self, place: usize, failure: Failure, at_ms: i64) {
        let Some(one) = self.transactions.get_mut(place) else {
            return;
        };
        one.status = Status::Failed(failure);
        one.settles = None;
        if one.charged {
            self.balance += one.price;
            one.charged = false;
        }
        let counts = matches!(
            failure,
            Failure::NotProcessable
                | Failure::CancelledByProvider
                | Failure::BadNumber
                | Failure::NumberExpired
                | Failure::NumberInactive
        );
        if counts {
            *self.failures.entry(one.dest.clone()).or_default() += 1;
        }
        let refid = one.refid.clone();
        self.note(&refid, What::Failed(failure), at_ms);
    }

    fn note(&mut self, refid: &str, what: What, at_ms: i64) {
        self.events.push(Event {
            at_ms,
            refid: refid.to_owned(),
            what,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_a_timeout_is_told_a_timeout_or_a_failure_of_before() {
        const NOON_MS: i64 = 1_795_237_200_000;
        let mut ledger = Ledger::default();
        ledger.product("S10", 10_450, Serial::Pulsa);
        ledger.balance = 1_000_000;
        for (dest, forgets, told) in [
            ("081299999016", false, "GAGAL; CutOff"),
            ("081299999016", true, "GAGAL; sudah pernah"),
            ("081299999018", false, "GAGAL; sudah pernah"),
        ] {
            ledger.forgets_timeouts = forgets;
            let order = Order {
                product: "S10".to_owned(),
                dest: dest.to_owned(),
                refid: format!("{dest}{forgets}"),
                check: false,
            };
            let script = magic::script(dest);
            let first = ledger.deal(&order, &script, false, NOON_MS);
            assert!(first.contains("GAGAL; CutOff"), "{first}");
            let again = ledger.deal(&order, &Script::default(), false, NOON_MS);
            assert!(again.contains(told), "{again}");
        }
        assert_eq!(ledger.balance, 1_000_000);
    }
}
