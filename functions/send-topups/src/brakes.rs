//! What keeps orders from being sent. Questions about orders that were sent are asked all the same: they buy nothing
//! that was not bought, and somebody waits for the answer.

use aws::StoreError;
use serde::{Deserialize, Serialize};

use crate::{ACTOR, Deps, Failure};

/// How long nothing is sent after the supplier refused us, in milliseconds.
const PAUSE_MS: i64 = 5 * 60_000;
/// The settings' names.
const PAUSE: &str = "pause";
const ADDRESS: &str = "address";

/// Until when nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pause {
    /// Unix milliseconds.
    until_ms: i64,
    /// Why, as a word.
    why: String,
}

/// The address by which others see us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// The address.
    seen: String,
    /// Since when it is that one, Unix milliseconds.
    at_ms: i64,
}

/// Why nothing may be sent at the moment, as a word; `None` where it may.
///
/// # Errors
/// [`Failure::Store`] when that can't be read: then nothing is sent either.
pub(crate) async fn closed(deps: &Deps) -> Result<Option<&'static str>, Failure> {
    let pause: Option<Pause> = read(PAUSE, deps).await?;
    if pause.is_some_and(|pause| pause.until_ms > deps.now()) {
        return Ok(Some("PAUSED"));
    }
    let Some(address) = &deps.address else {
        return Ok(None);
    };
    let seen: Option<Seen> = read(ADDRESS, deps).await?;
    let differs = seen.is_some_and(|seen| seen.seen != address.expected);
    Ok(differs.then_some("ADDRESS_DIFFERS"))
}

/// Sends nothing for a while: the supplier does not take us for who we are, and five refusals may be one too many.
pub(crate) async fn pause(deps: &Deps) -> Result<(), Failure> {
    let now_ms = deps.now();
    let pause = Pause {
        until_ms: now_ms.saturating_add(PAUSE_MS),
        why: "about_us".to_owned(),
    };
    write(PAUSE, &pause, deps).await?;
    tracing::error!(until_ms = pause.until_ms, "topups.paused");
    if let Some(supplier) = &deps.supplier {
        supplier.was_refused().await;
    }
    Ok(())
}

/// Notes by which address we are seen. Only a change is written.
pub(crate) async fn seen(address: &str, deps: &Deps) -> Result<(), Failure> {
    let known: Option<Seen> = read(ADDRESS, deps).await?;
    if known.is_some_and(|known| known.seen == address) {
        return Ok(());
    }
    let seen = Seen {
        seen: address.to_owned(),
        at_ms: deps.now(),
    };
    write(ADDRESS, &seen, deps).await
}

async fn read<T: for<'de> Deserialize<'de>>(name: &str, deps: &Deps) -> Result<Option<T>, Failure> {
    let text = deps.catalogue.setting(name).await?;
    let read = text.map(|text| serde_json::from_str(&text)).transpose();
    // A brake that can't be read is not taken for one that is open.
    Ok(read.map_err(|_| StoreError::Damaged("a setting of the sending of top-ups"))?)
}

async fn write<T: Serialize>(name: &str, value: &T, deps: &Deps) -> Result<(), Failure> {
    let text = serde_json::to_string(value);
    let text = text.map_err(|_| StoreError::Damaged("a setting of the sending of top-ups"))?;
    let put = deps.catalogue.put_setting(name, Some(&text), ACTOR, deps.now());
    match put.await {
        // Somebody else notes the same at this moment.
        Ok(()) | Err(StoreError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
