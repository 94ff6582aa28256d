//! A shop with several orders.

use std::collections::BTreeMap;

use super::{Counter, NOON, SN, books, product};
use domain::topup::books::Books;
use domain::topup::change::{Around, Change};
use domain::topup::destination::Destination;
use domain::topup::event::What;
use domain::topup::intake::taken;
use domain::topup::order::Order;
use domain::topup::partner::{DayTotals, Totals};
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;

/// A shop with several orders. Every change goes through [`Shop::apply`], which checks what has to hold always.
pub(crate) struct Shop {
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) destinations: BTreeMap<String, Destination>,
    pub(crate) product: Product,
    pub(crate) books: Books,
    pub(crate) day: DayTotals,
    pub(crate) waiting: i64,
    pub(crate) paid_in: i64,
    pub(crate) unrecorded: i64,
    pub(crate) told: Vec<String>,
    pub(crate) now_ms: i64,
}

impl Shop {
    pub(crate) fn new(balance: i64) -> Self {
        Self {
            orders: BTreeMap::new(),
            destinations: BTreeMap::new(),
            product: product(),
            books: books(balance),
            day: DayTotals::default(),
            waiting: 0,
            paid_in: 0,
            unrecorded: 0,
            told: Vec::new(),
            now_ms: NOON,
        }
    }

    pub(crate) fn counter(&self, dest: &str) -> Counter {
        Counter {
            product: self.product.clone(),
            destination: self.destinations.get(dest).cloned().unwrap_or_default(),
            books: self.books.clone(),
            dest: dest.to_owned(),
            waiting: self.waiting,
            used_today: self.day.used(),
            now_ms: self.now_ms,
            ..Counter::default()
        }
    }

    pub(crate) fn take(&mut self, refid: &str, dest: &str) {
        let change = taken(&self.counter(dest).wish(), refid.to_owned(), None, None);
        assert_eq!((change.order.version, change.event.number), (1, 1));
        assert_eq!(change.event.what, What::Taken);
        self.write(change);
    }

    pub(crate) fn around(&self, refid: &str) -> Around {
        let order = self.orders[refid].clone();
        Around {
            destination: self.destinations[&order.dest].clone(),
            product: self.product.clone(),
            books: self.books.clone(),
            order,
        }
    }

    /// Writes a change to an order that is there already.
    pub(crate) fn apply(&mut self, change: Change) {
        let before = &self.orders[&change.order.refid];
        let (from, to) = (before.state, change.order.state);
        assert!(from == to || from.may_become(to), "{from:?} to {to:?}");
        assert_eq!(change.order.version, before.version + 1);
        assert_eq!((change.event.number, change.event.state), (before.events + 1, to));
        assert_eq!(change.order.events, change.event.number);
        let same = |of: &Order| {
            (
                of.refid.clone(),
                of.dest.clone(),
                of.product.clone(),
                of.price,
                of.cost,
            )
        };
        assert_eq!(same(before), same(&change.order));
        if change.event.what == What::Sending {
            assert_eq!((from, before.sent_ms), (State::New, None), "sent twice");
        }
        self.write(change);
    }

    fn write(&mut self, change: Change) {
        self.says_nothing_about_people(&change);
        let (refid, dest) = (change.order.refid.clone(), change.order.dest.clone());
        if let Some(destination) = change.destination {
            let before = self.destinations.get(&dest).map_or(0, |before| before.version);
            assert_eq!(destination.version, before + 1);
            self.destinations.insert(dest, destination);
        }
        if let Some(product) = change.product {
            assert_eq!(product.version, self.product.version + 1);
            self.product = product;
        }
        if let Some(entry) = &change.entry {
            let books = change.books.as_ref().unwrap();
            assert_eq!(
                (entry.number, books.entries),
                (self.books.entries + 1, entry.number)
            );
            self.paid_in += entry.paid_in.get();
            self.unrecorded += entry.unrecorded.get();
        }
        if let Some(books) = change.books {
            assert_eq!(books.version, self.books.version + 1);
            self.books = books;
        }
        if let Some(webhook) = change.webhook {
            assert!(!self.told.contains(&webhook.id), "{} is told twice", webhook.id);
            assert_eq!(webhook.about, change.order.state);
            self.told.push(webhook.id);
        }
        self.day = self.day.plus(&change.day.totals);
        self.waiting += change.waiting;
        self.orders.insert(refid, change.order);
        self.check();
    }

    /// What is printed, mailed or kept as an event names neither number nor serial number.
    fn says_nothing_about_people(&self, change: &Change) {
        let mails: Vec<_> = change.alerts.iter().map(|alert| alert.mail()).collect();
        let mails = serde_json::to_string(&mails).unwrap();
        let event = serde_json::to_string(&change.event).unwrap();
        let printed = format!("{change:?}{:?}{:?}", change.order, change.order.proposal);
        for text in [mails, event, printed] {
            for secret in [change.order.dest.as_str(), SN] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }

    /// Every figure follows the orders.
    fn check(&self) {
        let sum = |of: fn(&Order) -> Rupiah, states: &[State]| {
            let orders = self.orders.values().filter(|order| states.contains(&order.state));
            orders.fold(Totals::default(), |sum, order| Totals {
                orders: sum.orders + 1,
                rupiah: sum.rupiah + of(order).get(),
            })
        };
        let price = |states: &[State]| sum(|order| order.price, states);
        let expected = DayTotals {
            taken: price(&State::ALL),
            delivered: price(&[State::Success, State::LateSuccess]),
            failed: price(&[State::Failed]),
            reversed: price(&[State::Reversed]),
        };
        assert_eq!(self.day, expected);
        assert_eq!(self.waiting, sum(|order| order.cost, &[State::New]).rupiah);
        let open: BTreeMap<_, _> = self
            .orders
            .values()
            .filter(|order| order.sent_ms.is_some() && order.state.is_open())
            .map(|order| (order.refid.clone(), order.cost))
            .collect();
        assert_eq!(self.books.open, open);
        for (dest, destination) in &self.destinations {
            let mut known: Vec<_> = destination.open.iter().map(|(refid, _)| refid.clone()).collect();
            known.sort();
            let of_dest = self
                .orders
                .values()
                .filter(|order| order.dest == *dest && order.state.is_open());
            assert_eq!(
                known,
                of_dest.map(|order| order.refid.clone()).collect::<Vec<_>>()
            );
        }
        for order in self.orders.values() {
            assert_eq!(
                serde_json::from_str::<Order>(&serde_json::to_string(order).unwrap()).unwrap(),
                *order
            );
            assert!(order.sent_ms.is_some() || order.state != State::Success);
        }
    }
}
