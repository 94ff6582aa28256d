//! What a step changes: documents that are written together or not at all.

use std::fmt;

use super::alert::{Alert, AlertKind};
use super::books::{Books, Entry};
use super::destination::Destination;
use super::event::Event;
use super::order::Order;
use super::partner::DayTotals;
use super::product::Product;
use super::webhook::Webhook;

mod draft;

pub(super) use draft::Draft;

/// What a step reads: an order and what its step may touch.
#[derive(Clone, PartialEq, Eq)]
pub struct Around {
    /// The order.
    pub order: Order,
    /// Its destination.
    pub destination: Destination,
    /// Its product.
    pub product: Product,
    /// The books of the deposit.
    pub books: Books,
}

/// What a step writes, in one transaction. Every document has the version after the one that was read, so that a step
/// that read something older writes nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// The order.
    pub order: Order,
    /// What happened.
    pub event: Event,
    /// The destination, where it changes.
    pub destination: Option<Destination>,
    /// The product, where it changes.
    pub product: Option<Product>,
    /// The books, where they change.
    pub books: Option<Books>,
    /// The entry to add to them.
    pub entry: Option<Entry>,
    /// What is added to the partner's day: the date in Asia/Jakarta on which the order was taken.
    pub day: DayChange,
    /// Rupiah added to what waits to be sent.
    pub waiting: i64,
    /// What the partner is told.
    pub webhook: Option<Webhook>,
    /// What people are told.
    pub alerts: Vec<Alert>,
}

impl Change {
    /// Whether people have to look from now on, because an order that is over is said to have ended otherwise.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        self.alerts
            .iter()
            .any(|alert| alert.kind == AlertKind::Contradicted)
    }
}

/// What is added to a partner's day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayChange {
    /// The differences.
    pub totals: DayTotals,
}

impl DayChange {
    /// Whether nothing is added.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.totals == DayTotals::default()
    }
}

impl fmt::Debug for Around {
    /// Without the documents: they hold a number and a serial number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around")
            .field("refid", &self.order.refid)
            .field("state", &self.order.state)
            .field("version", &self.order.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Change {
    /// Without the documents: they hold a number and a serial number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("refid", &self.order.refid)
            .field("state", &self.order.state)
            .field("version", &self.order.version)
            .field("what", &self.event.what)
            .field("day", &self.day)
            .field("waiting", &self.waiting)
            .field("entry", &self.entry)
            .field("alerts", &self.alerts)
            .finish_non_exhaustive()
    }
}
