//! What is logged, before anything in it is masked.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use serde_json::Value;
use tracing::subscriber::{DefaultGuard, set_default, set_global_default};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

pub use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::search::Texts;

/// Whether somebody listens in every thread of this process.
static EVERYWHERE: Once = Once::new();

/// The lines of a log. Where something else is to write them, such as a log of all threads, it is what that writes to.
#[derive(Clone, Default, Debug)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// Takes down what this thread logs while the guard lives: of every crate what is INFO and above, one JSON object
    /// a line with what was said in its `fields`.
    ///
    /// # Panics
    ///
    /// Where the process has a log for all its threads that isn't of these lines' making.
    #[must_use]
    pub fn listen(&self) -> DefaultGuard {
        self.listen_to(Targets::new().with_default(LevelFilter::INFO))
    }

    /// The same with other levels.
    ///
    /// # Panics
    ///
    /// As [`Lines::listen`] does.
    #[must_use]
    pub fn listen_to(&self, levels: Targets) -> DefaultGuard {
        // A place that logs for the first time in another test's thread asks who listens there, and where nobody does
        // it falls silent everywhere. So somebody listens there too, to everything, and tells nobody.
        EVERYWHERE.call_once(|| set_global_default(registry()).expect("no log for all threads before"));
        let lines = fmt::layer().json().with_writer(self.clone());
        set_default(registry().with(levels).with(lines))
    }

    /// Everything that was logged.
    ///
    /// # Panics
    ///
    /// Where that isn't UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Everything that was logged, line by line.
    ///
    /// # Panics
    ///
    /// Where a line isn't JSON.
    #[must_use]
    pub fn all(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    /// The lines with this message.
    ///
    /// # Panics
    ///
    /// As [`Lines::all`] does.
    #[must_use]
    pub fn named(&self, message: &str) -> Vec<Value> {
        let named = |line: &Value| {
            let places = ["/fields/message", "/message"];
            let mut found = places.iter().filter_map(|place| line.pointer(place));
            found.any(|found| found == message)
        };
        self.all().into_iter().filter(named).collect()
    }

    /// The lines as texts to search, each standing at itself: what is found there is the whole line.
    ///
    /// # Panics
    ///
    /// As [`Lines::text`] does.
    #[must_use]
    pub fn texts(&self) -> Texts {
        let text = self.text();
        let lines = text.lines().map(|line| (line.to_owned(), line.to_owned()));
        lines.collect()
    }
}
