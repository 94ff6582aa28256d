//! Mails waiting to be sent. Putting one here is what starts the function that sends it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::mail::{Mail, MailState};
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, Item, document, key, put_action, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, KIND, STATE, WORK, WORK_AT};
use crate::meter::Reading;
use crate::position::{ListPosition, WORK_INDEX};

/// The partition of the work index that holds mails which are not settled yet.
const DUE: &str = "mail";
/// The partition with mails that a person has to decide about.
const NOT_SENT: &str = "mail-not-sent";
/// Mails that one sweep takes.
const SWEEP_MAX: i32 = 50;

/// The outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Outbox {
    /// The outbox of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// Puts a mail into the outbox unless it is there. Answers whether it was new.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn put(&self, mail: &Mail) -> Result<bool, StoreError> {
        match self
            .dynamo
            .put(&self.table, item(mail)?, Some(Condition::absent()))
            .await
        {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a mail into the outbox as one action of a transaction, which fails where the mail is.
    pub(crate) fn put_action(&self, mail: &Mail) -> Result<TransactWriteItem, StoreError> {
        put_action(&self.table, item(mail)?, Some(Condition::absent()))
    }

    /// Whether a mail is in the outbox, or was.
    pub(crate) async fn has(&self, id: &str) -> Result<bool, StoreError> {
        let stored = self.dynamo.get(&self.table, key(keys::mail(id), keys::MAIL));
        Ok(stored.await?.is_some())
    }

    /// What the outbox has cost so far.
    #[must_use]
    pub fn cost(&self) -> Reading {
        self.dynamo.meter().read()
    }

    /// One mail.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<Mail>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::mail(id), keys::MAIL))
            .await?;
        item.as_ref().map(read_document).transpose()
    }

    /// Mails whose next step is due, the longest waiting first: queued ones and ones whose sending
    /// was never settled.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn due(&self, now_ms: i64) -> Result<Vec<Mail>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, DUE)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk AND work_at <= :now")
            .expression_attribute_names("#work", WORK)
            .expression_attribute_values(":now", text(keys::instant(now_ms)))
            .limit(SWEEP_MAX);
        let (mut mails, mut start) = (Vec::new(), None);
        loop {
            let (items, next) = self
                .dynamo
                .page(query.clone().set_exclusive_start_key(start))
                .await?;
            mails.extend(items.iter().filter_map(readable));
            // One that can't be read must not hold up those behind it.
            if next.is_none() || mails.len() >= usize::try_from(SWEEP_MAX).unwrap_or(usize::MAX) {
                return Ok(mails);
            }
            start = next;
        }
    }

    /// Mails that were refused for good or of which nobody knows whether they were taken, the oldest
    /// first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn not_sent(
        &self,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Mail>, Option<ListPosition>), StoreError> {
        let query = self
            .dynamo
            .query(&self.table, NOT_SENT)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, NOT_SENT)))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, WORK_INDEX)).transpose()?;
        Ok((items.iter().map(read_document).collect::<Result<_, _>>()?, next))
    }

    /// A person's decision to send a mail again, with its audit record: the mail is queued, which
    /// starts its sending.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the mail is not as it was read any more.
    pub async fn send_again(&self, from: &Mail, to: &Mail, actor: &str) -> Result<(), StoreError> {
        let action = Action {
            at_ms: to.due_ms,
            actor,
            action: "mail.send_again_asked",
            subject: &to.id,
        };
        let facts = json!({ "was": from.state, "attempts": from.attempts });
        let changes = |_: &_| Ok(vec![put_action(&self.table, item(to)?, Some(unchanged(from)?))?]);
        self.audit.commit(action, &facts, changes).await.map(drop)
    }

    /// Moves a mail on from the state and attempt it was read in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else moved it first.
    pub async fn advance(&self, from: &Mail, to: &Mail) -> Result<(), StoreError> {
        self.dynamo
            .put(&self.table, item(to)?, Some(unchanged(from)?))
            .await
    }
}

/// The stored mail is still the one that was read.
fn unchanged(before: &Mail) -> Result<Condition, StoreError> {
    let before = document(Item::new(), before)?;
    let before = before
        .get(keys::DOC)
        .cloned()
        .ok_or(StoreError::Damaged("no document"))?;
    Ok(Condition::that("doc = :before", [(":before", before)]))
}

/// The mail of an item, if it can be read.
fn readable(item: &Item) -> Option<Mail> {
    match read_document(item) {
        Ok(mail) => Some(mail),
        Err(error) => {
            tracing::error!(error = %error, key = read_text(item, keys::PK).unwrap_or_default(), "mail.unreadable");
            None
        }
    }
}

fn item(mail: &Mail) -> Result<Item, StoreError> {
    let mut item = document(key(keys::mail(&mail.id), keys::MAIL), mail)?;
    item.insert(KIND.to_owned(), text("mail"));
    item.insert(STATE.to_owned(), text(mail.state.as_str()));
    if matches!(mail.state, MailState::Queued | MailState::Sending) {
        item.insert(WORK.to_owned(), text(DUE));
        item.insert(WORK_AT.to_owned(), text(keys::instant(mail.due_ms)));
    } else if matches!(mail.state, MailState::Unknown | MailState::Failed) {
        item.insert(WORK.to_owned(), text(NOT_SENT));
        item.insert(WORK_AT.to_owned(), text(keys::instant(mail.created_ms)));
    }
    Ok(item)
}
