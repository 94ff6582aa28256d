//! The backup of the configuration: one document a night, beside the exports.

use aws::StoreError;
use domain::night::{Night, Trouble};
use domain::outlet::Outlet;
use domain::setup::Setup;

use crate::Deps;

/// Outlets read at a time.
const PAGE: i32 = 500;

/// Puts the backup of a night's date into the bucket, in place of an earlier one. Answers what went wrong: a night
/// without a backup is told, and closed all the same, and so is one whose backup lacks an outlet.
pub(crate) async fn make(night: &Night, deps: &Deps) -> Vec<Trouble> {
    match put(night, deps).await {
        Ok(left_out) => {
            let trouble = |id: String| Trouble::new(None, "night", "BACKUP_INCOMPLETE", &id);
            left_out.into_iter().map(trouble).collect()
        }
        Err(error) => {
            tracing::error!(night = %night.date, error = %error, "backup.failed");
            vec![Trouble::new(None, "night", "BACKUP_FAILED", &error.to_string())]
        }
    }
}

/// Answers the ids of outlets that a restore would refuse: they are left out, so that it takes all others.
async fn put(night: &Night, deps: &Deps) -> Result<Vec<String>, StoreError> {
    let keys = deps.api_keys.all().await?;
    let link_keys = deps.link_keys.all().await?;
    // The time of the phase: made again after a crash, the document is the same.
    let mut setup = Setup::new(
        night.phase_ms,
        outlets(deps).await?,
        &keys,
        &link_keys,
        deps.settings.clone(),
    );
    let left_out = setup.leave_out_impossible();
    let correlation = night.correlation.as_deref().unwrap_or_default();
    let key = deps.setups.put(night.date, &setup, correlation).await?;
    let (outlets, lacks) = (setup.outlets.len(), left_out.len());
    tracing::info!(night = %night.date, key, outlets, lacks, "backup.made");
    Ok(left_out)
}

/// Every outlet.
pub(crate) async fn outlets(deps: &Deps) -> Result<Vec<Outlet>, StoreError> {
    let mut outlets: Vec<Outlet> = Vec::new();
    loop {
        let after = outlets.last().map(|outlet| outlet.id.clone());
        let page = deps.outlets.list(after.as_deref(), PAGE).await?;
        if page.is_empty() {
            return Ok(outlets);
        }
        outlets.extend(page);
    }
}
