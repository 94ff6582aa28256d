//! How long to wait before asking again.

use std::time::Duration;

use futures::future::BoxFuture;
use lambda_edge::clock;
use reqwest::header::HeaderValue;

use super::Policy;

/// Waiting and chance, handed in so that tests need neither.
pub trait Waits: Send + Sync {
    /// Comes back when the time is over.
    fn wait(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// A time between these two, by chance.
    fn between(&self, shortest: Duration, longest: Duration) -> Duration;
}

/// The machine's time and the operating system's chance.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealWaits;

impl Waits for RealWaits {
    fn wait(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn between(&self, shortest: Duration, longest: Duration) -> Duration {
        let span = longest.saturating_sub(shortest);
        // Without chance the longest wait is the one that harms nobody.
        let Ok(bytes) = clock::random::<4>() else {
            return longest;
        };
        let share = u64::from(u32::from_le_bytes(bytes));
        let micros = u128::from(share) * span.as_micros() / u128::from(u32::MAX);
        shortest + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// The next wait of decorrelated jitter: between the first one and three times the last one.
pub(super) fn next_wait(policy: &Policy, last: Duration, waits: &dyn Waits) -> Duration {
    let longest = last
        .saturating_mul(3)
        .clamp(policy.wait_first, policy.wait_max.max(policy.wait_first));
    waits.between(policy.wait_first, longest)
}

/// What is really waited: as long as the server asks for, up to the policy's limit, and never less than we want.
pub(super) fn obeyed(policy: &Policy, wanted: Duration, asked_for: Option<Duration>) -> Duration {
    asked_for.map_or(wanted, |time| wanted.max(time.min(policy.retry_after_max)))
}

/// The seconds of a `Retry-After` (RFC 9110 §10.2.3). A date in it is not read: it would need both clocks to be right.
pub(super) fn seconds(header: Option<&HeaderValue>) -> Option<Duration> {
    let text = header?.to_str().ok()?.trim();
    text.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_stays_between_its_limits() {
        let (shortest, longest) = (Duration::from_millis(500), Duration::from_millis(1_500));
        for _ in 0..1_000 {
            let time = RealWaits.between(shortest, longest);
            assert!((shortest..=longest).contains(&time), "{time:?}");
        }
        assert_eq!(RealWaits.between(longest, longest), longest);
    }

    #[test]
    fn only_whole_seconds_are_read_from_retry_after() {
        let read = |text: &'static str| seconds(Some(&HeaderValue::from_static(text)));
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read(" 0 "), Some(Duration::ZERO));
        for text in [
            "",
            "-1",
            "1.5",
            "soon",
            "Sun, 22 Nov 2026 08:00:00 GMT",
            "99999999999999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(seconds(None), None);
    }
}
