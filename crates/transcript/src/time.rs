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

/// The time of a number since 1970, which is in seconds, milliseconds, microseconds or nanoseconds by its size:
/// as seconds the first three would be years after 5000. Nothing for 0 and less, which stand for no time.
pub(crate) fn since_epoch(number: f64) -> Option<Millis> {
    const EPOCH_UNITS: [(f64, f64); 4] = [(1e11, 1e3), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6)];
    let (_, factor) = EPOCH_UNITS.iter().find(|(end, _)| number < *end)?;
    #[expect(clippy::cast_possible_truncation, reason = "below 1e14")]
    let millis = (number * factor).round() as Millis;
    (number > 0.0).then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::since_epoch;

    #[test]
    fn numbers_since_1970_are_in_the_unit_that_their_size_tells() {
        for number in [1.75e9, 1.75e12, 1.75e15, 1.75e18] {
            assert_eq!(since_epoch(number), Some(1_750_000_000_000));
        }
        assert_eq!(since_epoch(1_750_000_000.123_4), Some(1_750_000_000_123));
        for none in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(since_epoch(none), None);
        }
    }
}
