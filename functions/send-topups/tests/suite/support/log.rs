//! What is logged, before anything in it is masked.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;

/// Whether somebody listens everywhere.
static EVERYWHERE: Once = Once::new();

/// The lines of a log.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

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
    /// Everything that was logged.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Takes down what this thread logs from now on: of our own crates all, of others what the functions log of them.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        // With the colons: the SDK's own crates begin with the same letters.
        let ours = [
            "send_topups",
            "partners",
            "aws::",
            "domain",
            "edge",
            "lambda_edge",
        ];
        let levels = Targets::new()
            .with_default(LevelFilter::WARN)
            .with_targets(ours.map(|name| (name, LevelFilter::TRACE)));
        // A place that logs for the first time in another test's thread asks who listens there, and where nobody does
        // it falls silent everywhere.
        EVERYWHERE.call_once(|| {
            let nowhere = fmt::layer().with_writer(std::io::sink);
            let everywhere = tracing_subscriber::registry().with(levels.clone()).with(nowhere);
            tracing::subscriber::set_global_default(everywhere).unwrap();
        });
        let lines = fmt::layer().json().with_writer(self.clone());
        tracing::subscriber::set_default(tracing_subscriber::registry().with(levels).with(lines))
    }
}
