//! Wall-clock time as this crate uses it: milliseconds since the Unix epoch and ISO 8601 text.

use jiff::Timestamp;

/// The current time.
#[allow(
    clippy::disallowed_methods,
    reason = "the one place of this crate that reads the clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The current time in milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> i64 {
    now().as_millisecond()
}

/// `ms` since the Unix epoch as AWS writes it in events, with whole seconds: `2026-11-21T09:00:00Z`.
pub(crate) fn iso_seconds(ms: i64) -> String {
    Timestamp::from_second(ms.div_euclid(1000))
        .map_or_else(|_| String::from("1970-01-01T00:00:00Z"), |t| t.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_text_has_whole_seconds() {
        assert_eq!(iso_seconds(1_795_251_600_999), "2026-11-21T09:00:00Z");
    }
}
