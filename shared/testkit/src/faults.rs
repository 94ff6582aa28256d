//! Faults between the code and the engines: calls that never arrive, and answers that get lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

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
        }
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
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (arrives, answers) = self.faults.next();
        if !arrives {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the call was lost".into())));
        }
        let call = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            if answers {
                answer
            } else {
                Err(ConnectorError::io("the answer was lost".into()))
            }
        })
    }
}
