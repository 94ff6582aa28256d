//! A ledger of what was already done, which stays right when a function times out.
//!
//! The usual wrapper marks a key as in progress, lets the mark expire, and then runs the work again. For
//! work that must not happen twice that is wrong: a function that was stopped after its dangerous step
//! and before its answer has done the work. Here such a key is [`Interrupted`](Begin::Interrupted):
//! whoever comes next is told so, with the notes of the attempt before, and has to find out what
//! happened before doing anything again.
//!
//! ```text
//!             begin                 finish
//!   absent ──────────▶ claimed ──────────────▶ finished ──(kept until)──▶ absent
//!      ▲                │    ▲
//!      └────release─────┘    └── begin, once the lease ran out: Interrupted, with a new owner
//! ```
//!
//! * Every write names the version of the record that it replaces. An owner that was taken over can
//!   neither note nor finish anything: it gets [`LedgerError::Lost`].
//! * A write whose answer got lost is recognised by the owner's own mark, not taken for somebody else's.
//! * Only finished records expire. One that was interrupted waits for somebody to resolve it.
//!
//! How to use it around a step that must not happen twice:
//!
//! 1. [`begin`](Ledger::begin) with a lease that ends after the function's deadline: Lambda stops the
//!    function by then, so nobody is in the middle of the step when the lease has run out.
//! 2. [`note`](Claim::note) what is about to be done, with the reference the other side knows it by. If
//!    that fails, don't do it.
//! 3. Do it, then [`finish`](Claim::finish) with the answer. If it is certain that nothing happened,
//!    [`release`](Claim::release) instead.
//! 4. On [`Begin::Interrupted`], ask the other side about the noted reference first.
//!
//! The ledger can't do step 4 for you, and can't stop a process that goes on with the step after its
//! lease ran out: give the other side the same reference every time, so that it can refuse the second.

mod claim;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
mod record;
mod store;

use crate::clock::{self, NoRandomness};

pub use claim::Claim;
pub use record::{Note, Record, RecordId, State, Version};
pub use store::{MemoryStore, Store, StoreError};

/// Times that a begin goes back to look at a record that changed while it was looked at.
const ROUNDS: usize = 8;

/// What a key stands for, as [`Ledger::begin`] finds it.
#[derive(Debug)]
pub enum Begin<S> {
    /// Nobody has begun this: it is the caller's to do.
    Fresh(Claim<S>),
    /// It was done; this is the answer it got.
    Finished(String),
    /// Somebody else is doing it.
    Running {
        /// Until when nobody else may, in Unix milliseconds.
        until_ms: i64,
    },
    /// Somebody began it, and had no answer when the lease ran out. It may have been done or not:
    /// [`notes`](Claim::notes) has what is known. It is the caller's now, who has to find out first.
    Interrupted(Claim<S>),
    /// The key was used for a request with another fingerprint.
    Mismatch,
}

/// Why the ledger could not do what was asked of it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The store failed. Whether a write happened is not known; asking again is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody else owns the key by now. What this owner wanted to write was not written.
    #[error("the claim was taken over")]
    Lost,
    /// The claim was finished before.
    #[error("the claim is finished")]
    Finished,
    /// A scope or key is empty, or longer than [`RecordId::LONGEST`] bytes.
    #[error("no scope or key that can be stored")]
    Key,
    /// A note is too long, or there are too many.
    #[error("more notes than a record holds")]
    Notes,
    /// Others kept changing the record while it was looked at.
    #[error("the record changes too fast")]
    Contended,
    /// No mark could be drawn to tell this owner by.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl LedgerError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Lost => "LEDGER_LOST",
            Self::Finished => "LEDGER_FINISHED",
            Self::Key => "LEDGER_KEY",
            Self::Notes => "LEDGER_NOTES",
            Self::Contended => "LEDGER_CONTENDED",
            Self::NoRandomness(_) => "LEDGER_NO_RANDOMNESS",
        }
    }
}

/// The ledger over a store.
///
/// ```
/// use lambda_edge::idempotency::{Begin, Ledger, MemoryStore};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let ledger = Ledger::new(MemoryStore::default());
/// let Begin::Fresh(mut claim) = ledger.begin("orders", "key-1", "sha256:ab12", 60_000, 0).await? else {
///     panic!("nobody began it");
/// };
/// claim.note("asking for parcel P-77").await?;
/// // ... the step that must not happen twice ...
/// claim.finish("parcel P-77 is on its way", 86_400_000).await?;
///
/// let again = ledger.begin("orders", "key-1", "sha256:ab12", 61_000, 1_000).await?;
/// assert!(matches!(again, Begin::Finished(answer) if answer == "parcel P-77 is on its way"));
/// # Ok::<(), lambda_edge::idempotency::LedgerError>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Ledger<S> {
    store: S,
}

