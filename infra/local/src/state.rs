//! What the local run itself must remember: one SQLite file, `local.sqlite`.
//!
//! Every change that must outlive a kill is one transaction here: an object's announcement together with
//! the messages it causes, a message's receive, a stream's position. SQLite's WAL with full
//! synchronisation keeps committed transactions through a kill and through a power cut.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

/// The schema. Times are milliseconds since the Unix epoch unless a name says otherwise.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL, announced_etag TEXT, PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, body TEXT NOT NULL,
    sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL, receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER, in_flight INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue, in_flight, visible_at);
CREATE TABLE IF NOT EXISTS stream_position (
    reader TEXT PRIMARY KEY, table_name TEXT NOT NULL, sequence_number TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS schedule_fire (name TEXT PRIMARY KEY, fired_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS child (pid INTEGER PRIMARY KEY, marker TEXT NOT NULL);
";

/// Why the state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// SQLite refused.
    #[error("local.sqlite: {0}")]
    Sqlite(String),
    /// The task that did the work was stopped.
    #[error("local.sqlite: stopped while writing")]
    Stopped,
}

impl From<rusqlite::Error> for StateError {
    /// Its words are part of this error's own: as its source they would be shown twice.
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error.to_string())
    }
}

/// The open state file; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct State {
    connection: Arc<Mutex<Connection>>,
}

/// A function process that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Child {
    /// Its process id.
    pub(crate) pid: u32,
    /// Text found in its environment and in no other process's.
    pub(crate) marker: String,
}

impl State {
    /// Opens or creates the file. Messages that were in flight become visible at once: their receive was
    /// cut short by this program's end and not by the function, so it does not count.
    ///
    /// # Errors
    /// The file cannot be opened or is not a database.
    pub(crate) fn open(path: &Path) -> Result<Self, StateError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(SCHEMA)?;
        connection.execute(
            "UPDATE message SET in_flight = 0, visible_at = 0, receive_count = receive_count - 1 WHERE in_flight = 1",
            [],
        )?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs `work` on the connection, away from the asynchronous threads since it waits for the disk.
    ///
    /// # Errors
    /// What `work` returns, or the program is stopping.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let connection = Arc::clone(&self.connection);
        let run = move || {
            // A panic cannot leave a transaction half done: SQLite rolls it back when it is dropped.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StateError::Stopped),
        }
    }

    /// The last sequence number that a stream reader is done with.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn stream_position(&self, reader: String) -> Result<Option<String>, StateError> {
        let sql = "SELECT sequence_number FROM stream_position WHERE reader = ?1";
        self.run(move |c| c.query_row(sql, [reader], |row| row.get(0)).optional())
            .await
    }

    /// When a schedule fired last, in milliseconds.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn last_fire(&self, name: String) -> Result<Option<i64>, StateError> {
        let sql = "SELECT fired_at FROM schedule_fire WHERE name = ?1";
        self.run(move |c| c.query_row(sql, [name], |row| row.get(0)).optional())
            .await
    }

    /// Records when a schedule fired.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn set_last_fire(&self, name: String, fired_at: i64) -> Result<(), StateError> {
        let sql = "INSERT INTO schedule_fire VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET fired_at = ?2";
        self.run(move |c| c.execute(sql, params![name, fired_at]).map(drop))
            .await
    }

    /// Records a function process, so that a later start can end it if this program is killed.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn add_child(&self, child: Child) -> Result<(), StateError> {
        let sql = "INSERT OR REPLACE INTO child VALUES (?1, ?2)";
        self.run(move |c| c.execute(sql, params![child.pid, child.marker]).map(drop))
            .await
    }

    /// Forgets a function process that ended.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn remove_child(&self, pid: u32) -> Result<(), StateError> {
        self.run(move |c| c.execute("DELETE FROM child WHERE pid = ?1", [pid]).map(drop))
            .await
    }

    /// Takes the list of processes that an earlier run left behind.
    ///
    /// # Errors
    /// SQLite refused.
    pub(crate) async fn take_children(&self) -> Result<Vec<Child>, StateError> {
        self.run(|c| {
            let mut statement = c.prepare("DELETE FROM child RETURNING pid, marker")?;
            let rows = statement.query_map([], |row| {
                Ok(Child {
                    pid: row.get(0)?,
                    marker: row.get(1)?,
                })
            })?;
            rows.collect()
        })
        .await
    }
}
