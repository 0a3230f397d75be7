//! Parameters that several routes narrow their answers by.

use memory::{Millis, Scope};
use wire::when::TimeBound;

use crate::api_error::ApiError;
use crate::query::QueryValues;
use crate::state::AppState;

/// The project that is named; without one all of the person's archive.
pub(super) fn scope(query: &mut QueryValues) -> Scope {
    named(query.text("project").as_deref())
}

/// What a project's name means.
pub(super) fn named(project: Option<&str>) -> Scope {
    match project {
        None | Some("all") => Scope::All,
        Some(name) => Scope::Project(name.to_owned()),
    }
}

/// From when and until when; the first must come before the second.
pub(super) fn span(
    state: &AppState,
    query: &mut QueryValues,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let now = (state.options.local_time)();
    let since = query.time("since", TimeBound::Since, &now)?;
    let until = query.time("until", TimeBound::Until, &now)?;
    checked(since, until)
}

/// As [`span`], of texts in a body.
pub(super) fn span_of(
    state: &AppState,
    since: Option<&str>,
    until: Option<&str>,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let now = (state.options.local_time)();
    let read = |name: &str, text: Option<&str>, bound| {
        let wrong = |why: String| {
            ApiError::invalid(name, format!("`{name}` can't be read as a time")).hint(why)
        };
        let read = text.map(|text| wire::when::parse(text, bound, &now).map_err(wrong));
        read.transpose()
    };
    let since = read("since", since, TimeBound::Since)?;
    let until = read("until", until, TimeBound::Until)?;
    checked(since, until)
}

fn checked(
    since: Option<Millis>,
    until: Option<Millis>,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    match (since, until) {
        (Some(from), Some(to)) if from >= to => {
            Err(ApiError::invalid("until", "`until` isn't after `since`"))
        }
        span => Ok(span),
    }
}
