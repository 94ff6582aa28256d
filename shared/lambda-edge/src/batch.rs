//! Partial batches: one bad message never takes its neighbours down with it, and none is lost.
//!
//! [`each`] is for standard queues, [`in_order`] for streams, [`fifo`] for FIFO queues. Each answers
//! what Lambda expects from an event source mapping with `ReportBatchItemFailures`. The same three as
//! methods of a [`Deadline`] don't start a message that could not be ended before the function's time
//! is over.

mod event;

use std::future::Future;

use serde::Serialize;
use tracing::Instrument;

use crate::clock::{self, Clock};
use crate::correlation;
use crate::invocation::Invocation;
use crate::log::SPAN_TARGET;

pub use event::{NotABatch, sqs_messages, stream_records};

/// The messages of a batch that are to come again.
///
/// A message without an identifier can't be named. If one fails, the answer holds the empty
/// identifier alone, which Lambda takes as a failure of the whole batch: everything comes again rather
/// than one message being lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The identifiers of those messages.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message that is to come again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// A queue's message id, or a stream's sequence number.
    pub item_identifier: String,
}

impl BatchResponse {
    fn add(&mut self, id: String) {
        let whole = [ItemFailure {
            item_identifier: String::new(),
        }];
        if self.batch_item_failures == whole {
            return;
        }
        if id.is_empty() {
            self.batch_item_failures = whole.to_vec();
            return;
        }
        let failure = ItemFailure { item_identifier: id };
        if !self.batch_item_failures.contains(&failure) {
            self.batch_item_failures.push(failure);
        }
    }
}

/// Handles the messages of a standard queue one after another and answers those that failed.
///
/// ```
/// use lambda_edge::batch;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let messages = vec![("1".to_owned(), "good"), ("2".to_owned(), "bad"), ("3".to_owned(), "good")];
/// let answer = batch::each(messages, |message| async move {
///     if message == "good" { Ok(()) } else { Err("no such thing") }
/// });
/// assert_eq!(answer.await.batch_item_failures[0].item_identifier, "2");
/// # });
/// ```
pub async fn each<T, F, E>(messages: Vec<(String, T)>, handle: impl FnMut(T) -> F) -> BatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    Deadline::NEVER.each(messages, handle).await
}

/// Handles the records of a stream in order and stops at the first that failed: a stream hands out
/// everything from there on again.
pub async fn in_order<T, F, E>(records: Vec<(String, T)>, handle: impl FnMut(T) -> F) -> BatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    Deadline::NEVER.in_order(records, handle).await
}

/// Handles the messages of a FIFO queue in order, stops at the first that failed, and answers it and
/// all after it: a queue, other than a stream, forgets every message that is not named.
pub async fn fifo<T, F, E>(messages: Vec<(String, T)>, handle: impl FnMut(T) -> F) -> BatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    Deadline::NEVER.fifo(messages, handle).await
}

/// Until when a message may be started. One whose turn comes later is answered as failed without
/// being touched; it comes again, and nothing is cut in half.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    latest_start_ms: i64,
    now_ms: Clock,
}

impl Deadline {
    const NEVER: Self = Self {
        latest_start_ms: i64::MAX,
        now_ms: clock::now_ms,
    };

    /// Messages are started while at least `margin_ms` are left before `deadline_ms`, the Unix time
    /// at which the platform ends the invocation.
    #[must_use]
    pub const fn new(deadline_ms: i64, margin_ms: i64, now_ms: Clock) -> Self {
        Self {
            latest_start_ms: deadline_ms.saturating_sub(margin_ms),
            now_ms,
        }
    }

    /// The deadline of the invocation that is going on; none outside of one.
    #[must_use]
    pub fn of_invocation(margin_ms: i64) -> Self {
        Invocation::current().map_or(Self::NEVER, |invocation| {
            Self::new(invocation.deadline_ms(), margin_ms, clock::now_ms)
        })
    }

    /// [`each`] with this deadline.
    pub async fn each<T, F, E>(
        &self,
        messages: Vec<(String, T)>,
        mut handle: impl FnMut(T) -> F,
    ) -> BatchResponse
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut response = BatchResponse::default();
        let mut not_started = 0_usize;
        for (id, message) in messages {
            if self.is_over() {
                not_started += 1;
                response.add(id);
            } else if !one(Source::Queue, &id, message, &mut handle).await {
                response.add(id);
            }
        }
        tell(not_started);
        response
    }

    /// [`in_order`] with this deadline.
    pub async fn in_order<T, F, E>(
        &self,
        records: Vec<(String, T)>,
        handle: impl FnMut(T) -> F,
    ) -> BatchResponse
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut response = BatchResponse::default();
        let failed = self.until_failure(Source::Stream, records, handle).await;
        if let Some(first) = failed.into_iter().next() {
            response.add(first);
        }
        response
    }

    /// [`fifo`] with this deadline.
    pub async fn fifo<T, F, E>(&self, messages: Vec<(String, T)>, handle: impl FnMut(T) -> F) -> BatchResponse
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut response = BatchResponse::default();
        let failed = self.until_failure(Source::Queue, messages, handle).await;
        failed.into_iter().for_each(|id| response.add(id));
        response
    }

    /// The identifiers of the first message that failed or was not started, and of all after it.
    async fn until_failure<T, F, E>(
        &self,
        source: Source,
        messages: Vec<(String, T)>,
        mut handle: impl FnMut(T) -> F,
    ) -> Vec<String>
    where
        F: Future<Output = Result<(), E>>,
        E: std::fmt::Display,
    {
        let mut failed = Vec::new();
        let mut not_started = 0;
        for (id, message) in messages {
            if !failed.is_empty() {
                failed.push(id);
            } else if self.is_over() {
                not_started = 1;
                failed.push(id);
            } else if !one(source, &id, message, &mut handle).await {
                failed.push(id);
            }
        }
        if not_started > 0 {
            tell(failed.len());
        }
        failed
    }

    fn is_over(&self) -> bool {
        (self.now_ms)() > self.latest_start_ms
    }
}

/// Where a message came from, which decides what its identifier is called.
#[derive(Clone, Copy)]
enum Source {
    Queue,
    Stream,
}

/// Handles one message within a span of its own, so that a correlation id set meanwhile is the
/// message's and not the batch's. Whether it was handled.
async fn one<T, F, E>(source: Source, id: &str, message: T, handle: &mut impl FnMut(T) -> F) -> bool
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    use tracing::field::Empty;
    let span = match source {
        Source::Queue => {
            tracing::error_span!(target: SPAN_TARGET, "message", message_id = id, correlation_id = Empty)
        }
        Source::Stream => {
            tracing::error_span!(target: SPAN_TARGET, "record", sequence_number = id, correlation_id = Empty)
        }
    };
    let handled = async {
        let handled = correlation::within(&span, || handle(message)).await;
        if let Err(error) = &handled {
            tracing::warn!(error = %error, "message will come again");
        }
        handled.is_ok()
    };
    handled.instrument(span.clone()).await
}

fn tell(not_started: usize) {
    if not_started > 0 {
        tracing::warn!(not_started, "too little time left, so messages will come again");
    }
}
