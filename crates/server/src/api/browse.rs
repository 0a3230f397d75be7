//! `/api/timeline` and `/api/projects`.

use axum::extract::State;
use memory::{Granularity, TimelineRequest};
use wire::{ProjectsDoc, TimelineDoc};

use super::narrow::{self, GranularityChoice, TimeText};
use crate::api_error::{ApiError, RequestFailures};
use crate::body::JsonResponse;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// How far back a timeline goes unless it is told, in milliseconds.
const DEFAULT_SPAN_MS: i64 = 30 * 86_400_000;

/// How much was said in each period.
#[utoipa::path(
    get, path = "/api/timeline", tag = "memory",
    params(
        ("project" = Option<String>, Query, description = "Only this project; otherwise the whole archive."),
        ("since" = inline(Option<TimeText>), Query, description = "From this time on; 30 days ago unless given."),
        ("until" = inline(Option<TimeText>), Query, description = "Up to this time."),
        ("granularity" = inline(Option<GranularityChoice>), Query, description = "`hour`, `day`, `week` or `month`."),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep timeline --json` prints.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn timeline(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let (since, until) = narrow::span(&state, &mut query)?;
    let lengths = Granularity::ALL.map(Granularity::name);
    let granularity = query.choice("granularity", &lengths, Granularity::from_name)?;
    let request = TimelineRequest {
        since: since.or(Some(state.options.clock.millis() - DEFAULT_SPAN_MS)),
        until,
        granularity: granularity.unwrap_or_default(),
        stats: true,
        zone: (state.options.local_time)().time_zone().clone(),
        ..TimelineRequest::new(narrow::scope(&mut query))
    };
    query.finish()?;
    state
        .blocking(move || {
            let timeline = person.memory.archive()?.timeline(&request)?;
            JsonResponse::of(&TimelineDoc::new(&timeline, request.granularity))
        })
        .await
}

/// The projects of the archive, the latest first.
#[utoipa::path(
    get, path = "/api/projects", tag = "memory",
    responses(
        (status = 200, description = "The document that `lorekeep projects --json` prints.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn projects(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let projects = person.memory.archive()?.projects()?;
            JsonResponse::of(&ProjectsDoc::new(&projects))
        })
        .await
}
