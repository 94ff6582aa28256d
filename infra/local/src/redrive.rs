//! Redrive: what was given up is tried once more, because a person has mended the cause.
//!
//! Three kinds of dead letters lie in queues. A message of a queue goes back to the queue that it came
//! from. A report about stream records, or about an asynchronous invocation, holds what the function was
//! given: the function is given it again, and the report is dropped once that has worked. All of them
//! may have been done in part before; the functions are made for that.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use crate::batch::{self, BatchResult};
use crate::env_file;
use crate::invoke::Functions;
use crate::names;
use crate::queue::{Message, Queues};
use crate::say::say;
use crate::state::StateError;
use crate::template::Source;
use crate::web_client::web_client;

/// Reports of one queue that one redrive tries.
const REPORTS_MAX: u32 = 1_000;

/// What became of the dead letters.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Redriven {
    /// Messages that went back, by the queue they came from.
    returned: BTreeMap<String, u64>,
    /// Reports whose events were worked off now.
    done: u64,
    /// Reports whose events failed again, and letters that are no reports: they stay.
    kept: u64,
}

/// Tries everything in the dead-letter queues once more.
///
/// # Errors
/// The state cannot be read or written.
pub(crate) async fn run(queues: &Queues, functions: &Functions) -> Result<Redriven, StateError> {
    let mut redriven = Redriven::default();
    for (dead, source) in queues.redrives() {
        let returned = queues.give_back(&dead, &source).await?;
        if returned > 0 {
            redriven.returned.insert(source, returned);
        }
    }
    for queue in report_queues(functions) {
        for message in queues.receive(&queue, REPORTS_MAX).await? {
            let works = again(&message.body, functions).await;
            if works {
                redriven.done += 1;
                queues.drop_message(message).await?;
            } else {
                redriven.kept += 1;
                queues.put_back(message).await?;
            }
        }
    }
    Ok(redriven)
}

/// The queues that are told about events that were given up.
fn report_queues(functions: &Functions) -> BTreeSet<String> {
    let of_streams = functions.list().flat_map(|function| {
        function.sources.iter().filter_map(|source| match source {
            Source::Stream(stream) => stream.on_failure.clone(),
            _ => None,
        })
    });
    let of_invocations = functions
        .list()
        .filter_map(|function| function.on_failure.clone());
    of_streams.chain(of_invocations).collect()
}

/// Gives a report's event to its function again; answers whether all of it was worked off.
async fn again(report: &str, functions: &Functions) -> bool {
    let report: Value = serde_json::from_str(report).unwrap_or_default();
    let function = report["requestContext"]["functionArn"]
        .as_str()
        .and_then(names::name_of_arn);
    // Of a stream the report is ours and has the records as its payload; see `streams`.
    let event = ["requestPayload", "payload"]
        .iter()
        .map(|name| &report[*name])
        .find(|event| !event.is_null());
    let (Some(function), Some(event)) = (function, event) else {
        return false;
    };
    let result = functions.invoke(function, Bytes::from(event.to_string())).await;
    batch::read(&result, true, &[]) == BatchResult::Done
}

impl Queues {
    /// Every dead-letter queue with the queue whose messages it takes.
    fn redrives(&self) -> Vec<(String, String)> {
        let settings = self.settings();
        let pairs = settings.filter_map(|queue| {
            let redrive = queue.redrive.as_ref()?;
            Some((redrive.dead_letter_queue.clone(), queue.name.clone()))
        });
        pairs.collect()
    }

    async fn drop_message(&self, message: Message) -> Result<(), StateError> {
        let sql = "DELETE FROM message WHERE id = ?1";
        self.state()
            .run(move |c| c.execute(sql, [&message.id]).map(drop))
            .await
    }

    async fn put_back(&self, message: Message) -> Result<(), StateError> {
        let sql = "UPDATE message SET in_flight = 0 WHERE id = ?1";
        self.state()
            .run(move |c| c.execute(sql, [&message.id]).map(drop))
            .await
    }

    /// Moves every message of a dead-letter queue back, as if it had never been received.
    async fn give_back(&self, dead: &str, source: &str) -> Result<u64, StateError> {
        let (from, to) = (dead.to_owned(), source.to_owned());
        let sql = "UPDATE message SET queue = ?2, in_flight = 0, visible_at = 0, receive_count = 0,
                       first_received_at = NULL
                   WHERE queue = ?1";
        let moved = self.state().run(move |c| c.execute(sql, [from, to])).await?;
        self.wake(source);
        Ok(moved as u64)
    }
}

/// Asks the set that runs on `data_dir` to redrive, says what came of it, and answers whether nothing is
/// left.
///
/// # Errors
/// Nothing runs on the folder, or it does not answer.
pub async fn ask(data_dir: &std::path::Path) -> anyhow::Result<bool> {
    let base_url = env_file::value(data_dir, "BASE_URL")?;
    let base_url = base_url.context("there is no local.env in the data folder: start with `make run`")?;
    let client = web_client()?;
    let reply = client
        .post(format!("{base_url}/_local/redrive"))
        .send()
        .await
        .with_context(|| format!("nothing answers at {base_url}: start with `make run`"))?;
    let redriven: Value = serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?;
    for (queue, count) in redriven["returned"].as_object().into_iter().flatten() {
        say(&format!("{count} messages went back to {queue}"));
    }
    let (done, kept) = (&redriven["done"], &redriven["kept"]);
    say(&format!(
        "{done} events were worked off, {kept} failed again and stay"
    ));
    Ok(kept == 0)
}
