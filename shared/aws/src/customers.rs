//! Customers, and the key that hides their phone numbers.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, BatchStatementRequest};
use domain::customer::{Customer, PhoneKey, pack, unpack};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, Item, bytes, number, read_bytes, read_number, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, DATA, PK, VERSION};

/// Single writes that one request takes.
const STATEMENTS_MAX: usize = 25;

/// A customer and the version it was read at; version zero is one that is not stored yet.
#[derive(Clone, Debug, Default)]
pub struct StoredCustomer {
    /// What is known.
    pub customer: Customer,
    /// The version it was read at.
    pub version: u64,
}

/// The customers table: the one place of personal data.
#[derive(Clone, Debug)]
pub struct Customers {
    dynamo: Dynamo,
    table: String,
}

impl Customers {
    /// The customers table of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().customers.clone(),
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

    /// Writes customers, each only if it still is as it was read. Answers the ids of those that
    /// somebody else changed first.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn write(&self, changed: &[(String, StoredCustomer)]) -> Result<Vec<String>, StoreError> {
        let mut lost = Vec::new();
        for group in changed.chunks(STATEMENTS_MAX) {
            let statements = group
                .iter()
                .map(|(id, stored)| self.statement(id, stored))
                .collect::<Result<_, _>>()?;
            let done = self.dynamo.write_each(statements).await?;
            if done.len() != group.len() {
                return Err(StoreError::Damaged("a batch of statements was answered in part"));
            }
            lost.extend(
                group
                    .iter()
                    .zip(done)
                    .filter(|(_, done)| !done)
                    .map(|((id, _), _)| id.clone()),
            );
        }
        Ok(lost)
    }

    fn statement(&self, id: &str, stored: &StoredCustomer) -> Result<BatchStatementRequest, StoreError> {
        let data = pack(&stored.customer).map_err(|_| StoreError::Damaged("a customer can't be packed"))?;
        let (pk, data, next) = (
            text(keys::customer(id)),
            bytes(data),
            number(stored.version.saturating_add(1)),
        );
        let table = &self.table;
        let (statement, parameters): (String, Vec<AttributeValue>) = if stored.version == 0 {
            (
                format!(r#"INSERT INTO "{table}" VALUE {{'pk': ?, 'd': ?, 'v': ?}}"#),
                vec![pk, data, next],
            )
        } else {
            let statement = format!(r#"UPDATE "{table}" SET d = ? SET v = ? WHERE pk = ? AND v = ?"#);
            (statement, vec![data, next, pk, number(stored.version)])
        };
        BatchStatementRequest::builder()
            .statement(statement)
            .set_parameters(Some(parameters))
            .build()
            .map_err(|_| StoreError::Damaged("an empty statement"))
    }

    /// The key that turns phone numbers into ids. The first caller's `fresh` bytes become the key for
    /// good: every id made with it depends on it.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written.
    pub async fn phone_key(&self, fresh: [u8; 32]) -> Result<PhoneKey, StoreError> {
        for _ in 0..2 {
            if let Some(item) = self.dynamo.get(&self.table, partition(keys::PHONE_KEY)).await? {
                let key = read_bytes(&item, DATA)?
                    .try_into()
                    .map_err(|_| StoreError::Damaged("the phone key"))?;
                return Ok(PhoneKey::new(key));
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
}

fn partition(pk: &str) -> Item {
    HashMap::from([(PK.to_owned(), text(pk))])
}

fn stored(item: &Item) -> Result<(String, StoredCustomer), StoreError> {
    let id = read_text(item, PK)?
        .strip_prefix("C#")
        .ok_or(StoreError::Damaged("a key of no customer"))?;
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
