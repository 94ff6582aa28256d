//! Reading the embedded engine's streams.

use anyhow::Context as _;
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};

use crate::names;

/// The one shard of a local stream, as events name it.
pub(super) const SHARD_NAME: &str = "shardId-00000000000000000000-local";

/// Most records read at a time.
const READ_LIMIT: usize = 1000;

/// A stream record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) sequence_number: String,
    /// The record as functions get it.
    pub(super) event: Value,
}

/// The lowest sequence number that a record written at this time, in microseconds since the Unix epoch, can
/// have: the engine's numbers are that time or later, behind a fixed first digit.
pub(super) fn sequence_number_at(microseconds: i64) -> String {
    format!("1{microseconds:020}")
}

/// The records of the table's stream after `position`, or from the oldest kept.
pub(crate) fn read(database: &Database, table: &str, position: Option<&str>) -> anyhow::Result<Vec<Record>> {
    let request = ListStreamsRequest {
        table_name: Some(table.to_owned()),
        ..Default::default()
    };
    let streams = database.list_streams(request)?.streams;
    let stream_arn = streams
        .into_iter()
        .next()
        .context("the table has no stream")?
        .stream_arn;
    let request = DescribeStreamRequest {
        stream_arn: stream_arn.clone(),
        ..Default::default()
    };
    let shards = database.describe_stream(request)?.stream_description.shards;
    let shard_id = shards
        .into_iter()
        .next()
        .context("the stream has no shard")?
        .shard_id;
    let kind = if position.is_some() {
        "AFTER_SEQUENCE_NUMBER"
    } else {
        "TRIM_HORIZON"
    };
    let request = GetShardIteratorRequest {
        stream_arn,
        shard_id,
        shard_iterator_type: kind.to_owned(),
        sequence_number: position.map(str::to_owned),
    };
    let iterator = database
        .get_shard_iterator(request)?
        .shard_iterator
        .context("no shard iterator")?;
    let request = GetRecordsRequest {
        shard_iterator: iterator,
        limit: Some(READ_LIMIT),
    };
    let records = database.get_records(request)?.records;
    records
        .into_iter()
        .map(|record| {
            let sequence_number = record.dynamodb.sequence_number.clone();
            Ok(Record {
                sequence_number,
                event: event(serde_json::to_value(record)?, table),
            })
        })
        .collect()
}

/// The record as Lambda passes it on: with the table's ARN and region, and a whole number of seconds.
fn event(mut record: Value, table: &str) -> Value {
    record["awsRegion"] = json!(names::REGION);
    record["eventSourceARN"] = json!(names::stream_arn(table));
    let text = record["dynamodb"]["ApproximateCreationDateTime"].to_string();
    let seconds: i64 = text
        .split('.')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    record["dynamodb"]["ApproximateCreationDateTime"] = json!(seconds);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_time_have_the_engines_21_digits() {
        assert_eq!(sequence_number_at(1_795_251_600_000_000), "100001795251600000000");
    }

    #[test]
    fn a_record_names_its_table_and_whole_seconds() {
        let record = event(
            json!({"awsRegion": "x", "dynamodb": {"ApproximateCreationDateTime": 1795251600.0}}),
            "T",
        );
        assert_eq!(
            record["dynamodb"]["ApproximateCreationDateTime"].to_string(),
            "1795251600"
        );
        assert_eq!(record["awsRegion"], names::REGION);
        assert_eq!(
            record["eventSourceARN"],
            "arn:aws:dynamodb:ap-southeast-3:000000000000:table/T/stream/local"
        );
    }
}
