//! Simulators of the servers that other people run, over the same HTTP.
//!
//! Each is a state that a test or a person fills ([`central::Central`], [`moka::Moka`], [`kios::Kios`],
//! [`partner::Receiver`]), and a router over it and nothing else, so that it stands alone ([`serve::serve`]) or under a
//! path of another server. They keep the partners' rules, and break them where a test says so: every fault has a route
//! and a number of times.

pub mod central;
pub mod kios;
pub mod moka;
pub mod partner;
pub mod serve;
pub mod transport;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// For a fault that does not end.
pub const ALWAYS: u32 = u32::MAX;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<R> {
    /// The route.
    pub route: R,
    /// The path, as it was sent.
    pub path: String,
    /// The query, as it was sent; empty without one.
    pub query: String,
    /// Whether a good token came with it.
    pub authorised: bool,
}

/// Faults that wait for their request, in the order they were given.
#[derive(Debug)]
struct Faults<R, F>(Mutex<Vec<(R, F, u32)>>);

impl<R, F> Default for Faults<R, F> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<R: PartialEq, F: Clone> Faults<R, F> {
    fn add(&self, route: R, fault: F, times: u32) {
        hold(&self.0).push((route, fault, times));
    }

    fn clear(&self) {
        hold(&self.0).clear();
    }

    /// The fault of the next request to a route.
    fn take(&self, route: &R) -> Option<F> {
        let mut faults = hold(&self.0);
        let (_, fault, times) = faults
            .iter_mut()
            .find(|(at, _, times)| at == route && *times > 0)?;
        if *times != ALWAYS {
            *times -= 1;
        }
        Some(fault.clone())
    }
}

/// A lock of a simulator: what a panic elsewhere left behind is as good as anything.
fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
