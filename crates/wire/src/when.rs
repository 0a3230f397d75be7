//! Reading times as people write them, and writing times and ages. A [`Millis`] is milliseconds since 1970 in
//! UTC. Pure: the present time and its time zone are passed in as `now`.
//!
//! The calendar has the years -9999 to 9999; a time outside of it can't be written.

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan, Unit, Zoned};
use transcript::Millis;

/// Which bound of a period of time [`parse`] reads: whether `2026-03-01` means the start or the end of that
/// day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeBound {
    /// The lower bound: the start of the day, week, month or year.
    Since,
    /// The upper bound: its end, which is the start of the next one, so that it counts whole.
    Until,
}

/// Reads a time as people write it: RFC 3339, `2026-03-01T09:30`, `2026-03-01`, `2026-03`, `2026`, `now`,
/// `today`, `yesterday`, `last week` (the 7 days before today; also `month`, `year`), or how long ago it was:
/// `7d`, `2 weeks ago`. A text without an offset is taken in the time zone of `now`. `bound` says which end
/// of a whole day, week, month or year is meant, and does nothing to a point in time.
///
/// # Errors
/// If the text is none of these: a message for a person with examples of times.
pub fn parse(text: &str, bound: TimeBound, now: &Zoned) -> Result<Millis, String> {
    let text = text.trim();
    instant(text, now)
        .or_else(|| period(&text.to_lowercase(), bound, now))
        .map(|time| time.timestamp().as_millisecond())
        .ok_or_else(|| {
            "expected a time such as `2026-03-01`, `2026-03-01T09:30:00Z`, `yesterday`, `7d` or \
             `2 weeks ago`"
                .to_owned()
        })
}

fn instant(text: &str, now: &Zoned) -> Option<Zoned> {
    let zone = now.time_zone();
    if text.eq_ignore_ascii_case("now") {
        return Some(now.clone());
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.to_zoned(zone.clone()));
    }
    // A date alone also reads as midnight, but a date means its whole day.
    if text.len() > "2026-03-01".len()
        && text.starts_with(|c: char| c.is_ascii_digit())
        && let Ok(time) = text.parse::<jiff::civil::DateTime>()
    {
        return time.to_zoned(zone.clone()).ok();
    }
    let span: Span = text.parse().ok()?;
    now.checked_sub(span.abs()).ok()
}

fn period(text: &str, bound: TimeBound, now: &Zoned) -> Option<Zoned> {
    let today = now.date();
    let (first, length) = match text {
        "today" => (today, 1.day()),
        "yesterday" => (today.yesterday().ok()?, 1.day()),
        "last week" => (today.checked_sub(7.days()).ok()?, 7.days()),
        "last month" => (today.checked_sub(1.month()).ok()?, 1.month()),
        "last year" => (today.checked_sub(1.year()).ok()?, 1.year()),
        _ => written(text)?,
    };
    let date = match bound {
        TimeBound::Since => first,
        TimeBound::Until => first.checked_add(length).ok()?,
    };
    date.to_zoned(now.time_zone().clone()).ok()
}

/// `2026`, `2026-03` or `2026-03-01`, with how long it lasts.
fn written(text: &str) -> Option<(Date, Span)> {
    if let Ok(date) = text.parse::<Date>() {
        return Some((date, 1.day()));
    }
    let mut parts = text.splitn(2, '-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    match parts.next() {
        None => Some((Date::new(year, 1, 1).ok()?, 1.year())),
        Some(month) if month.len() == 2 => {
            Some((Date::new(year, month.parse().ok()?, 1).ok()?, 1.month()))
        }
        Some(_) => None,
    }
}

/// The day of a time, such as `2026-03-01`, in the time zone of `now`; empty for a time outside of the
/// calendar.
pub fn date(time: Millis, now: &Zoned) -> String {
    zoned(time, now).map_or_else(String::new, |time| time.date().to_string())
}

/// A time to the minute, such as `2026-03-01 09:30`, in the time zone of `now`; empty for a time outside of
/// the calendar.
pub fn minute(time: Millis, now: &Zoned) -> String {
    zoned(time, now).map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    })
}

/// A time to the minute with the offset that the time zone of `now` has then, such as
/// `2026-03-01T09:30+01:00`; `None` for one outside of the calendar.
pub fn minute_with_offset(time: Millis, now: &Zoned) -> Option<String> {
    let time = zoned(time, now)?;
    Some(time.strftime("%Y-%m-%dT%H:%M%:z").to_string())
}

/// A time in RFC 3339 with milliseconds in UTC, such as `2026-03-01T09:30:00.000Z`; `None` for one outside
/// of the calendar (years -9999 to 9999).
pub fn rfc3339(time: Millis) -> Option<String> {
    let time = Timestamp::from_millisecond(time).ok()?;
    Some(format!("{time:.3}"))
}

/// A time that may be unknown, as [`rfc3339`] writes it: the form of all times in JSON documents. `None` if
/// it is unknown or outside of the calendar.
pub fn time(time: Option<Millis>) -> Option<String> {
    time.and_then(rfc3339)
}

/// How many days before that of `now` the day of a time was, in the time zone of `now`; negative for one
/// that is to come. `None` for a time outside of the calendar.
pub fn days_ago(time: Millis, now: &Zoned) -> Option<i64> {
    let days = zoned(time, now)?.date().until((Unit::Day, now.date()));
    days.ok().map(|days| i64::from(days.get_days()))
}

