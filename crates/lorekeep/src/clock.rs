//! The one place that reads the clock and the time zone; everything else is passed times.

use std::time::{Instant, SystemTime};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use transcript::Millis;

/// The time now where the person is.
pub(crate) fn now() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::system())
}

/// The time now, where nobody minds the time zone: looking that up takes a while.
pub(crate) fn utc_now() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::UTC)
}

/// The time now, as the archive counts it.
pub(crate) fn millis() -> Millis {
    Timestamp::now().as_millisecond()
}

/// The time now, as the model's store counts it.
pub(crate) fn system() -> SystemTime {
    Timestamp::now().into()
}

/// A point to measure durations from.
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// How long ago `since` was, in whole milliseconds.
pub(crate) fn took_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
