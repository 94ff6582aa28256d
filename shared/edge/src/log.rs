//! Structured logs: one JSON object a line on standard output, without personal data.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Starts logging at a level such as `info`; the SDK's own chatter stays at warnings. A level that
/// can't be read means `info`. Calling it again changes nothing.
pub fn start(level: &str) {
    let fallback = filter_for("info");
    let filter = EnvFilter::try_new(filter_for(level)).or_else(|_| EnvFilter::try_new(fallback));
    let Ok(filter) = filter else { return };
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_span_events(FmtSpan::NONE)
        .with_target(false)
        .with_env_filter(filter)
        .try_init();
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}

/// Our own crates at the level asked for, everybody else's at warnings.
fn filter_for(level: &str) -> String {
    let ours = [
        "ingest_sales",
        "accept_exports",
        "send_mail",
        "edge",
        "aws",
        "domain",
    ];
    let ours: Vec<String> = ours.iter().map(|name| format!("{name}={level}")).collect();
    format!("warn,{}", ours.join(","))
}
