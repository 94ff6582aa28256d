//! What many orders share: entries of the books, what waits to be sent, and what partners' days came to.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::mail::Mail;
use domain::topup::books::{Books, Entry};
use domain::topup::change::DayChange;
use domain::topup::order::Order;
use domain::topup::partner::{DayTotals, Totals};
use domain::topup::window::wib_date;
use domain::when::BusinessDate;

use super::Topups;
use super::actions::{Actions, next_action};
use crate::dynamo::{
    Condition, Item, document, key, number, put_action, read_document, read_number, text, update_action,
};
use crate::error::StoreError;
use crate::keys::COUNT;
use crate::keys::topups as keys;

/// What counts against the daily cap, whole rupiah.
const USED: &str = "used_rp";

impl Topups {
    /// What an answer about the balance says, put into the books with its entry and mails about it, all or nothing.
    /// `books` is the end of the books with the entry in it, one version after the stored one. Mails that are there
    /// already are left as they are.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the books are not as they were read any more.
    pub async fn said(&self, books: &Books, entry: &Entry, mails: &[Mail]) -> Result<(), StoreError> {
        let mut actions = Actions::default();
        actions.push(self.books_action(books)?);
        actions.push(self.entry_action(entry)?);
        self.write(&actions, mails).await
    }

    /// The entries of a date (Asia/Jakarta) with higher numbers than `after`, the lowest first.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn entries(
        &self,
        date: BusinessDate,
        after: Option<u64>,
        limit: i32,
    ) -> Result<Vec<Entry>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::entries(date))
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":after", text(keys::entry(after.unwrap_or(0))))
            .consistent_read(true)
            .limit(limit);
        let (items, _) = self.dynamo.page(query).await?;
        items.iter().map(read_document).collect()
    }

    /// What orders that wait to be sent will cost, whole rupiah.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn waiting(&self) -> Result<i64, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::BOOKS, keys::WAITING))
            .await?;
        item.map_or(Ok(0), |item| read_number(&item, COUNT))
    }

    /// What a partner's orders of a date (Asia/Jakarta) came to so far.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn day(&self, partner: &str, date: BusinessDate) -> Result<DayTotals, StoreError> {
        let place = key(keys::days(partner), date.to_string());
        let item = self.dynamo.get(&self.table, place).await?;
        item.map_or_else(|| Ok(DayTotals::default()), |item| read_day(&item))
    }

    pub(super) fn books_action(&self, books: &Books) -> Result<TransactWriteItem, StoreError> {
        next_action(&self.table, key(keys::BOOKS, keys::BOOKS), books, books.version)
    }

    pub(super) fn entry_action(&self, entry: &Entry) -> Result<TransactWriteItem, StoreError> {
        let place = key(keys::entries(wib_date(entry.at_ms)), keys::entry(entry.number));
        let item = document(place, entry)?;
        put_action(&self.table, item, Some(Condition::absent()))
    }

    /// Adds to what waits to be sent.
    pub(super) fn waiting_action(&self, rupiah: i64) -> Result<TransactWriteItem, StoreError> {
        let condition = Condition {
            values: Some([(":rupiah".to_owned(), number(rupiah))].into()),
            ..Condition::default()
        }
        .naming("#waiting", COUNT);
        let place = key(keys::BOOKS, keys::WAITING);
        update_action(&self.table, place, "ADD #waiting :rupiah", condition)
    }

    /// Adds to what a partner's orders came to on the day that this one was taken. With `room`, only where no more
    /// than that counts against the cap yet.
    pub(super) fn day_action(
        &self,
        order: &Order,
        change: &DayChange,
        room: Option<i64>,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut values = Item::from([(":used".to_owned(), number(change.totals.used()))]);
        let mut expression = format!("ADD {USED} :used");
        for (name, totals) in parts(&change.totals) {
            expression.push_str(&format!(", {name}_n :{name}_n, {name}_rp :{name}_rp"));
            values.insert(format!(":{name}_n"), number(totals.orders));
            values.insert(format!(":{name}_rp"), number(totals.rupiah));
        }
        let mut condition = Condition::default();
        if let Some(room) = room {
            condition.expression = format!("attribute_not_exists({USED}) OR {USED} <= :room");
            values.insert(":room".to_owned(), number(room));
        }
        condition.values = Some(values);
        let place = key(
            keys::days(&order.partner),
            wib_date(order.accepted_ms).to_string(),
        );
        update_action(&self.table, place, &expression, condition)
    }
}

/// The parts of a day's totals, by the names that they are stored under.
fn parts(totals: &DayTotals) -> [(&'static str, Totals); 4] {
    [
        ("taken", totals.taken),
        ("delivered", totals.delivered),
        ("failed", totals.failed),
        ("reversed", totals.reversed),
    ]
}

fn read_day(item: &Item) -> Result<DayTotals, StoreError> {
    let read = |name: &str| {
        Ok::<_, StoreError>(Totals {
            orders: read_number(item, &format!("{name}_n"))?,
            rupiah: read_number(item, &format!("{name}_rp"))?,
        })
    };
    Ok(DayTotals {
        taken: read("taken")?,
        delivered: read("delivered")?,
        failed: read("failed")?,
        reversed: read("reversed")?,
    })
}
