//! The id that follows one piece of work from its trigger through everything it causes.
//!
//! The code that reads a message knows the id; everything above and below wants it. [`set`] puts it on
//! every later log line of the message, or of the invocation where there are no messages, and among
//! the properties of its metrics. [`get`] hands it on to whatever is called or written next.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::futures::TaskLocalFuture;
use tracing::Span;

use crate::metrics::Metrics;

tokio::task_local! {
    static SCOPE: Arc<Scope>;
}

/// The piece of work that is going on.
#[derive(Debug)]
pub(crate) struct Scope {
    span: Span,
    id: Mutex<Option<String>>,
    around: Option<Arc<Scope>>,
    /// Whose metrics have the id as a property.
    metrics: Option<Metrics>,
}

/// Sets the correlation id of the message or invocation that is going on. Outside of one, only the
/// current span gets it, if it has a field `correlation_id`.
pub fn set(id: impl Into<String>) {
    let id = id.into();
    let scope = SCOPE.try_with(Arc::clone);
    let Ok(scope) = scope else {
        Span::current().record("correlation_id", id.as_str());
        return;
    };
    scope.span.record("correlation_id", id.as_str());
    if let Some(metrics) = &scope.metrics {
        metrics.set_property("correlation_id", id.as_str());
    }
    *scope.id.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
}

/// The correlation id of the message or invocation that is going on, if it was set.
#[must_use]
pub fn get() -> Option<String> {
    let mut scope = SCOPE.try_with(Arc::clone).ok();
    while let Some(current) = scope {
        let id = current.id.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if id.is_some() {
            return id;
        }
        scope = current.around.clone();
    }
    None
}

/// A scope for work that is logged in this span, within the one that is going on.
pub(crate) fn scope(span: &Span, metrics: Option<Metrics>) -> Arc<Scope> {
    Arc::new(Scope {
        span: span.clone(),
        id: Mutex::new(None),
        around: SCOPE.try_with(Arc::clone).ok(),
        metrics,
    })
}

/// Makes a future, and lets it run, in this scope.
pub(crate) fn run_in<F: Future>(
    scope: Arc<Scope>,
    make: impl FnOnce() -> F,
) -> TaskLocalFuture<Arc<Scope>, F> {
    let future = SCOPE.sync_scope(Arc::clone(&scope), make);
    SCOPE.scope(scope, future)
}

/// Makes a future, and lets it run, in a scope of its own for this span.
pub(crate) fn within<F: Future>(span: &Span, make: impl FnOnce() -> F) -> TaskLocalFuture<Arc<Scope>, F> {
    run_in(scope(span, None), make)
}
