//! From a queue to a function: Lambda's SQS event source.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::batch::{self, BatchResult};
use crate::invoke::Functions;
use crate::names;
use crate::queue::{Message, Queues};
use crate::state::StateError;
use crate::stop::Stop;
use crate::template::QueueSource;

/// How often a queue is looked at without being woken: for messages whose retry is due.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes batches from the queue to the function until `stop`.
pub(crate) async fn run(
    source: QueueSource,
    function: String,
    queues: Queues,
    functions: Functions,
    mut stop: Stop,
) {
    while !stop.is_stopped() {
        match one_batch(&source, &function, &queues, &functions, &mut stop).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = queues.sent(&source.queue) => {}
                    () = tokio::time::sleep(PAUSE) => {}
                    () = stop.stopped() => return,
                }
            }
            Err(error) => {
                tracing::error!(queue = source.queue, %error, "the queue could not be read");
                stop.sleep(PAUSE).await;
            }
        }
    }
}

/// One receive, one invocation, one settlement. False when the queue was empty.
async fn one_batch(
    source: &QueueSource,
    function: &str,
    queues: &Queues,
    functions: &Functions,
    stop: &mut Stop,
) -> Result<bool, StateError> {
    let mut batch = queues.receive(&source.queue, source.batch_size).await?;
    if batch.is_empty() {
        return Ok(false);
    }
    let room = source
        .batch_size
        .saturating_sub(u32::try_from(batch.len()).unwrap_or(u32::MAX));
    if source.window_s > 0 && room > 0 && stop.sleep(Duration::from_secs(source.window_s.into())).await {
        batch.extend(queues.receive(&source.queue, room).await?);
    }
    let payload = event(&source.queue, &batch).to_string();
    let result = functions.invoke(function, Bytes::from(payload)).await;
    if stop.is_stopped() && result.is_err() {
        // Left in flight: the next start gives these messages out again at once.
        return Ok(true);
    }
    let ids: Vec<String> = batch.iter().map(|message| message.id.clone()).collect();
    let failed = match batch::read(&result, source.partial_batches, &ids) {
        BatchResult::Done => Vec::new(),
        BatchResult::Failed(failed) => failed,
        BatchResult::AllFailed => ids,
    };
    queues.settle(&source.queue, batch, failed).await?;
    Ok(true)
}

/// The event, in the form of the AWS Lambda developer guide, "Using Lambda with Amazon SQS".
fn event(queue: &str, batch: &[Message]) -> Value {
    let records: Vec<Value> = batch
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": format!("{}#{}", message.id, message.receive_count),
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receive_count.to_string(),
                    "SentTimestamp": message.sent_at_ms.to_string(),
                    "SenderId": "events.amazonaws.com",
                    "ApproximateFirstReceiveTimestamp": message.first_received_at_ms.to_string(),
                },
                "messageAttributes": {},
                "md5OfBody": md5_hex(&message.body),
                "eventSource": "aws:sqs",
                "eventSourceARN": names::queue_arn(queue),
                "awsRegion": names::REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

fn md5_hex(text: &str) -> String {
    use s3s::crypto::{Checksum as _, Md5};
    crate::id::hex(Md5::checksum(text.as_bytes()).as_ref())
}
