//! Tokens: an access token for a while, and a refresh token that is another one after each use.
//!
//! A refresh token that was used and whose successor was lost shuts the shop out until somebody connects it by hand.
//! So there is one renewal at a time; none begins unless there is time to end it; what it brings is written down before
//! it is used, and only in place of the token that it was made from; and one whose outcome is not known is not
//! repeated until the right to renew has run out by itself.

mod kept;
mod renewal;

use std::future::Future;

use lambda_edge::clock::Clock;
use lambda_edge::redact::Secret;
use tokio::sync::Mutex;

use super::MokaError;
use crate::http::{Base, Http};

pub use kept::{access_text, origin};
pub use renewal::{Unknown, renewal_policy};

/// For how long the right to renew has to hold from when it was last taken, in milliseconds: longer than a renewal
/// ([`renewal_policy`]) together with reading the store before it, or than one try at keeping what it brought.
pub const RENEWAL_LEASE_MS: i64 = 180_000;
/// How much longer than that a run has to last for a renewal to begin, in milliseconds.
const RENEWAL_MARGIN_MS: i64 = 60_000;
/// The longest that a renewal takes by itself, in milliseconds: see [`renewal_policy`].
const RENEWAL_MS: i64 = 60_000;
/// How long before the run ends nobody waits any longer for the right to keep what a renewal brought, in milliseconds.
const KEEPING_MS: i64 = 30_000;
/// How long before its end an access token is no longer used, in milliseconds: a walk over a page takes a while.
const MARGIN_MS: i64 = 60_000;
/// How often it is tried to write down a new refresh token.
const KEEP_TRIES: u32 = 3;
/// How often it is looked what the store holds, in one request for a token: twice something else was put meanwhile.
const ROUNDS: u32 = 4;

/// Why the store did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else is renewing, for longer than the store was willing to wait.
    #[error("somebody else is renewing them")]
    Busy,
    /// A part of what is needed has never been put there. Its name, never its value.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The store cannot be asked or does not want to. A code, never a text: texts may hold anything.
    #[error("the store is not available ({0})")]
    Unavailable(String),
}

/// An access token and its end.
#[derive(Clone, Debug)]
pub struct Access {
    /// What is sent.
    pub token: Secret<String>,
    /// From when on Moka refuses it, in Unix milliseconds; `i64::MAX` where Moka did not say.
    pub good_until_ms: i64,
}

impl Access {
    fn is_good(&self, now_ms: i64, stale: Option<&Self>) -> bool {
        let refused = stale.is_some_and(|stale| stale.token.expose() == self.token.expose());
        !refused && now_ms < self.good_until_ms.saturating_sub(MARGIN_MS)
    }
}

/// What the store holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The shop's application at Moka.
    pub client_id: Secret<String>,
    /// Its secret.
    pub client_secret: Secret<String>,
    /// Which refresh token, put by a person, the others come from: [`super::origin`].
    pub origin: String,
    /// The refresh token of the next renewal: the one put by a person, or the one that was kept last of those which
    /// come from it.
    pub refresh_token: Secret<String>,
    /// The access token that was kept last of those which come from it, if the store keeps it. Where several processes
    /// ask Moka it should: otherwise each renews for itself, and may make those of the others void.
    pub access: Option<Access>,
}

/// What a renewal brought, and what it was made from.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// The [`Held::origin`] of the token that was used.
    pub origin: String,
    /// The refresh token that was used.
    pub made_from: Secret<String>,
    /// The refresh token of the next renewal; `None` where Moka goes on taking the old one.
    pub refresh_token: Option<Secret<String>>,
    /// The new access token.
    pub access: Access,
}

impl Renewed {
    /// Whether it may take the place of what is held: that is what it was made from, or what it is itself, where a try
    /// to keep it succeeded and looked as if it had not.
    fn follows(&self, held: &Held) -> bool {
        let holds = |token: &Secret<String>| token.expose() == held.refresh_token.expose();
        self.origin == held.origin
            && (holds(&self.made_from) || self.refresh_token.as_ref().is_some_and(holds))
    }
}

/// Where the tokens are. Implement it with plain `async fn`s.
///
/// A refresh token that a person puts is never overwritten: what renewals bring is kept beside it, with its
/// [`super::origin`], and counts only as long as it is the one. So a newly put one wins, whatever is under way.
pub trait TokenStore: Send + Sync {
    /// Takes the right to renew, or has it anew where it is this process's: for [`RENEWAL_LEASE_MS`] from now nobody
    /// else has it, unless it is given back. Looks at least once, and waits no longer than until `until_ms`.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after waiting for longer than somebody can hold it, or until then.
    fn lock(&self, until_ms: i64) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is held now. Asked for with and without the right to renew; never answered from a cache of the process.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> impl Future<Output = Result<Held, StoreError>> + Send;

    /// Writes down what a renewal brought, the refresh token first. It may be called again with the same.
    ///
    /// # Errors
    /// [`StoreError`] unless the refresh token is kept for good.
    fn keep(&self, renewed: &Renewed) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives the right to renew back. What fails here expires by itself.
    fn unlock(&self) -> impl Future<Output = ()> + Send;

    /// Lets the right to renew run out by itself. Until then nobody has it, this process included.
    fn forget(&self);
}

/// The tokens of one process.
pub(super) struct Tokens<S> {
    store: S,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    access: Option<Access>,
    /// A renewal that happened and is not written down yet: the next caller tries again before anything else.
    unkept: Option<Renewed>,
}

