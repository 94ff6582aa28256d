//! A door in front of the supplier: how many requests are inside at a time, and one may be made to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio::sync::Notify;

/// Long enough for another request to come in meanwhile, where one may.
const INSIDE: Duration = Duration::from_millis(60);
/// Long enough for another request to come in on a busy machine; whoever asked waits longer for the answer.
const ANOTHER_COMES: Duration = Duration::from_secs(8);

#[derive(Clone, Default)]
pub(crate) struct Door(Arc<Inner>);

#[derive(Default)]
struct Inner {
    inside: AtomicUsize,
    most: AtomicUsize,
    crowded: AtomicBool,
    alone: AtomicBool,
    closed: AtomicBool,
    joined: Notify,
    arrived: Notify,
    opened: Notify,
}

impl Door {
    pub(super) fn before(&self, router: Router) -> Router {
        router.layer(from_fn_with_state(self.clone(), through))
    }

    /// From now on requests stay a moment, so that it shows how many come at a time.
    pub(crate) fn lets_them_stay(&self) {
        self.0.crowded.store(true, Ordering::SeqCst);
    }

    /// The next request stays until another one is inside beside it, if one ever is.
    pub(crate) fn keeps_one_until_another_comes(&self) {
        self.0.alone.store(true, Ordering::SeqCst);
    }

    /// The most requests that were inside at a time.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    /// What the next request asks for is done; its answer waits until [`Door::open`].
    pub(crate) fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
    }

    /// Comes back when that answer waits.
    pub(crate) async fn somebody_waits(&self) {
        self.0.arrived.notified().await;
    }

    pub(crate) fn open(&self) {
        self.0.opened.notify_one();
    }
}

async fn through(State(door): State<Door>, request: Request, next: Next) -> Response {
    let door = door.0;
    let inside = door.inside.fetch_add(1, Ordering::SeqCst) + 1;
    door.most.fetch_max(inside, Ordering::SeqCst);
    if inside > 1 {
        door.joined.notify_one();
    }
    let answer = next.run(request).await;
    if door.crowded.load(Ordering::SeqCst) {
        tokio::time::sleep(INSIDE).await;
    }
    if door.alone.swap(false, Ordering::SeqCst) {
        // Where nobody comes, the most requests at a time say so.
        drop(tokio::time::timeout(ANOTHER_COMES, door.joined.notified()).await);
    }
    if door.closed.swap(false, Ordering::SeqCst) {
        door.arrived.notify_one();
        door.opened.notified().await;
    }
    door.inside.fetch_sub(1, Ordering::SeqCst);
    answer
}