fn zoned(time: Millis, now: &Zoned) -> Option<Zoned> {
    Some(
        Timestamp::from_millisecond(time)
            .ok()?
            .to_zoned(now.time_zone().clone()),
    )
}

/// How long before `now` a time was, in the largest unit that fits: `just now` (less than a minute),
/// `5 minutes ago`, `3 hours ago` (on the same day), `yesterday`, `3 days ago`, `2 weeks ago`,
/// `2 months ago`, `2 years ago`. Days are those of the time zone of `now`. A time more than 5 seconds after
/// `now` is `in the future`; one outside of the calendar gives an empty text.
pub fn ago(time: Millis, now: &Zoned) -> String {
    let Some(time) = zoned(time, now) else {
        return String::new();
    };
    // A few seconds of difference between clocks is no future.
    if time.timestamp() > now.timestamp() + 5.seconds() {
        return "in the future".to_owned();
    }
    let days = whole(&time.date().until((Unit::Day, now.date())), Span::get_days);
    match days {
        // A clock that is a few seconds ahead may be in tomorrow already.
        ..=0 => {
            let minutes = (now.timestamp().as_second() - time.timestamp().as_second()) / 60;
            match minutes {
                ..1 => "just now".to_owned(),
                1..60 => count(minutes, "minute"),
                _ => count(minutes / 60, "hour"),
            }
        }
        1 => "yesterday".to_owned(),
        2..14 => count(days, "day"),
        14..60 => count(days / 7, "week"),
        60..730 => count(days * 12 / 365, "month"),
        _ => count(days / 365, "year"),
    }
}

fn whole<E>(span: &Result<Span, E>, unit: impl Fn(&Span) -> i32) -> i64 {
    span.as_ref().map_or(0, |span| i64::from(unit(span)))
}

fn count(number: i64, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-03-18T12:00:00+01:00[Europe/Berlin]"
            .parse()
            .expect("a time")
    }

    fn since(text: &str) -> String {
        describe(text, TimeBound::Since)
    }

    fn until(text: &str) -> String {
        describe(text, TimeBound::Until)
    }

    fn describe(text: &str, bound: TimeBound) -> String {
        match parse(text, bound, &now()) {
            Ok(time) => minute(time, &now()),
            Err(_) => "no time".to_owned(),
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(since("2026-03-01T09:30:00Z"), "2026-03-01 10:30");
        assert_eq!(since("2026-03-01T09:30"), "2026-03-01 09:30");
        assert_eq!(since("2026-03-01 09:30"), "2026-03-01 09:30");
        assert_eq!(since("2026-03-01"), "2026-03-01 00:00");
        assert_eq!(since("2026-02"), "2026-02-01 00:00");
        assert_eq!(since("2025"), "2025-01-01 00:00");
        assert_eq!(since("yesterday"), "2026-03-17 00:00");
        assert_eq!(since("Today"), "2026-03-18 00:00");
        assert_eq!(since("7d"), "2026-03-11 12:00");
        assert_eq!(since("36h"), "2026-03-17 00:00");
        assert_eq!(since("2 weeks ago"), "2026-03-04 12:00");
        assert_eq!(since("1 month"), "2026-02-18 12:00");
        assert_eq!(since("last week"), "2026-03-11 00:00");
        for wrong in ["", "soon", "2026-13", "2026-02-30", "99999999999d", "3"] {
            assert_eq!(since(wrong), "no time", "{wrong}");
        }
    }

    #[test]
    fn a_day_counts_whole_at_either_end() {
        assert_eq!(until("2026-03-01"), "2026-03-02 00:00");
        assert_eq!(until("2026-02"), "2026-03-01 00:00");
        assert_eq!(until("yesterday"), "2026-03-18 00:00");
        assert_eq!(until("7d"), "2026-03-11 12:00");
    }

    #[test]
    fn ages_are_said_as_people_say_them() {
        let ago = |text: &str| {
            let time: Timestamp = text.parse().expect("a time");
            super::ago(time.as_millisecond(), &now())
        };
        assert_eq!(ago("2026-03-18T10:59:50Z"), "just now");
        assert_eq!(ago("2026-03-18T10:58:00Z"), "2 minutes ago");
        assert_eq!(ago("2026-03-18T09:00:00Z"), "2 hours ago");
        assert_eq!(ago("2026-03-17T22:00:00Z"), "yesterday");
        assert_eq!(ago("2026-03-13T10:00:00Z"), "5 days ago");
        assert_eq!(ago("2026-02-18T10:00:00Z"), "4 weeks ago");
        assert_eq!(ago("2025-09-18T10:00:00Z"), "5 months ago");
        assert_eq!(ago("2023-03-18T10:00:00Z"), "3 years ago");
        assert_eq!(ago("2027-03-18T10:00:00Z"), "in the future");
    }

    #[test]
    fn a_clock_that_is_ahead_over_midnight_is_no_future() {
        let now: Zoned = "2026-03-18T23:59:58+00:00[UTC]".parse().expect("a time");
        let ahead = now.timestamp().as_millisecond() + 4_000;
        assert_eq!(super::ago(ahead, &now), "just now");
    }
}
