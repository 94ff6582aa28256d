//! What keeps orders from being sent. While we are seen under another address, questions about orders that were sent
//! are asked all the same: they buy nothing that was not bought, and somebody waits for the answer. Where the supplier
//! does not take us for who we are, nothing at all is asked for a while: each more refusal may be the one that locks
//! our account. What comes first after that is a probe, and goes alone.

use aws::topups::{Pause, SeenAddress};

use crate::{ACTOR, Deps, Failure};

/// How long nothing is sent or asked after the supplier refused us, and after a probe that nothing came of, in
/// milliseconds.
const PAUSE_MS: i64 = 5 * 60_000;
/// The lease of whoever tries whether the supplier takes us again.
const PROBE: &str = "topup-probe";
/// Why it pauses.
const ABOUT_US: &str = "about_us";

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
        match deps.catalogue.seen_address().await? {
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
    match deps.catalogue.pause().await? {
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
    note_pause(deps.now(), true, deps).await?;
    tracing::info!("topups.pause_lifted");
    Ok(())
}

/// Sends and asks nothing for a while: the supplier does not take us for who we are, and five refusals may be one too
/// many.
pub(crate) async fn pause(deps: &Deps) -> Result<(), Failure> {
    let until_ms = deps.now().saturating_add(PAUSE_MS);
    note_pause(until_ms, false, deps).await?;
    tracing::error!(until_ms, "topups.paused");
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
    Ok(deps.catalogue.seen_address().await?.is_some())
}

/// Notes by which address we are seen. Only a change is written.
pub(crate) async fn seen(address: &str, deps: &Deps) -> Result<(), Failure> {
    let known = deps.catalogue.seen_address().await?;
    if known.is_some_and(|known| known.seen == address) {
        return Ok(());
    }
    let seen = SeenAddress {
        seen: address.to_owned(),
        at_ms: deps.now(),
    };
    Ok(deps.catalogue.note_address(&seen, ACTOR).await?)
}

async fn note_pause(until_ms: i64, lifted: bool, deps: &Deps) -> Result<(), Failure> {
    let pause = Pause {
        until_ms,
        why: ABOUT_US.to_owned(),
        lifted,
    };
    Ok(deps.catalogue.note_pause(&pause, ACTOR, deps.now()).await?)
}
