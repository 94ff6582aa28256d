//! What happens around one invocation.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use lambda_runtime::{Diagnostic, LambdaEvent};
use tokio::task::futures::TaskLocalFuture;
use tower::Service;
use tracing::Span;
use tracing::field::Empty;
use tracing::instrument::{Instrument, Instrumented};

use super::Edge;
use crate::correlation::{self, Scope};
use crate::invocation::{CURRENT, Invocation};
use crate::log::SPAN_TARGET;
use crate::metrics::{Metrics, Unit};

/// A handler with the edge around it.
#[derive(Debug)]
pub struct EdgeService<S> {
    edge: Edge,
    inner: S,
}

impl<S> EdgeService<S> {
    pub(super) const fn new(edge: Edge, inner: S) -> Self {
        Self { edge, inner }
    }

    /// The span whose fields are on every line of the invocation. It is an error span so that it is
    /// there at every level of logging.
    fn span(&self, invocation: &Invocation) -> Span {
        let span = tracing::error_span!(
            target: SPAN_TARGET,
            "invocation",
            function = &*self.edge.function,
            request_id = invocation.request_id(),
            trace_id = Empty,
            cold_start = invocation.is_cold(),
            correlation_id = Empty,
        );
        if let Some(trace_id) = invocation.trace_id() {
            span.record("trace_id", trace_id);
        }
        span
    }
}

impl<P, S> Service<LambdaEvent<P>> for EdgeService<S>
where
    S: Service<LambdaEvent<P>>,
    S::Error: Into<Diagnostic>,
{
    type Response = S::Response;
    type Error = Diagnostic;
    type Future = InvocationFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, event: LambdaEvent<P>) -> Self::Future {
        let invocation = Arc::new(Invocation::new(&event.context, self.edge.is_first()));
        let metrics = self.edge.metrics.clone();
        metrics.begin([
            ("request_id", invocation.request_id().into()),
            ("cold_start", invocation.is_cold().into()),
        ]);
        if let Some(trace_id) = invocation.trace_id() {
            metrics.set_property("trace_id", trace_id);
        }
        if invocation.is_cold() {
            metrics.add("ColdStarts", Unit::Count, 1);
        }
        let span = self.span(&invocation);
        let scope = correlation::scope(&span, Some(metrics.clone()));
        let inner = span.in_scope(|| {
            CURRENT.sync_scope(Arc::clone(&invocation), || {
                correlation::run_in(scope, || self.inner.call(event))
            })
        });
        InvocationFuture {
            inner: Box::pin(CURRENT.scope(invocation, inner).instrument(span.clone())),
            end: End {
                span,
                metrics,
                edge: self.edge.clone(),
            },
        }
    }
}

type Inner<F> = Instrumented<TaskLocalFuture<Arc<Invocation>, TaskLocalFuture<Arc<Scope>, F>>>;

/// An invocation that is going on.
pub struct InvocationFuture<F> {
    inner: Pin<Box<Inner<F>>>,
    end: End,
}

impl<F, R, E> Future for InvocationFuture<F>
where
    F: Future<Output = Result<R, E>>,
    E: Into<Diagnostic>,
{
    type Output = Result<R, Diagnostic>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.inner.as_mut().poll(context));
        // Before the answer is sent: once Lambda has it, it may freeze the process.
        let result = result.map_err(|error| self.end.failed(error.into()));
        self.end.metrics.flush();
        Poll::Ready(result)
    }
}

impl<F> std::fmt::Debug for InvocationFuture<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvocationFuture")
    }
}

/// What an invocation ends with.
struct End {
    span: Span,
    metrics: Metrics,
    edge: Edge,
}

impl End {
    /// Logs a failed invocation. The error goes on masked too: it shows up at the caller, in failure
    /// destinations and in dead-letter queues.
    fn failed(&self, error: Diagnostic) -> Diagnostic {
        let error_message = self.edge.redactor.text(&error.error_message).into_owned();
        self.span.in_scope(|| {
            tracing::error!(
                error_type = error.error_type,
                error = error_message,
                "invocation failed"
            );
        });
        Diagnostic {
            error_type: error.error_type,
            error_message,
        }
    }
}

impl Drop for End {
    /// Where a panic unwinds, what was counted before it is still written.
    fn drop(&mut self) {
        self.metrics.flush();
    }
}
