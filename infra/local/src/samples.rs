//! The first thing a newcomer sees: the sample exports go in, and what became of them comes out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::http::percent_encode;
use crate::say::say;
use crate::start::Running;
use crate::web_client::web_client;

/// The pause between two questions about a file.
const PAUSE: Duration = Duration::from_millis(200);

/// Questions before a file is left to finish on its own: two minutes.
const QUESTIONS: usize = 600;

/// The endings of files that are exports.
const ENDINGS: [&str; 4] = [".json", ".ndjson", ".gz", ".zst"];

/// What became of the samples, all together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Totals {
    received: u64,
    stored: u64,
    unchanged: u64,
    stale: u64,
    quarantined: u64,
}

impl Running {
    /// Puts each sample of `folder` into the bucket and says what became of it. A folder that is not there
    /// is no mistake.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or the bucket not written.
    pub async fn load_samples(&self, folder: &Path) -> anyhow::Result<()> {
        let files = samples(folder)?;
        if files.is_empty() {
            return Ok(());
        }
        let client = web_client()?;
        let mut totals = Totals::default();
        for (place, file) in files.iter().enumerate() {
            let name = file
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let key = format!("incoming/samples/{name}");
            let put = self.store.put_file(&self.bucket, &key, file).await?;
            let progress = format!("[{}/{}] {name}", place + 1, files.len());
            match self.outcome(&client, &key).await {
                Some(export) => {
                    let counts = totals.add(&export);
                    let note = if put { "" } else { " (already there)" };
                    say(&format!(
                        "{progress}: {}{note}, {counts}",
                        export["state"].as_str().unwrap_or("?")
                    ));
                }
                None => say(&format!("{progress}: not finished yet; it goes on by itself")),
            }
        }
        say(&format!(
            "Samples: {} received, {} stored, {} unchanged, {} stale, {} quarantined",
            totals.received, totals.stored, totals.unchanged, totals.stale, totals.quarantined
        ));
        Ok(())
    }

    /// The export of `key` once it is done or failed.
    pub(crate) async fn outcome(&self, client: &reqwest::Client, key: &str) -> Option<Value> {
        let url = format!("{}/v1/exports?key={}", self.base_url, percent_encode(key, false));
        for _ in 0..QUESTIONS {
            if let Some(export) = self.ask(client, &url).await
                && matches!(export["state"].as_str(), Some("done" | "failed"))
            {
                return Some(export);
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    async fn ask(&self, client: &reqwest::Client, url: &str) -> Option<Value> {
        let response = client.get(url).bearer_auth(&self.api_key).send().await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        first_item(response.json().await.ok()?)
    }
}

impl Totals {
    /// Adds one export's counts and returns them as text.
    fn add(&mut self, export: &Value) -> String {
        let fields = [
            ("received", &mut self.received),
            ("stored", &mut self.stored),
            ("unchanged", &mut self.unchanged),
            ("stale", &mut self.stale),
            ("quarantined", &mut self.quarantined),
        ];
        let counts = fields.map(|(name, total)| {
            let count = export[name].as_u64().unwrap_or(0);
            *total += count;
            format!("{count} {name}")
        });
        counts.join(", ")
    }
}

/// What the API answers at `path` to the owner of this machine.
///
/// # Errors
/// It does not answer, or refuses.
pub(crate) async fn get(running: &Running, path: &str) -> anyhow::Result<Value> {
    let client = web_client()?;
    let url = format!("{}{path}", running.base_url);
    let reply = client.get(url).bearer_auth(&running.api_key).send().await?;
    Ok(serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?)
}

/// The export of a response: the object itself, or the first of its items.
fn first_item(response: Value) -> Option<Value> {
    match response.get("items") {
        Some(items) => items.get(0).cloned(),
        None => Some(response),
    }
}

fn samples(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_of_a_response_are_read() {
        assert_eq!(first_item(json!({"state": "done"})).unwrap()["state"], "done");
        assert_eq!(
            first_item(json!({"items": [{"state": "failed"}]})).unwrap()["state"],
            "failed"
        );
        assert_eq!(first_item(json!({"items": []})), None);
    }

    #[test]
    fn counts_add_up() {
        let mut totals = Totals::default();
        totals.add(&json!({"received": 3, "stored": 2, "quarantined": 1}));
        assert_eq!(
            totals.add(&json!({"received": 1, "stored": 1})),
            "1 received, 1 stored, 0 unchanged, 0 stale, 0 quarantined"
        );
        assert_eq!(
            totals,
            Totals {
                received: 4,
                stored: 3,
                unchanged: 0,
                stale: 0,
                quarantined: 1
            }
        );
    }

    #[test]
    fn only_exports_are_samples() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.json", "a.ndjson.gz", "README.md"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let names: Vec<_> = samples(folder.path())
            .unwrap()
            .iter()
            .map(|p| p.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["a.ndjson.gz", "b.json"]);
        assert!(samples(&folder.path().join("none")).unwrap().is_empty());
    }
}
