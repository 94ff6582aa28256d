//! Taking an order: once for each key of a partner, and within the partner's daily cap.

use domain::topup::change::Change;
use domain::topup::window::wib_date;
use serde::{Deserialize, Serialize};

use super::actions::{TRIES, pause};
use super::{Topups, expires};
use crate::dynamo::{Condition, Item, document, key, put_action, read_document, text};
use crate::error::StoreError;
use crate::keys::KIND;
use crate::keys::topups as keys;

/// A partner's idempotency key, as it comes with a request.
#[derive(Clone, Copy, Debug)]
pub struct KeyUse<'a> {
    /// The partner.
    pub partner: &'a str,
    /// The SHA-256 of the key, in hexadecimal: keys are the partners' own, and may say anything.
    pub key_hash: &'a str,
    /// A hash of what is asked for: the same key with something else is a mistake.
    pub body_hash: &'a str,
}

/// What became of the taking of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was taken.
    New,
    /// Its key was used before, for the same: this is that order's id.
    Same(String),
    /// Its key was used before, for something else.
    OtherBody,
    /// It would bring the partner's day above the cap.
    CapReached,
}

/// What a key stands for.
#[derive(Debug, Serialize, Deserialize)]
struct Used {
    body: String,
    refid: String,
}

impl Topups {
    /// Takes a new order with all that changes with it, all or nothing: of several with one key, however they race,
    /// one is taken, and what a partner's orders of the day come to is never above `cap`, in whole rupiah.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something that it was decided on is not as it was read any more;
    /// [`StoreError::Throttled`] when too many are taken at this moment.
    pub async fn take(&self, change: &Change, used: &KeyUse<'_>, cap: i64) -> Result<Taken, StoreError> {
        let room = cap.saturating_sub(change.day.totals.used());
        for round in 0..TRIES {
            // No day has less than nothing on it.
            if room < 0 {
                return Ok(self.known(used).await?.unwrap_or(Taken::CapReached));
            }
            let mut actions = self.actions(change)?;
            actions.push_shared(put_action(
                &self.table,
                self.used_item(change, used)?,
                Some(Condition::absent()),
            )?);
            let day = self.day_action(&change.order, &change.day, Some(room))?;
            let day = actions.push_shared(day);
            let list = std::mem::take(&mut actions.list);
            let Err(refused) = self.dynamo.transact_or_why(list).await? else {
                return Ok(Taken::New);
            };
            // A key that is known says more than everything else: an order that is there needs no room.
            if let Some(known) = self.known(used).await? {
                return Ok(known);
            }
            if refused.contains(&day) && self.used_of(change).await? > room {
                return Ok(Taken::CapReached);
            }
            if !actions.may_try_again(&refused) {
                return Err(StoreError::Conflict);
            }
            pause(round).await;
        }
        Err(StoreError::Throttled)
    }

    /// What a partner's key stands for, strongly consistent: the hash of what was asked for, and the order's id.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn key(&self, partner: &str, key_hash: &str) -> Result<Option<(String, String)>, StoreError> {
        let place = key(keys::used_keys(partner), key_hash);
        let Some(item) = self.dynamo.get(&self.table, place).await? else {
            return Ok(None);
        };
        let used: Used = read_document(&item)?;
        Ok(Some((used.body, used.refid)))
    }

    async fn known(&self, used: &KeyUse<'_>) -> Result<Option<Taken>, StoreError> {
        let known = self.key(used.partner, used.key_hash).await?;
        Ok(known.map(|(body, refid)| {
            if body == used.body_hash {
                Taken::Same(refid)
            } else {
                Taken::OtherBody
            }
        }))
    }

    async fn used_of(&self, change: &Change) -> Result<i64, StoreError> {
        let order = &change.order;
        let day = self.day(&order.partner, wib_date(order.accepted_ms)).await?;
        Ok(day.used())
    }

    fn used_item(&self, change: &Change, used: &KeyUse<'_>) -> Result<Item, StoreError> {
        let stands_for = Used {
            body: used.body_hash.to_owned(),
            refid: change.order.refid.clone(),
        };
        let mut item = document(key(keys::used_keys(used.partner), used.key_hash), &stands_for)?;
        item.insert(KIND.to_owned(), text("key"));
        // Counted from before the order's end, so that a key never outlives its order.
        expires(&mut item, change.order.accepted_ms, self.keep_s);
        Ok(item)
    }
}
