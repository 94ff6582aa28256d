//! Fetches what other people's servers have into the bucket, from where it is read like every other export.
//!
//! An object's key tells its content: the same bytes have the same key, wherever and how often they come from, and
//! are put once.

mod central;
mod moka;

use std::time::Duration;

use aws::StoreError;
use domain::night::{Night, Outcome, Trouble};
use partners::central::Central;
use partners::moka::Moka;
use tokio::sync::OnceCell;

use crate::Deps;
use crate::servers::{NotAtHand, Tokens, Unusable};

pub(crate) use moka::Day;

/// How often a file or a day is asked for that may come at the next try.
const TRIES: u32 = 2;
/// How long to wait before the next try.
const PAUSE: Duration = Duration::from_secs(5);
/// How many hexadecimal digits of a content's SHA-256 are in its key.
const HASH_DIGITS: usize = 16;

/// Why a job was neither done nor failed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The time is over.
    OutOfTime,
    /// Our own store failed: nobody can say anything of the job.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the jobs of a part fetch with.
pub(crate) struct Fetching<'a> {
    night: &'a Night,
    deps: &'a Deps,
    central: OnceCell<Central>,
}

impl<'a> Fetching<'a> {
    pub(crate) fn new(night: &'a Night, deps: &'a Deps) -> Self {
        Self {
            night,
            deps,
            central: OnceCell::new(),
        }
    }

    /// The central server, with its token read once a part.
    async fn central(&self) -> Result<&Central, NotAtHand> {
        let read = || self.deps.servers.central();
        self.central.get_or_try_init(read).await
    }

    fn moka(&self) -> Result<Moka<Tokens>, Unusable> {
        self.deps.servers.moka()
    }

    fn correlation(&self) -> &str {
        self.night.correlation.as_deref().unwrap_or_default()
    }

    /// The outcome of an object that the bucket had before this try. Perhaps a try before, cut off, had put
    /// it: what was put since the night began is this night's. The bucket's times are in whole seconds.
    async fn found(&self, key: &str) -> Result<Option<Outcome>, StoreError> {
        let Some(head) = self.deps.objects.head(key).await? else {
            return Ok(None);
        };
        let started_s = self.night.started_ms.div_euclid(1_000);
        let mut outcome = Outcome::default();
        if head.modified_ms.div_euclid(1_000) >= started_s {
            outcome.tally.pulled = 1;
            outcome.tally.bytes = head.size;
        } else {
            outcome.tally.known = 1;
        }
        outcome.exports.push((key.to_owned(), head.etag));
        Ok(Some(outcome))
    }

    /// Waits before the next try.
    async fn pause(&self) {
        self.deps.servers.pause(PAUSE).await;
    }
}

/// The outcome of an object that was just put.
fn put(key: String, etag: String, bytes: u64) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.tally.pulled = 1;
    outcome.tally.bytes = bytes;
    outcome.exports.push((key, etag));
    outcome
}

/// The outcome of a job whose server can't be asked.
fn unusable(unusable: &Unusable, source: &str, outlet: Option<&str>) -> Outcome {
    Outcome::failed(unusable.trouble(source, outlet))
}

/// The outcome of a job that a server refused.
fn refused(source: &str, outlet: Option<&str>, code: &str, detail: &str) -> Outcome {
    Outcome::failed(Trouble::new(outlet, source, code, detail))
}
