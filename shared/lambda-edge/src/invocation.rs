//! What is known about the invocation that is going on.

use std::sync::Arc;

use lambda_runtime::Context;

use crate::clock;

tokio::task_local! {
    pub(crate) static CURRENT: Arc<Invocation>;
}

/// One invocation of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    request_id: String,
    deadline_ms: i64,
    trace_id: Option<String>,
    cold: bool,
}

impl Invocation {
    /// The invocation that a context describes; `cold` if it is the process's first.
    #[must_use]
    pub fn new(context: &Context, cold: bool) -> Self {
        Self {
            request_id: context.request_id.clone(),
            deadline_ms: i64::try_from(context.deadline).unwrap_or(i64::MAX),
            trace_id: context.xray_trace_id.as_deref().and_then(root).map(str::to_owned),
            cold,
        }
    }

    /// The invocation that is going on in this task. `None` outside of one, and in a task that the
    /// handler spawned: hand it over.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// The id that Lambda gave the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the platform ends the invocation, in Unix milliseconds.
    #[must_use]
    pub const fn deadline_ms(&self) -> i64 {
        self.deadline_ms
    }

    /// How long the invocation may still take, in milliseconds; 0 when its time is over.
    #[must_use]
    pub fn remaining_ms(&self) -> i64 {
        self.deadline_ms.saturating_sub(clock::now_ms()).max(0)
    }

    /// The trace of the request: the `Root` of the X-Ray header.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// Whether this is the first invocation of the process.
    #[must_use]
    pub const fn is_cold(&self) -> bool {
        self.cold
    }
}

/// The trace id in a header such as `Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1`
/// (<https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>).
fn root(header: &str) -> Option<&str> {
    let mut parts = header.split(';');
    parts.find_map(|part| part.trim().strip_prefix("Root="))
}
