//! Low scores that somebody has to see to.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::case::{Case, CaseState};
use domain::mail::Mail;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Condition, Dynamo, Item, at_version, document, key, number, put_action, read_document, read_text, text,
};
use crate::error::StoreError;
use crate::keys::{self, BY_LIST, CASE_PLACES, KIND, LIST, LIST_AT, SK, STATE, VERSION};
use crate::outbox::Outbox;
use crate::position::{LIST_INDEX, ListPosition};
use crate::readable::Readable;

/// The cases in the feedback table.
#[derive(Clone, Debug)]
pub struct Cases {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
    outbox: Outbox,
}

impl Cases {
    /// The cases of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().feedback.clone(),
            audit: AuditTrail::new(clients),
            outbox: Outbox::new(clients),
        }
    }

    /// One case, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, outlet: &str, id: &str) -> Result<Option<Case>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::outlet(outlet), keys::case(id)))
            .await?;
        item.as_ref().map(read_document).transpose()
    }

    /// An outlet's cases, the latest opened first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_outlet(
        &self,
        outlet: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Case>, Option<String>), StoreError> {
        let partition = keys::outlet(outlet);
        // What is no place of the list would fail the query.
        let after = after.filter(|after| after.starts_with(CASE_PLACES));
        let query = self
            .dynamo
            .query(&self.table, &partition)
            .key_condition_expression("pk = :pk AND begins_with(sk, :places)")
            .expression_attribute_values(":places", text(CASE_PLACES))
            .set_exclusive_start_key(after.map(|after| key(&partition, after)))
            .scan_index_forward(false)
            .limit(limit);
        let (places, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| read_text(&next, SK).map(str::to_owned));
        Ok((self.at(&partition, &places).await?, next.transpose()?))
    }

    /// The cases of places in an outlet's list, in the order of the list.
    async fn at(&self, partition: &str, places: &[Item]) -> Result<Vec<Case>, StoreError> {
        let id = |place: &Item| {
            let id = read_text(place, SK)?
                .rsplit_once('#')
                .map(|(_, id)| id.to_owned());
            id.ok_or(StoreError::Damaged("a place of no case"))
        };
        let ids = places.iter().map(id).collect::<Result<Vec<_>, _>>()?;
        let wanted = ids.iter().map(|id| key(partition, keys::case(id))).collect();
        let mut cases = HashMap::new();
        for item in self.dynamo.get_many(&self.table, wanted).await? {
            let case: Case = read_document(&item)?;
            cases.insert(case.id.clone(), case);
        }
        // A place is written together with its case.
        Ok(ids.iter().filter_map(|id| cases.remove(id)).collect())
    }

    /// Cases of all outlets in a state, the latest opened first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn by_state(
        &self,
        state: CaseState,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Case>, Option<ListPosition>), StoreError> {
        let list = cases_in(state);
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

    /// Cases of all outlets in a state that were opened at a moment or later, the earliest opened first, and
    /// where the next page begins. An `after` that lies before that moment is the beginning of the list.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn young(
        &self,
        state: CaseState,
        since_ms: i64,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Case>, Option<ListPosition>), StoreError> {
        let page = self.readable_young(state, since_ms, after, limit).await?;
        page.whole("a case can't be read")
    }

    /// As [`Cases::young`], for work that one damaged item must not stop.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn readable_young(
        &self,
        state: CaseState,
        since_ms: i64,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<Readable<Case, ListPosition>, StoreError> {
        let (list, since) = (cases_in(state), keys::instant(since_ms));
        // A query can't go on from where it does not look.
        let after = after.filter(|after| after.is_from(&since));
        let query = self
            .dynamo
            .query(&self.table, &list)
            .index_name(BY_LIST)
            .key_condition_expression("#list = :pk AND list_at >= :since")
            .expression_attribute_names("#list", LIST)
            .expression_attribute_values(":since", text(since))
            .set_exclusive_start_key(after.map(|after| after.key(LIST_INDEX, &list)))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, LIST_INDEX)).transpose()?;
        Readable::of(&items, next)
    }

    /// Stores a new case or a renewed one, made from the case at `case.version`, and puts the mail about it into
    /// the outbox, all or nothing. Answers whether it was news: a case that already tells of these scores
    /// stays as it is, and so does its mail.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the case is not as it was read any more.
    pub async fn open_with_mail(&self, case: &Case, mail: &Mail) -> Result<bool, StoreError> {
        let mut actions = vec![self.put_action(case, case.version)?];
        if case.version == 0 {
            actions.push(put_action(&self.table, place(case), Some(Condition::absent()))?);
        }
        actions.push(self.outbox.put_action(mail)?);
        match self.dynamo.transact(actions).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => match self.get(&case.outlet, &case.id).await? {
                Some(stored) if stored.fingerprint == case.fingerprint => Ok(false),
                _ => Err(StoreError::Conflict),
            },
            Err(error) => Err(error),
        }
    }

    /// A case's next version, put in place of the `expected` one.
    fn put_action(&self, case: &Case, expected: u64) -> Result<TransactWriteItem, StoreError> {
        let next = Case {
            version: expected.saturating_add(1),
            ..case.clone()
        };
        put_action(&self.table, item(&next)?, Some(at_version(expected)))
    }

    /// Changes a case, with its audit record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the case is not as it was read any more.
    pub async fn change(&self, from: &Case, to: &Case, actor: &str, at_ms: i64) -> Result<(), StoreError> {
        let action = Action {
            at_ms,
            actor,
            action: "case.changed",
            subject: &to.id,
        };
        let facts = json!({
            "outlet": to.outlet, "was": from.state.as_str(), "state": to.state.as_str(),
            "recovered": to.recovered.as_ref().map(|recovered| recovered.days),
        });
        let changes = |_: &_| Ok(vec![self.put_action(to, from.version)?]);
        self.audit.commit(action, &facts, changes).await.map(drop)
    }

    /// Erases the words that were noted about a case, with the audit record of it: `to` is the case without them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the case is not as it was read any more.
    pub async fn erase_words(
        &self,
        from: &Case,
        to: &Case,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let action = Action {
            at_ms,
            actor,
            action: "case.words_erased",
            subject: &to.id,
        };
        let changes = |_: &_| Ok(vec![self.put_action(to, from.version)?]);
        let facts = json!({ "outlet": to.outlet });
        self.audit.commit(action, &facts, changes).await.map(drop)
    }
}

fn cases_in(state: CaseState) -> String {
    format!("cases#{}", state.as_str())
}

fn item(case: &Case) -> Result<Item, StoreError> {
    let mut item = document(key(keys::outlet(&case.outlet), keys::case(&case.id)), case)?;
    item.insert(KIND.to_owned(), text("case"));
    item.insert(STATE.to_owned(), text(case.state.as_str()));
    item.insert(VERSION.to_owned(), number(case.version));
    item.insert(LIST.to_owned(), text(cases_in(case.state)));
    let at = format!("{}#{}", keys::instant(case.opened_ms), case.id);
    item.insert(LIST_AT.to_owned(), text(at));
    Ok(item)
}

/// The place of a case in its outlet's list. It stays where it is whatever becomes of the case.
fn place(case: &Case) -> Item {
    let mut place = key(
        keys::outlet(&case.outlet),
        keys::case_place(case.opened_ms, &case.id),
    );
    place.insert(KIND.to_owned(), text("place"));
    place
}
