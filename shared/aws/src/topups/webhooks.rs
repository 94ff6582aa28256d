//! Messages to partners: waiting to be sent, and those that were given up.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::topup::webhook::{Webhook, WebhookState};
use serde_json::json;

use super::actions::before;
use super::{DAY_S, WEBHOOK_KIND, expires, lists};
use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Dynamo, Item, at_version, key, put_action, read_document, text, versioned};
use crate::error::StoreError;
use crate::keys::topups as keys;
use crate::keys::{BY_LIST, BY_WORK, KIND, LIST, LIST_AT, STATE, WAKE, WORK, WORK_AT, instant};
use crate::position::{LIST_INDEX, WORK_INDEX};

/// The partition of the work index with messages to be sent.
const DUE: &str = "webhooks";
/// The partition with messages that were given up.
const GIVEN_UP: &str = "webhooks-given-up";
/// How long a message is kept after its end: as long as its partner may ask for it again.
const KEPT_S: i64 = 90 * DAY_S;

/// The messages to partners in the table of top-ups. Orders put them here.
#[derive(Clone, Debug)]
pub struct Webhooks {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Webhooks {
    /// The messages of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().topups.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// One message, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<Webhook>, StoreError> {
        let place = key(keys::webhook(id), keys::WEBHOOK);
        let item = self.dynamo.get(&self.table, place).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// Messages that are due, the longest waiting first, and where the next page begins. What the index has may be a
    /// moment behind: taking one is a change of it, which fails where somebody else took it. One that can't be read is
    /// logged and left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when `after` is nothing that this answered.
    pub async fn due(
        &self,
        now_ms: i64,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Webhook>, Option<String>), StoreError> {
        let after = lists::position(after)?;
        let query = self
            .in_work(DUE)
            .key_condition_expression("#work = :pk AND work_at <= :now")
            .expression_attribute_values(":now", text(instant(now_ms)))
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, DUE)));
        lists::page(&self.dynamo, query, (WORK_INDEX, false), limit).await
    }

    /// Changes a message: `to` is made from `from` as it was read. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the message is not as it was read any more.
    pub async fn change(&self, from: &Webhook, to: &Webhook) -> Result<Webhook, StoreError> {
        let stored = after(from, to);
        self.dynamo
            .put(&self.table, item(&stored, false)?, Some(at_version(from.version)))
            .await?;
        Ok(stored)
    }

    /// Messages to all partners that were given up, the longest ago first, and where the next page begins. One that
    /// can't be read is logged and left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when `after` is nothing that this answered.
    pub async fn given_up(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Webhook>, Option<String>), StoreError> {
        let after = lists::position(after)?;
        let query = self
            .in_work(GIVEN_UP)
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, GIVEN_UP)));
        lists::page(&self.dynamo, query, (WORK_INDEX, false), limit).await
    }

    /// As [`Webhooks::given_up`], those to one partner.
    ///
    /// # Errors
    /// As [`Webhooks::given_up`].
    pub async fn given_up_of(
        &self,
        partner: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Webhook>, Option<String>), StoreError> {
        let (after, list) = (lists::position(after)?, keys::given_up_of(partner));
        let query = self
            .dynamo
            .query(&self.table, &list)
            .index_name(BY_LIST)
            .key_condition_expression("#list = :pk")
            .expression_attribute_names("#list", LIST)
            .set_exclusive_start_key(after.map(|after| after.key(LIST_INDEX, &list)));
        lists::page(&self.dynamo, query, (LIST_INDEX, false), limit).await
    }

    /// Sends a message again, whatever became of it, with its audit record: it is queued as if it were new, which
    /// starts its sending. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the message is not as it was read any more.
    pub async fn resend(&self, from: &Webhook, now_ms: i64, actor: &str) -> Result<Webhook, StoreError> {
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "topup.webhook_resent",
            subject: &from.refid,
        };
        let facts = json!({
            "partner": from.partner, "about": from.about.as_str(), "was": from.state.as_str(),
            "attempts": from.attempts,
        });
        let queued = Webhook {
            state: WebhookState::Queued,
            attempts: 0,
            due_ms: now_ms,
            ..from.clone()
        };
        let stored = after(from, &queued);
        let changes = |_: &_| {
            let item = item(&stored, true)?;
            Ok(vec![put_action(
                &self.table,
                item,
                Some(at_version(from.version)),
            )?])
        };
        self.audit.commit(action, &facts, changes).await?;
        Ok(stored)
    }

    fn in_work(&self, partition: &str) -> QueryFluentBuilder {
        self.dynamo
            .query(&self.table, partition)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
    }
}

/// Puts a message that has the version after the stored one, as a step of its order makes it.
pub(super) fn next_action(table: &str, webhook: &Webhook) -> Result<TransactWriteItem, StoreError> {
    put_action(table, item(webhook, true)?, Some(before(webhook.version)?))
}

fn after(from: &Webhook, to: &Webhook) -> Webhook {
    Webhook {
        version: from.version.saturating_add(1),
        ..to.clone()
    }
}

/// A message as it is stored. With `wake`, one that waits starts its sending: the tries after the first one are
/// found by the time that they are due.
fn item(webhook: &Webhook, wake: bool) -> Result<Item, StoreError> {
    let place = key(keys::webhook(&webhook.id), keys::WEBHOOK);
    let mut item = versioned(place, webhook, webhook.version)?;
    let mut set = |name: &str, value: String| item.insert(name.to_owned(), text(value));
    set(KIND, WEBHOOK_KIND.to_owned());
    set(STATE, webhook.state.as_str().to_owned());
    match webhook.state {
        WebhookState::Queued => {
            set(WORK, DUE.to_owned());
            set(WORK_AT, instant(webhook.due_ms));
            if wake {
                set(WAKE, "now".to_owned());
            }
            return Ok(item);
        }
        WebhookState::GivenUp => {
            set(WORK, GIVEN_UP.to_owned());
            set(WORK_AT, instant(webhook.at_ms));
            set(LIST, keys::given_up_of(&webhook.partner));
            set(LIST_AT, format!("{}#{}", instant(webhook.at_ms), webhook.id));
        }
        WebhookState::Delivered | WebhookState::NotWanted => {}
    }
    expires(&mut item, webhook.at_ms.max(webhook.due_ms), KEPT_S);
    Ok(item)
}
