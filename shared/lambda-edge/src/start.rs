//! Starts a function: its log, its metrics, and what happens around every invocation.

mod service;

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures::Stream;
use lambda_runtime::{Diagnostic, IntoFunctionResponse, LambdaEvent, Runtime};
use serde::{Deserialize, Serialize};
use tower::{Layer, Service};

use crate::log::{self, LogSettings};
use crate::metrics::{Metrics, MetricsError};
use crate::output::Output;
use crate::redact::Redactor;
pub use service::{EdgeService, InvocationFuture};

/// What a function is, to its log and its metrics.
#[derive(Clone, Copy, Debug)]
pub struct EdgeSettings<'a> {
    /// The function's name in logs and metrics.
    pub function: &'a str,
    /// The CloudWatch namespace of its metrics.
    pub namespace: &'a str,
    /// Sets of dimensions, of which `function` is the only one there is; empty for none. See
    /// [`Metrics::with_dimensions`] for what they cost.
    pub dimensions: &'a [&'a [&'a str]],
    /// What it logs.
    pub log: LogSettings<'a>,
}

/// The edge of a function. Cheap to clone.
///
/// ```no_run
/// use lambda_edge::{Edge, EdgeSettings, log::LogSettings};
/// use lambda_edge::metrics::Unit;
/// use lambda_runtime::{Error, LambdaEvent, service_fn};
/// use serde_json::Value;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     let edge = Edge::start(EdgeSettings {
///         function: "sort-parcels",
///         namespace: "Parcels",
///         dimensions: &[],
///         log: LogSettings { level: "info", crates: &[module_path!()] },
///     })?;
///     let metrics = edge.metrics().clone();
///     edge.run(service_fn(|event: LambdaEvent<Value>| async {
///         metrics.add("Sorted", Unit::Count, 1);
///         Ok::<_, Error>(event.payload)
///     }))
///     .await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Edge {
    function: Arc<str>,
    metrics: Metrics,
    redactor: Redactor,
    warm: Arc<AtomicBool>,
    started: Instant,
}

impl Edge {
    /// Starts the log, the metrics, and the reporting of panics.
    ///
    /// # Errors
    /// [`MetricsError`] when CloudWatch would not take the namespace or the dimensions.
    pub fn start(settings: EdgeSettings<'_>) -> Result<Self, MetricsError> {
        let edge = Self::with_output(settings, Output::stdout(), Redactor::process())?;
        log::start(settings.log);
        edge.report_panics();
        Ok(edge)
    }

    /// An edge that writes its metrics elsewhere and leaves the process's log and panics alone; for
    /// tests.
    ///
    /// # Errors
    /// As [`Edge::start`].
    pub fn with_output(
        settings: EdgeSettings<'_>,
        output: Output,
        redactor: Redactor,
    ) -> Result<Self, MetricsError> {
        let mut metrics = Metrics::new(settings.namespace, [("function", settings.function)])?
            .with_output(output)
            .with_redactor(redactor.clone());
        if !settings.dimensions.is_empty() {
            metrics = metrics.with_dimensions(settings.dimensions)?;
        }
        Ok(Self {
            function: settings.function.into(),
            metrics,
            redactor,
            warm: Arc::default(),
            started: Instant::now(),
        })
    }

    /// The function's metrics.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What the log and the metrics are masked with.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Asks for invocations and has them handled, one at a time, until the platform ends the process.
    ///
    /// Takes whatever `lambda_runtime::run` takes: a `service_fn`, or `lambda_http::Adapter::from`
    /// a router.
    ///
    /// # Errors
    /// When the platform can't be reached any more.
    pub async fn run<A, F, R, B, S, D, E>(self, handler: F) -> Result<(), lambda_runtime::Error>
    where
        F: Service<LambdaEvent<A>, Response = R>,
        F::Error: Into<Diagnostic> + Debug,
        A: for<'de> Deserialize<'de>,
        R: IntoFunctionResponse<B, S>,
        B: Serialize,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<bytes::Bytes> + Send,
        E: Into<lambda_runtime::Error> + Send + Debug,
    {
        let init_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(function = &*self.function, init_ms, "started");
        Runtime::new(self.layer(handler)).run().await
    }

    /// Whether this is the first invocation of the process.
    fn is_first(&self) -> bool {
        !self.warm.swap(true, Ordering::Relaxed)
    }

    /// A panic ends the process where panics abort, with a message that is no JSON and may hold
    /// anything. This writes it as a line of the log first, with the fields of the invocation, and
    /// saves what was counted.
    fn report_panics(&self) {
        let metrics = self.metrics.clone();
        std::panic::set_hook(Box::new(move |panic| {
            let payload = panic.payload();
            let message = payload.downcast_ref::<&str>().copied();
            let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let location = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(panic = message.unwrap_or_default(), location, "panicked");
            metrics.flush_if_free();
        }));
    }
}

/// Puts the edge around a handler, for those who build their own
/// [`Runtime`]. Not for `Runtime::run_concurrent`: an [`EdgeService`] can't be cloned, because
/// the counts of simultaneous invocations would end up in one line.
impl<S> Layer<S> for Edge {
    type Service = EdgeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EdgeService::new(self.clone(), inner)
    }
}
