//! From a table's stream to a function: Lambda's DynamoDB event source.
//!
//! Records go in order. A batch that fails is tried again, in halves when the trigger asks for it, until its
//! retries are used up; then the on-failure queue is told and the stream goes on. The rules are those of the
//! AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB".

mod reader;

use std::time::Duration;

use bytes::Bytes;
use dynoxide::Database;
use rusqlite::params;
use serde_json::{Value, json};

use crate::batch::{self, BatchResult};
use crate::clock;
use crate::id;
use crate::invoke::Functions;
use crate::names;
use crate::queue::Queues;
use crate::state::StateError;
use crate::stop::Stop;
use crate::template::StreamSource;
use reader::Record;
#[cfg(test)]
pub(crate) use reader::read;

/// The pause between two looks at a stream with nothing new.
const PAUSE: Duration = Duration::from_millis(200);

/// The first pause before a retry; it doubles up to the longest.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// One trigger at work.
pub(crate) struct StreamReader {
    /// The trigger.
    pub(crate) source: StreamSource,
    /// The function it invokes.
    pub(crate) function: String,
    /// The engine with the table.
    pub(crate) database: Database,
    /// All functions.
    pub(crate) functions: Functions,
    /// All queues.
    pub(crate) queues: Queues,
    /// Ends the work.
    pub(crate) stop: Stop,
}

