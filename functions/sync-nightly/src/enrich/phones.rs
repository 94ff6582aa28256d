//! Customers who were stored before there was an index of phone numbers are brought into it, some with every outlet,
//! until all of them are: whoever looks for a person by their number finds them.

use aws::StoreError;

use crate::Deps;

/// Customers that are looked at with one request.
const PAGE: i32 = 500;
/// Requests of one outlet's turn.
const PAGES_MAX: u32 = 4;

/// Takes an outlet's turn. Once all customers are in the index this is one read, or none.
pub(super) async fn index(deps: &Deps) -> Result<(), StoreError> {
    for _ in 0..PAGES_MAX {
        let done = deps.customers.index_phones(PAGE).await?;
        for customer in &done.damaged {
            // The night that enriches them, and the one that lets them go, make it a trouble.
            tracing::warn!(customer, "not in the index of phone numbers: unreadable");
        }
        if done.looked > 0 {
            let (looked, listed) = (done.looked, done.listed);
            tracing::info!(looked, listed, over = done.is_over, "phones.indexed");
        }
        if done.is_over {
            break;
        }
    }
    Ok(())
}
