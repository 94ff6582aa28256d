//! Where lines go: standard output, which Lambda ships to CloudWatch, or memory in a test.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// A place for whole lines. Cheap to clone; clones share the place.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// `None` is standard output.
    memory: Option<Arc<Mutex<Vec<u8>>>>,
}

impl Output {
    /// Standard output.
    #[must_use]
    pub const fn stdout() -> Self {
        Self { memory: None }
    }

    /// Memory, to be read with [`Output::text`]; for tests.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            memory: Some(Arc::default()),
        }
    }

    /// Everything written to memory so far; empty for standard output.
    #[must_use]
    pub fn text(&self) -> String {
        let Some(memory) = &self.memory else {
            return String::new();
        };
        let bytes = memory.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Writes one line in one piece, so that lines of several threads don't mix.
    pub(crate) fn write_line(&self, line: &[u8]) {
        let mut whole = Vec::with_capacity(line.len() + 1);
        whole.extend_from_slice(line);
        whole.push(b'\n');
        if let Some(memory) = &self.memory {
            let mut bytes = memory.lock().unwrap_or_else(PoisonError::into_inner);
            bytes.extend_from_slice(&whole);
            return;
        }
        // A closed standard output leaves nobody to tell, and is no reason to stop working.
        std::io::stdout().lock().write_all(&whole).ok();
    }
}