/// What one request for an access token goes by.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The token that was just refused.
    pub(super) stale: Option<&'a Access>,
    /// When the run ends, Unix milliseconds.
    pub(super) deadline_ms: i64,
}

impl Wanted<'_> {
    fn has(&self, access: &Access, now_ms: i64) -> bool {
        access.is_good(now_ms, self.stale)
    }

    /// The latest moment at which a renewal may begin.
    const fn begin_by_ms(&self) -> i64 {
        self.deadline_ms
            .saturating_sub(RENEWAL_LEASE_MS)
            .saturating_sub(RENEWAL_MARGIN_MS)
    }

    /// The latest moment at which it may begin to be kept.
    const fn keep_by_ms(&self) -> i64 {
        self.deadline_ms.saturating_sub(KEEPING_MS)
    }
}

impl<S: TokenStore> Tokens<S> {
    pub(super) fn new(store: S, clock: Clock) -> Self {
        Self {
            store,
            clock,
            state: Mutex::default(),
        }
    }

    /// An access token that is good and is not the one that was just refused. Of several callers one renews,
    /// the others wait and take what it brought.
    pub(super) async fn access(
        &self,
        http: &Http,
        base: &Base,
        wanted: Wanted<'_>,
    ) -> Result<Access, MokaError> {
        let mut state = self.state.lock().await;
        let now_ms = (self.clock)();
        let mut lock_by_ms = wanted.keep_by_ms();
        if state.unkept.is_none() {
            if let Some(access) = state.access.as_ref().filter(|access| wanted.has(access, now_ms)) {
                return Ok(access.clone());
            }
            let held = self.store.read().await.map_err(MokaError::TokenStore)?;
            if let Some(access) = held.access.filter(|access| wanted.has(access, now_ms)) {
                return Ok(state.access.insert(access).clone());
            }
            lock_by_ms = wanted.begin_by_ms();
            if (self.clock)() > lock_by_ms {
                return Err(MokaError::OutOfTime);
            }
        }
        self.store.lock(lock_by_ms).await.map_err(MokaError::TokenStore)?;
        let access = self.alone(http, base, wanted, &mut state).await;
        match access {
            Err(MokaError::RenewalUnknown(_)) => self.store.forget(),
            // This process alone can still keep it: until the right runs out nobody else tries the token it used up.
            Err(MokaError::TokenNotKept(_)) => {}
            _ => self.store.unlock().await,
        }
        Ok(state.access.insert(access?).clone())
    }

    /// With the right to renew: what somebody else brought meanwhile, or what we bring.
    async fn alone(
        &self,
        http: &Http,
        base: &Base,
        wanted: Wanted<'_>,
        state: &mut State,
    ) -> Result<Access, MokaError> {
        let mut is_new = false;
        for _ in 0..ROUNDS {
            if let Some(renewed) = &state.unkept {
                let kept = self.keep(http, renewed, wanted).await?;
                let access = renewed.access.clone();
                state.unkept = None;
                if kept && (is_new || wanted.has(&access, (self.clock)())) {
                    return Ok(access);
                }
            }
            let taken_ms = (self.clock)();
            let held = self.store.read().await.map_err(MokaError::TokenStore)?;
            let now_ms = (self.clock)();
            if let Some(access) = held.access.clone().filter(|access| wanted.has(access, now_ms)) {
                return Ok(access);
            }
            let ends_by_ms = taken_ms.saturating_add(RENEWAL_LEASE_MS);
            if now_ms > wanted.begin_by_ms().min(ends_by_ms.saturating_sub(RENEWAL_MS)) {
                return Err(MokaError::OutOfTime);
            }
            match renewal::renew(http, base, &held, now_ms).await {
                Ok(renewed) => {
                    state.unkept = Some(renewed);
                    is_new = true;
                }
                // Somebody put another one meanwhile: that one counts.
                Err(MokaError::Unauthorised) if !self.is_held(&held).await? => {}
                Err(error) => return Err(error),
            }
        }
        Err(MokaError::TokenStore(StoreError::Busy))
    }

    /// Whether the store's refresh token is still this one.
    async fn is_held(&self, before: &Held) -> Result<bool, MokaError> {
        let held = self.store.read().await.map_err(MokaError::TokenStore)?;
        Ok(held.refresh_token.expose() == before.refresh_token.expose())
    }

    /// Writes a renewal down; or answers `false` where the store has a token that it was not made from.
    async fn keep(&self, http: &Http, renewed: &Renewed, wanted: Wanted<'_>) -> Result<bool, MokaError> {
        let mut tried = 1;
        loop {
            match self.try_keep(renewed, wanted.keep_by_ms()).await {
                Ok(kept) => return Ok(kept),
                Err(error) if tried >= KEEP_TRIES => return Err(MokaError::TokenNotKept(error)),
                Err(_) => http.pause().await,
            }
            tried += 1;
        }
    }

    async fn try_keep(&self, renewed: &Renewed, until_ms: i64) -> Result<bool, StoreError> {
        // Anew, so that it holds until the writing is done. If it had run out, what is read now says who was first.
        self.store.lock(until_ms).await?;
        let held = self.store.read().await?;
        let follows = renewed.follows(&held);
        if follows {
            self.store.keep(renewed).await?;
        }
        Ok(follows)
    }
}

#[cfg(test)]
mod tests;
