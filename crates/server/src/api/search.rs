//! `/api/search`.

use std::sync::Arc;

use axum::extract::State;
use memory::{ArchiveError, Indexed, Mode, Role, SearchRequest, SearchResponse, Verdict};
use wire::SearchDoc;

use super::narrow::{self, ModeChoice, RoleChoice, TimeText};
use crate::api_error::{ApiError, RequestFailures};
use crate::body::JsonResponse;
use crate::people::Person;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Hits of a page.
const MAX_HITS: usize = 100;

/// Hits of a page that isn't asked for more.
const DEFAULT_HITS: usize = 10;

/// Hits that can be skipped: a search ranks about so many.
const MAX_OFFSET: usize = 10_000;

/// Messages before and after each hit.
const MAX_CONTEXT: usize = 50;

/// Finds messages by their words and by their meaning.
#[utoipa::path(
    get, path = "/api/search", tag = "memory",
    params(
        ("q" = String, Query, min_length = 1, description = "Words, identifiers, paths, `prefix*` or `\"a phrase\"`."),
        ("project" = Option<String>, Query, description = "Only this project; otherwise the whole archive."),
        ("source" = Option<String>, Query, description = "Only conversations of this source, such as `claude-code`."),
        ("role" = inline(Option<RoleChoice>), Query, description = "`user`, `assistant`, `system` or `tool`."),
        ("since" = inline(Option<TimeText>), Query, description = "Only messages from this time on, such as `2026-03-01` or `7d`."),
        ("until" = inline(Option<TimeText>), Query, description = "Only messages up to this time."),
        ("file" = Option<String>, Query, description = "Only messages about files whose path ends so."),
        ("tool" = Option<String>, Query, description = "Only messages that call this tool, or stand beside such a call."),
        ("mode" = inline(Option<ModeChoice>), Query, description = "`hybrid`, `lexical` or `semantic`."),
        ("limit" = Option<u16>, Query, description = "Hits, 1 to 100; 10 unless given.", minimum = 1, maximum = 100),
        ("offset" = Option<u16>, Query, description = "Hits to skip, up to 10,000.", maximum = 10000),
        ("per_conversation" = Option<u16>, Query, description = "The most hits of one conversation.", minimum = 1, maximum = 100),
        ("context" = Option<u16>, Query, description = "Messages before and after each hit, up to 50.", maximum = 50),
        ("recency" = Option<bool>, Query, description = "Whether newer messages are preferred."),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep search --json` prints.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let request = request(&state, &person, &mut query)?;
    query.finish()?;
    let began = std::time::Instant::now();
    let local_time = state.options.local_time;
    state
        .blocking(move || {
            let found = match person.memory.search(&request) {
                Err(memory::Error::Archive(ArchiveError::Query(_))) => {
                    let response = nothing(&request, person.memory.archive()?.indexed()?);
                    let now = local_time();
                    let document = SearchDoc::new(&request.query, &response, None, 0, &now);
                    return JsonResponse::of(&document);
                }
                found => found?,
            };
            let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let lag = found.lag.as_ref();
            JsonResponse::of(&SearchDoc::new(
                &request.query,
                &found.response,
                lag,
                took_ms,
                &local_time(),
            ))
        })
        .await
}

/// The response to a query that has no words: nothing is found by it.
fn nothing(request: &SearchRequest, indexed: Indexed) -> SearchResponse {
    SearchResponse {
        project: None,
        mode: request.mode,
        indexed,
        hits: Vec::new(),
        verdict: Verdict::Nothing,
        notes: Vec::new(),
    }
}

fn request(
    state: &AppState,
    person: &Arc<Person>,
    query: &mut QueryValues,
) -> Result<SearchRequest, ApiError> {
    let words = query.required("q")?;
    let scope = narrow::scope(query);
    let (since, until) = narrow::span(state, query)?;
    let roles = ["user", "assistant", "system", "tool"];
    let role = query.choice("role", &roles, Role::from_name)?;
    let all_modes = [Mode::Hybrid, Mode::Lexical, Mode::Semantic];
    let mode = query.choice("mode", &all_modes.map(Mode::name), |name| {
        all_modes.into_iter().find(|mode| mode.name() == name)
    })?;
    let prefers_new = query.flag("recency")?.unwrap_or(false);
    Ok(SearchRequest {
        mode: mode.unwrap_or(person.search_mode),
        limit: query.number("limit", 1..=MAX_HITS)?.unwrap_or(DEFAULT_HITS),
        offset: query.number("offset", 0..=MAX_OFFSET)?.unwrap_or(0),
        since,
        until,
        role,
        source: query.text("source"),
        file: query.text("file"),
        tool: query.text("tool"),
        decay: prefers_new.then_some(person.decay),
        per_conversation: query.number("per_conversation", 1..=MAX_HITS)?,
        context: query.number("context", 0..=MAX_CONTEXT)?.unwrap_or(0),
        ..SearchRequest::new(words, scope, state.options.clock.millis())
    })
}
