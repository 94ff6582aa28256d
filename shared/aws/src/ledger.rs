//! The file ledger.

mod files;

use domain::export::{Export, ExportState};
use domain::mail::Mail;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, Item, document, key, put_action, read_document, text};
use crate::error::StoreError;
use crate::keys::{self, KIND, STATE, WORK, WORK_AT};
use crate::outbox::Outbox;

/// The stream filter's word for "go on with this file".
pub const CONTINUE: &str = "continue";

/// The file ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
    outbox: Outbox,
}

impl Ledger {
    /// The ledger of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
            outbox: Outbox::new(clients),
        }
    }

    /// The entry of one content of an object: one consistent read.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str, etag: &str) -> Result<Option<Export>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::export(id), keys::export_version(etag)))
            .await?;
        item.as_ref().map(read_document).transpose()
    }

    /// The latest entry of an object: of the content that came last, or its acceptance.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn latest(&self, id: &str) -> Result<Option<Export>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::export(id))
            .consistent_read(true);
        let entries: Vec<Export> = self
            .dynamo
            .all(query)
            .await?
            .iter()
            .map(read_document)
            .collect::<Result<_, _>>()?;
        // An acceptance counts only until the object has been seen, and a content that was gone before it could be
        // read never hides one that was read.
        let gone = |export: &Export| matches!(export.failure.as_deref(), Some("FILE_CHANGED" | "FILE_GONE"));
        let weight = |export: &Export| {
            (
                export.state != ExportState::Accepted,
                !gone(export),
                export.received_ms,
            )
        };
        Ok(entries.into_iter().max_by_key(weight))
    }

    /// Notes that an object will come, or has come, over HTTPS.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn accept(&self, export: &Export) -> Result<(), StoreError> {
        let mut item = document(key(keys::export(&export.id), keys::ACCEPTANCE), export)?;
        item.insert(KIND.to_owned(), text("export"));
        item.insert(STATE.to_owned(), text(export.state.as_str()));
        self.dynamo.put(&self.table, item, None).await
    }

    /// Notes how far a file has been read, without asking anybody to go on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the file was finished meanwhile.
    pub async fn progress(&self, export: &Export) -> Result<(), StoreError> {
        let item = self.entry(export, export.state.as_str())?;
        self.dynamo.put(&self.table, item, Some(unfinished())).await
    }

    /// Notes how far a file has been read; this change of state starts the run that goes on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the file was finished meanwhile.
    pub async fn hand_over(&self, export: &Export) -> Result<(), StoreError> {
        let item = self.entry(export, CONTINUE)?;
        self.dynamo.put(&self.table, item, Some(unfinished())).await
    }

    /// Opens a finished file again, to be read from its start.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn reopen(&self, export: &Export) -> Result<(), StoreError> {
        let item = self.entry(export, CONTINUE)?;
        self.dynamo.put(&self.table, item, None).await
    }

    /// Closes a file: its entry, its audit record and the mail about it, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another run closed it first.
    pub async fn finish(
        &self,
        export: &Export,
        actor: &str,
        mail: Option<&Mail>,
    ) -> Result<Export, StoreError> {
        let at_ms = export.finished_ms.unwrap_or(export.received_ms);
        let action = Action {
            at_ms,
            actor,
            action: "export.ingested",
            subject: &export.id,
        };
        let facts = json!({
            "key": export.key, "etag": export.etag, "state": export.state, "counts": export.counts,
            "total": export.sums.total,
        });
        // The mail of an earlier run of the same content stands: one mail per file and cause.
        let mail = match mail {
            Some(mail) if self.outbox.has(&mail.id).await? => None,
            mail => mail,
        };
        self.list_under_others(export).await?;
        let mut closed = export.clone();
        self.audit
            .commit(action, &facts, |record| {
                closed.audit = Some((record.chain, record.number));
                let mut actions = vec![put_action(
                    &self.table,
                    self.entry(&closed, closed.state.as_str())?,
                    Some(unfinished()),
                )?];
                if let Some(mail) = mail {
                    actions.push(self.outbox.put_action(mail)?);
                }
                Ok(actions)
            })
            .await?;
        Ok(closed)
    }

    pub(crate) fn entry(&self, export: &Export, state: &str) -> Result<Item, StoreError> {
        let mut item = document(
            key(keys::export(&export.id), keys::export_version(&export.etag)),
            export,
        )?;
        item.insert(KIND.to_owned(), text("export"));
        item.insert(STATE.to_owned(), text(state));
        if state == CONTINUE {
            // Only so that an operator finds what was started and never came to its end.
            item.insert(WORK.to_owned(), text(keys::STARTED));
            item.insert(WORK_AT.to_owned(), text(keys::instant(export.received_ms)));
        } else {
            files::list(&mut item, export);
        }
        Ok(item)
    }
}

/// The entry is new or still open.
fn unfinished() -> Condition {
    let open = [(":done", text("done")), (":failed", text("failed"))];
    Condition::that(
        "attribute_not_exists(pk) OR NOT (#state IN (:done, :failed))",
        open,
    )
    .naming("#state", STATE)
}
