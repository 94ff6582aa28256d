//! The one place that writes to the terminal: what a person at the machine should read.

use std::io::Write;

/// Prints one line to standard output. A closed terminal is no reason to stop half-way, so a failed write is
/// dropped.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
