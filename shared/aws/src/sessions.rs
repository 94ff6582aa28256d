//! Sessions of the staff, each under the hash of a secret that only a browser has.

use crate::Clients;
use crate::dynamo::{Dynamo, Item, key, number, read_number, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, DOC, EXPIRES_AT, KIND};

/// The stored sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    dynamo: Dynamo,
    table: String,
}

impl Sessions {
    /// The sessions of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().operations.clone(),
        }
    }

    /// Stores what a session holds, in place of what it held. From `expires_ms` on, Unix milliseconds taken
    /// to the second, there is no such session any more.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn put(&self, hash: &str, content: &str, expires_ms: i64) -> Result<(), StoreError> {
        let mut item = place(hash);
        item.insert(KIND.to_owned(), text("session"));
        item.insert(DOC.to_owned(), text(content));
        item.insert(EXPIRES_AT.to_owned(), number(expires_ms.div_euclid(1000)));
        self.dynamo.put(&self.table, item, None).await
    }

    /// What a session holds; `None` when there is none or it has expired.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(&self, hash: &str, now_ms: i64) -> Result<Option<String>, StoreError> {
        let item = self.dynamo.get(&self.table, place(hash)).await?;
        alive(item, now_ms)
    }

    /// Ends a session, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn delete(&self, hash: &str) -> Result<(), StoreError> {
        self.dynamo.delete(&self.table, place(hash)).await
    }
}

fn place(hash: &str) -> Item {
    key(keys::session(hash), keys::SESSION)
}

/// The table forgets what has expired days late.
fn alive(item: Option<Item>, now_ms: i64) -> Result<Option<String>, StoreError> {
    let Some(item) = item else { return Ok(None) };
    let expires: i64 = read_number(&item, EXPIRES_AT)?;
    if expires <= now_ms.div_euclid(1000) {
        return Ok(None);
    }
    read_text(&item, DOC).map(|content| Some(content.to_owned()))
}
