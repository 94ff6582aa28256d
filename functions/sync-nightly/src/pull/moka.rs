//! A day of an outlet at Moka, page by page.

use std::time::Duration;

use aws::StoreError;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::export::INCOMING;
use domain::map::OutletRules;
use domain::night::Outcome;
use domain::when::BusinessDate;
use partners::moka::{Moka, MokaError, StoreError as TokenError, Walk};
use sha2::{Digest, Sha256};

use super::{Fetching, HASH_DIGITS, Stop, TRIES, put, refused, unusable};
use crate::servers::Tokens;

/// Where a trouble with it arose.
const SOURCE: &str = "moka";
/// How much time has to be left to ask for a page, in milliseconds.
const MARGIN_MS: i64 = 60_000;
/// How long before the run ends a walk is broken off, in milliseconds: time to save what was done before. A renewal
/// of the tokens has ended by then ([`Moka::day`]), and a page that is there is found at the next try.
const SAVING_MS: i64 = 15_000;

/// A day of an outlet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day<'a> {
    /// The outlet's id.
    pub(crate) outlet: &'a str,
    /// Moka's id of it.
    pub(crate) moka: &'a str,
    /// The date, in the outlet's zone.
    pub(crate) date: BusinessDate,
}

impl Fetching<'_> {
    /// Fetches the pages of an outlet's day into the bucket, except those without payments and those that are there.
    /// Pages that came before
    /// an error are right, and stay. It ends before `deadline_ms`, the end of the run in Unix milliseconds.
    pub(crate) async fn moka_day(&self, day: Day<'_>, deadline_ms: i64) -> Result<Outcome, Stop> {
        let left_ms = deadline_ms.saturating_sub(self.deps.now());
        let left_ms = u64::try_from(left_ms.saturating_sub(SAVING_MS)).unwrap_or_default();
        let fetching = Box::pin(self.tries(day, deadline_ms));
        let in_time = tokio::time::timeout(Duration::from_millis(left_ms), fetching);
        in_time.await.unwrap_or(Err(Stop::OutOfTime))
    }

    /// Fetches the pages, once more where that may help.
    async fn tries(&self, day: Day<'_>, deadline_ms: i64) -> Result<Outcome, Stop> {
        let moka = match self.moka() {
            Ok(moka) => moka,
            Err(error) => return Ok(unusable(&error, SOURCE, Some(day.outlet))),
        };
        let Some(outlet) = self.deps.outlets.get(day.outlet).await? else {
            let detail = "the outlet is not known any more";
            return Ok(refused(SOURCE, Some(day.outlet), "MOKA_ADDRESS", detail));
        };
        let rules = OutletRules::of(outlet);
        let mut tried = 1;
        loop {
            let mut outcome = Outcome::default();
            match self.pages(&moka, day, &rules, &mut outcome, deadline_ms).await? {
                Ok(()) => return Ok(outcome),
                Err(MokaError::OutOfTime) => return Err(Stop::OutOfTime),
                // Our own store: it says nothing of the day.
                Err(MokaError::TokenStore(error @ TokenError::Unavailable(_))) => {
                    return Err(Stop::Store(own(error)));
                }
                Err(error) if error.is_retryable() && tried < TRIES => self.pause().await,
                Err(error) => {
                    let detail = format!("{}: {error}", day.date);
                    let failed = refused(SOURCE, Some(day.outlet), error.code(), &detail);
                    return Ok(Outcome {
                        failed: true,
                        troubles: failed.troubles,
                        ..outcome
                    });
                }
            }
            tried += 1;
        }
    }

    /// Walks over the pages of a day, and adds what becomes of each.
    async fn pages(
        &self,
        moka: &Moka<Tokens>,
        day: Day<'_>,
        rules: &OutletRules,
        outcome: &mut Outcome,
        deadline_ms: i64,
    ) -> Result<Result<(), MokaError>, Stop> {
        let mut walk: Walk<Tokens> = match moka.day(day.moka, day.date, &rules.zone, deadline_ms) {
            Ok(walk) => walk,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            if deadline_ms.saturating_sub(self.deps.now()) < MARGIN_MS {
                return Err(Stop::OutOfTime);
            }
            match walk.next().await {
                // That nothing changed on a day says nothing of the sales of that day: there is nothing to read.
                Ok(Some(page)) if page.payments == 0 => {}
                Ok(Some(page)) => self.page(day, page.body, outcome).await?,
                Ok(None) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    /// Puts a page, as Moka sent it, unless it is there, and adds what became of it.
    async fn page(&self, day: Day<'_>, body: Bytes, outcome: &mut Outcome) -> Result<(), StoreError> {
        let Outcome { tally, exports, .. } = self.put_page(day, body).await?;
        outcome.tally.add(&tally);
        outcome.exports.extend(exports);
        Ok(())
    }

    async fn put_page(&self, day: Day<'_>, body: Bytes) -> Result<Outcome, StoreError> {
        let hash = HEXLOWER.encode(&Sha256::digest(&body));
        let hash = hash.get(..HASH_DIGITS).unwrap_or_default();
        let key = format!("{INCOMING}{}/moka/{}/{hash}.json", day.outlet, day.date);
        if let Some(found) = self.found(&key).await? {
            return Ok(found);
        }
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let objects = &self.deps.objects;
        let etag = objects
            .put_new(&key, "application/json", self.correlation(), body)
            .await?;
        Ok(put(key, etag, size))
    }
}

/// The failure of a store of our own that keeps the tokens.
fn own(error: TokenError) -> StoreError {
    let code = match &error {
        TokenError::Unavailable(code) => code.clone(),
        other => other.to_string(),
    };
    StoreError::Unavailable {
        operation: "MokaTokens",
        code,
        source: Box::new(error),
    }
}
