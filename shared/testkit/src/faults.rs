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
    /// Of each of this many batches only the first half is done; the rest comes back as not done.
    HalfDone(u64),
}

/// The switch of a world's faults, and the count of its calls.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
    calls: Arc<AtomicU64>,
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

    /// A client that goes through these faults to `inner`.
    #[must_use]
    pub fn client(&self, inner: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(FaultyClient {
            inner,
            faults: self.clone(),
        })
    }

    /// Whether the next call arrives, and whether its answer does.
    fn next(&self) -> (bool, bool) {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        match *self.plan.lock().expect("no test panics while it holds the plan") {
            Plan::None => (true, true),
            Plan::CrashBefore(at) => (call < at, call < at),
            Plan::CrashAfter(at) => (call <= at, call < at),
            Plan::LoseAnswer(at) => (true, call != at),
            Plan::HalfDone(_) => (true, true),
        }
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
        let (arrives, answers) = self.faults.next();
        if !arrives {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the call was lost".into())));
        }
        let undone = self.faults.cut(&mut request);
        let call = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            match undone {
                _ if !answers => Err(ConnectorError::io("the answer was lost".into())),
                Some(undone) => undone.tell(answer?).await,
                None => answer,
            }
        })
    }
}