impl StreamReader {
    /// Takes records from the stream to the function until stopped.
    pub(crate) async fn run(mut self) {
        while !self.stop.is_stopped() {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => drop(self.stop.sleep(PAUSE).await),
                Err(error) => {
                    tracing::error!(table = self.source.table, error = %format!("{error:#}"), "the stream could not be read");
                    self.stop.sleep(LONGEST_RETRY).await;
                }
            }
        }
    }

    /// The name this trigger's position is kept under.
    fn name(&self) -> String {
        format!("{}/{}", self.function, self.source.name)
    }

    /// Reads what is new and delivers it. False when nothing was new.
    async fn step(&mut self) -> anyhow::Result<bool> {
        let position = match self.queues.state().stream_position(self.name()).await? {
            None if self.source.from_latest => {
                let now = reader::sequence_number_at(clock::now().as_microsecond());
                self.save_position(now.clone()).await?;
                Some(now)
            }
            position => position,
        };
        let Some((mut matching, mut last)) = self.read(position.clone()).await? else {
            return Ok(false);
        };
        let is_short = !matching.is_empty() && matching.len() < self.source.batch_size as usize;
        if is_short && self.source.window_s > 0 {
            // The batch may still fill up: what came meanwhile is read together with it.
            let window = Duration::from_secs(u64::from(self.source.window_s));
            if !self.stop.sleep(window).await {
                return Ok(true);
            }
            (matching, last) = self.read(position).await?.unwrap_or((matching, last));
        }
        for chunk in matching.chunks(self.source.batch_size.max(1) as usize) {
            if !self.deliver(chunk).await? {
                return Ok(true);
            }
            if let Some(record) = chunk.last() {
                self.save_position(record.sequence_number.clone()).await?;
            }
        }
        self.save_position(last).await?;
        Ok(true)
    }

    /// The records after `position` that pass the filters, and the number of the last that was looked at;
    /// `None` when there is nothing new.
    async fn read(&self, position: Option<String>) -> anyhow::Result<Option<(Vec<Record>, String)>> {
        let (database, table) = (self.database.clone(), self.source.table.clone());
        let read = tokio::task::spawn_blocking(move || reader::read(&database, &table, position.as_deref()));
        let mut records = read.await??;
        let last = records.last().map(|record| record.sequence_number.clone());
        records.retain(|record| self.takes(&record.event));
        Ok(last.map(|last| (records, last)))
    }

    fn takes(&self, event: &Value) -> bool {
        self.source.filters.is_empty() || self.source.filters.iter().any(|filter| filter.matches(event))
    }

    /// Delivers one batch until it is done or given up. False when the program is stopping.
    async fn deliver(&mut self, chunk: &[Record]) -> anyhow::Result<bool> {
        // Parts of the batch that are still to do, the next one last.
        let mut parts: Vec<&[Record]> = vec![chunk];
        let mut retries = 0;
        let mut pause = FIRST_RETRY;
        while let Some(part) = parts.pop() {
            let result = self.invoke(part).await;
            if self.stop.is_stopped() && result != BatchResult::Done {
                return Ok(false);
            }
            let rest = match result {
                BatchResult::Done => {
                    (retries, pause) = (0, FIRST_RETRY);
                    continue;
                }
                // The lowest failed number is the checkpoint: what is before it is done.
                BatchResult::Failed(failed) => {
                    let first = part
                        .iter()
                        .position(|record| failed.contains(&record.sequence_number));
                    &part[first.unwrap_or(0)..]
                }
                BatchResult::AllFailed => part,
            };
            if rest.len() < part.len() {
                (retries, pause) = (0, FIRST_RETRY);
            }
            if self.source.bisect && rest.len() > 1 {
                // A split does not count as a retry.
                let (first, second) = rest.split_at(rest.len() / 2);
                parts.extend([second, first]);
            } else if self.source.max_retries.is_some_and(|most| retries >= most) {
                self.give_up(rest, retries + 1).await?;
                (retries, pause) = (0, FIRST_RETRY);
                continue;
            } else {
                retries += 1;
                parts.push(rest);
            }
            if !self.stop.sleep(pause).await {
                return Ok(false);
            }
            pause = (pause * 2).min(LONGEST_RETRY);
        }
        Ok(true)
    }

    async fn invoke(&self, part: &[Record]) -> BatchResult {
        let records: Vec<&Value> = part.iter().map(|record| &record.event).collect();
        let payload = json!({ "Records": records }).to_string();
        let result = self.functions.invoke(&self.function, Bytes::from(payload)).await;
        let ids: Vec<String> = part.iter().map(|record| record.sequence_number.clone()).collect();
        batch::read(&result, self.source.partial_batches, &ids)
    }

    /// Tells the on-failure queue about records that were given up. AWS names only their numbers; the records
    /// themselves are added here because the local stream does not keep them for a day.
    async fn give_up(&self, part: &[Record], invocations: u32) -> anyhow::Result<()> {
        tracing::error!(
            function = self.function,
            records = part.len(),
            "stream records were given up"
        );
        let (Some(queue), Some(first), Some(last)) = (&self.source.on_failure, part.first(), part.last())
        else {
            return Ok(());
        };
        let records: Vec<&Value> = part.iter().map(|record| &record.event).collect();
        let created = |record: &Record| {
            let seconds = record.event["dynamodb"]["ApproximateCreationDateTime"]
                .as_i64()
                .unwrap_or_default();
            clock::iso_seconds(seconds * 1000)
        };
        let report = json!({
            "requestContext": {
                "requestId": id::uuid(),
                "functionArn": names::function_arn(&self.function),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": invocations,
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "version": "1.0",
            "timestamp": clock::iso_seconds(clock::now_ms()),
            "DDBStreamBatchInfo": {
                "shardId": reader::SHARD_NAME,
                "startSequenceNumber": first.sequence_number,
                "endSequenceNumber": last.sequence_number,
                "approximateArrivalOfFirstRecord": created(first),
                "approximateArrivalOfLastRecord": created(last),
                "batchSize": part.len(),
                "streamArn": names::stream_arn(&self.source.table),
            },
            "payload": { "Records": records },
        });
        Ok(self.queues.send(queue, report.to_string()).await?)
    }

    async fn save_position(&self, sequence_number: String) -> Result<(), StateError> {
        let (name, table) = (self.name(), self.source.table.clone());
        let sql = "INSERT INTO stream_position VALUES (?1, ?2, ?3)
                   ON CONFLICT (reader) DO UPDATE SET table_name = ?2, sequence_number = ?3";
        self.queues
            .state()
            .run(move |c| c.execute(sql, params![name, table, sequence_number]).map(drop))
            .await
    }
}
