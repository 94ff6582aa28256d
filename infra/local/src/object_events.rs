//! "Object Created": from an object in a bucket, by way of EventBridge's rules, to messages in queues.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use crate::clock;
use crate::id;
use crate::names;
use crate::queue::{self, Queues};
use crate::state::StateError;
use crate::template::{Bucket, Rule};

/// What is known of an object's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectState {
    /// The entity tag, without quotes.
    pub(crate) etag: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// When the file was changed, in nanoseconds since the Unix epoch.
    pub(crate) modified_ns: i64,
}

/// Remembers objects and announces new ones; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct ObjectEvents {
    queues: Queues,
    rules: Arc<Vec<Rule>>,
    buckets: Arc<BTreeSet<String>>,
    last_sequencer: Arc<AtomicI64>,
}

impl ObjectEvents {
    /// Announces objects of `buckets` to the targets of `rules`.
    pub(crate) fn new(queues: Queues, rules: Vec<Rule>, buckets: &[Bucket]) -> Self {
        let buckets = buckets
            .iter()
            .filter(|bucket| bucket.event_bridge)
            .map(|bucket| bucket.name.clone());
        Self {
            queues,
            rules: Arc::new(rules),
            buckets: Arc::new(buckets.collect()),
            last_sequencer: Arc::new(AtomicI64::new(0)),
        }
    }

    /// What was last recorded of an object, and whether that was announced.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(crate) async fn known(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<(ObjectState, bool)>, StateError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let sql = "SELECT etag, size, modified_ns, announced_etag IS etag FROM object WHERE bucket = ?1 AND key = ?2";
        let row = |row: &rusqlite::Row<'_>| {
            Ok((
                ObjectState {
                    etag: row.get(0)?,
                    size: row.get(1)?,
                    modified_ns: row.get(2)?,
                },
                row.get(3)?,
            ))
        };
        self.queues
            .state()
            .run(move |c| c.query_row(sql, params![bucket, key], row).optional())
            .await
    }

    /// Records an object without announcing it.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn record(
        &self,
        bucket: &str,
        key: &str,
        object: ObjectState,
    ) -> Result<(), StateError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.queues
            .state()
            .run(move |c| upsert(c, &bucket, &key, &object))
            .await
    }

    /// Forgets a deleted object, so that the same bytes put there again are new.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn forget(&self, bucket: &str, key: &str) -> Result<(), StateError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let sql = "DELETE FROM object WHERE bucket = ?1 AND key = ?2";
        self.queues
            .state()
            .run(move |c| c.execute(sql, params![bucket, key]).map(drop))
            .await
    }

    /// Records an object and sends its event to every queue whose rule takes it, in one transaction.
    /// `reason` is S3's name of the operation.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn announce(
        &self,
        bucket: &str,
        key: &str,
        object: ObjectState,
        reason: &str,
    ) -> Result<(), StateError> {
        let mut targets: BTreeSet<String> = BTreeSet::new();
        let mut body = String::new();
        if self.buckets.contains(bucket) {
            let event = self.event(bucket, key, &object, reason);
            let rules = self.rules.iter().filter(|rule| rule.pattern.matches(&event));
            targets.extend(rules.flat_map(|rule| rule.queues.iter().cloned()));
            body = event.to_string();
        }
        let (bucket, key, queues) = (bucket.to_owned(), key.to_owned(), targets.clone());
        let work = move |c: &mut rusqlite::Connection| {
            let transaction = c.transaction()?;
            upsert(&transaction, &bucket, &key, &object)?;
            let sql = "UPDATE object SET announced_etag = etag WHERE bucket = ?1 AND key = ?2";
            transaction.execute(sql, params![bucket, key])?;
            for queue in &queues {
                queue::insert(&transaction, queue, &body, clock::now_ms())?;
            }
            transaction.commit()
        };
        self.queues.state().run(work).await?;
        targets.iter().for_each(|queue| self.queues.wake(queue));
        Ok(())
    }

    /// The event, in the form of the S3 user guide, "EventBridge event message structure". Its key is the
    /// plain key: only S3's own notifications encode it.
    fn event(&self, bucket: &str, key: &str, object: &ObjectState, reason: &str) -> Value {
        json!({
            "version": "0",
            "id": id::uuid(),
            "detail-type": "Object Created",
            "source": "aws.s3",
            "account": names::ACCOUNT,
            "time": clock::iso_seconds(clock::now_ms()),
            "region": names::REGION,
            "resources": [names::bucket_arn(bucket)],
            "detail": {
                "version": "0",
                "bucket": { "name": bucket },
                "object": {
                    "key": key,
                    "size": object.size,
                    "etag": object.etag,
                    "sequencer": format!("{:018X}", self.sequencer()),
                },
                "request-id": id::uuid(),
                "requester": names::ACCOUNT,
                "source-ip-address": "127.0.0.1",
                "reason": reason,
            },
        })
    }

    /// A number greater than any before it, also across restarts: the clock in microseconds, pushed on when
    /// two events fall together.
    fn sequencer(&self) -> i64 {
        let now = clock::now().as_microsecond();
        let step = |last: i64| Some(now.max(last + 1));
        match self
            .last_sequencer
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, step)
        {
            Ok(last) | Err(last) => now.max(last + 1),
        }
    }
}

fn upsert(
    connection: &rusqlite::Connection,
    bucket: &str,
    key: &str,
    object: &ObjectState,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO object (bucket, key, etag, size, modified_ns) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (bucket, key) DO UPDATE SET etag = ?3, size = ?4, modified_ns = ?5";
    connection
        .execute(
            sql,
            params![bucket, key, object.etag, object.size, object.modified_ns],
        )
        .map(drop)
}
