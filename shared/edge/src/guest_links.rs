//! The links of guests, for the functions that hand them out and the one that follows them: the keys as this
//! process has them, what a receipt's link is and where it stands, and the receipts of a day a page at a time.

mod day;
mod link;

use std::sync::{Arc, Mutex, PoisonError};

use aws::Clients;
use aws::link_keys::{LinkKeysStore, RetireError};
use domain::guest_link::{LinkKey, LinkKeys, Opened};
use domain::outlet::Outlet;

use crate::problem::{LINK_FORGED, LINK_KEY_NEWEST, LINK_KEY_NOT_FOUND, Problem};

pub use day::{DayPage, day_page};
pub use link::{LinkState, Linker, zone_of};

/// How long the keys are taken as read, in milliseconds. A key that another process has made since then opens
/// its links all the same: see [`GuestLinks::open`]. One that another process has retired opens them for so
/// much longer, and until then the key before the newest may still seal.
const KEYS_LIFE_MS: i64 = 300_000;
/// How long a link that no key opens is taken as forged without looking for newer keys, in
/// milliseconds: guessing at links costs a read every ten seconds and no more.
const KEYS_FRESH_MS: i64 = 10_000;

/// The shop's links. A warm process makes and opens them without a call: it remembers the keys for five
/// minutes, so within that time every process has heard of a new key and of a retired one.
#[derive(Debug)]
pub struct GuestLinks {
    store: LinkKeysStore,
    public_url: String,
    /// The keys and when they were read.
    held: Mutex<Option<(Arc<LinkKeys>, i64)>>,
}

impl GuestLinks {
    /// The links of these clients, below the address where guests reach the pages, without a slash at its end.
    #[must_use]
    pub fn new(clients: &Clients, public_url: String) -> Self {
        Self {
            store: LinkKeysStore::new(clients),
            public_url,
            held: Mutex::default(),
        }
    }

    /// Where guests reach the pages, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// The keys, at most five minutes old.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn keys(&self, now_ms: i64) -> Result<Arc<LinkKeys>, Problem> {
        self.read_within(KEYS_LIFE_MS, now_ms).await
    }

    /// Opens a link. Whatever is wrong with one that does not open, the answer is the same.
    ///
    /// # Errors
    /// `LINK_FORGED`, also where its key was retired, or the store's failure.
    pub async fn open(&self, token: &str, now_ms: i64) -> Result<Opened, Problem> {
        let keys = self.keys(now_ms).await?;
        if let Ok(opened) = keys.open(token) {
            return Ok(opened);
        }
        let keys = self.read_within(KEYS_FRESH_MS, now_ms).await?;
        keys.open(token).map_err(|_| Problem::new(&LINK_FORGED))
    }

    /// What makes the links of an outlet's receipts.
    ///
    /// # Errors
    /// A failure of the server when the outlet's zone is not known any more, or the store's.
    pub async fn linker(&self, outlet: &Outlet, now_ms: i64) -> Result<Linker<'_>, Problem> {
        Linker::new(&self.public_url, self.keys(now_ms).await?, outlet, now_ms)
    }

    /// Makes a new key for links and answers it. This process seals with it at once, others within five minutes.
    ///
    /// # Errors
    /// `CHANGED_MEANWHILE` when somebody else makes one at this moment, or the store's failure.
    pub async fn rotate(&self, actor: &str, now_ms: i64) -> Result<LinkKey, Problem> {
        let keys = self.store.rotate(now_ms, fresh_key()?, actor).await?;
        self.forget();
        let newest = keys.newest().cloned();
        newest.ok_or_else(|| Problem::internal("a new key of links is not there"))
    }

    /// Retires a key for good, so that its links are refused as if somebody had made them up: by this process at
    /// once, by others within five minutes. Answers when it was retired, Unix milliseconds; once more changes
    /// nothing.
    ///
    /// # Errors
    /// `LINK_KEY_NOT_FOUND`, `LINK_KEY_NEWEST` for the key that links are made with, `CHANGED_MEANWHILE` when
    /// somebody else retires it at this moment, or the store's failure.
    pub async fn retire(&self, kid: u32, actor: &str, now_ms: i64) -> Result<i64, Problem> {
        let retired = self.store.retire(kid, now_ms, actor).await;
        self.forget();
        retired.map_err(|error| match error {
            RetireError::Unknown => Problem::new(&LINK_KEY_NOT_FOUND),
            RetireError::Newest => Problem::new(&LINK_KEY_NEWEST).detail(
                "Tautan dibuat dengan kunci ini. Buat kunci baru dulu dengan POST /v1/links/rotate, lalu ulangi.",
                "Links are made with this key. Make a new one first with POST /v1/links/rotate, then repeat.",
            ),
            RetireError::Store(error) => Problem::from(error),
        })
    }

    async fn read_within(&self, life_ms: i64, now_ms: i64) -> Result<Arc<LinkKeys>, Problem> {
        if let Some(known) = self.known(life_ms, now_ms) {
            return Ok(known);
        }
        let keys = Arc::new(self.store.load(now_ms, fresh_key()?).await?);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some((Arc::clone(&keys), now_ms));
        Ok(keys)
    }

    /// The keys, if they were read less than `life_ms` ago.
    fn known(&self, life_ms: i64, now_ms: i64) -> Option<Arc<LinkKeys>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (keys, read_ms) = held.as_ref()?;
        (now_ms.saturating_sub(*read_ms) < life_ms).then(|| Arc::clone(keys))
    }

    fn forget(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Random bytes for a key.
fn fresh_key() -> Result<[u8; 32], Problem> {
    lambda_edge::clock::random::<32>().map_err(|error| Problem::internal(error.to_string()))
}
