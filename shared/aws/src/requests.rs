//! What people ask for about their data.
//!
//! The duties table names nobody: what a person wants corrected waits beside the customers, and goes when the request
//! is over.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::mail::Mail;
use domain::rights::{Correction, Request};
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Condition, Dynamo, Item, at_version, delete_action, document, key, partition, put_action, read_document,
    read_text, text, versioned,
};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, KIND, REQUEST, REQUESTS, SK, STATE, WORK, WORK_AT};
use crate::outbox::Outbox;
use crate::position::{ListPosition, WORK_INDEX};

/// What a request is called in the records of the table's stream.
pub const REQUEST_KIND: &str = "rights";

/// The partition of the work index that holds requests that are not over.
const OPEN: &str = "rights";
/// The most customers of one request: each has its place in one transaction, which takes a hundred actions.
const CUSTOMERS_MAX: usize = 90;

/// The requests in the duties table.
#[derive(Clone, Debug)]
pub struct Requests {
    dynamo: Dynamo,
    table: String,
    customers: String,
    audit: AuditTrail,
    outbox: Outbox,
}

impl Requests {
    /// The requests of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().duties.clone(),
            customers: clients.names().customers.clone(),
            audit: AuditTrail::new(clients),
            outbox: Outbox::new(clients),
        }
    }

    /// Stores a new request with what is to be corrected, its places in the lists and its audit record, all or
    /// nothing. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of its id; [`StoreError::TooLarge`] when it is about more than
    /// 90 customers.
    pub async fn receive(
        &self,
        request: &Request,
        correction: Option<&Correction>,
        actor: &str,
    ) -> Result<Request, StoreError> {
        let next = next(request);
        let action = Action {
            at_ms: request.received_ms,
            actor,
            action: "rights.received",
            subject: &request.id,
        };
        let facts = json!({
            "kind": request.kind.as_str(), "field": request.field, "customers": request.customers,
        });
        let changes = |_: &_| {
            let mut actions = vec![
                put_action(&self.table, item(&next)?, Some(at_version(request.version)))?,
                put_action(&self.table, place(REQUESTS, &next), None)?,
            ];
            actions.extend(self.customer_places(&next, &[])?);
            if let Some(correction) = correction {
                let item = document(partition(&keys::correction(&next.id)), correction)?;
                actions.push(put_action(&self.customers, item, Some(Condition::absent()))?);
            }
            Ok(actions)
        };
        self.audit.commit(action, &facts, changes).await?;
        Ok(next)
    }

    /// One request, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, id: &str) -> Result<Option<Request>, StoreError> {
        let item = self.dynamo.get(&self.table, place_of(id)).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// What a request wants corrected, until it is over.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn correction(&self, id: &str) -> Result<Option<Correction>, StoreError> {
        let place = partition(&keys::correction(id));
        let item = self.dynamo.get(&self.customers, place).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// All requests, the latest received first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn list(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Request>, Option<String>), StoreError> {
        // An empty key would fail the query.
        let after = after.filter(|after| !after.is_empty());
        let query = self
            .dynamo
            .query(&self.table, REQUESTS)
            .set_exclusive_start_key(after.map(|after| key(REQUESTS, after)))
            .scan_index_forward(false)
            .limit(limit);
        let (places, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| read_text(&next, SK).map(str::to_owned));
        Ok((self.at(&places).await?, next.transpose()?))
    }

    /// The requests about a customer, the latest received first.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_customer(&self, customer: &str) -> Result<Vec<Request>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::requests_of(customer))
            .scan_index_forward(false)
            .consistent_read(true);
        let places = self.dynamo.all(query).await?;
        self.at(&places).await
    }

    /// Requests that are not over, the one that is due first before the others, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn unfinished(
        &self,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Request>, Option<ListPosition>), StoreError> {
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

    /// All requests that are not over and due at a moment or before, the one that is due first before the others, as
    /// they are now.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn due_by(&self, at_ms: i64) -> Result<Vec<Request>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, OPEN)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk AND work_at <= :at")
            .expression_attribute_names("#work", WORK)
            .expression_attribute_values(":at", text(keys::instant(at_ms)));
        let found = self.dynamo.all(query).await?;
        let ids = found.iter().map(|item| {
            let request: Request = read_document(item)?;
            Ok(request.id)
        });
        let ids = ids.collect::<Result<Vec<_>, StoreError>>()?;
        let mut requests = self.by_id(&ids).await?;
        // The index may be a moment behind.
        requests.retain(|request| !request.is_over());
        Ok(requests)
    }

    /// Changes a request, with a mail about it and its audit record, all or nothing. `to` is made from `from` as
    /// it was read. Once it is over, what was to be corrected goes; the number of the audit record is put into
    /// its proof. Answers it as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the request is not as it was read any more, or the mail is there;
    /// [`StoreError::TooLarge`] when it would be about more than 90 new customers.
    pub async fn change(
        &self,
        from: &Request,
        to: &Request,
        mail: Option<&Mail>,
        actor: &str,
        at_ms: i64,
    ) -> Result<Request, StoreError> {
        let stepped = to.steps.len() > from.steps.len();
        let deed = to.steps.last().filter(|_| stepped);
        let what = format!("rights.{}", deed.map_or("extended", |step| step.what.as_str()));
        let action = Action {
            at_ms,
            actor,
            action: &what,
            subject: &to.id,
        };
        let facts = json!({
            "kind": to.kind.as_str(), "was": from.state.as_str(), "state": to.state.as_str(),
            "customers": to.customers, "refusal": to.refusal,
            "counts": to.proof.as_ref().map(|proof| &proof.counts),
        });
        let mut stored = Request {
            version: from.version.saturating_add(1),
            ..to.clone()
        };
        self.audit
            .commit(action, &facts, |record| {
                if let Some(proof) = stored.proof.as_mut().filter(|_| from.proof.is_none()) {
                    proof.audit = Some((record.chain, record.number));
                }
                let changed = put_action(&self.table, item(&stored)?, Some(at_version(from.version)))?;
                let mut actions = vec![changed];
                actions.extend(self.customer_places(&stored, &from.customers)?);
                if let Some(mail) = mail {
                    actions.push(self.outbox.put_action(mail)?);
                }
                if stored.is_over() {
                    let correction = partition(&keys::correction(&stored.id));
                    actions.push(delete_action(&self.customers, correction, None)?);
                }
                Ok(actions)
            })
            .await?;
        Ok(stored)
    }

    /// Puts a request into the lists of those of its customers that are not known yet.
    fn customer_places(
        &self,
        request: &Request,
        known: &[String],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let known: BTreeSet<&String> = known.iter().collect();
        let new = request
            .customers
            .iter()
            .filter(|customer| !known.contains(customer));
        let places = new.map(|customer| place(&keys::requests_of(customer), request));
        let places: Vec<Item> = places.collect();
        if places.len() > CUSTOMERS_MAX {
            return Err(StoreError::TooLarge("a request's customers"));
        }
        let places = places.into_iter();
        places.map(|place| put_action(&self.table, place, None)).collect()
    }

    /// The requests of places in a list, in the order of the list.
    async fn at(&self, places: &[Item]) -> Result<Vec<Request>, StoreError> {
        let id = |place: &Item| {
            let id = read_text(place, SK)?.split_once('#').map(|(_, id)| id.to_owned());
            id.ok_or(StoreError::Damaged("a place of no request"))
        };
        let ids = places.iter().map(id).collect::<Result<Vec<_>, _>>()?;
        self.by_id(&ids).await
    }

    async fn by_id(&self, ids: &[String]) -> Result<Vec<Request>, StoreError> {
        let wanted = ids.iter().map(|id| place_of(id)).collect();
        let mut requests = HashMap::new();
        for item in self.dynamo.get_many(&self.table, wanted).await? {
            let request: Request = read_document(&item)?;
            requests.insert(request.id.clone(), request);
        }
        // A place is written together with its request.
        Ok(ids.iter().filter_map(|id| requests.remove(id)).collect())
    }
}

/// The id of the request that stands under a key; `None` for the key of anything else. For the records of the
/// table's stream.
#[must_use]
pub fn request_of<'a>(pk: &'a str, sk: &str) -> Option<&'a str> {
    pk.strip_prefix("Z#").filter(|_| sk == REQUEST)
}

fn next(request: &Request) -> Request {
    Request {
        version: request.version.saturating_add(1),
        ..request.clone()
    }
}

fn place_of(id: &str) -> Item {
    key(keys::request(id), REQUEST)
}

/// A request's place in a list.
fn place(list: &str, request: &Request) -> Item {
    let mut place = key(list, keys::request_place(request.received_ms, &request.id));
    place.insert(KIND.to_owned(), text("place"));
    place
}

fn item(request: &Request) -> Result<Item, StoreError> {
    let mut item = versioned(place_of(&request.id), request, request.version)?;
    item.insert(KIND.to_owned(), text(REQUEST_KIND));
    item.insert(STATE.to_owned(), text(request.state.as_str()));
    if !request.is_over() {
        item.insert(WORK.to_owned(), text(OPEN));
        item.insert(WORK_AT.to_owned(), text(keys::instant(request.due_ms)));
    }
    Ok(item)
}
