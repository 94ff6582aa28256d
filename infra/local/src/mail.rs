//! Mail that was sent, kept as numbered files for a while.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::clock;

/// Most mails that a list shows, newest first.
const LIST_LIMIT: usize = 200;
/// How long a mail is kept, in milliseconds: 90 days. Letters about low ratings quote what guests wrote, and
/// no erasure comes here.
const KEEP_MS: i64 = 90 * 86_400_000;

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mail {
    /// The id that the sender was given.
    pub(crate) message_id: String,
    /// When it was sent, ISO 8601 in UTC.
    pub(crate) at: String,
    /// The sender.
    pub(crate) from: String,
    /// Every recipient.
    pub(crate) to: Vec<String>,
    /// Where answers go, when not to the sender.
    pub(crate) reply_to: Vec<String>,
    /// The subject.
    pub(crate) subject: String,
    /// The plain text; empty when there is none.
    pub(crate) text: String,
    /// The HTML; empty when there is none.
    pub(crate) html: String,
}

/// The mailbox: a folder of files `00000001.json` and so on; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct MailStore {
    folder: PathBuf,
    last: Arc<Mutex<u64>>,
}

impl MailStore {
    /// Opens or creates the folder, and deletes the mails that have been there for 90 days.
    ///
    /// # Errors
    /// It cannot be created, read or written.
    pub(crate) fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let last = numbers(folder)?.into_iter().max().unwrap_or(0);
        let store = Self {
            folder: folder.to_owned(),
            last: Arc::new(Mutex::new(last)),
        };
        store.forget(&clock::iso_seconds(clock::now_ms().saturating_sub(KEEP_MS)))?;
        Ok(store)
    }

    /// Deletes what was sent before a moment. A file that is no mail stays: nobody knows how old it is.
    fn forget(&self, before: &str) -> std::io::Result<()> {
        for number in numbers(&self.folder)? {
            let file = self.file(number);
            let mail: Option<Mail> = serde_json::from_slice(&std::fs::read(&file)?).ok();
            // Both are ISO 8601 in UTC with whole seconds, so the earlier text is the earlier moment.
            if mail.is_some_and(|mail| mail.at.as_str() < before) {
                std::fs::remove_file(&file)?;
            }
        }
        Ok(())
    }

    /// Keeps a mail and returns its number.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) async fn keep(&self, mail: Mail) -> std::io::Result<u64> {
        let mut last = self.last.lock().await;
        let number = *last + 1;
        // Under its name only when it is whole.
        let unfinished = self.folder.join(".unfinished");
        tokio::fs::write(&unfinished, serde_json::to_vec_pretty(&mail)?).await?;
        tokio::fs::rename(&unfinished, self.file(number)).await?;
        *last = number;
        Ok(number)
    }

    /// The mail with this number, if there is one.
    pub(crate) async fn get(&self, number: u64) -> Option<Mail> {
        let bytes = tokio::fs::read(self.file(number)).await.ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The newest mails with their numbers, newest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) async fn list(&self) -> std::io::Result<Vec<(u64, Mail)>> {
        let mut numbers = numbers(&self.folder)?;
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let mut mails = Vec::new();
        for number in numbers.into_iter().take(LIST_LIMIT) {
            mails.extend(self.get(number).await.map(|mail| (number, mail)));
        }
        Ok(mails)
    }

    fn file(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:08}.json"))
    }
}

fn numbers(folder: &Path) -> std::io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        numbers.extend(
            name.to_str()
                .and_then(|name| name.strip_suffix(".json")?.parse::<u64>().ok()),
        );
    }
    Ok(numbers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn mail(at: &str) -> Mail {
        Mail {
            message_id: "m".into(),
            at: at.into(),
            from: "f".into(),
            to: vec!["a".into()],
            reply_to: vec![],
            subject: "s".into(),
            text: "x".into(),
            html: String::new(),
        }
    }

    #[tokio::test]
    async fn numbers_go_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mail = mail(&clock::iso_seconds(clock::now_ms()));
        let first = MailStore::open(folder.path()).unwrap();
        assert_eq!(first.keep(mail.clone()).await.unwrap(), 1);
        let store = MailStore::open(folder.path()).unwrap();
        assert_eq!(store.keep(mail.clone()).await.unwrap(), 2);
        assert_eq!(store.list().await.unwrap(), [(2, mail.clone()), (1, mail)]);
    }

    #[tokio::test]
    async fn a_start_deletes_mails_of_90_days_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = MailStore::open(folder.path()).unwrap();
        let day_ms = 86_400_000;
        let sent = |days: i64| mail(&clock::iso_seconds(clock::now_ms() - days * day_ms));
        let (old, recent) = (sent(91), sent(89));
        for mail in [&old, &recent] {
            store.keep(mail.clone()).await.unwrap();
        }
        let other = folder.path().join("00000003.json");
        std::fs::write(&other, "no mail").unwrap();
        let store = MailStore::open(folder.path()).unwrap();
        assert_eq!(store.list().await.unwrap(), [(2, recent)]);
        assert!(other.exists());
        assert_eq!(store.keep(sent(0)).await.unwrap(), 4);
    }
}
