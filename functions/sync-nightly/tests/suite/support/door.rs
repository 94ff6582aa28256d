//! A door in front of the central server's files: time passes there, and one may be made to wait.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct Door(Arc<Inner>);

struct Inner {
    clock: Arc<AtomicI64>,
    takes_ms: AtomicI64,
    closed: Mutex<Option<String>>,
    arrived: Notify,
    opened: Notify,
}

impl Door {
    pub(super) fn new(clock: Arc<AtomicI64>) -> Self {
        Self(Arc::new(Inner {
            clock,
            takes_ms: AtomicI64::new(0),
            closed: Mutex::new(None),
            arrived: Notify::new(),
            opened: Notify::new(),
        }))
    }

    pub(super) fn before(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), through))
    }

    /// From now on every file takes so long, by the function's clock.
    pub(crate) fn takes(&self, time_ms: i64) {
        self.0.takes_ms.store(time_ms, Ordering::SeqCst);
    }

    /// The next request for this file waits until [`Door::open`]; others pass.
    pub(crate) fn close_for(&self, name: &str) {
        *self.0.closed.lock().unwrap() = Some(name.to_owned());
    }

    /// Comes back when that request waits.
    pub(crate) async fn somebody_waits(&self) {
        self.0.arrived.notified().await;
    }

    pub(crate) fn open(&self) {
        self.0.opened.notify_one();
    }

    fn holds(&self, path: &str) -> bool {
        let mut closed = self.0.closed.lock().unwrap();
        closed.take_if(|name| path.ends_with(name.as_str())).is_some()
    }
}

async fn through(State(door): State<Door>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/v1/files/") {
        let takes_ms = door.0.takes_ms.load(Ordering::SeqCst);
        door.0.clock.fetch_add(takes_ms, Ordering::SeqCst);
        if door.holds(&path) {
            door.0.arrived.notify_one();
            door.0.opened.notified().await;
        }
    }
    next.run(request).await
}
