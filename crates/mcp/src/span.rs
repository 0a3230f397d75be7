//! Spans of time as models name them: `last week`, `past 3 days`, `yesterday`, `this month`.

use jiff::{Span, ToSpan, Unit, Zoned};
use memory::Millis;
use wire::when::{self, TimeBound};

use super::refusal::Refusal;

/// From when, and until when; either may be open.
pub(crate) type TimeBounds = (Option<Millis>, Option<Millis>);

/// The span that `time_range`, `since` and `until` mean together; the last two win.
pub(crate) fn bounds(
    range: Option<&str>,
    since: Option<&str>,
    until: Option<&str>,
    now: &Zoned,
) -> Result<TimeBounds, Refusal> {
    let (mut from, mut to) = match range {
        Some(range) => of_range(range, now)?,
        None => (None, None),
    };
    if let Some(since) = since {
        from = Some(point("since", since, TimeBound::Since, now)?);
    }
    if let Some(until) = until {
        to = Some(point("until", until, TimeBound::Until, now)?);
    }
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Refusal::Params("`since` must be before `until`".to_owned()));
    }
    Ok((from, to))
}

fn point(name: &str, text: &str, end: TimeBound, now: &Zoned) -> Result<Millis, Refusal> {
    when::parse(text, end, now).map_err(|why| Refusal::Params(format!("`{name}`: {why}")))
}

fn of_range(text: &str, now: &Zoned) -> Result<TimeBounds, Refusal> {
    let wrong = || {
        Refusal::Params(format!(
            "`time_range` is \"{}\": expected such as \"today\", \"yesterday\", \"last week\", \
             \"this month\", \"past 3 days\" or \"since 2026-03-01\"",
            wire::markup::cut(text, 60)
        ))
    };
    let lower = text.trim().to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let whole = |text: &str| -> Result<TimeBounds, Refusal> {
        let from = when::parse(text, TimeBound::Since, now).map_err(|_| wrong())?;
        let to = when::parse(text, TimeBound::Until, now).map_err(|_| wrong())?;
        // A point such as `3 days ago` means everything since then.
        Ok((Some(from), (from < to).then_some(to)))
    };
    match words[..] {
        ["since", ..] => {
            let since = lower.trim_start_matches("since").trim();
            Ok((
                Some(point("time_range", since, TimeBound::Since, now)?),
                None,
            ))
        }
        ["this", unit] => Ok((Some(start_of(unit, now).ok_or_else(wrong)?), None)),
        // Up to now rather than up to yesterday: who asks for the last week means its news too.
        [
            "last" | "past",
            unit @ ("hour" | "day" | "week" | "month" | "year"),
        ] => Ok((Some(back(1, unit, now).ok_or_else(wrong)?), None)),
        ["last" | "past", count, unit] => {
            let count = count.parse().map_err(|_| wrong())?;
            Ok((Some(back(count, unit, now).ok_or_else(wrong)?), None))
        }
        _ => whole(&lower),
    }
}

/// The start of this day, week, month or year.
fn start_of(unit: &str, now: &Zoned) -> Option<Millis> {
    let today = now.date();
    let date = match unit {
        "day" => today,
        "week" => {
            let since_monday = today.weekday().since(jiff::civil::Weekday::Monday);
            today.checked_sub(i64::from(since_monday).days()).ok()?
        }
        "month" => today.first_of_month(),
        "year" => today.first_of_year(),
        _ => return None,
    };
    let start = date.to_zoned(now.time_zone().clone()).ok()?;
    Some(start.timestamp().as_millisecond())
}

fn back(count: i64, unit: &str, now: &Zoned) -> Option<Millis> {
    let unit = match unit.trim_end_matches('s') {
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "year" => Unit::Year,
        _ => return None,
    };
    // A span has bounds of its own, and may only be asked for within them.
    let none = Span::new();
    let span = match unit {
        Unit::Minute => none.try_minutes(count),
        Unit::Hour => none.try_hours(count),
        Unit::Day => none.try_days(count),
        Unit::Week => none.try_weeks(count),
        Unit::Month => none.try_months(count),
        _ => none.try_years(count),
    };
    let span = span.ok().filter(|span| span.is_positive())?;
    Some(now.checked_sub(span).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(range: &str) -> (f64, Option<f64>) {
        let now: Zoned = "2026-03-18T12:00:00[UTC]".parse().expect("a time");
        let (from, to) = of_range(range, &now).expect("a range");
        let back = |time: Millis| (now.timestamp().as_millisecond() - time) as f64 / 86_400_000.0;
        (back(from.expect("a start")), to.map(back))
    }

    #[test]
    fn ranges_are_as_people_say_them() {
        assert_eq!(days("last week"), (7.0, None));
        assert_eq!(days("past 3 days"), (3.0, None));
        assert_eq!(days("last 2 hours"), (2.0 / 24.0, None));
        assert_eq!(days("today"), (0.5, Some(-0.5)));
        assert_eq!(days("Yesterday"), (1.5, Some(0.5)));
        assert_eq!(days("this week"), (2.5, None));
        assert_eq!(days("this month"), (17.5, None));
        assert_eq!(days("since 2026-03-01"), (17.5, None));
        assert_eq!(days("2026-03-10"), (8.5, Some(7.5)));
        assert_eq!(days("3 days ago"), (3.0, None));
    }

    #[test]
    fn what_is_no_range_is_explained_and_no_number_is_too_large_to_be() {
        let now: Zoned = "2026-03-18T12:00:00[UTC]".parse().expect("a time");
        for range in [
            "soon",
            "last 3 fortnights",
            "",
            "this decade",
            "last x days",
            "last 0 days",
            "last -3 days",
            "past 999999999999 days",
            "last 9223372036854775807 years",
        ] {
            assert!(of_range(range, &now).is_err(), "{range}");
        }
        assert!(bounds(None, Some("today"), Some("2020-01-01"), &now).is_err());
    }
}
