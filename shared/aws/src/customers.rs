//! Customers, and the key that hides their phone numbers.

mod phones;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::customer::{Customer, PhoneKey, pack, unpack};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, Item, bytes, partition, read_bytes, read_number, read_text};
use crate::error::StoreError;
use crate::keys::{self, DATA, PK, VERSION};
use crate::packed::{self, Listing, Packed};

pub use phones::{Indexing, Numbered};

/// A customer and the version it was read at; version zero is one that is not stored yet.
#[derive(Clone, Debug, Default)]
pub struct StoredCustomer {
    /// What is known.
    pub customer: Customer,
    /// The version it was read at.
    pub version: u64,
}

/// Some customers of the whole table.
#[derive(Clone, Debug, Default)]
pub struct CustomersPage {
    /// Those who can be read, by id.
    pub customers: Vec<(String, StoredCustomer)>,
    /// The ids of those who can't.
    pub damaged: Vec<String>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<String>,
}

/// The customers table: the one place of personal data.
#[derive(Clone, Debug)]
pub struct Customers {
    dynamo: Dynamo,
    table: String,
    /// The key of phone numbers, once it was read: it stays for good.
    key: Arc<OnceLock<PhoneKey>>,
    /// Set once every customer is known to be in the index of phone numbers.
    is_indexed: Arc<OnceLock<()>>,
}

