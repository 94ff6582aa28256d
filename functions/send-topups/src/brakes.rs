//! What keeps orders from being sent. While we are seen under another address, questions about orders that were sent
//! are asked all the same: they buy nothing that was not bought, and somebody waits for the answer. Where the supplier
//! does not take us for who we are, nothing at all is asked for a while: each more refusal may be the one that locks
//! our account. What comes first after that is a probe, and goes alone.

use aws::StoreError;
use serde::{Deserialize, Serialize};

use crate::{ACTOR, Deps, Failure};

/// How long nothing is sent or asked after the supplier refused us, and after a probe that nothing came of, in
/// milliseconds.
const PAUSE_MS: i64 = 5 * 60_000;
/// The settings' names.
const PAUSE: &str = "pause";
const ADDRESS: &str = "address";
/// The lease of whoever tries whether the supplier takes us again.
const PROBE: &str = "topup-probe";
/// Why it pauses.
const ABOUT_US: &str = "about_us";

/// Until when nothing is sent or asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pause {
    /// Unix milliseconds.
    until_ms: i64,
    /// Why, as a word.
    why: String,
    /// Whether the supplier has taken us for who we are since.
    #[serde(default)]
    lifted: bool,
}

/// The address by which others see us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    /// The address.
    seen: String,
    /// Since when it is that one, Unix milliseconds.
    at_ms: i64,
}

/// Whether the supplier may be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It may.
    Open,
    /// It may, once: whether it takes us again is not known.
    Probe,
    /// It may not, and why, as a word.
    Shut(&'static str),
}

/// Whether an order may be sent. `probe` is a name for that one request.
///
/// # Errors
/// [`Failure::Store`] when that can't be read: then nothing is sent either.
pub(crate) async fn to_send(probe: &str, deps: &Deps) -> Result<Gate, Failure> {
    if let Some(address) = &deps.address {
        let seen: Option<Seen> = read(ADDRESS, deps).await?;
        match seen {
            Some(seen) if seen.seen == address.expected => {}
            Some(_) => return Ok(Gate::Shut("ADDRESS_DIFFERS")),
            None => return Ok(Gate::Shut("ADDRESS_NOT_SEEN")),
        }
    }
    to_ask(probe, deps).await
}

/// Whether a question may be asked. `probe` is a name for that one request.
///
/// # Errors
/// [`Failure::Store`] when that can't be read: then nothing is asked either.
pub(crate) async fn to_ask(probe: &str, deps: &Deps) -> Result<Gate, Failure> {
    let now_ms = deps.now();
    let pause: Option<Pause> = read(PAUSE, deps).await?;
    match pause {
        None => return Ok(Gate::Open),
        Some(pause) if pause.lifted => return Ok(Gate::Open),
        Some(pause) if pause.until_ms > now_ms => return Ok(Gate::Shut("PAUSED")),
        Some(_) => {}
    }
    if !deps.leases.take(PROBE, probe, now_ms, PAUSE_MS).await? {
        return Ok(Gate::Shut("PROBED"));
    }
    // Somebody may have put right meanwhile what it knows us by.
    if let Some(supplier) = &deps.supplier {
        supplier.was_refused().await;
    }
    Ok(Gate::Probe)
}

/// Notes that the supplier answered, and took us for who we are.
///
/// # Errors
/// [`Failure::Store`] when that can't be written: then the next probe says so again.
pub(crate) async fn answered(gate: Gate, deps: &Deps) -> Result<(), Failure> {
    if gate != Gate::Probe {
        return Ok(());
    }
    let pause = Pause {
        until_ms: deps.now(),
        why: ABOUT_US.to_owned(),
        lifted: true,
    };
    write(PAUSE, &pause, deps).await?;
    tracing::info!("topups.pause_lifted");
    Ok(())
}

/// Sends and asks nothing for a while: the supplier does not take us for who we are, and five refusals may be one too
/// many.
pub(crate) async fn pause(deps: &Deps) -> Result<(), Failure> {
    let now_ms = deps.now();
    let pause = Pause {
        until_ms: now_ms.saturating_add(PAUSE_MS),
        why: ABOUT_US.to_owned(),
        lifted: false,
    };
    write(PAUSE, &pause, deps).await?;
    tracing::error!(until_ms = pause.until_ms, "topups.paused");
    if let Some(supplier) = &deps.supplier {
        supplier.was_refused().await;
    }
    Ok(())
}

/// Whether somebody has looked by which address we are seen, or nobody has to.
///
/// # Errors
/// [`Failure::Store`] when that can't be read.
pub(crate) async fn is_address_known(deps: &Deps) -> Result<bool, Failure> {
    if deps.address.is_none() || deps.supplier.is_none() {
        return Ok(true);
    }
    let seen: Option<Seen> = read(ADDRESS, deps).await?;
    Ok(seen.is_some())
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
