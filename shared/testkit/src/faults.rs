//! Faults between the code and the engines: calls that never arrive, answers that get lost, and batches
//! that are done in part.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

use crate::undone::{self, Undone};

/// What happens to calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plan {
    /// Every call goes through.
    #[default]
    None,
    /// From the call of this number on, counted from zero, none arrives: a crash just before it.
    CrashBefore(u64),
    /// The call of this number arrives and its answer is lost; none arrives after it.
    CrashAfter(u64),
    /// The answer of this one call is lost; all others go through.
    LoseAnswer(u64),
    /// The call of this number waits, before it arrives, until [`Faults::release`]; all others go through. What
    /// happens meanwhile happens between two calls, by no luck.
    Hold(u64),
    /// Of each of this many batches only the first half is done; the rest comes back as not done.
    HalfDone(u64),
}

/// The switch of a world's faults, and the count of its calls.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
    calls: Arc<AtomicU64>,
    held: Arc<Notify>,
    released: Arc<Notify>,
}

/// Which of a run's calls, counted from zero, are tried to go wrong: all of them where there are no more than `most`
/// or where `EVERY_CALL` is set, otherwise `most` of them, evenly from the first to the last. A run of hundreds of
/// calls, done once for each, takes minutes.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "how thorough a test is, is said by whoever runs it"
)]
pub fn tried(calls: u64, most: u64) -> Vec<u64> {
    spread(
        calls,
        if std::env::var_os("EVERY_CALL").is_some() {
            calls
        } else {
            most
        },
    )
}

fn spread(calls: u64, most: u64) -> Vec<u64> {
    let (last, gaps) = (calls.saturating_sub(1), most.saturating_sub(1).max(1));
    if calls <= most {
        (0..calls).collect()
    } else {
        (0..=gaps).map(|number| number * last / gaps).collect()
    }
}

impl Faults {
    /// Sets a plan and counts calls from zero again.
    pub fn set(&self, plan: Plan) {
        *self.plan.lock().expect("no test panics while it holds the plan") = plan;
        self.calls.store(0, Ordering::SeqCst);
    }

    /// Calls made since the plan was set.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Waits until a call is held.
    pub async fn held(&self) {
        self.held.notified().await;
    }

    /// Lets the call that is held go on, and every later one through. Only while one is.
    pub fn release(&self) {
        self.set(Plan::None);
        self.released.notify_one();
    }

    /// A client that goes through these faults to `inner`.
    #[must_use]
    pub fn client(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(FaultyClient {
            inner,
            faults: self.clone(),
        })
    }

    /// What becomes of the next call.
    fn next(&self) -> Fate {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let plan = *self.plan.lock().expect("no test panics while it holds the plan");
        let (arrives, answers) = match plan {
            Plan::None | Plan::HalfDone(_) | Plan::Hold(_) => (true, true),
            Plan::CrashBefore(at) => (call < at, call < at),
            Plan::CrashAfter(at) => (call <= at, call < at),
            Plan::LoseAnswer(at) => (true, call != at),
        };
        Fate {
            arrives,
            answers,
            waits: plan == Plan::Hold(call),
        }
    }

    /// Holds a call.
    async fn hold(&self) {
        self.held.notify_one();
        self.released.notified().await;
    }

    /// Cuts a batch in half while the plan has batches left to cut.
    fn cut(&self, request: &mut HttpRequest) -> Option<Undone> {
        let mut plan = self.plan.lock().expect("no test panics while it holds the plan");
        let Plan::HalfDone(left) = &mut *plan else {
            return None;
        };
        let fewer = left.checked_sub(1)?;
        let undone = undone::cut(request)?;
        *left = fewer;
        Some(undone)
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug)]
struct Fate {
    /// Whether it arrives.
    arrives: bool,
    /// Whether its answer does.
    answers: bool,
    /// Whether it is held first.
    waits: bool,
}

#[derive(Debug)]
struct FaultyClient {
    inner: SharedHttpClient,
    faults: Faults,
}

impl HttpClient for FaultyClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultyConnector {
            inner,
            faults: self.faults.clone(),
        })
    }
}

#[derive(Debug)]
struct FaultyConnector {
    inner: SharedHttpConnector,
    faults: Faults,
}

impl HttpConnector for FaultyConnector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let fate = self.faults.next();
        if !fate.arrives {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the call was lost".into())));
        }
        let undone = self.faults.cut(&mut request);
        let (inner, faults) = (self.inner.clone(), self.faults.clone());
        HttpConnectorFuture::new(async move {
            if fate.waits {
                faults.hold().await;
            }
            let answer = inner.call(request).await;
            match undone {
                _ if !fate.answers => Err(ConnectorError::io("the answer was lost".into())),
                Some(undone) => undone.tell(answer?).await,
                None => answer,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn the_calls_that_are_tried_reach_from_the_first_to_the_last_and_none_is_tried_twice() {
        for (calls, most, wanted) in [
            (0, 4, vec![]),
            (3, 4, vec![0, 1, 2]),
            (4, 4, vec![0, 1, 2, 3]),
            (10, 4, vec![0, 3, 6, 9]),
            (11, 4, vec![0, 3, 6, 10]),
        ] {
            assert_eq!(spread(calls, most), wanted, "{most} of {calls}");
        }
    }
}
