//! The API of Moka POS: the payments of an outlet and day, page by page.
//!
//! Addresses and names are those of Moka's reference (<https://api.mokapos.com/docs>, `showLatestTransactionsV3`) and
//! of programs that use it. What nobody has measured is listed in `docs/moka.md`; here it is met with refusal: a walk
//! over pages ends well only if nothing suggests that a page was dropped or told twice.

mod page;
mod token;
mod walk;

use std::fmt;
use std::sync::Arc;

use domain::when::{BusinessDate, WhenError, Zone, read_moment};
use lambda_edge::clock::Clock;
use reqwest::Url;

use crate::http::{AddressError, Base, Cause, Http, HttpError};

pub use page::PageProblem;
pub use token::{
    Access, Held, RENEWAL_LEASE_MS, Renewed, StoreError, TokenStore, Unknown, access_text, origin,
    renewal_policy,
};
pub use walk::{CursorProblem, Page, Seen, Walk};

/// What is taken at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many payments a page is asked for.
    pub per_page: u32,
    /// The largest page, in bytes.
    pub page_bytes: usize,
    /// The most pages of an outlet and day.
    pub pages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_page: 100,
            page_bytes: 16 << 20,
            pages: 1_000,
        }
    }
}

/// Why Moka gave no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MokaError {
    /// The address in the settings, or one made from it, is not asked.
    #[error("the address of Moka is refused: {0}")]
    Address(#[from] AddressError),
    /// The day has no beginning or no end in the outlet's zone.
    #[error("the day cannot be asked for: {0}")]
    Day(#[from] WhenError),
    /// No answer, none in time, half of one, or "not now" every time.
    #[error("Moka cannot be reached: {0}")]
    Unreachable(#[from] Cause),
    /// Moka takes neither the access token nor a renewed one, or not the refresh token: somebody has to connect the
    /// shop anew.
    #[error("Moka does not take the token; the shop has to be connected anew")]
    Unauthorised,
    /// Any other status; a redirect is one. It holds the status.
    #[error("Moka answered with status {0}")]
    Refused(u16),
    /// An answer that cannot be used.
    #[error("an answer of Moka cannot be used: {0}")]
    Page(PageProblem),
    /// The way from page to page is broken: what came before may be kept, the day is not whole.
    #[error("the pages of Moka cannot be followed: {0}")]
    Cursor(CursorProblem),
    /// The tokens cannot be read, or somebody else is renewing them for too long.
    #[error("the tokens for Moka are not at hand: {0}")]
    TokenStore(StoreError),
    /// The new refresh token could not be written down, so the access token that came with it is not used: the one
    /// would be lost with this process, and the shop with it.
    #[error("the new refresh token for Moka could not be kept: {0}")]
    TokenNotKept(StoreError),
    /// Whether a renewal happened is not known. It is not repeated at once: if it did, the token that was used is good
    /// no more, and the next renewal says so.
    #[error("whether Moka has renewed the tokens is not known: {0}")]
    RenewalUnknown(Unknown),
    /// New tokens are needed, and what is left of the run is too short to begin a renewal and be sure to end it.
    #[error("there is too little time left to renew the tokens")]
    OutOfTime,
}

impl MokaError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "MOKA_ADDRESS",
            Self::Day(_) => "MOKA_DAY",
            Self::Unreachable(_) => "MOKA_UNREACHABLE",
            Self::Unauthorised => "MOKA_UNAUTHORISED",
            Self::Refused(_) => "MOKA_REFUSED",
            Self::Page(_) => "MOKA_PAGE",
            Self::Cursor(_) => "MOKA_CURSOR",
            Self::TokenStore(_) => "MOKA_TOKEN_STORE",
            Self::TokenNotKept(_) => "MOKA_TOKEN_NOT_KEPT",
            Self::RenewalUnknown(_) => "MOKA_RENEWAL_UNKNOWN",
            Self::OutOfTime => "MOKA_OUT_OF_TIME",
        }
    }

    /// Whether asking again in a minute may end better, without anybody doing anything.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::TokenNotKept(_) => true,
            Self::TokenStore(error) => !matches!(error, StoreError::Missing(_)),
            _ => false,
        }
    }
}

