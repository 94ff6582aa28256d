//! Two things at once, by no luck: one is held before a call of its own, and the other happens wholly.

use std::pin::pin;

use domain::rights::Request;
use testkit::faults::{Faults, Plan};

use super::{Shop, record};

/// Holds `first`, whose calls go through these faults, before its call of this number, does `second`, and lets `first`
/// go on. Where `first` makes fewer calls, `second` follows it.
pub(crate) async fn while_held<A, B>(
    faults: &Faults,
    call: u64,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    faults.set(Plan::Hold(call));
    let mut first = pin!(first);
    let ended = tokio::select! {
        biased;
        ended = &mut first => Some(ended),
        () = faults.held() => None,
    };
    let second = second.await;
    match ended {
        Some(first) => (first, second),
        None => {
            faults.release();
            (first.await, second)
        }
    }
}

impl Shop {
    /// How many calls it takes to carry out a request alone, which is done.
    pub(crate) async fn calls_of(&self, request: &Request) -> u64 {
        self.world.faults.set(Plan::None);
        self.deliver(&[record(request)], &self.faulty).await.unwrap();
        self.world.faults.calls()
    }

    /// Delivers a request's record until the request is over, as the stream and the hourly run do.
    pub(crate) async fn see_through(&self, request: &Request) -> Request {
        for _ in 0..3 {
            if self.request(&request.id).await.is_over() {
                break;
            }
            // What fails comes again.
            drop(self.deliver(&[record(request)], &self.deps).await);
        }
        let ended = self.request(&request.id).await;
        assert!(ended.is_over(), "{ended:?}");
        ended
    }
}
