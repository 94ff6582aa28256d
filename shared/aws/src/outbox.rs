//! Mails waiting to be sent. Putting one here is what starts the function that sends it.

use domain::mail::{Mail, MailState};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, Item, document, key, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, KIND, STATE, WORK, WORK_AT};

/// The partition of the work index that holds mails which are not settled yet.
const DUE: &str = "mail";
/// Mails that one sweep takes.
const SWEEP_MAX: i32 = 50;

/// The outbox.
#[derive(Clone, Debug)]
pub struct Outbox {
    dynamo: Dynamo,
    table: String,
}

impl Outbox {
    /// The outbox of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
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
            .expression_attribute_values(":now", text(instant(now_ms)))
            .limit(SWEEP_MAX);
        let (items, _) = self.dynamo.page(query).await?;
        let readable = |item: &Item| match read_document(item) {
            Ok(mail) => Some(mail),
            // One that can't be read must not hold up the others.
            Err(error) => {
                tracing::error!(error = %error, key = read_text(item, keys::PK).unwrap_or_default(), "mail.unreadable");
                None
            }
        };
        Ok(items.iter().filter_map(readable).collect())
    }

    /// Moves a mail on from the state and attempt it was read in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else moved it first.
    pub async fn advance(&self, from: &Mail, to: &Mail) -> Result<(), StoreError> {
        let before = document(Item::new(), from)?;
        let before = before
            .get(keys::DOC)
            .cloned()
            .ok_or(StoreError::Damaged("no document"))?;
        let unchanged = Condition::that("doc = :before", [(":before", before)]);
        self.dynamo.put(&self.table, item(to)?, Some(unchanged)).await
    }
}

pub(crate) async fn exists(dynamo: &Dynamo, table: &str, id: &str) -> Result<bool, StoreError> {
    Ok(dynamo
        .get(table, key(keys::mail(id), keys::MAIL))
        .await?
        .is_some())
}

pub(crate) fn item(mail: &Mail) -> Result<Item, StoreError> {
    let mut item = document(key(keys::mail(&mail.id), keys::MAIL), mail)?;
    item.insert(KIND.to_owned(), text("mail"));
    item.insert(STATE.to_owned(), text(mail.state.as_str()));
    if matches!(mail.state, MailState::Queued | MailState::Sending) {
        item.insert(WORK.to_owned(), text(DUE));
        item.insert(WORK_AT.to_owned(), text(instant(mail.due_ms)));
    }
    Ok(item)
}

/// A moment as text that sorts by time.
fn instant(at_ms: i64) -> String {
    format!("{at_ms:015}")
}
