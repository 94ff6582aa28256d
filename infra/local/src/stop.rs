//! The signal that ends everything.

use tokio::sync::watch;

/// Sends the signal.
#[derive(Debug)]
pub(crate) struct StopSender(watch::Sender<bool>);

/// Waits for the signal; clones see the same one.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// A sender and its first receiver.
pub(crate) fn channel() -> (StopSender, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSender(sender), Stop(receiver))
}

impl StopSender {
    /// Ends everything.
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Returns once the signal was given, or its sender is gone.
    pub(crate) async fn stopped(&mut self) {
        drop(self.0.wait_for(|stopped| *stopped).await.map(|_| ()));
    }

    /// Whether the signal was given.
    pub(crate) fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits for `time`; returns false when the signal came first.
    pub(crate) async fn sleep(&mut self, time: std::time::Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.stopped() => false,
        }
    }
}
