//! What customers eat and say, day by day, in the customers table.

use std::collections::HashMap;

use domain::habit::{Habit, HabitError};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, Item, partition, read_bytes, read_number, read_text};
use crate::error::StoreError;
use crate::keys::{self, DATA, PK, VERSION};
use crate::packed::{self, Listing, Packed};

/// A habit and the version it was read at; version zero is one that is not stored yet.
#[derive(Clone, Debug, Default)]
pub struct StoredHabit {
    /// What is known.
    pub habit: Habit,
    /// The version it was read at.
    pub version: u64,
}

/// The habits in the customers table.
#[derive(Clone, Debug)]
pub struct Habits {
    dynamo: Dynamo,
    table: String,
}

impl Habits {
    /// The habits of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().customers.clone(),
        }
    }

    /// Reads habits by their customers' ids, strongly consistent, each id at most once; those not stored are
    /// not in the answer.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or holds what can't be understood.
    pub async fn read(&self, ids: &[String]) -> Result<HashMap<String, StoredHabit>, StoreError> {
        let keys = ids.iter().map(|id| partition(&keys::habit(id))).collect();
        let items = self.dynamo.get_many(&self.table, keys).await?;
        items.iter().map(stored).collect()
    }

    /// Reads one customer's habit.
    ///
    /// # Errors
    /// As [`Habits::read`].
    pub async fn find(&self, id: &str) -> Result<Option<Habit>, StoreError> {
        let item = self.dynamo.get(&self.table, partition(&keys::habit(id))).await?;
        let stored = item.as_ref().map(stored).transpose()?;
        Ok(stored.map(|(_, stored)| stored.habit))
    }

    /// Writes habits, each only if it still is as it was read, each id at most once. Answers the ids of those
    /// that somebody else changed first.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn write(&self, changed: &[(String, StoredHabit)]) -> Result<Vec<String>, StoreError> {
        let mut items = Vec::with_capacity(changed.len());
        for (id, stored) in changed {
            items.push(Packed {
                pk: keys::habit(id),
                data: stored.habit.pack()?,
                version: stored.version,
                listing: Listing::Never,
            });
        }
        let done = packed::write(&self.dynamo, &self.table, items).await?;
        let lost = changed.iter().zip(done).filter(|(_, done)| !done);
        Ok(lost.map(|((id, _), _)| id.clone()).collect())
    }

    /// Deletes a customer's habit. Answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        let there = Condition::that("attribute_exists(pk)", []);
        let place = partition(&keys::habit(id));
        match self.dynamo.delete_if(&self.table, place, there).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

pub(crate) fn stored(item: &Item) -> Result<(String, StoredHabit), StoreError> {
    let id = read_text(item, PK)?
        .strip_prefix("E#")
        .ok_or(StoreError::Damaged("a key of no habit"))?;
    Ok((
        id.to_owned(),
        StoredHabit {
            habit: Habit::unpack(read_bytes(item, DATA)?)?,
            version: read_number(item, VERSION)?,
        },
    ))
}

impl From<HabitError> for StoreError {
    fn from(error: HabitError) -> Self {
        match error {
            HabitError::UnknownFormat(_) => Self::Damaged("a habit of an unknown format"),
            HabitError::Damaged(what) => Self::Damaged(what),
            HabitError::Coding(_) => Self::Damaged("a habit can't be coded"),
        }
    }
}
