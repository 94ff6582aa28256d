//! What a day means for its customers.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::customers::StoredCustomer;
use domain::customer::{OutletDay, Profile, Visit};

use crate::Deps;
use crate::failure::Failure;

/// How often a customer is read anew because another writer was first.
const TRIES_MAX: u32 = 12;
/// Customers that are read and written together.
const GROUP: usize = 100;

/// What one day did to one customer.
#[derive(Clone, Debug)]
pub struct Change {
    /// The customer's id.
    pub customer: String,
    /// The day.
    pub day: OutletDay,
    /// What they did on it.
    pub visit: Visit,
    /// What was said of them on it.
    pub profile: Profile,
}

/// Writes changes of customers, each customer once.
///
/// # Errors
/// [`Failure`] when the store does not do its part; another try does no harm.
pub async fn apply(changes: Vec<Change>, deps: &Deps) -> Result<(), Failure> {
    let mut by_customer: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for change in changes {
        by_customer
            .entry(change.customer.clone())
            .or_default()
            .push(change);
    }
    let mut ids: Vec<String> = by_customer.keys().cloned().collect();
    for _ in 0..TRIES_MAX {
        let mut lost = Vec::new();
        for group in ids.chunks(GROUP) {
            lost.extend(apply_once(group, &by_customer, deps).await?);
        }
        if lost.is_empty() {
            return Ok(());
        }
        ids = lost;
    }
    Err(StoreError::Throttled.into())
}

/// Answers the customers that another writer changed first.
async fn apply_once(
    ids: &[String],
    changes: &BTreeMap<String, Vec<Change>>,
    deps: &Deps,
) -> Result<Vec<String>, StoreError> {
    let mut known = deps.customers.read(ids).await?;
    let mut changed: Vec<(String, StoredCustomer)> = Vec::new();
    for id in ids {
        let mut stored = known.remove(id).unwrap_or_default();
        let mut is_new = false;
        for change in changes.get(id).into_iter().flatten() {
            let number = stored.customer.number().map(str::to_owned);
            // What a person asked for stands against whatever a file tells, however often it is read.
            is_new |= stored.customer.join_profile(&change.profile, change.day.1);
            // Under the number that was theirs a night may know them: an erasure has to find that.
            is_new |= stored
                .customer
                .remember_number(number.as_deref(), &deps.phone_key);
            is_new |= stored.customer.set_day(&change.day, change.visit);
        }
        if is_new {
            changed.push((id.clone(), stored));
        }
    }
    deps.customers.write(&changed).await
}
