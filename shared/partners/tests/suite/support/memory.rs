//! Tokens in memory, with faults.

use std::sync::{Arc, Mutex};

use lambda_edge::redact::Secret;
use partners::moka::{Access, Held, Renewed, StoreError, TokenStore};

/// What happens in the store at a moment of a renewal.
type Meanwhile = Box<dyn FnOnce(&mut Content) + Send>;

/// The store as one process sees it. Clones are the same process.
#[derive(Clone)]
pub(crate) struct Memory {
    content: Arc<Mutex<Content>>,
    process: u32,
}

/// What the store holds, and what goes wrong.
#[derive(Default)]
pub(crate) struct Content {
    /// What a person put.
    pub(crate) by_hand: String,
    /// What was kept last of those that come from it.
    pub(crate) refresh: String,
    pub(crate) access: Option<Access>,
    /// Whether access tokens are kept for other processes.
    pub(crate) shares: bool,
    /// How many more times keeping fails.
    pub(crate) keep_fails: u32,
    /// How many more times keeping succeeds and looks as if it had not.
    pub(crate) keep_unheard: u32,
    pub(crate) busy: bool,
    /// What reading answers instead of tokens.
    pub(crate) unreadable: Option<StoreError>,
    /// What happens just before the right is taken so many more times.
    pub(crate) meanwhile: Vec<(u32, Meanwhile)>,
    /// What was done, in order.
    pub(crate) deeds: Vec<&'static str>,
    /// Which process has the right to renew; nobody's where it runs out by itself.
    pub(crate) holder: Option<u32>,
    processes: u32,
}

/// The holder of a right that runs out by itself.
const NOBODY: u32 = u32::MAX;

impl Memory {
    pub(crate) fn new(refresh: &str, shares: bool) -> Self {
        let content = Content {
            by_hand: refresh.to_owned(),
            refresh: refresh.to_owned(),
            shares,
            ..Content::default()
        };
        Self {
            content: Arc::new(Mutex::new(content)),
            process: 0,
        }
    }

    /// The same store as another process sees it.
    pub(crate) fn of_another(&self) -> Self {
        let process = self.change(|content| {
            content.processes += 1;
            content.processes
        });
        Self {
            content: Arc::clone(&self.content),
            process,
        }
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        change(&mut self.content.lock().unwrap())
    }

    pub(crate) fn deeds(&self) -> Vec<&'static str> {
        self.change(|content| content.deeds.clone())
    }

    /// Puts a refresh token as a person does.
    pub(crate) fn put_by_hand(&self, refresh: &str) {
        self.change(|content| content.put_by_hand(refresh));
    }

    /// Lets something happen just before the right is taken for the how-manieth time, from 1.
    pub(crate) fn meanwhile(&self, time: u32, happens: impl FnOnce(&mut Content) + Send + 'static) {
        self.change(|content| content.meanwhile.push((time, Box::new(happens))));
    }
}

impl Content {
    pub(crate) fn put_by_hand(&mut self, refresh: &str) {
        self.by_hand = refresh.to_owned();
        self.refresh = refresh.to_owned();
        self.access = None;
    }

    fn happen(&mut self) {
        let due = |(left, _): &mut (u32, Meanwhile)| {
            *left -= 1;
            *left == 0
        };
        let due: Vec<_> = self.meanwhile.extract_if(.., due).collect();
        for (_, happens) in due {
            happens(self);
        }
    }
}

impl TokenStore for Memory {
    async fn lock(&self, _until_ms: i64) -> Result<(), StoreError> {
        self.change(|content| {
            content.happen();
            if content.busy || content.holder.is_some_and(|holder| holder != self.process) {
                return Err(StoreError::Busy);
            }
            content.holder = Some(self.process);
            content.deeds.push("lock");
            Ok(())
        })
    }

    async fn read(&self) -> Result<Held, StoreError> {
        self.change(|content| {
            if let Some(error) = &content.unreadable {
                return Err(error.clone());
            }
            Ok(Held {
                client_id: Secret::new("CL1ENT".to_owned()),
                client_secret: Secret::new("CL1ENT-S3CRET".to_owned()),
                origin: content.by_hand.clone(),
                refresh_token: Secret::new(content.refresh.clone()),
                access: content.access.clone(),
            })
        })
    }

    async fn keep(&self, renewed: &Renewed) -> Result<(), StoreError> {
        self.change(|content| {
            assert_eq!(content.holder, Some(self.process), "kept without the right to");
            if content.keep_fails > 0 {
                content.keep_fails -= 1;
                content.deeds.push("keep failed");
                return Err(StoreError::Unavailable("ThrottlingException".to_owned()));
            }
            content.deeds.push("keep");
            if let Some(token) = &renewed.refresh_token {
                content.refresh = token.expose().clone();
            }
            if content.shares {
                content.access = Some(renewed.access.clone());
            }
            if content.keep_unheard > 0 {
                content.keep_unheard -= 1;
                return Err(StoreError::Unavailable("Timeout".to_owned()));
            }
            Ok(())
        })
    }

    async fn unlock(&self) {
        self.change(|content| {
            if content.holder == Some(self.process) {
                content.holder = None;
            }
            content.deeds.push("unlock");
        });
    }

    fn forget(&self) {
        self.change(|content| {
            content.holder = Some(NOBODY);
            content.deeds.push("forget");
        });
    }
}
