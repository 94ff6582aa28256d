//! Quarantined pieces of files.

use std::collections::BTreeMap;

use domain::export::Export;
use domain::quarantine::{QuarantineState, Quarantined};
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{Condition, Dynamo, Item, document, key, put_action, read_document, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, DOC, KIND, SK, STATE, WORK, WORK_AT};
use crate::ledger::Ledger;
use crate::position::{ListPosition, WORK_INDEX};
use crate::readable::Readable;

/// The partition of the work index that holds open pieces.
const OPEN: &str = "quarantine";
/// The one that holds pieces put aside with a reason in a person's words, by the time of the decision.
const REASONED: &str = "reason";

/// The quarantine.
#[derive(Clone, Debug)]
pub struct Quarantine {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
    ledger: Ledger,
}

impl Quarantine {
    /// The quarantine of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
            ledger: Ledger::new(clients),
        }
    }

    /// Lists pieces of a file that is being read. Their place in the file is their key, so listing
    /// them again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn list(&self, pieces: &[Quarantined]) -> Result<(), StoreError> {
        // One request must not name an item twice.
        let places: BTreeMap<String, &Quarantined> =
            pieces.iter().map(|piece| (piece.local_id(), piece)).collect();
        let items = places.into_values().map(item).collect::<Result<_, _>>()?;
        self.dynamo.put_many(&self.table, items).await
    }

    /// One piece.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, export_id: &str, local_id: &str) -> Result<Option<Quarantined>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::quarantine(export_id), local_id))
            .await?;
        item.as_ref().map(read_document).transpose()
    }

    /// Pieces of one export in the order of the file, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_export(
        &self,
        export_id: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Quarantined>, Option<String>), StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::quarantine(export_id))
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":after", text(after.unwrap_or(" ")))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next
            .as_ref()
            .map(|key| read_text(key, SK).map(str::to_owned))
            .transpose()?;
        Ok((items.iter().map(read_document).collect::<Result<_, _>>()?, next))
    }

    /// Open pieces of all exports, the longest waiting first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn open(
        &self,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Quarantined>, Option<ListPosition>), StoreError> {
        let query = self
            .dynamo
            .query(&self.table, OPEN)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, OPEN)))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, WORK_INDEX)).transpose()?;
        Ok((items.iter().map(read_document).collect::<Result<_, _>>()?, next))
    }

    /// Pieces with a reason in a person's words that was given at a moment or before, the earliest first, and where the
    /// next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn reasoned_until(
        &self,
        at_ms: i64,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<Readable<Quarantined, ListPosition>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, REASONED)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk AND work_at <= :at")
            .expression_attribute_names("#work", WORK)
            // Of that very moment too: an export's id follows it.
            .expression_attribute_values(":at", text(format!("{}$", keys::instant(at_ms))))
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, REASONED)))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, WORK_INDEX)).transpose()?;
        Readable::of(&items, next)
    }

    /// A piece without the reason for which it was put aside, with its audit record. `to` is made from `from` as it was
    /// read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the piece is not as it was read any more.
    pub async fn erase_reason(
        &self,
        from: &Quarantined,
        to: &Quarantined,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        self.change(from, to, None, (at_ms, actor, "quarantine.reason_erased"))
            .await
    }

    /// A person's decision about a piece, with its audit record. Asking for a replay is a change of
    /// state that starts it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the piece is not as it was read any more.
    pub async fn decide(&self, from: &Quarantined, to: &Quarantined, actor: &str) -> Result<(), StoreError> {
        let what = match to.state {
            QuarantineState::Replaying => "quarantine.replay_asked",
            QuarantineState::Discarded => "quarantine.discarded",
            QuarantineState::Replayed => "quarantine.replayed",
            QuarantineState::Open => "quarantine.reopened",
        };
        self.change(from, to, None, (to.last_seen_ms, actor, what)).await
    }

    /// The outcome of a replay: the piece, its export's counts and the audit record, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the piece or the export is not as it was read any more.
    pub async fn settle(
        &self,
        from: &Quarantined,
        to: &Quarantined,
        export: Option<(&Export, &Export)>,
        actor: &str,
    ) -> Result<(), StoreError> {
        let what = if to.state == QuarantineState::Replayed {
            "quarantine.replayed"
        } else {
            "quarantine.refused_again"
        };
        self.change(from, to, export, (to.last_seen_ms, actor, what))
            .await
    }

    async fn change(
        &self,
        from: &Quarantined,
        to: &Quarantined,
        export: Option<(&Export, &Export)>,
        (at_ms, actor, what): (i64, &str, &str),
    ) -> Result<(), StoreError> {
        let action = Action {
            at_ms,
            actor,
            action: what,
            subject: &to.export_id,
        };
        // That there is a reason, and not its words: the trail is for good, and they are not.
        let facts = json!({
            "byte_start": to.byte_start, "pointer": to.pointer, "code": to.code, "has_reason": to.reason.is_some(),
        });
        let changes = |_: &_| {
            let mut actions = vec![put_action(
                &self.table,
                item(to)?,
                Some(unchanged(&item(from)?)?),
            )?];
            if let Some((before, after)) = export {
                let (before, after) = (
                    self.ledger.entry(before, before.state.as_str())?,
                    self.ledger.entry(after, after.state.as_str())?,
                );
                actions.push(put_action(&self.table, after, Some(unchanged(&before)?))?);
            }
            Ok(actions)
        };
        self.audit.commit(action, &facts, changes).await.map(drop)
    }
}

/// The stored document is still the one that was read.
fn unchanged(before: &Item) -> Result<Condition, StoreError> {
    let before = before
        .get(DOC)
        .cloned()
        .ok_or(StoreError::Damaged("no document"))?;
    Ok(Condition::that("doc = :before", [(":before", before)]))
}

fn item(piece: &Quarantined) -> Result<Item, StoreError> {
    let mut item = document(key(keys::quarantine(&piece.export_id), piece.local_id()), piece)?;
    item.insert(KIND.to_owned(), text("quarantine"));
    item.insert(STATE.to_owned(), text(piece.state.as_str()));
    if piece.state == QuarantineState::Open {
        item.insert(WORK.to_owned(), text(OPEN));
        item.insert(
            WORK_AT.to_owned(),
            text(format!("{:015}#{}", piece.first_seen_ms, piece.export_id)),
        );
    } else if piece.state == QuarantineState::Discarded && piece.reason.is_some() {
        item.insert(WORK.to_owned(), text(REASONED));
        let at = format!("{}#{}", keys::instant(piece.last_seen_ms), piece.export_id);
        item.insert(WORK_AT.to_owned(), text(at));
    } else if piece.state == QuarantineState::Replaying {
        item.insert(WORK.to_owned(), text(keys::STARTED));
        item.insert(WORK_AT.to_owned(), text(keys::instant(piece.last_seen_ms)));
    }
    Ok(item)
}
