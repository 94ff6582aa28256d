//! What the store remembers: sessions.
//!
//! A browser holds a random id of 256 bits; the store knows its SHA-256 alone, so nobody who reads
//! the table can take over a session. A session is two entries: one that never changes and ends with
//! the day's work, and one that says when the person was last here. A session whose first entry is
//! gone stays gone, whatever a request that is still running writes into the second.

use aws::sessions::Sessions;
use aws::{Clients, StoreError};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::staff::Person;
use lambda_edge::clock::{NoRandomness, random};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// How long a session lasts, whatever is done with it, in milliseconds: a working day. A role that is
/// taken from a person is gone after that at the latest.
pub(super) const SESSION_MS: i64 = 8 * 3_600_000;
/// How long a session lasts when nobody does anything, in milliseconds.
const IDLE_MS: i64 = 30 * 60_000;
/// How often it is noted that somebody does something, in milliseconds. A write each.
const NOTE_MS: i64 = 5 * 60_000;
/// An id has 32 bytes, which base64url writes in 43 characters.
const ID_CHARACTERS: usize = 43;

/// A person who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// Who.
    pub(super) person: Person,
    /// What every form of this session carries.
    pub(super) csrf: String,
}

/// The kinds of entries. The kind goes into the hash: the id of one is never the id of another.
#[derive(Clone, Copy)]
enum Kind {
    Session,
    Seen,
}

/// The stored sessions.
pub(super) struct Store(Sessions);

impl Store {
    /// The sessions of these clients.
    pub(super) fn new(clients: &Clients) -> Self {
        Self(Sessions::new(clients))
    }

    /// Opens a session and answers its id: a new one for every sign-in.
    pub(super) async fn open(&self, person: Person, now_ms: i64) -> Result<String, Refusal> {
        let id = random_text()?;
        let session = Session {
            person,
            csrf: random_text()?,
        };
        self.note(&id, now_ms).await?;
        let content = serde_json::to_string(&session).map_err(|_| StoreError::Damaged("a session"))?;
        let hash = hash(Kind::Session, &id);
        self.0.put(&hash, &content, now_ms + SESSION_MS).await?;
        Ok(id)
    }

    /// The session of this id, if it is in force. Notes that somebody is here.
    pub(super) async fn find(&self, id: &str, now_ms: i64) -> Result<Option<Session>, Refusal> {
        if !is_id(id) {
            return Ok(None);
        }
        let (session, seen) = (hash(Kind::Session, id), hash(Kind::Seen, id));
        let (session, seen) = futures::join!(self.0.get(&session, now_ms), self.0.get(&seen, now_ms));
        let (Some(session), Some(seen)) = (session?, seen?) else {
            return Ok(None);
        };
        let Ok(session) = serde_json::from_str(&session) else {
            // Written by an earlier version of this program: the person signs in again.
            return Ok(None);
        };
        let seen_ms: i64 = seen.parse().unwrap_or_default();
        if now_ms.saturating_sub(seen_ms) >= NOTE_MS {
            self.note(id, now_ms).await?;
        }
        Ok(Some(session))
    }

    /// Ends a session.
    pub(super) async fn end(&self, id: &str) -> Result<(), Refusal> {
        if is_id(id) {
            self.0.delete(&hash(Kind::Session, id)).await?;
            self.0.delete(&hash(Kind::Seen, id)).await?;
        }
        Ok(())
    }

    /// Notes that somebody is here.
    pub(super) async fn note(&self, id: &str, now_ms: i64) -> Result<(), Refusal> {
        let hash = hash(Kind::Seen, id);
        let noted = self.0.put(&hash, &now_ms.to_string(), now_ms + IDLE_MS).await;
        Ok(noted?)
    }
}

/// 256 random bits as text that fits into cookies, addresses and forms.
pub(super) fn random_text() -> Result<String, NoRandomness> {
    Ok(BASE64URL_NOPAD.encode(&random::<32>()?))
}

/// Whether a text may be an id: no read for what cannot be one.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == ID_CHARACTERS && text.bytes().all(plain)
}

fn hash(kind: Kind, id: &str) -> String {
    let kind = match kind {
        Kind::Session => "session",
        Kind::Seen => "seen",
    };
    HEXLOWER.encode(&Sha256::digest(format!("{kind}\n{id}")))
}