impl Customers {
    /// The customers table of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().customers.clone(),
            key: Arc::default(),
            is_indexed: Arc::default(),
        }
    }

    /// Reads customers, strongly consistent; those not stored are not in the answer.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or holds what can't be understood.
    pub async fn read(&self, ids: &[String]) -> Result<HashMap<String, StoredCustomer>, StoreError> {
        let keys = ids.iter().map(|id| partition(&keys::customer(id))).collect();
        let items = self.dynamo.get_many(&self.table, keys).await?;
        items.iter().map(stored).collect()
    }

    /// Reads one customer.
    ///
    /// # Errors
    /// As [`Customers::read`].
    pub async fn find(&self, id: &str) -> Result<Option<Customer>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, partition(&keys::customer(id)))
            .await?;
        Ok(item
            .as_ref()
            .map(stored)
            .transpose()?
            .map(|(_, stored)| stored.customer))
    }

    /// Reads on in the whole table, in no order: at most `limit` customers, and where the next page begins. A
    /// page may be empty and still have a next one. It costs what the whole table costs to read, so it is for
    /// what is rare: retention, a list of the people concerned, a fingerprint.
    ///
    /// # Errors
    /// As [`Customers::read`].
    pub async fn page(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<(String, StoredCustomer)>, Option<String>), StoreError> {
        let page = self.readable_page(after, limit).await?;
        if page.damaged.is_empty() {
            Ok((page.customers, page.next))
        } else {
            Err(StoreError::Damaged("a customer can't be read"))
        }
    }

    /// As [`Customers::page`], for work that one damaged item must not stop: who can't be read is named beside
    /// those who can.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn readable_page(&self, after: Option<&str>, limit: i32) -> Result<CustomersPage, StoreError> {
        let start = after.map(partition);
        let (items, next) = self
            .dynamo
            .scan(&self.table, &keys::customer(""), start, limit)
            .await?;
        let next = next.map(|next| read_text(&next, PK).map(str::to_owned));
        let mut page = CustomersPage {
            next: next.transpose()?,
            ..CustomersPage::default()
        };
        for item in &items {
            match stored(item) {
                Ok(known) => page.customers.push(known),
                Err(_) => page.damaged.push(customer_of(item)?.to_owned()),
            }
        }
        Ok(page)
    }

    /// Writes customers, each only if it still is as it was read. Answers the ids of those that
    /// somebody else changed first. With the same write a customer comes to stand under their phone number, whoever
    /// writes and for whatever reason: see [`Customers::with_number`].
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written, or has no key yet to hide a customer's number with.
    pub async fn write(&self, changed: &[(String, StoredCustomer)]) -> Result<Vec<String>, StoreError> {
        let items = self.packed(changed).await?;
        let done = packed::write(&self.dynamo, &self.table, items).await?;
        Ok(lost(changed, done))
    }

    /// As [`Customers::write`], for customers who were read: one who was not stored is lost, and no customer is made.
    ///
    /// # Errors
    /// As [`Customers::write`].
    pub async fn overwrite(&self, changed: &[(String, StoredCustomer)]) -> Result<Vec<String>, StoreError> {
        let items = self.packed(changed).await?;
        let done = packed::overwrite(&self.dynamo, &self.table, items).await?;
        Ok(lost(changed, done))
    }

    async fn packed(&self, changed: &[(String, StoredCustomer)]) -> Result<Vec<Packed>, StoreError> {
        let mut items = Vec::with_capacity(changed.len());
        for (id, stored) in changed {
            let data =
                pack(&stored.customer).map_err(|_| StoreError::Damaged("a customer can't be packed"))?;
            items.push(Packed {
                pk: keys::customer(id),
                data,
                version: stored.version,
                listing: Listing::Under(self.hash_of(&stored.customer).await?),
            });
        }
        Ok(items)
    }

    /// The key that turns phone numbers into ids. The first caller's `fresh` bytes become the key for
    /// good: every id made with it depends on it.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn phone_key(&self, fresh: [u8; 32]) -> Result<PhoneKey, StoreError> {
        for _ in 0..2 {
            if let Some(key) = self.known_phone_key().await? {
                return Ok(key);
            }
            let mut item = partition(keys::PHONE_KEY);
            item.insert(DATA.to_owned(), bytes(fresh.to_vec()));
            match self
                .dynamo
                .put(&self.table, item, Some(Condition::absent()))
                .await
            {
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Damaged("the phone key comes and goes"))
    }

    /// The key that turns phone numbers into ids, if there is one yet: without one, nobody has told a number.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn known_phone_key(&self) -> Result<Option<PhoneKey>, StoreError> {
        if let Some(key) = self.key.get() {
            return Ok(Some(key.clone()));
        }
        let Some(item) = self.dynamo.get(&self.table, partition(keys::PHONE_KEY)).await? else {
            return Ok(None);
        };
        let key = read_bytes(&item, DATA)?
            .try_into()
            .map_err(|_| StoreError::Damaged("the phone key"))?;
        Ok(Some(self.key.get_or_init(|| PhoneKey::new(key)).clone()))
    }

    /// Under what a customer stands in the index of phone numbers; `None` for who has no number.
    async fn hash_of(&self, customer: &Customer) -> Result<Option<String>, StoreError> {
        let Some(number) = customer.number() else {
            return Ok(None);
        };
        let key = self.known_phone_key().await?;
        let key = key.ok_or(StoreError::Damaged("a phone number without the phone key"))?;
        Ok(Some(key.short_hash(number)))
    }
}

/// Of customers to be written, the ids of those who were not.
fn lost(changed: &[(String, StoredCustomer)], done: Vec<bool>) -> Vec<String> {
    let lost = changed.iter().zip(done).filter(|(_, done)| !done);
    lost.map(|((id, _), _)| id.clone()).collect()
}

pub(crate) fn stored(item: &Item) -> Result<(String, StoredCustomer), StoreError> {
    let id = customer_of(item)?;
    let customer =
        unpack(read_bytes(item, DATA)?).map_err(|_| StoreError::Damaged("a customer can't be read"))?;
    Ok((
        id.to_owned(),
        StoredCustomer {
            customer,
            version: read_number(item, VERSION)?,
        },
    ))
}

/// The id of an item's customer.
fn customer_of(item: &Item) -> Result<&str, StoreError> {
    let id = read_text(item, PK)?.strip_prefix("C#");
    id.ok_or(StoreError::Damaged("a key of no customer"))
}
