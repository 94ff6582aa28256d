//! Top-ups: orders and what happened to them, what is known of destinations, what partners' days came to, and the
//! books of our deposit.
//!
//! A step of an order changes all that belongs to it in one transaction, guarded by the versions that the step was
//! decided on. Figures that many orders share, the day of a partner and what waits to be sent, are added to and have
//! no version: nothing is decided on them but the daily cap, which is a condition of the transaction itself.

mod actions;
mod books;
mod catalogue;
mod commit;
mod destinations;
mod lists;
mod orders;
mod stops;
mod take;
mod webhooks;

use domain::topup::books::Books;
use domain::topup::change::Around;
use domain::topup::destination::Destination;
use domain::topup::event::Event;
use domain::topup::order::Order;
use domain::topup::product::Product;

use crate::Clients;
use crate::audit::AuditTrail;
use crate::dynamo::{Dynamo, Item, key, read_document, text};
use crate::error::StoreError;
use crate::keys::topups as keys;
use crate::outbox::Outbox;

pub use catalogue::Catalogue;
pub use orders::Filter;
pub use stops::{Pause, SeenAddress, Stop};
pub use take::{KeyUse, Taken};
pub use webhooks::Webhooks;

/// What an order is called in the records of the table's stream.
pub const TOPUP_KIND: &str = "topup";
/// What a message to a partner is called in the records of the table's stream.
pub const WEBHOOK_KIND: &str = "webhook";

/// Seconds of a day.
const DAY_S: i64 = 86_400;
/// What has ended is kept for so many days at least: as long as partners may ask about it.
const KEEP_DAYS_MIN: u32 = 90;

/// The orders in the table of top-ups, and all that changes with them.
#[derive(Clone, Debug)]
pub struct Topups {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
    outbox: Outbox,
    keep_s: i64,
}

impl Topups {
    /// The orders of these clients. What has ended is kept for `keep_days`, and for 90 at least.
    #[must_use]
    pub fn new(clients: &Clients, keep_days: u32) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().topups.clone(),
            audit: AuditTrail::new(clients),
            outbox: Outbox::new(clients),
            keep_s: i64::from(keep_days.max(KEEP_DAYS_MIN)).saturating_mul(DAY_S),
        }
    }

    /// One order, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, refid: &str) -> Result<Option<Order>, StoreError> {
        let place = key(keys::order(refid), keys::ORDER);
        let item = self.dynamo.get(&self.table, place).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// One order with all that a step of it is decided on, each strongly consistent and with its version: what
    /// changes in between fails the writing of the step.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when its product is gone, which none ever is.
    pub async fn around(&self, refid: &str) -> Result<Option<Around>, StoreError> {
        let Some(order) = self.get(refid).await? else {
            return Ok(None);
        };
        let product = self.dynamo.get(&self.table, key(keys::PRODUCTS, &order.product));
        let (destination, product, books) =
            futures::try_join!(self.destination(&order.dest), product, self.books())?;
        let product: Product =
            read_document(&product.ok_or(StoreError::Damaged("an order of a product that there is not"))?)?;
        Ok(Some(Around {
            order,
            destination,
            product,
            books,
        }))
    }

    /// What is known of a destination, strongly consistent; of a strange one nothing, at version 0.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn destination(&self, dest: &str) -> Result<Destination, StoreError> {
        let place = key(keys::destination(dest), keys::DESTINATION);
        let item = self.dynamo.get(&self.table, place).await?;
        item.as_ref()
            .map_or_else(|| Ok(Destination::default()), read_document)
    }

    /// The end of the books, strongly consistent; before they are opened an empty one, at version 0.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn books(&self) -> Result<Books, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::BOOKS, keys::BOOKS))
            .await?;
        item.as_ref().map_or_else(|| Ok(Books::default()), read_document)
    }

    /// What happened to an order, the first thing first, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn events(&self, refid: &str) -> Result<Vec<Event>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::order(refid))
            .key_condition_expression("pk = :pk AND begins_with(sk, :events)")
            .expression_attribute_values(":events", text(keys::EVENTS))
            .consistent_read(true);
        let items = self.dynamo.all(query).await?;
        items.iter().map(read_document).collect()
    }
}

/// The id of the order that stands under a key; `None` for the key of anything else. For the records of the table's
/// stream.
#[must_use]
pub fn order_of<'a>(pk: &'a str, sk: &str) -> Option<&'a str> {
    pk.strip_prefix("O#").filter(|_| sk == keys::ORDER)
}

/// The id of the message that stands under a key; `None` for the key of anything else. For the records of the table's
/// stream.
#[must_use]
pub fn webhook_of<'a>(pk: &'a str, sk: &str) -> Option<&'a str> {
    pk.strip_prefix("W#").filter(|_| sk == keys::WEBHOOK)
}

/// Says when an item may go.
fn expires(item: &mut Item, at_ms: i64, keep_s: i64) {
    let at = at_ms.div_euclid(1000).saturating_add(keep_s);
    item.insert(crate::keys::EXPIRES_AT.to_owned(), crate::dynamo::number(at));
}
