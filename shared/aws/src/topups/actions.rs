//! What one transaction is made of.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::mail::Mail;
use serde::Serialize;

use super::Topups;
use crate::dynamo::{Item, at_version, put_action, versioned};
use crate::error::StoreError;

/// How often a transaction is tried again because another one was at a shared figure or a mail at that moment.
pub(super) const TRIES: u32 = 8;

/// The actions of a transaction, and which of them say nothing about what the transaction was decided on when they
/// are refused: another writer was there, and the same may be tried again.
#[derive(Clone, Debug, Default)]
pub(super) struct Actions {
    pub(super) list: Vec<TransactWriteItem>,
    shared: BTreeSet<usize>,
}

impl Actions {
    /// Adds an action whose refusal is a conflict.
    pub(super) fn push(&mut self, action: TransactWriteItem) {
        self.list.push(action);
    }

    /// Adds an action on what others use too. Answers its place.
    pub(super) fn push_shared(&mut self, action: TransactWriteItem) -> usize {
        let at = self.list.len();
        self.shared.insert(at);
        self.list.push(action);
        at
    }

    /// Whether nothing was refused but what others use too.
    pub(super) fn may_try_again(&self, refused: &[usize]) -> bool {
        refused.iter().all(|at| self.shared.contains(at))
    }
}

impl Topups {
    /// Makes changes and puts mails into the outbox, all or nothing; mails that are there already stay as they are.
    pub(super) async fn write(&self, actions: &Actions, mails: &[Mail]) -> Result<(), StoreError> {
        for round in 0..TRIES {
            let mut actions = actions.clone();
            for mail in self.new_mails(mails).await? {
                actions.push_shared(self.outbox.put_action(mail)?);
            }
            let list = std::mem::take(&mut actions.list);
            match self.dynamo.transact_or_why(list).await? {
                Ok(()) => return Ok(()),
                Err(refused) if actions.may_try_again(&refused) => pause(round).await,
                Err(_) => return Err(StoreError::Conflict),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Those of some mails that are not in the outbox, each once: a transaction may name an item only once.
    pub(super) async fn new_mails<'a>(&self, mails: &'a [Mail]) -> Result<Vec<&'a Mail>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut new = Vec::new();
        for mail in mails {
            if seen.insert(&mail.id) && !self.outbox.has(&mail.id).await? {
                new.push(mail);
            }
        }
        Ok(new)
    }
}

/// Puts a document that has the version after the stored one; the first version where there was none.
pub(super) fn next_action(
    table: &str,
    place: Item,
    entity: &impl Serialize,
    version: u64,
) -> Result<TransactWriteItem, StoreError> {
    let item = versioned(place, entity, version)?;
    put_action(table, item, Some(before(version)?))
}

/// The condition that the stored version is the one before.
pub(super) fn before(version: u64) -> Result<crate::dynamo::Condition, StoreError> {
    let stored = version.checked_sub(1);
    stored
        .map(at_version)
        .ok_or(StoreError::Damaged("a changed document without a version"))
}

/// Waits a moment, longer with every round.
pub(super) async fn pause(round: u32) {
    tokio::time::sleep(Duration::from_millis(10 << round.min(6))).await;
}