impl From<HttpError> for MokaError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Away(cause) => Self::Unreachable(cause),
            HttpError::Address(error) => Self::Address(error),
            HttpError::TooLarge(limit) => Self::Page(PageProblem::TooLarge(limit)),
            HttpError::Token => Self::Unauthorised,
        }
    }
}

/// Moka, for one business. Clones share connections and tokens.
pub struct Moka<S>(Arc<Inner<S>>);

// Derived, both would ask the same of the store.
impl<S> fmt::Debug for Moka<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moka")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

impl<S> Clone for Moka<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<S> {
    base: Base,
    http: Http,
    limits: Limits,
    tokens: token::Tokens<S>,
}

impl<S: TokenStore> Moka<S> {
    /// Moka at an address such as `https://api.mokapos.com`. The clock says when an access token has become old.
    ///
    /// # Errors
    /// [`MokaError::Address`] unless it is `https`, or `http` on this machine.
    pub fn new(
        base_url: &str,
        store: S,
        http: Http,
        limits: Limits,
        clock: Clock,
    ) -> Result<Self, MokaError> {
        Ok(Self(Arc::new(Inner {
            base: Base::parse(base_url)?,
            http,
            limits,
            tokens: token::Tokens::new(store, clock),
        })))
    }

    /// The payments of an outlet (Moka's id of it) that were made or changed on a day, in its zone from midnight to
    /// midnight. Days are laid side by side, so reading each of them misses nothing, wherever the business date is cut.
    /// `deadline_ms` is when the run ends, Unix milliseconds: a renewal of the tokens begins only where it is sure to end
    /// before. Half a minute before that the walk may be dropped wherever it is.
    ///
    /// # Errors
    /// [`MokaError::Day`], [`MokaError::Address`] for an id that is not a plain number or word. Nothing is asked yet.
    pub fn day(
        &self,
        moka_outlet: &str,
        date: BusinessDate,
        zone: &Zone,
        deadline_ms: i64,
    ) -> Result<Walk<S>, MokaError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !moka_outlet.bytes().all(plain) {
            return Err(AddressError::Invalid.into());
        }
        let next = date.add_days(1).ok_or(WhenError::OutOfRange)?;
        let (since, until) = (start(date, zone)?, start(next, zone)?);
        let mut url =
            self.0
                .base
                .route(&["v3", "outlets", moka_outlet, "reports", "get_latest_transactions"])?;
        url.query_pairs_mut()
            .append_pair("per_page", &self.0.limits.per_page.to_string())
            .append_pair("since", &since.to_string())
            .append_pair("until", &until.to_string())
            .append_pair("time_filter", "updated_at")
            .append_pair("reorder_type", "ASC");
        Ok(Walk::new(self.clone(), moka_outlet, url, deadline_ms))
    }

    /// The body of a page. A token that is not taken is renewed once.
    async fn page(&self, url: &Url, deadline_ms: i64) -> Result<Vec<u8>, MokaError> {
        let inner = &*self.0;
        let mut stale = None;
        loop {
            let wanted = token::Wanted {
                stale: stale.as_ref(),
                deadline_ms,
            };
            let access = inner.tokens.access(&inner.http, &inner.base, wanted).await?;
            let answer = inner.http.get(url, &access.token).await?;
            match answer.status() {
                200 => return Ok(answer.body(inner.limits.page_bytes).await?),
                401 if stale.is_none() => stale = Some(access),
                401 => return Err(MokaError::Unauthorised),
                status => return Err(MokaError::Refused(status)),
            }
        }
    }
}

/// The first second of a date, as seconds since 1970-01-01T00:00:00Z.
fn start(date: BusinessDate, zone: &Zone) -> Result<i64, WhenError> {
    let moment = read_moment(&date.to_string(), zone)?.ok_or(WhenError::Invalid)?;
    Ok(moment.at_ms.div_euclid(1_000))
}
