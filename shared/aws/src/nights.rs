//! Nights and their parts.
//!
//! Both are written under the version that was read. An answer may be lost on its way back; whoever tries again
//! then finds what it wrote itself, and takes it for what it is. A claim must be its holder's alone, so it is made
//! as a transaction, whose token tells the store that a second try is the same one.

mod parts;

use domain::mail::Mail;
use domain::night::{End, Night};
use domain::when::BusinessDate;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Condition, Dynamo, Item, at_version, key, put_action, read_document, read_text, text, versioned,
};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, KIND, NIGHT, NIGHTS, PK, SK, STATE, WORK, WORK_AT};
use crate::outbox::Outbox;

pub use parts::{PART_KIND, part_of};

/// The partition of the work index that holds nights that somebody has to look at.
const OPEN: &str = "night";

/// The nights in the duties table.
#[derive(Clone, Debug)]
pub struct Nights {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
    outbox: Outbox,
}

impl Nights {
    /// The nights of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().duties.clone(),
            audit: AuditTrail::new(clients),
            outbox: Outbox::new(clients),
        }
    }

    /// Stores a new night and its place in the list, unless there is one of its date. Answers whether it did.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn begin(&self, night: &Night) -> Result<bool, StoreError> {
        let actions = vec![
            put_action(&self.table, item(&next(night))?, Some(Condition::absent()))?,
            put_action(&self.table, place(night.date), None)?,
        ];
        match self.dynamo.transact(actions).await {
            Ok(()) => Ok(true),
            // Two who begin at once meet here, too: then one of them has begun, or the store has seen neither.
            Err(StoreError::Conflict) => match self.get(night.date).await? {
                Some(_) => Ok(false),
                None => Err(StoreError::Conflict),
            },
            Err(error) => Err(error),
        }
    }

    /// The night of a date, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, date: BusinessDate) -> Result<Option<Night>, StoreError> {
        let item = self.dynamo.get(&self.table, place_of(date)).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// The latest night before a date, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn before(&self, date: BusinessDate) -> Result<Option<Night>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, NIGHTS)
            .key_condition_expression("pk = :pk AND sk < :date")
            .expression_attribute_values(":date", text(date.to_string()))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(1);
        let (places, _) = self.dynamo.page(query).await?;
        match places.first() {
            Some(place) => self.get(date_of(place)?).await,
            None => Ok(None),
        }
    }

    /// Writes a night, made from the one of its version, as the next version. Answers it as it is stored: also where
    /// exactly this was written before, by a try whose answer was lost or by somebody who did the same.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the night is not as it was read any more.
    pub async fn write(&self, night: &Night) -> Result<Night, StoreError> {
        let next = next(night);
        let put = self
            .dynamo
            .put(&self.table, item(&next)?, Some(at_version(night.version)));
        match put.await {
            Ok(()) => Ok(next),
            Err(StoreError::Conflict) => match self.get(night.date).await? {
                Some(stored) if stored == next => Ok(stored),
                _ => Err(StoreError::Conflict),
            },
            Err(error) => Err(error),
        }
    }

    /// Writes a night that is over, with its digest mail and its audit record, all or nothing. Answers it as it is
    /// stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the night is not as it was read any more: perhaps somebody closed it.
    pub async fn close(&self, night: &Night, actor: &str, digest: &Mail) -> Result<Night, StoreError> {
        let subject = night.date.to_string();
        let action = Action {
            at_ms: night.finished_ms.unwrap_or(night.phase_ms),
            actor,
            action: "night.ended",
            subject: &subject,
        };
        let facts = json!({
            "end": night.end.map(End::as_str), "troubles": night.troubles_total, "tally": night.tally,
        });
        let next = next(night);
        // A mail that is there was queued for this very run, and stands: one digest each.
        let is_mailed = self.outbox.has(&digest.id).await?;
        let changes = |_: &_| {
            let closed = put_action(&self.table, item(&next)?, Some(at_version(night.version)))?;
            let mut actions = vec![closed];
            if !is_mailed {
                actions.push(self.outbox.put_action(digest)?);
            }
            Ok(actions)
        };
        self.audit.commit(action, &facts, changes).await?;
        Ok(next)
    }

    /// Writes a night that is begun again, with its audit record: somebody asked for it. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the night is not as it was read any more: perhaps somebody else was first.
    pub async fn again(&self, night: &Night, actor: &str) -> Result<Night, StoreError> {
        let subject = night.date.to_string();
        let action = Action {
            at_ms: night.started_ms,
            actor,
            action: "night.begun_again",
            subject: &subject,
        };
        let next = next(night);
        let changes = |_: &_| {
            Ok(vec![put_action(
                &self.table,
                item(&next)?,
                Some(at_version(night.version)),
            )?])
        };
        self.audit
            .commit(action, &json!({ "round": night.round }), changes)
            .await?;
        Ok(next)
    }

    /// Nights, the newest first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn list(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Night>, Option<String>), StoreError> {
        // What is no date would be a place before or after all nights.
        let after = after.and_then(|after| after.parse::<BusinessDate>().ok());
        let query = self
            .dynamo
            .query(&self.table, NIGHTS)
            .set_exclusive_start_key(after.map(|after| key(NIGHTS, after.to_string())))
            .scan_index_forward(false)
            .limit(limit);
        let (places, next) = self.dynamo.page(query).await?;
        let dates = places.iter().map(date_of).collect::<Result<Vec<_>, _>>()?;
        let mut nights = self.at(dates).await?;
        nights.sort_by_key(|night| std::cmp::Reverse(night.date));
        let next = next.map(|next| read_text(&next, SK).map(str::to_owned));
        Ok((nights, next.transpose()?))
    }

    /// All nights that are not over, or whose end was not told yet, the one that was due first before the others,
    /// strongly consistent; but one that began a moment ago may not be among them yet.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn unfinished(&self) -> Result<Vec<Night>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, OPEN)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK);
        let found = self.dynamo.all(query).await?;
        let dates = found
            .iter()
            .map(|item| {
                let date = read_text(item, PK)?.strip_prefix("R#");
                let date = date.and_then(|date| date.parse().ok());
                date.ok_or(StoreError::Damaged("a key of no night"))
            })
            .collect::<Result<Vec<BusinessDate>, _>>()?;
        let mut nights = self.at(dates).await?;
        nights.retain(|night| night.look_ms().is_some());
        nights.sort_by_key(|night| (night.due_ms, night.date));
        Ok(nights)
    }

    async fn at(&self, dates: Vec<BusinessDate>) -> Result<Vec<Night>, StoreError> {
        let wanted = dates.into_iter().map(place_of).collect();
        let items = self.dynamo.get_many(&self.table, wanted).await?;
        items.iter().map(read_document).collect()
    }
}

fn next(night: &Night) -> Night {
    Night {
        version: night.version.saturating_add(1),
        ..night.clone()
    }
}

fn place_of(date: BusinessDate) -> Item {
    key(keys::night(date), NIGHT)
}

fn item(night: &Night) -> Result<Item, StoreError> {
    let mut item = versioned(place_of(night.date), night, night.version)?;
    item.insert(KIND.to_owned(), text("night"));
    item.insert(STATE.to_owned(), text(night.phase.as_str()));
    if let Some(look_ms) = night.look_ms() {
        item.insert(WORK.to_owned(), text(OPEN));
        item.insert(WORK_AT.to_owned(), text(keys::instant(look_ms)));
    }
    Ok(item)
}

/// The place of a night in the list. It says nothing but that there is one.
fn place(date: BusinessDate) -> Item {
    let mut place = key(NIGHTS, date.to_string());
    place.insert(KIND.to_owned(), text("place"));
    place
}

fn date_of(place: &Item) -> Result<BusinessDate, StoreError> {
    let date = read_text(place, SK)?.parse().ok();
    date.ok_or(StoreError::Damaged("a place of no night"))
}
