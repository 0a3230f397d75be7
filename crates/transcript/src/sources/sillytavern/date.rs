//! Times as the versions of SillyTavern wrote them. None but the newest tells its zone; the program itself takes
//! them for UTC, and so are they here.
//!
//! | form | since about |
//! |---|---|
//! | `2023-4-12 @17h 30m 5s 456ms` | 1.0 |
//! | `October 5, 2023 2:22pm`, `October 5, 2023 14:22` | 1.5 |
//! | `2024-07-12@01h31m37s123ms`, without `ms`, too | 1.12 |
//! | milliseconds since 1970, RFC 3339 | 1.13; imported chats before |

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::Millis;
use crate::time::{millis as rfc3339, since_epoch};

/// The time that a text tells, if it is in one of the forms.
pub(super) fn millis(text: &str) -> Option<Millis> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return since_epoch(number);
    }
    if let Some(millis) = rfc3339(text) {
        return Some(millis);
    }
    let time = by_letters(text).or_else(|| in_words(text))?;
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// Whether a text tells seconds, so that two messages hardly have the same.
pub(super) fn is_exact(text: &str) -> bool {
    millis(text).is_some() && in_words(text.trim()).is_none()
}

/// `2024-07-12@01h31m37s123ms`, with or without spaces and leading zeros.
fn by_letters(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once('@')?;
    let mut parts = date.trim().splitn(3, '-');
    let mut part = || parts.next()?.parse::<i16>().ok();
    let date = date_of(part()?, part()?, part()?)?;
    let mut rest = time.trim_start();
    let mut number = |unit: &str| {
        let (number, after) = rest.split_once(unit)?;
        rest = after.trim_start();
        number.parse::<i32>().ok()
    };
    let (hour, minute, second) = (number("h")?, number("m")?, number("s")?);
    let millis = number("ms").unwrap_or_default();
    if !(0..1000).contains(&millis) {
        return None;
    }
    Some(date.to_datetime(time_of(hour, minute, second, millis)?))
}

/// `October 5, 2023 2:22pm` and `October 5, 2023 14:22`.
fn in_words(text: &str) -> Option<DateTime> {
    const MONTH_NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let month = words.next()?;
    let month = MONTH_NAMES
        .iter()
        .position(|name| name.eq_ignore_ascii_case(month))?;
    let day = words.next()?.parse().ok()?;
    let date = date_of(
        words.next()?.parse().ok()?,
        i16::try_from(month).ok()? + 1,
        day,
    )?;
    let clock = words.next()?.to_ascii_lowercase();
    let (clock, half) = match (clock.strip_suffix("am"), clock.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (clock.as_str(), None),
    };
    let (hour, minute) = clock.split_once(':')?;
    let hour: i32 = hour.parse().ok()?;
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        None => hour,
    };
    Some(date.to_datetime(time_of(hour, minute.parse().ok()?, 0, 0)?))
}

fn date_of(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn time_of(hour: i32, minute: i32, second: i32, millis: i32) -> Option<Time> {
    let small = |number: i32| i8::try_from(number).ok();
    Time::new(
        small(hour)?,
        small(minute)?,
        small(second)?,
        millis * 1_000_000,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let check = |text: &str, expected: &str, exact: bool| {
            assert_eq!(millis(text), rfc3339(expected), "{text}");
            assert_eq!(is_exact(text), exact, "{text}");
        };
        check(
            "2023-4-12 @17h 30m 5s 456ms",
            "2023-04-12T17:30:05.456Z",
            true,
        );
        check(
            "2024-07-12@01h31m37s123ms",
            "2024-07-12T01:31:37.123Z",
            true,
        );
        check("2024-07-12@01h31m37s", "2024-07-12T01:31:37Z", true);
        check("October 5, 2023 2:22pm", "2023-10-05T14:22:00Z", false);
        check("October 5, 2023 12:05am", "2023-10-05T00:05:00Z", false);
        check("June 19, 2023 14:20", "2023-06-19T14:20:00Z", false);
        check("2025-03-01T10:00:00.000Z", "2025-03-01T10:00:00Z", true);
        check("1740823200000", "2025-03-01T10:00:00Z", true);
        for none in [
            "",
            "yesterday",
            "2024-13-12@01h31m37s",
            "May 5, 2023 13:22pm",
            "1@2",
            "é@éh",
        ] {
            assert_eq!(millis(none), None, "{none}");
        }
    }
}
