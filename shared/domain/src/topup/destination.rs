//! What is known of a destination: which orders for it are open, what was bought lately, and how often it failed.

use serde::{Deserialize, Serialize};

use super::order::Order;

/// How many failures in a row are enough: the supplier blocks a number at the fifth (source document 002, kind 6).
pub const FAILURES_MAX: u32 = 4;

/// For how long failures and deliveries count: a day.
const DAY_MS: i64 = 86_400_000;

/// For how long a number that the supplier has blocked is remembered: only its people lift that.
const BLOCKED_MS: i64 = 30 * DAY_MS;

/// A destination. Goes away by itself when nothing is remembered of it any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Orders that are open: id and product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<(String, String)>,
    /// Failures in a row that the supplier counts (source document 002, kind 6: at most five).
    #[serde(default)]
    pub failures: u32,
    /// When the last of them was, or a block was told, Unix milliseconds.
    #[serde(default)]
    pub failed_ms: i64,
    /// Whether the supplier says that it has blocked the number.
    #[serde(default)]
    pub blocked: bool,
    /// The last deliveries and failures by product: product, when (Unix milliseconds), whether delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last: Vec<(String, i64, bool)>,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

impl Destination {
    /// The destination after an order for it was taken.
    #[must_use]
    pub fn opened(&self, refid: &str, product: &str) -> Self {
        let mut next = self.next();
        next.open.push((refid.to_owned(), product.to_owned()));
        next
    }

    /// The destination after an order is over. A delivery ends a row of failures, and lifts what was said of a block,
    /// where the order was sent after them: of one that was sent before nobody knows what came first.
    #[must_use]
    pub fn ended(&self, order: &Order, delivered: bool, now_ms: i64) -> Self {
        let mut next = self.next();
        next.open.retain(|(refid, _)| *refid != order.refid);
        next.last.retain(|(product, at_ms, was)| {
            now_ms.saturating_sub(*at_ms) < DAY_MS && !(*product == order.product && *was == delivered)
        });
        // What was never sent, the supplier does not know of. A delivery it counts by the day on which it was sent.
        if let Some(sent_ms) = order.sent_ms {
            let at_ms = if delivered { sent_ms } else { now_ms };
            next.last.push((order.product.clone(), at_ms, delivered));
        }
        if delivered && order.sent_ms.is_some_and(|sent_ms| sent_ms > self.failed_ms) {
            next.failures = 0;
            next.blocked = false;
        }
        next
    }

    /// The destination after a failure that the supplier counts.
    #[must_use]
    pub fn failed(&self, now_ms: i64) -> Self {
        let mut next = self.next();
        next.failures = if now_ms.saturating_sub(self.failed_ms) < DAY_MS {
            self.failures.saturating_add(1)
        } else {
            1
        };
        next.failed_ms = now_ms;
        next
    }

    /// The destination after the supplier said that it has blocked it.
    #[must_use]
    pub fn blocked(&self, now_ms: i64) -> Self {
        let mut next = self.next();
        next.blocked = true;
        next.failed_ms = now_ms;
        next
    }

    /// The destination after the supplier's people have lifted a block.
    #[must_use]
    pub fn released(&self) -> Self {
        let mut next = self.next();
        next.blocked = false;
        next.failures = 0;
        next
    }

    /// Whether one more failure may get it blocked.
    #[must_use]
    pub fn is_failing(&self, now_ms: i64) -> bool {
        self.failing_until(now_ms).is_some()
    }

    /// Until when one more failure may get it blocked, Unix milliseconds; `None` where it does not.
    #[must_use]
    pub fn failing_until(&self, now_ms: i64) -> Option<i64> {
        let is_failing = self.failures_at(now_ms) >= FAILURES_MAX;
        is_failing.then(|| self.failed_ms.saturating_add(DAY_MS))
    }

    /// Whether one more failure may get it blocked, when so many orders that are open fail too.
    #[must_use]
    pub fn may_be_failing(&self, open: usize, now_ms: i64) -> bool {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.failures_at(now_ms).saturating_add(open) >= FAILURES_MAX
    }

    /// How many failures in a row count at this moment.
    fn failures_at(&self, now_ms: i64) -> u32 {
        if now_ms.saturating_sub(self.failed_ms) < DAY_MS {
            self.failures
        } else {
            0
        }
    }

    /// An open order for the same product, other than this one.
    #[must_use]
    pub fn open_for(&self, product: &str, except: &str) -> Option<&str> {
        self.open
            .iter()
            .find(|(refid, of)| of == product && refid != except)
            .map(|(refid, _)| refid.as_str())
    }

    /// When a product was last delivered, or last failed.
    #[must_use]
    pub fn last_of(&self, product: &str, delivered: bool) -> Option<i64> {
        self.last
            .iter()
            .filter(|(of, _, was)| of == product && *was == delivered)
            .map(|(_, at_ms, _)| *at_ms)
            .max()
    }

    /// When it can be forgotten, Unix milliseconds; `None` while an order for it is open.
    #[must_use]
    pub fn expires_ms(&self, now_ms: i64) -> Option<i64> {
        let for_ms = if self.blocked { BLOCKED_MS } else { 2 * DAY_MS };
        self.open.is_empty().then(|| now_ms.saturating_add(for_ms))
    }

    fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}
