//! A change while it is made: what follows from where an order goes is written here once, for every step alike.

use super::{Around, Change, DayChange};
use crate::topup::alert::{Alert, AlertKind, SUPPLIER};
use crate::topup::books::{Books, Entry};
use crate::topup::destination::Destination;
use crate::topup::event::{Event, TEXT_MAX, What};
use crate::topup::order::Order;
use crate::topup::partner::DayTotals;
use crate::topup::product::Product;
use crate::topup::reply::Balance;
use crate::topup::rupiah::Rupiah;
use crate::topup::state::State;
use crate::topup::webhook::Webhook;

/// A change that is being made.
pub(in crate::topup) struct Draft<'a> {
    around: &'a Around,
    pub(in crate::topup) now_ms: i64,
    pub(in crate::topup) order: Order,
    pub(in crate::topup) destination: Destination,
    pub(in crate::topup) product: Product,
    pub(in crate::topup) books: Books,
    pub(in crate::topup) entry: Option<Entry>,
    totals: DayTotals,
    waiting: i64,
    webhook: Option<Webhook>,
    alerts: Vec<Alert>,
}

impl<'a> Draft<'a> {
    /// Nothing is changed yet.
    pub(in crate::topup) fn of(around: &'a Around, now_ms: i64) -> Self {
        Self {
            around,
            now_ms,
            order: around.order.clone(),
            destination: around.destination.clone(),
            product: around.product.clone(),
            books: around.books.clone(),
            entry: None,
            totals: DayTotals::default(),
            waiting: 0,
            webhook: None,
            alerts: Vec::new(),
        }
    }

    /// An order that is new: it waits to be sent, and its destination and its partner's day know of it.
    pub(in crate::topup) fn taken(around: &'a Around, now_ms: i64) -> Self {
        let mut draft = Self::of(around, now_ms);
        draft.totals = DayTotals::of_step(None, State::New, draft.order.price);
        draft.waiting = draft.order.cost.get();
        draft.destination = draft.destination.opened(&draft.order.refid, &draft.order.product);
        draft
    }

    /// Goes there, with all that follows; does nothing where no way leads there, and says so.
    pub(in crate::topup) fn goes_to(&mut self, next: State) -> bool {
        let from = self.order.state;
        if !from.may_become(next) {
            return false;
        }
        self.order.state = next;
        self.order.state_ms = self.now_ms;
        self.totals = self
            .totals
            .plus(&DayTotals::of_step(Some(from), next, self.order.price));
        self.keeps_the_deposit(from, next);
        if next.is_final() {
            let delivered = matches!(next, State::Success | State::LateSuccess);
            self.destination = self.destination.ended(&self.order, delivered, self.now_ms);
        }
        if next.is_final() || next == State::Manual {
            self.order.next_ms = None;
            self.order.asking = false;
            self.order.holds = false;
            self.webhook = Some(Webhook::new(&self.order, self.now_ms, true));
        }
        if next == State::Manual {
            self.alert(AlertKind::ManualNeeded, &self.order.refid.clone());
        }
        if next.is_final() {
            self.order.review = None;
            self.order.unconfirmed = None;
        }
        true
    }

    /// What waits to be sent, and what was sent and is open, as the order moves on.
    fn keeps_the_deposit(&mut self, from: State, next: State) {
        let cost = self.order.cost.get();
        if from == State::New {
            self.waiting = self.waiting.saturating_sub(cost);
        }
        if next == State::New {
            self.waiting = self.waiting.saturating_add(cost);
        }
        if next == State::Sending {
            self.books = self.books.sent(&self.order);
        } else if next.is_final() || next == State::New {
            self.books = self.books.ended(&self.order.refid);
        }
    }

    /// Writes down what a reply says of the balance, and what it says was charged.
    pub(in crate::topup) fn balance(&mut self, balance: &Balance, charged: Rupiah) {
        let (books, entry) = self
            .books
            .said(self.now_ms, Some(&self.order.refid), balance, charged);
        self.books = books;
        if let Some(entry) = &entry {
            let refid = self.order.refid.clone();
            if entry.unrecorded > Rupiah::ZERO {
                self.alert(AlertKind::BalanceDiffers, &refid);
            }
            if entry.does_not_add_up {
                self.alert(AlertKind::DoesNotAddUp, &refid);
            }
        }
        self.entry = entry;
    }

    /// Tells people.
    pub(in crate::topup) fn alert(&mut self, kind: AlertKind, subject: &str) {
        self.alerts.push(Alert::new(kind, subject, self.now_ms));
    }

    /// Tells people about the supplier as a whole.
    pub(in crate::topup) fn alert_supplier(&mut self, kind: AlertKind) {
        self.alert(kind, SUPPLIER);
    }

    /// The change: every document that is another than before, one version on.
    pub(in crate::topup) fn finish(mut self, what: What, text: Option<String>, by: Option<&str>) -> Change {
        let around = self.around;
        self.order.version = around.order.version.saturating_add(1);
        self.order.events = around.order.events.saturating_add(1);
        let event = Event {
            number: self.order.events,
            at_ms: self.now_ms,
            what,
            state: self.order.state,
            text: text.map(|text| text.chars().take(TEXT_MAX).collect()),
            by: by.map(str::to_owned),
        };
        self.destination.version = around.destination.version;
        self.product.version = around.product.version;
        self.books.version = around.books.version;
        let destination = (self.destination != around.destination).then(|| Destination {
            version: around.destination.version.saturating_add(1),
            ..self.destination
        });
        let product = (self.product != around.product).then(|| Product {
            version: around.product.version.saturating_add(1),
            ..self.product
        });
        let books = (self.books != around.books).then(|| Books {
            version: around.books.version.saturating_add(1),
            ..self.books
        });
        Change {
            order: self.order,
            event,
            destination,
            product,
            books,
            entry: self.entry,
            day: DayChange { totals: self.totals },
            waiting: self.waiting,
            webhook: self.webhook,
            alerts: self.alerts,
        }
    }
}
