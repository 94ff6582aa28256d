//! The clock of a fortnight: it stands still unless somebody moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// An hour, in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day, in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

tokio::task_local! {
    /// The clock of the fortnight that this task belongs to: tests run side by side.
    static CLOCK: Arc<AtomicI64>;
}

/// A clock. Clones are one.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// What time it is, Unix milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves to a moment that is not before the one it shows.
    pub fn set(&self, at_ms: i64) {
        self.0.fetch_max(at_ms, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn pass(&self, time_ms: i64) {
        self.0.fetch_add(time_ms, Ordering::SeqCst);
    }

    /// Runs something that is told this time by [`now_ms`].
    pub async fn within<T>(&self, run: impl Future<Output = T>) -> T {
        CLOCK.scope(Arc::clone(&self.0), run).await
    }
}

/// What time it is where this task runs: what functions are given as their clock.
///
/// # Panics
/// Outside of [`Clock::within`]: whoever asks there has left the fortnight.
#[must_use]
pub fn now_ms() -> i64 {
    CLOCK.with(|clock| clock.load(Ordering::SeqCst))
}
