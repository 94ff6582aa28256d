//! Queues with SQS's behaviour: at least once, a receive hides a message, too many receives move it to the
//! dead-letter queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, params};
use tokio::sync::Notify;

use crate::clock;
use crate::id;
use crate::state::{State, StateError};
use crate::template::Queue;

/// A failed message waits this long per receive before it comes again, and never longer than its queue's
/// visibility timeout. AWS waits the whole timeout; nobody at a till waits an hour and a half for a retry.
const RETRY_DELAY_MS: i64 = 5_000;

/// A message as received.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// Its id, the same on every receive.
    pub(crate) id: String,
    /// What was sent.
    pub(crate) body: String,
    /// When it was sent.
    pub(crate) sent_at_ms: i64,
    /// How often it was received, this time included.
    pub(crate) receive_count: i64,
    /// When it was first received.
    pub(crate) first_received_at_ms: i64,
}

/// The queues of the template; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    state: State,
    queues: Arc<BTreeMap<String, (Queue, Notify)>>,
}

impl Queues {
    /// The given queues, with their messages in `state`.
    pub(crate) fn new(state: State, queues: Vec<Queue>) -> Self {
        let queues = queues
            .into_iter()
            .map(|queue| (queue.name.clone(), (queue, Notify::new())))
            .collect();
        Self {
            state,
            queues: Arc::new(queues),
        }
    }

    /// The state that holds the messages.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The queues as the template has them.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &Queue> {
        self.queues.values().map(|(queue, _)| queue)
    }

    /// Sends one message and wakes the queue's reader.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn send(&self, queue: &str, body: String) -> Result<(), StateError> {
        let name = queue.to_owned();
        self.state
            .run(move |c| insert(c, &name, &body, clock::now_ms()))
            .await?;
        self.wake(queue);
        Ok(())
    }

    /// Wakes the reader of `queue` after messages were written by [`insert`].
    pub(crate) fn wake(&self, queue: &str) {
        if let Some((_, notify)) = self.queues.get(queue) {
            notify.notify_one();
        }
    }

    /// Waits until something was sent to `queue`.
    pub(crate) async fn sent(&self, queue: &str) {
        match self.queues.get(queue) {
            Some((_, notify)) => notify.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Receives up to `limit` visible messages, oldest first. They stay hidden until [`Queues::settle`].
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn receive(&self, queue: &str, limit: u32) -> Result<Vec<Message>, StateError> {
        let queue = queue.to_owned();
        self.state
            .run(move |c| receive(c, &queue, limit, clock::now_ms()))
            .await
    }

    /// Ends a receive: messages in `failed` come again later or go to the dead-letter queue, the others are
    /// deleted. All in one transaction.
    ///
    /// # Errors
    /// The state cannot be written.
    pub(crate) async fn settle(
        &self,
        queue: &str,
        batch: Vec<Message>,
        failed: Vec<String>,
    ) -> Result<(), StateError> {
        let Some((settings, _)) = self.queues.get(queue) else {
            return Ok(());
        };
        let redrive = settings.redrive.clone();
        let visibility_ms = i64::from(settings.visibility_timeout_s) * 1000;
        let dead = redrive.as_ref().map(|redrive| redrive.dead_letter_queue.clone());
        let now = clock::now_ms();
        let work = move |c: &mut Connection| {
            let transaction = c.transaction()?;
            for message in &batch {
                if !failed.contains(&message.id) {
                    transaction.execute("DELETE FROM message WHERE id = ?1", [&message.id])?;
                    continue;
                }
                match &redrive {
                    Some(redrive) if message.receive_count >= i64::from(redrive.max_receive_count) => {
                        move_to_dead_letters(&transaction, message, &redrive.dead_letter_queue)?;
                    }
                    _ => {
                        let delay = visibility_ms.min(RETRY_DELAY_MS * message.receive_count);
                        transaction.execute(
                            "UPDATE message SET in_flight = 0, visible_at = ?2 WHERE id = ?1",
                            params![message.id, now + delay],
                        )?;
                    }
                }
            }
            transaction.commit()
        };
        self.state.run(work).await?;
        dead.iter().for_each(|queue| self.wake(queue));
        Ok(())
    }

    /// The bodies of the messages in `queue`, oldest first, at most 100.
    ///
    /// # Errors
    /// The state cannot be read.
    pub(crate) async fn peek(&self, queue: &str) -> Result<Vec<String>, StateError> {
        let queue = queue.to_owned();
        self.state
            .run(move |c| {
                let mut statement =
                    c.prepare("SELECT body FROM message WHERE queue = ?1 ORDER BY number LIMIT 100")?;
                let rows = statement.query_map([queue], |row| row.get(0))?;
                rows.collect()
            })
            .await
    }
}

/// Writes one message; for a caller that has more to write in the same transaction.
///
/// # Errors
/// SQLite refused.
pub(crate) fn insert(connection: &Connection, queue: &str, body: &str, now_ms: i64) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO message (id, queue, body, sent_at, visible_at) VALUES (?1, ?2, ?3, ?4, ?4)",
            params![id::uuid(), queue, body, now_ms],
        )
        .map(drop)
}

fn receive(
    connection: &mut Connection,
    queue: &str,
    limit: u32,
    now_ms: i64,
) -> rusqlite::Result<Vec<Message>> {
    let transaction = connection.transaction()?;
    let messages: Vec<Message> = {
        let mut statement = transaction.prepare_cached(
            "UPDATE message SET in_flight = 1, receive_count = receive_count + 1,
                 first_received_at = COALESCE(first_received_at, ?2)
             WHERE number IN (SELECT number FROM message WHERE queue = ?1 AND in_flight = 0 AND visible_at <= ?2
                              ORDER BY number LIMIT ?3)
             RETURNING id, body, sent_at, receive_count, first_received_at",
        )?;
        let rows = statement.query_map(params![queue, now_ms, limit], |row| {
            Ok(Message {
                id: row.get(0)?,
                body: row.get(1)?,
                sent_at_ms: row.get(2)?,
                receive_count: row.get(3)?,
                first_received_at_ms: row.get(4)?,
            })
        })?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    transaction.commit()?;
    Ok(messages)
}

fn move_to_dead_letters(
    transaction: &Transaction<'_>,
    message: &Message,
    queue: &str,
) -> rusqlite::Result<()> {
    let sql = "UPDATE message SET queue = ?2, in_flight = 0, visible_at = 0, receive_count = 0 WHERE id = ?1";
    transaction.execute(sql, params![message.id, queue]).map(drop)
}
