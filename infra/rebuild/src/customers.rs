//! Emptying what exports told of customers.

use aws::customers::StoredCustomer;
use domain::customer::{Customer, Fact, ProfileField};

use crate::kept::Kept;
use crate::{Stop, Tools};

/// How often a customer is read anew because another writer was first.
const TRIES_MAX: u32 = 12;

/// A customer without what exports told and will tell again. What the person asked for stays, and so does the value
/// of a field that they had corrected: no export tells it.
///
/// Where an export is gone it stays known who a customer is: nobody knows which file told it.
fn untold(customer: &Customer, kept: &Kept) -> Customer {
    let mut rest = customer.clone();
    rest.days.retain(|day, _| kept.has(day));
    if !kept.gone.is_empty() {
        return rest;
    }
    let corrections = &rest.rights.corrections;
    let told = |field, fact: &mut Option<Fact>| {
        if !corrections.contains_key(&field) {
            *fact = None;
        }
    };
    told(ProfileField::Name, &mut rest.profile.name);
    told(ProfileField::Phone, &mut rest.profile.phone);
    told(ProfileField::Email, &mut rest.profile.email);
    told(ProfileField::Phone, &mut rest.profile.phone_problem);
    rest
}

/// Empties every customer. Answers how many there are.
///
/// # Errors
/// [`Stop`] when the table can't be read or written; doing it again mends it.
pub(crate) async fn empty(kept: &Kept, tools: &Tools) -> Result<u64, Stop> {
    let (mut count, mut at) = (0, None);
    loop {
        let (customers, next) = tools.whole.customers(at).await?;
        count += customers.len() as u64;
        empty_some(customers, kept, tools).await?;
        if next.is_none() {
            return Ok(count);
        }
        at = next;
    }
}

async fn empty_some(
    mut customers: Vec<(String, StoredCustomer)>,
    kept: &Kept,
    tools: &Tools,
) -> Result<(), Stop> {
    for _ in 0..TRIES_MAX {
        let changed: Vec<(String, StoredCustomer)> = customers
            .into_iter()
            .filter_map(|(id, stored)| {
                let customer = untold(&stored.customer, kept);
                let version = stored.version;
                (customer != stored.customer).then_some((id, StoredCustomer { customer, version }))
            })
            .collect();
        let lost = tools.customers.write(&changed).await?;
        if lost.is_empty() {
            return Ok(());
        }
        customers = tools.customers.read(&lost).await?.into_iter().collect();
    }
    Err(aws::StoreError::Throttled.into())
}
