//! `verify-audit`: asks the running set to prove its audit trail.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::env_file;
use crate::say::say;
use crate::web_client::web_client;

/// Verifies every chain of the audit trail of the set that runs on `data_dir`, says what came of it, and answers
/// whether the trail is whole.
///
/// # Errors
/// Nothing runs on the folder, or it does not answer.
pub async fn verify(data_dir: &Path) -> anyhow::Result<bool> {
    let found = (env_file::value(data_dir, "BASE_URL")?).zip(env_file::value(data_dir, "API_KEY")?);
    let (base_url, key) = found.context("there is no local.env in the data folder: start with `make run`")?;
    let client = web_client()?;
    let request = client.get(format!("{base_url}/v1/audit/verify")).bearer_auth(key);
    let reply = request
        .send()
        .await
        .with_context(|| format!("nothing answers at {base_url}: start with `make run`"))?;
    let answer: Value = serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?;
    let whole = answer.get("ok") == Some(&Value::Bool(true));
    let records = answer.get("records").and_then(Value::as_u64).unwrap_or_default();
    if whole {
        say(&format!("{records} audit records, every chain whole"));
    } else {
        say(&format!(
            "the audit trail is broken: {}",
            answer.get("breaks").unwrap_or(&answer)
        ));
    }
    Ok(whole)
}
