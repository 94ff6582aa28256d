//! Who is known under a phone number: an index over customers by the hash of their number.
//!
//! It is apart from the books of kin, which say who may be one person. A customer is in it under the number that they
//! have, whatever they asked for and whatever number it is, from the write that gave it to them to the one that took
//! it: the two are one item. Customers stored before there was the index are brought in by
//! [`Customers::index_phones`].

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Customers, customer_of, stored};
use crate::dynamo::{Condition, Item, partition, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BOOKMARK_AT, BY_PHONE, PHONE_HASH, PK};
use crate::packed;

/// The task of bringing customers into the index.
const TASK: &str = "phones";
/// Where its bookmark lies once every customer was looked at: no key of an item reads like this.
const OVER: &str = "-";
/// Customers that are looked through with one request while not all of them are in the index.
const PAGE: i32 = 500;
/// Requests of that kind for one search.
const PAGES_MAX: u32 = 40;

/// The customers who have a phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbered {
    /// Their ids, in order.
    pub ids: Vec<String>,
    /// Whether there may be more than these.
    pub has_more: bool,
}

/// What one run brought into the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Indexing {
    /// How many customers were looked at.
    pub looked: usize,
    /// How many of them were not in the index, or not where they belong.
    pub listed: usize,
    /// The ids of those who can't be read.
    pub damaged: Vec<String>,
    /// Whether all customers were looked at by now: there is nothing more to do, ever.
    pub is_over: bool,
}

impl Customers {
    /// The customers who have a phone number, E.164: all of them, or `limit` if there are more. The index is a moment
    /// behind the table, so who has just been given another number may still be among them: look at
    /// [`domain::customer::Customer::number`].
    ///
    /// Until all who were stored before there was the index are in it, the table is looked through as well, as far as
    /// one search may; `has_more` says if that was not the whole of it.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn with_number(&self, e164: &str, limit: usize) -> Result<Numbered, StoreError> {
        let Some(key) = self.known_phone_key().await? else {
            return Ok(Numbered::default());
        };
        let (mut ids, mut is_cut) = self.indexed(&key.short_hash(e164), limit).await?;
        if self.place().await?.as_deref() != Some(OVER) {
            let (others, is_rest_unknown) = self.looked_through(e164).await?;
            ids.extend(others);
            is_cut |= is_rest_unknown;
        }
        ids.sort();
        ids.dedup();
        let has_more = is_cut || ids.len() > limit;
        ids.truncate(limit);
        Ok(Numbered { ids, has_more })
    }

    /// The ids under a hash, and whether some were left out.
    async fn indexed(&self, hash: &str, limit: usize) -> Result<(Vec<String>, bool), StoreError> {
        let query = self
            .dynamo
            .query(&self.table, hash)
            .index_name(BY_PHONE)
            .key_condition_expression("phone_hash = :pk");
        let (mut ids, mut start) = (Vec::new(), None);
        loop {
            let page = query.clone().set_exclusive_start_key(start);
            let (items, next) = self.dynamo.page(page).await?;
            for item in &items {
                ids.push(customer_of(item)?.to_owned());
            }
            if next.is_none() || ids.len() > limit {
                return Ok((ids, next.is_some()));
            }
            start = next;
        }
    }

    /// The ids of those with a number among as many customers as one search may look through, and whether there are
    /// others.
    async fn looked_through(&self, e164: &str) -> Result<(Vec<String>, bool), StoreError> {
        let (mut ids, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let page = self.readable_page(after.as_deref(), PAGE).await?;
            let has_number = |known: &super::StoredCustomer| known.customer.number() == Some(e164);
            let found = page.customers.into_iter().filter(|(_, known)| has_number(known));
            ids.extend(found.map(|(id, _)| id));
            after = page.next;
            if after.is_none() {
                return Ok((ids, false));
            }
        }
        Ok((ids, true))
    }

    /// Brings some more of the customers into the index who were stored before there was one, and notes where the
    /// next run goes on. Runs side by side do the same twice and no harm.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn index_phones(&self, limit: i32) -> Result<Indexing, StoreError> {
        let mut done = Indexing::default();
        let from = self.place().await?;
        if from.as_deref() == Some(OVER) {
            done.is_over = true;
            return Ok(done);
        }
        let start = from.as_deref().map(partition);
        let (items, next) = self
            .dynamo
            .scan(&self.table, &keys::customer(""), start, limit)
            .await?;
        let mut unlisted = Vec::new();
        for item in &items {
            done.looked = done.looked.saturating_add(1);
            let Ok((id, known)) = stored(item) else {
                done.damaged.push(customer_of(item)?.to_owned());
                continue;
            };
            let hash = self.hash_of(&known.customer).await?;
            if hash.as_deref() != listed_under(item) {
                unlisted.push((keys::customer(&id), known.version, hash));
            }
        }
        // Who was changed meanwhile is listed by whoever did that.
        let listed = packed::list(&self.dynamo, &self.table, unlisted).await?;
        done.listed = listed.into_iter().filter(|listed| *listed).count();
        let next = next
            .map(|next| read_text(&next, PK).map(str::to_owned))
            .transpose()?;
        done.is_over = next.is_none();
        self.move_on(from.as_deref(), next.as_deref().unwrap_or(OVER))
            .await?;
        Ok(done)
    }

    /// Where the bringing in goes on; `None` when it was never begun.
    async fn place(&self) -> Result<Option<String>, StoreError> {
        if self.is_indexed.get().is_some() {
            return Ok(Some(OVER.to_owned()));
        }
        let place = partition(&keys::bookmark(TASK));
        let Some(item) = self.dynamo.get(&self.table, place).await? else {
            return Ok(None);
        };
        let at = read_text(&item, BOOKMARK_AT)?;
        if at == OVER {
            self.is_indexed.get_or_init(|| ());
        }
        Ok(Some(at.to_owned()))
    }

    /// Moves the bookmark, if it still lies where this run found it: another run that was faster has done as much.
    async fn move_on(&self, from: Option<&str>, to: &str) -> Result<(), StoreError> {
        let unchanged = from.map_or_else(Condition::absent, |from| {
            Condition::that("#at = :from", [(":from", text(from))]).naming("#at", BOOKMARK_AT)
        });
        let mut item = partition(&keys::bookmark(TASK));
        item.insert(BOOKMARK_AT.to_owned(), text(to));
        match self.dynamo.put(&self.table, item, Some(unchanged)).await {
            Err(StoreError::Conflict) => Ok(()),
            moved => moved,
        }
    }
}

/// Under what an item stands in the index.
fn listed_under(item: &Item) -> Option<&str> {
    let hash = item.get(PHONE_HASH).map(AttributeValue::as_s)?;
    hash.ok().map(String::as_str)
}
