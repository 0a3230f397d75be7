//! Times as every format has them: milliseconds since 1970. Must not read a clock.

/// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
pub type Millis = i64;

/// The time of an RFC 3339 timestamp; nothing where the text is no such timestamp.
pub(crate) fn millis(timestamp: &str) -> Option<Millis> {
    timestamp
        .parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_millisecond)
}
