//! The tables' streams, read as they are, and the functions that `template.yaml` lets them start.

use local::template::StreamSource;
use serde_json::{Value, json};
use testkit::stores::stream_triggers;

/// The streams that functions read.
#[derive(Debug)]
pub(crate) struct Streams {
    http: reqwest::Client,
    url: String,
    triggers: Vec<(String, StreamSource)>,
    /// Tables, and where their streams are read on.
    at: Vec<(String, Value)>,
}

/// What a stream hands to a function at once.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) function: String,
    pub(crate) records: Vec<Value>,
}

impl Streams {
    /// The streams of the engine at this address, from their beginning.
    pub(crate) async fn open(url: &str) -> Self {
        let mut streams = Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            triggers: stream_triggers(),
            at: Vec::new(),
        };
        let mut tables: Vec<String> = streams
            .triggers
            .iter()
            .map(|(_, trigger)| trigger.table.clone())
            .collect();
        tables.sort();
        tables.dedup();
        for table in tables {
            let found = streams.call("ListStreams", json!({ "TableName": table })).await;
            let stream = found["Streams"][0]["StreamArn"].clone();
            let described = streams
                .call("DescribeStream", json!({ "StreamArn": stream }))
                .await;
            let shard = described["StreamDescription"]["Shards"][0]["ShardId"].clone();
            let from = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
            let iterator = streams.call("GetShardIterator", from).await["ShardIterator"].clone();
            streams.at.push((table, iterator));
        }
        streams
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        // The engine wants a signature to be there, and a date; it checks neither.
        let signature = "AWS4-HMAC-SHA256 Credential=test/20260101/ap-southeast-3/dynamodb/aws4_request, \
                         SignedHeaders=host, Signature=0";
        let request = self
            .http
            .post(&self.url)
            .header("authorization", signature)
            .header("x-amz-date", "20260101T000000Z")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDBStreams_20120810.{operation}"))
            .body(body.to_string());
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status().as_u16(), 200, "{operation} of {body}");
        serde_json::from_str(&reply.text().await.unwrap()).unwrap()
    }

    /// What has come since this was last asked, in batches as the triggers want them.
    pub(crate) async fn news(&mut self) -> Vec<Batch> {
        let mut batches = Vec::new();
        for place in 0..self.at.len() {
            let records = self.records(place).await;
            let table = &self.at[place].0;
            let triggers = self
                .triggers
                .iter()
                .filter(|(_, trigger)| trigger.table == *table);
            for (function, trigger) in triggers {
                let wanted = |record: &&Value| {
                    trigger.filters.is_empty() || trigger.filters.iter().any(|filter| filter.matches(record))
                };
                let wanted: Vec<Value> = records.iter().filter(wanted).cloned().collect();
                let size = usize::try_from(trigger.batch_size).unwrap();
                batches.extend(wanted.chunks(size).map(|records| Batch {
                    function: function.clone(),
                    records: records.to_vec(),
                }));
            }
        }
        batches
    }

    async fn records(&mut self, place: usize) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let asked = json!({ "ShardIterator": self.at[place].1 });
            let mut answer = self.call("GetRecords", asked).await;
            let Value::Array(records) = answer["Records"].take() else {
                panic!("{answer}")
            };
            self.at[place].1 = answer["NextShardIterator"].take();
            if records.is_empty() {
                return all;
            }
            all.extend(records);
        }
    }
}
