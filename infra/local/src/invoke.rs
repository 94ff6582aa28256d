//! Invocations: an event to a function, its result back, with Lambda's limits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};

use crate::clock;
use crate::names;
use crate::process::{Process, Surroundings};
use crate::runtime_api::{Delivery, Outcome, RuntimeApi};
use crate::state::State;
use crate::stop::Stop;
use crate::template::Function;

/// Processes of one function that run at the same time. Each is started when all others are at work; only requests over
/// HTTP need so many, because some wait for seconds.
const PROCESSES_MAX: usize = 8;

/// Why an invocation has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The template has no such function.
    #[error("no such function")]
    Unknown,
    /// Its program could not be started.
    #[error("the function did not start: {0}")]
    Start(String),
    /// The function reported an error.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It ran longer than its `Timeout` and was killed.
    #[error("the function ran longer than {0} s and was ended")]
    TimedOut(u32),
    /// Its process ended before it answered.
    #[error("the function's process ended: {0}")]
    Ended(String),
    /// This program is stopping.
    #[error("stopping")]
    Stopping,
}

/// The functions of the template; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pools: BTreeMap<String, Pool>,
    surroundings: Surroundings,
    api: RuntimeApi,
    state: State,
    stop: Stop,
}

#[derive(Debug)]
struct Pool {
    function: Function,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
}

impl Functions {
    /// The given functions; their processes are started when they are first needed.
    pub(crate) fn new(
        functions: Vec<Function>,
        surroundings: Surroundings,
        api: RuntimeApi,
        state: State,
        stop: Stop,
    ) -> Self {
        let pools = functions.into_iter().map(|function| {
            let pool = Pool {
                function,
                permits: Semaphore::new(PROCESSES_MAX),
                idle: Mutex::new(Vec::new()),
            };
            (pool.function.name.clone(), pool)
        });
        Self {
            inner: Arc::new(Inner {
                pools: pools.collect(),
                surroundings,
                api,
                state,
                stop,
            }),
        }
    }

    /// The functions as the template has them.
    pub(crate) fn list(&self) -> impl Iterator<Item = &Function> {
        self.inner.pools.values().map(|pool| &pool.function)
    }

    /// Gives `payload` to the function and waits for its result. The invocation goes on when the caller
    /// stops waiting, as on Lambda.
    ///
    /// # Errors
    /// The function failed, ended, ran out of time, or could not be started.
    pub(crate) async fn invoke(&self, name: &str, payload: Bytes) -> Result<Bytes, InvokeError> {
        let inner = Arc::clone(&self.inner);
        let name = name.to_owned();
        let task = tokio::spawn(async move {
            let pool = inner.pools.get(&name).ok_or(InvokeError::Unknown)?;
            let result = inner.run(pool, payload).await;
            if let Err(error) = &result
                && !matches!(error, InvokeError::Stopping)
            {
                tracing::warn!(function = name, %error, "an invocation failed");
            }
            result
        });
        task.await.unwrap_or(Err(InvokeError::Stopping))
    }

    /// Kills the processes that wait for events. Those at work end with their invocations, which see the
    /// same stop signal.
    pub(crate) async fn end_idle(&self) {
        for pool in self.inner.pools.values() {
            for process in pool.take_all() {
                process.end(&self.inner.state).await;
            }
        }
    }
}

impl Pool {
    fn take_idle(&self) -> Option<Process> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn take_all(&self) -> Vec<Process> {
        std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back(&self, process: Process) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(process);
    }
}

impl Inner {
    async fn run(&self, pool: &Pool, payload: Bytes) -> Result<Bytes, InvokeError> {
        let _permit = pool.permits.acquire().await.map_err(|_| InvokeError::Stopping)?;
        if self.stop.is_stopped() {
            return Err(InvokeError::Stopping);
        }
        let mut process = self.process(pool).await?;
        let timeout_s = pool.function.timeout_s;
        let (reply, outcome) = oneshot::channel();
        let delivery = Delivery {
            payload,
            deadline_ms: clock::now_ms() + i64::from(timeout_s) * 1000,
            function_arn: names::function_arn(&pool.function.name),
            reply,
        };
        if process.deliveries.send(delivery).await.is_err() {
            process.end(&self.state).await;
            return Err(InvokeError::Ended("it takes no events".into()));
        }
        let mut stop = self.stop.clone();
        let result = tokio::select! {
            outcome = outcome => match outcome {
                Ok(Outcome::Response(body)) => Ok(body),
                Ok(Outcome::Error(report)) => Err(InvokeError::Failed(error_type(&report))),
                Err(_) => Err(InvokeError::Ended("it gave no answer".into())),
            },
            status = process.child.wait() => {
                Err(InvokeError::Ended(status.map_or_else(|error| error.to_string(), |status| status.to_string())))
            }
            () = tokio::time::sleep(Duration::from_secs(timeout_s.into())) => Err(InvokeError::TimedOut(timeout_s)),
            () = stop.stopped() => Err(InvokeError::Stopping),
        };
        match &result {
            Ok(_) | Err(InvokeError::Failed(_)) => pool.put_back(process),
            Err(_) => process.end(&self.state).await,
        }
        result
    }

    /// A process that waits for events: an idle one that still lives, or a new one.
    async fn process(&self, pool: &Pool) -> Result<Process, InvokeError> {
        while let Some(mut process) = pool.take_idle() {
            if matches!(process.child.try_wait(), Ok(None)) {
                return Ok(process);
            }
            process.end(&self.state).await;
        }
        let start = Process::start(&pool.function, &self.surroundings, &self.api, &self.state);
        start.await.map_err(|error| InvokeError::Start(error.to_string()))
    }
}

/// The `errorType` of a report. Its message is left out: it may quote what the function was given.
fn error_type(report: &[u8]) -> String {
    let report: serde_json::Value = serde_json::from_slice(report).unwrap_or_default();
    report["errorType"]
        .as_str()
        .unwrap_or("Unhandled")
        .chars()
        .take(100)
        .collect()
}
