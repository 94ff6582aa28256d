//! Which partner asks, and how often it may.

use domain::topup::partner::Partner;
use edge::auth::Caller;
use edge::problem::{Problem, TOO_MANY_REQUESTS, TOPUP_PARTNER_INACTIVE};
use http::header::{HeaderValue, RETRY_AFTER};

use crate::Deps;

/// What is counted of a partner, in the store of limits.
const REQUESTS: &str = "topups_by_partner";
/// The window in which a partner's requests are counted, in seconds.
const WINDOW_S: u32 = 60;

impl Deps {
    /// The partner that asks, one request of whose minute this is. One that is not active any more may still see what
    /// became of its orders.
    pub(crate) async fn asker(&self, caller: &Caller) -> Result<Partner, Problem> {
        let id = caller.partner()?;
        let partner = self.catalogue.partner(id).await?;
        // Keys are made before partners are described, or for one that never is.
        let partner = partner.ok_or_else(|| inactive().caused_by("a partner that nobody described"))?;
        let (now_ms, most) = (self.now_ms(), partner.per_minute);
        if self.limits.take(REQUESTS, id, WINDOW_S, most, now_ms).await? {
            return Ok(partner);
        }
        Err(Problem::new(&TOO_MANY_REQUESTS)
            .detail(
                format!("Paling banyak {most} permintaan per menit."),
                format!("At most {most} requests a minute."),
            )
            .header(RETRY_AFTER, HeaderValue::from(left_of_window(now_ms)))
            .caused_by(REQUESTS))
    }
}

/// The refusal of a partner that may not order.
pub(crate) fn inactive() -> Problem {
    Problem::new(&TOPUP_PARTNER_INACTIVE).detail(
        "Hubungi toko: mitra ini sedang tidak boleh memesan.",
        "Ask the shop: this partner may not order at the moment.",
    )
}

/// Seconds until the next window begins.
fn left_of_window(now_ms: i64) -> i64 {
    let window = i64::from(WINDOW_S);
    window - now_ms.div_euclid(1000).rem_euclid(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_over_within_a_minute() {
        for (now_ms, left) in [(0, 60), (999, 60), (1000, 59), (59_999, 1), (60_000, 60)] {
            assert_eq!(left_of_window(now_ms), left, "{now_ms}");
        }
    }
}
