//! What guests answered about their receipts.

use domain::customer::OutletDay;
use domain::feedback::Answer;
use domain::insight::Month;
use domain::receipt_id::ReceiptId;
use domain::when::BusinessDate;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Condition, Dynamo, Item, at_version, document, key, number, put_action, read_document, read_text, text,
};
use crate::error::StoreError;
use crate::keys::{self, BY_LIST, KIND, LIST, LIST_AT, SK, VERSION};
use crate::position::{LIST_INDEX, ListPosition};
use crate::readable::Readable;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// The answers in the feedback table.
#[derive(Clone, Debug)]
pub struct Feedback {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Feedback {
    /// The answers of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().feedback.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// The answer about a receipt, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, receipt: &ReceiptId) -> Result<Option<Answer>, StoreError> {
        let item = self.dynamo.get(&self.table, place(receipt)).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// The answers about some receipts, strongly consistent, a hundred to a request; receipts without one are
    /// left out.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_receipts(&self, receipts: &[ReceiptId]) -> Result<Vec<Answer>, StoreError> {
        let places = receipts.iter().map(place).collect();
        let items = self.dynamo.get_many(&self.table, places).await?;
        items.iter().map(read_document).collect()
    }

    /// All answers about a day's receipts, in the order of the receipts' ids, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_day(&self, (outlet, date): &OutletDay) -> Result<Vec<Answer>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::outlet(outlet))
            .key_condition_expression("pk = :pk AND begins_with(sk, :day)")
            .expression_attribute_values(":day", text(keys::answers(*date)))
            .consistent_read(true);
        let items = self.dynamo.all(query).await?;
        items.iter().map(read_document).collect()
    }

    /// Writes an answer as the version after the `expected` one: that of the answer it was made from, zero
    /// where there was none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the stored answer does not have the expected version any more.
    pub async fn put(&self, answer: &Answer, expected: u64) -> Result<(), StoreError> {
        let (item, condition) = next(answer, expected)?;
        self.dynamo.put(&self.table, item, Some(condition)).await
    }

    /// An outlet's answers about receipts of these dates, both included, the latest date first, and
    /// where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_outlet(
        &self,
        outlet: &str,
        (from, to): (BusinessDate, BusinessDate),
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Answer>, Option<String>), StoreError> {
        let page = self.readable_of_outlet(outlet, (from, to), after, limit).await?;
        page.whole("an answer can't be read")
    }

    /// As [`Feedback::of_outlet`], for work that one damaged item must not stop.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn readable_of_outlet(
        &self,
        outlet: &str,
        (from, to): (BusinessDate, BusinessDate),
        after: Option<&str>,
        limit: i32,
    ) -> Result<Readable<Answer, String>, StoreError> {
        let (first, last) = (keys::answers(from), keys::answers_end(to));
        // A page may not begin outside of what is asked for.
        let after = after.filter(|after| **after < *last);
        if after.is_some_and(|after| *after <= *first) || from > to {
            return Readable::of(&[], None);
        }
        let query = self
            .dynamo
            .query(&self.table, &keys::outlet(outlet))
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
            .set_exclusive_start_key(after.map(|after| key(keys::outlet(outlet), after)))
            .scan_index_forward(false)
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| read_text(&next, SK).map(str::to_owned));
        Readable::of(&items, next.transpose()?)
    }

    /// Answers with words in them that were given in a month (by UTC), of all outlets, the latest first, and
    /// where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn comments(
        &self,
        month: Month,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Answer>, Option<ListPosition>), StoreError> {
        let list = comments_of(month);
        let query = self
            .dynamo
            .query(&self.table, &list)
            .index_name(BY_LIST)
            .key_condition_expression("#list = :pk")
            .expression_attribute_names("#list", LIST)
            .set_exclusive_start_key(after.map(|after| after.key(LIST_INDEX, &list)))
            .scan_index_forward(false)
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, LIST_INDEX)).transpose()?;
        Ok((items.iter().map(read_document).collect::<Result<_, _>>()?, next))
    }

    /// Erases a guest's words, with the audit record of it: `to` is the answer without them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the answer is not as it was read any more.
    pub async fn erase_words(
        &self,
        from: &Answer,
        to: &Answer,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let subject = to.place.to_string();
        let action = Action {
            at_ms,
            actor,
            action: "feedback.words_erased",
            subject: &subject,
        };
        let changes = |_: &_| {
            let (item, condition) = next(to, from.version)?;
            Ok(vec![put_action(&self.table, item, Some(condition))?])
        };
        self.audit.commit(action, &json!({}), changes).await.map(drop)
    }
}

fn place(receipt: &ReceiptId) -> Item {
    key(
        keys::outlet(&receipt.outlet),
        keys::answer(receipt.date, &receipt.native),
    )
}

/// An answer as the version after the expected one, and the condition that this is the stored one.
fn next(answer: &Answer, expected: u64) -> Result<(Item, Condition), StoreError> {
    let next = Answer {
        version: expected.saturating_add(1),
        ..answer.clone()
    };
    Ok((item(&next)?, at_version(expected)))
}

fn item(answer: &Answer) -> Result<Item, StoreError> {
    let receipt = &answer.place;
    let mut item = document(place(receipt), answer)?;
    item.insert(KIND.to_owned(), text("answer"));
    item.insert(VERSION.to_owned(), number(answer.version));
    let effective = answer.effective();
    if let (Some(_), Some(said_ms)) = (&effective.comment, effective.said_ms) {
        let month = month_of(said_ms)?;
        let at = format!("{}#{receipt}", keys::instant(said_ms));
        item.insert(LIST.to_owned(), text(comments_of(month)));
        item.insert(LIST_AT.to_owned(), text(at));
    }
    Ok(item)
}

fn comments_of(month: Month) -> String {
    format!("comments#{month}")
}

fn month_of(at_ms: i64) -> Result<Month, StoreError> {
    let date = i32::try_from(at_ms.div_euclid(DAY_MS)).ok();
    let date = date.and_then(|days| BusinessDate::from_days(days).ok());
    date.map(Month::of)
        .ok_or(StoreError::Damaged("an answer beyond all months"))
}
