//! `/api/timeline`, `/api/recent`, `/api/projects` and `/api/sources`.

use axum::extract::State;
use memory::{Granularity, GroupBy, RecentRequest, TimelineRequest};
use serde::Serialize;
use wire::{ProjectsDoc, RecentDoc, SourcesDoc, TimelineDoc};

use super::narrow::{self, GranularityChoice, GroupChoice, TimeText};
use crate::api_error::{ApiError, RequestFailures};
use crate::body::JsonResponse;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// How far back a timeline goes unless it is told, in milliseconds.
const DEFAULT_SPAN_MS: i64 = 30 * 86_400_000;

/// Groups of recent work in an answer.
const MAX_GROUPS: usize = 100;

/// Groups of an answer that isn't asked for more.
const DEFAULT_GROUPS: usize = 10;

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

/// What was worked on lately, the latest first.
#[utoipa::path(
    get, path = "/api/recent", tag = "memory",
    params(
        ("project" = Option<String>, Query, description = "Only this project; otherwise the whole archive."),
        ("by" = inline(Option<GroupChoice>), Query, description = "`conversation` (the default), `day` or `session`."),
        ("since" = inline(Option<TimeText>), Query, description = "Only what was said from this time on."),
        ("until" = inline(Option<TimeText>), Query, description = "Only what was said up to this time."),
        ("limit" = Option<u16>, Query, description = "Groups, 1 to 100; 10 unless given.", minimum = 1, maximum = 100),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep recent --json` prints.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn recent(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let (since, until) = narrow::span(&state, &mut query)?;
    let ways = GroupBy::ALL.map(GroupBy::name);
    let group_by = query.choice("by", &ways, GroupBy::from_name)?;
    let request = RecentRequest {
        limit: query
            .number("limit", 1..=MAX_GROUPS)?
            .unwrap_or(DEFAULT_GROUPS),
        group_by: group_by.unwrap_or_default(),
        since,
        until,
        now: state.options.clock.millis(),
        zone: (state.options.local_time)().time_zone().clone(),
        ..RecentRequest::new(narrow::scope(&mut query))
    };
    query.finish()?;
    state
        .blocking(move || {
            let work = person.memory.archive()?.recent(&request)?;
            JsonResponse::of(&RecentDoc::new(&work, request.group_by))
        })
        .await
}

/// The assistants whose logs are read, with what of them is archived.
#[derive(Serialize)]
struct SourcesHereDoc<'a> {
    #[serde(flatten)]
    sources: SourcesDoc<'a>,
    /// Names of the sources that have a directory for logs on the server's machine, and so could be imported.
    found: Vec<&'a str>,
}

/// The assistants whose logs are read, with what of them is archived, and what could be.
#[utoipa::path(
    get, path = "/api/sources", tag = "memory",
    responses(
        (status = 200, description = "The document that `lorekeep sources --json` prints, and `found`: the sources that have a directory for logs on the server's machine.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn sources(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let sources = person.memory.archive()?.sources(&person.roots)?;
            let is_there = |root: &String| fs_err::metadata(root).is_ok_and(|at| at.is_dir());
            let found = sources
                .iter()
                .filter(|source| source.roots.iter().any(is_there));
            JsonResponse::of(&SourcesHereDoc {
                found: found.map(|source| source.name.as_str()).collect(),
                sources: SourcesDoc::new(&sources),
            })
        })
        .await
}
