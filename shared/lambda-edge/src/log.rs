//! Structured logs: one flat JSON object a line, masked before it leaves.
//!
//! A line has `timestamp`, `level` and `message`, then the event's own fields, then the fields of every
//! span around it (`function`, `request_id`, `trace_id`, `correlation_id`, ...), all at the top, so that
//! one query finds log lines and metrics of a request alike. Of two fields with one name the inner one
//! counts. `target` is there for other people's crates only. The names of the first two are those that
//! Lambda's own level filter reads
//! (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).

mod fields;

use std::io::Write;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::clock::{self, Clock};
use crate::output::Output;
use crate::redact::Redactor;
use fields::{Line, SpanFields};

/// What is logged.
#[derive(Clone, Copy, Debug)]
pub struct LogSettings<'a> {
    /// `trace`, `debug`, `info`, `warn`, `error` or `off`. Anything else means `info`, and is logged.
    pub level: &'a str,
    /// The crates that log at this level, as `module_path!` spells them. Everybody else's stay at
    /// warnings.
    pub crates: &'a [&'a str],
}

impl Default for LogSettings<'_> {
    fn default() -> Self {
        Self {
            level: "info",
            crates: &[],
        }
    }
}

/// Starts logging to standard output through the process's redactor. Calling it again changes nothing.
pub fn start(settings: LogSettings<'_>) {
    let subscriber = subscriber(settings, Output::stdout(), Redactor::process(), clock::now_ms);
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        tracing::debug!("logging was started before");
        return;
    }
    if LevelFilter::from_str(settings.level).is_err() {
        tracing::warn!("the log level can't be read, so it is info");
    }
}

/// The log as a subscriber, for tests and for programs that put together their own.
///
/// ```
/// use lambda_edge::{log, output::Output, redact::Redactor};
///
/// let output = Output::memory();
/// let settings = log::LogSettings { level: "info", crates: &[module_path!()] };
/// let log = log::subscriber(settings, output.clone(), Redactor::new(), || 0);
/// tracing::subscriber::with_default(log, || tracing::info!(parts = 3, "sent to a@example.com"));
/// assert_eq!(
///     output.text(),
///     "{\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"level\":\"INFO\",\"message\":\"sent to [email]\",\"parts\":3}\n",
/// );
/// ```
pub fn subscriber(
    settings: LogSettings<'_>,
    output: Output,
    redactor: Redactor,
    now_ms: Clock,
) -> impl Subscriber + Send + Sync {
    Registry::default().with(JsonLines {
        levels: Levels::new(settings),
        output,
        redactor,
        now_ms,
    })
}

/// The target of this crate's spans.
pub(crate) const SPAN_TARGET: &str = "lambda_edge::span";

/// The target under which the runtime reports a handler's error or panic by itself, with the whole
/// `Debug` form of it; [`Edge`](crate::Edge) logs the same as one line.
const RUNTIME_REPORTS: &str = "lambda_runtime::layers::panic";

/// Who is heard from which level on.
struct Levels {
    crates: Vec<String>,
    ours: LevelFilter,
    others: LevelFilter,
}

impl Levels {
    fn new(settings: LogSettings<'_>) -> Self {
        let ours = LevelFilter::from_str(settings.level).unwrap_or(LevelFilter::INFO);
        let given = settings.crates.iter().map(|name| name.replace('-', "_"));
        Self {
            crates: given.chain(["lambda_edge".to_owned()]).collect(),
            ours,
            others: ours.min(LevelFilter::WARN),
        }
    }

    /// Whole names: a crate called `aws` does not turn on `aws_config`.
    fn is_ours(&self, target: &str) -> bool {
        self.crates.iter().any(|name| {
            let rest = target.strip_prefix(name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }

    fn allow(&self, metadata: &Metadata<'_>) -> bool {
        let level = match metadata.target() {
            // Their fields are on every line that is let through.
            SPAN_TARGET => LevelFilter::ERROR,
            RUNTIME_REPORTS => LevelFilter::OFF,
            target if self.is_ours(target) => self.ours,
            _ => self.others,
        };
        *metadata.level() <= level
    }
}

/// Writes every event as a line.
struct JsonLines {
    levels: Levels,
    output: Output,
    redactor: Redactor,
    now_ms: Clock,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.levels.allow(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.allow(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Never less than what the spans need.
        Some(self.levels.ours.max(LevelFilter::ERROR))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        // Values are written out before the span is locked: their code is not ours.
        let mut fields = SpanFields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut changed = SpanFields::default();
        values.record(&mut changed);
        if let Some(span) = context.span(id) {
            let mut extensions = span.extensions_mut();
            match extensions.get_mut::<SpanFields>() {
                Some(fields) => fields.update(changed),
                None => extensions.insert(changed),
            }
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line::new();
        line.text("timestamp", &clock::rfc3339((self.now_ms)()));
        line.text("level", metadata.level().as_str());
        event.record(&mut line);
        if !self.levels.is_ours(metadata.target()) {
            line.text("target", metadata.target());
        }
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<SpanFields>() {
                line.span(fields);
            }
        }
        self.output.write_line(&self.redactor.line(&line.finish()));
    }
}

/// Writes a value as JSON. Only memory is written to, and it takes everything.
pub(crate) fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let length = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(length);
        out.write_all(b"null").ok();
    }
}
