//! The keys of guest links.

use domain::guest_link::{LinkKey, LinkKeys};
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Condition, Dynamo, Item, bytes, key, number, put_action, read_bytes, read_number, read_text,
};
use crate::error::StoreError;
use crate::keys::{self, CREATED, DATA, RETIRED, SK};

/// Why a key can't be retired.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    /// There is no key of this number.
    #[error("there is no such key of links")]
    Unknown,
    /// It is the key that links are sealed with.
    #[error("the newest key of links can't be retired")]
    Newest,
    /// The table can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The stored keys of guest links.
#[derive(Clone, Debug)]
pub struct LinkKeysStore {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl LinkKeysStore {
    /// The link keys of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// Every key in use, the newest last. Where there is none, the first caller's `fresh` bytes become the first
    /// key.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn load(&self, now_ms: i64, fresh: [u8; 32]) -> Result<LinkKeys, StoreError> {
        let known = self.all().await?;
        if !known.is_empty() {
            return Ok(LinkKeys::new(known));
        }
        let first = item(&LinkKey::new(1, now_ms, fresh));
        match self
            .dynamo
            .put(&self.table, first, Some(Condition::absent()))
            .await
        {
            // Of two first callers, both use the key of the one that was first.
            Ok(()) | Err(StoreError::Conflict) => self.all().await.map(LinkKeys::new),
            Err(error) => Err(error),
        }
    }

    /// Makes `fresh` bytes the key that links are sealed with from now on, with its audit record; links of
    /// earlier keys still open. Answers every key in use.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else makes a new key at this moment.
    pub async fn rotate(&self, now_ms: i64, fresh: [u8; 32], actor: &str) -> Result<LinkKeys, StoreError> {
        let newest = self.all().await?.last().map_or(0, |newest| newest.kid);
        let next = newest
            .checked_add(1)
            .ok_or(StoreError::TooLarge("the number of link keys"))?;
        let next = LinkKey::new(next, now_ms, fresh);
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "link_key.made",
            subject: "link-keys",
        };
        let changes = |_: &_| {
            let put = put_action(&self.table, item(&next), Some(Condition::absent()))?;
            Ok(vec![put])
        };
        self.audit
            .commit(action, &json!({ "kid": next.kid }), changes)
            .await?;
        self.all().await.map(LinkKeys::new)
    }

    /// Retires a key for good, with its audit record: its bytes are forgotten, its number stays taken. Answers
    /// when it was retired, Unix milliseconds; a key that was retired before stays as it is.
    ///
    /// # Errors
    /// [`RetireError`]; [`StoreError::Conflict`] when somebody else retires it at this moment.
    pub async fn retire(&self, kid: u32, now_ms: i64, actor: &str) -> Result<i64, RetireError> {
        let items = self.items().await?;
        let place = keys::link_key(kid);
        let Some(stored) = items
            .iter()
            .find(|item| read_text(item, SK).is_ok_and(|sk| *sk == place))
        else {
            return Err(RetireError::Unknown);
        };
        if is_retired(stored) {
            return Ok(read_number(stored, RETIRED)?);
        }
        if items.last().is_some_and(|newest| newest == stored) {
            return Err(RetireError::Newest);
        }
        let mut retired = stored.clone();
        retired.remove(DATA);
        retired.insert(RETIRED.to_owned(), number(now_ms));
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "link_key.retired",
            subject: "link-keys",
        };
        let changes = |_: &_| {
            // Whoever comes second finds no bytes to forget.
            let in_use = Condition::that("attribute_exists(#data)", []).naming("#data", DATA);
            Ok(vec![put_action(&self.table, retired.clone(), Some(in_use))?])
        };
        self.audit.commit(action, &json!({ "kid": kid }), changes).await?;
        Ok(now_ms)
    }

    /// Every key in use, the newest last.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn all(&self) -> Result<Vec<LinkKey>, StoreError> {
        let items = self.items().await?;
        items.iter().filter(|item| !is_retired(item)).map(read).collect()
    }

    /// Every key there ever was, the newest last.
    async fn items(&self) -> Result<Vec<Item>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, keys::LINK_KEYS)
            .consistent_read(true);
        self.dynamo.all(query).await
    }
}

fn is_retired(item: &Item) -> bool {
    item.contains_key(RETIRED)
}

fn item(link_key: &LinkKey) -> Item {
    let mut item = key(keys::LINK_KEYS, keys::link_key(link_key.kid));
    item.insert(CREATED.to_owned(), number(link_key.created_ms));
    item.insert(DATA.to_owned(), bytes(link_key.bytes().to_vec()));
    item
}

fn read(item: &Item) -> Result<LinkKey, StoreError> {
    let damaged = StoreError::Damaged("a link key");
    let kid = read_text(item, SK)?.parse().map_err(|_| damaged)?;
    let bytes = read_bytes(item, DATA)?.try_into();
    let bytes = bytes.map_err(|_| StoreError::Damaged("a link key"))?;
    Ok(LinkKey::new(kid, read_number(item, CREATED)?, bytes))
}