impl<S: Store + Clone + Sync> Ledger<S> {
    /// A ledger over a store.
    pub const fn new(store: S) -> Self {
        Self { store }
    }

    /// Begins what a caller's key stands for, or finds out how far it is.
    ///
    /// `scope` keeps the keys of different callers apart. `fingerprint` is a hash of the request: the
    /// same key with another one is a mistake of the caller. `lease_until_ms` is when the caller will
    /// certainly have stopped, at the latest. All times are Unix milliseconds.
    ///
    /// # Errors
    /// [`LedgerError`]. Nothing may be done then; beginning again is safe.
    pub async fn begin(
        &self,
        scope: &str,
        key: &str,
        fingerprint: &str,
        lease_until_ms: i64,
        now_ms: i64,
    ) -> Result<Begin<S>, LedgerError> {
        let id = RecordId::new(scope, key).ok_or(LedgerError::Key)?;
        let ours = Record::claimed(&new_owner()?, fingerprint, lease_until_ms);
        for _ in 0..ROUNDS {
            let written = self.store.put_new(&id, &ours, now_ms).await;
            let found = match self.settle(&id, &ours, written).await? {
                Settled::Written => return Ok(Begin::Fresh(self.claim(id, ours))),
                // Released or expired meanwhile: once more from the start.
                Settled::Refused(None) => continue,
                Settled::Refused(Some(found)) => found,
            };
            let next = match found.standing(fingerprint, now_ms) {
                Standing::Told(answer) => return Ok(answer.into()),
                Standing::Over => ours.clone(),
                Standing::Interrupted => found.taken_over_by(&ours),
            };
            let written = self.store.put(&id, &next, &found.version).await;
            if let Settled::Written = self.settle(&id, &next, written).await? {
                let interrupted = next.attempt > 1;
                let claim = self.claim(id, next);
                return Ok(if interrupted {
                    Begin::Interrupted(claim)
                } else {
                    Begin::Fresh(claim)
                });
            }
        }
        Err(LedgerError::Contended)
    }

    /// What became of a write. Where it was refused or has no answer, the record tells: an own write is
    /// recognised by its mark, which nobody else has.
    async fn settle(
        &self,
        id: &RecordId,
        wanted: &Record,
        written: Result<bool, StoreError>,
    ) -> Result<Settled, LedgerError> {
        if matches!(written, Ok(true)) {
            return Ok(Settled::Written);
        }
        let found = self.store.get(id).await?;
        if found.as_ref() == Some(wanted) {
            return Ok(Settled::Written);
        }
        written?;
        Ok(Settled::Refused(found))
    }

    fn claim(&self, id: RecordId, record: Record) -> Claim<S> {
        Claim::new(self.store.clone(), id, record)
    }
}

/// What became of a write.
enum Settled {
    Written,
    /// What stands instead.
    Refused(Option<Record>),
}

/// What a record means to somebody who comes with a fingerprint.
enum Standing {
    /// There is an answer to give.
    Told(Answer),
    /// Its time is over: it counts as absent.
    Over,
    /// Its owner is gone without an answer.
    Interrupted,
}

enum Answer {
    Finished(String),
    Running(i64),
    Mismatch,
}

impl<S> From<Answer> for Begin<S> {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Finished(answer) => Self::Finished(answer),
            Answer::Running(until_ms) => Self::Running { until_ms },
            Answer::Mismatch => Self::Mismatch,
        }
    }
}

impl Record {
    fn standing(&self, fingerprint: &str, now_ms: i64) -> Standing {
        match &self.state {
            State::Finished { keep_until_ms, .. } if *keep_until_ms <= now_ms => Standing::Over,
            _ if self.fingerprint != fingerprint => Standing::Told(Answer::Mismatch),
            State::Finished { answer, .. } => Standing::Told(Answer::Finished(answer.clone())),
            State::Claimed { lease_until_ms } if *lease_until_ms > now_ms => {
                Standing::Told(Answer::Running(*lease_until_ms))
            }
            State::Claimed { .. } => Standing::Interrupted,
        }
    }
}

/// A mark that no other owner has: 128 random bits in hexadecimal.
fn new_owner() -> Result<String, NoRandomness> {
    let bytes = clock::random::<16>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
