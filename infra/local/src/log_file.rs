//! Log files of the functions: one a function, bounded, with errors repeated on the terminal.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::say::say;

/// Bytes of a line that are kept.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// Bytes of a file before it becomes `NAME.log.1` and a new one begins.
const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;

/// Characters of a line that are repeated on the terminal.
const TERMINAL_CHARS: usize = 240;

/// A function's log file; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    name: String,
    path: PathBuf,
    file: Arc<Mutex<(File, u64)>>,
}

impl LogFile {
    /// Opens `NAME.log` in `folder` for appending.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn open(folder: &Path, name: &str) -> std::io::Result<Self> {
        let path = folder.join(format!("{name}.log"));
        let opened = open(&path)?;
        Ok(Self {
            name: name.to_owned(),
            path,
            file: Arc::new(Mutex::new(opened)),
        })
    }

    /// Appends `chunk` to `line` as far as a line may go.
    pub(crate) fn keep(&self, line: &mut Vec<u8>, chunk: &[u8]) {
        let room = MAX_LINE_BYTES.saturating_sub(line.len());
        line.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }

    /// Writes one line. A full disk must not stop a function, so a failed write is dropped.
    pub(crate) fn write(&self, line: &[u8]) {
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, size) = &mut *guard;
        let mut text = line.to_vec();
        text.push(b'\n');
        drop(file.write_all(&text));
        *size += text.len() as u64;
        if *size > MAX_FILE_BYTES {
            drop(std::fs::rename(&self.path, self.path.with_extension("log.1")));
            if let Ok(opened) = open(&self.path) {
                *guard = opened;
            }
        }
        drop(guard);
        let text = String::from_utf8_lossy(line);
        if is_alarming(&text) {
            let short: String = text.chars().take(TERMINAL_CHARS).collect();
            say(&format!("  {}: {short}", self.name));
        }
    }
}

fn open(path: &Path) -> std::io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

/// Whether a line is one that a person should see: a JSON line of level WARN or ERROR, or a crash.
fn is_alarming(line: &str) -> bool {
    let level = serde_json::from_str::<serde_json::Value>(line)
        .ok()
        .and_then(|json| {
            json["level"]
                .as_str()
                .map(|level| matches!(level.to_ascii_uppercase().as_str(), "WARN" | "ERROR"))
        });
    level.unwrap_or_else(|| line.contains("panicked at"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_warnings_errors_and_crashes_reach_the_terminal() {
        let cases = [
            (r#"{"level":"ERROR","message":"x"}"#, true),
            (r#"{"level":"warn"}"#, true),
            (r#"{"level":"INFO","message":"ERROR"}"#, false),
            ("thread 'main' panicked at src/main.rs:1", true),
            ("plain text about an ERROR", false),
        ];
        for (line, expected) in cases {
            assert_eq!(is_alarming(line), expected, "{line}");
        }
    }

    #[test]
    fn a_long_line_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile::open(folder.path(), "f").unwrap();
        let mut line = Vec::new();
        log.keep(&mut line, &vec![b'a'; MAX_LINE_BYTES - 1]);
        log.keep(&mut line, b"bcd");
        assert_eq!(line.len(), MAX_LINE_BYTES);
        log.write(&line);
        let written = std::fs::read(folder.path().join("f.log")).unwrap();
        assert_eq!(written.len(), MAX_LINE_BYTES + 1);
    }
}
