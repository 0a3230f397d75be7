//! `/api/facts`: what the chat knows of the person.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use memory::{FactChange, FactFilter, FactOrigin, NewFact, PersonFact, Role};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::{FactDoc, FactsDoc, FoundFactsDoc};

use super::conversations::version;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, ApiPath, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Facts of an answer at most.
const MAX_LISTED: usize = 1000;

/// Facts of an answer that isn't asked for more.
const DEFAULT_LISTED: usize = 100;

/// How near a fact must be to be told as found: a cosine, or a share of words.
const MIN_COSINE: f32 = 0.2;
const MIN_WORDS: f32 = 0.3;

/// The facts about the person, the newest first; with `q` those that are about it, the nearest first.
#[utoipa::path(
    get, path = "/api/facts", tag = "memory",
    params(
        ("q" = Option<String>, Query, description = "What to look for, by meaning and by words. Then there are no pages."),
        ("topic" = Option<String>, Query, description = "Only those with this topic; not with `q`."),
        ("past" = Option<bool>, Query, description = "Those that don't hold any more too; not with `q`."),
        ("after" = Option<String>, Query, description = "Only those behind this one: `next` of the page before; not with `q`."),
        ("limit" = Option<u16>, Query, description = "How many, 1 to 1,000; 100 unless given.", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep facts list --json` prints, or `facts search --json` with `q`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let limit = query
        .number("limit", 1..=MAX_LISTED)?
        .unwrap_or(DEFAULT_LISTED);
    if let Some(text) = query.text("q") {
        query.finish()?;
        return state
            .blocking(move || {
                let mut found = person.memory.search_facts(&text)?;
                found.retain(|found| {
                    found.words >= MIN_WORDS
                        || found.cosine.is_some_and(|cosine| cosine >= MIN_COSINE)
                });
                found.truncate(limit);
                JsonResponse::of(&FoundFactsDoc::new(&found))
            })
            .await;
    }
    let filter = FactFilter {
        with_past: query.flag("past")?.unwrap_or(false),
        topic: query.text("topic"),
        after: query.text("after"),
        limit,
    };
    query.finish()?;
    state
        .blocking(move || {
            let found = person.memory.archive()?.facts(&filter)?;
            JsonResponse::of(&FactsDoc::new(&found))
        })
        .await
}

/// A fact to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactBody {
    /// The statement, up to 1,000 bytes.
    #[schema(pattern = "\\S", max_length = 1000)]
    memory: String,
    /// What it is about, up to 8 topics of 64 characters.
    #[serde(default)]
    #[schema(max_items = 8)]
    topics: Vec<String>,
    /// Ids of facts that don't hold any more because of it.
    #[serde(default)]
    #[schema(max_items = 100)]
    replaces: Vec<String>,
}

/// Writes down a fact.
#[utoipa::path(
    post, path = "/api/facts", tag = "memory",
    request_body = FactBody,
    responses(
        (status = 201, description = "It is kept; what the guards mask of it is masked. Its version is the `ETag`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<FactBody>,
) -> Result<Response, ApiError> {
    let person = state.people.of(&principal)?;
    let now = state.options.clock.millis();
    let kept = state
        .blocking(move || {
            let mut archive = person.memory.archive()?;
            let mut replaces = Vec::with_capacity(body.replaces.len());
            for id in &body.replaces {
                replaces.push(archive.fact(id)?.id);
            }
            let new = NewFact {
                text: body.memory,
                origin: FactOrigin {
                    topics: body.topics,
                    ..FactOrigin::default()
                },
                role: Role::User,
                replaces,
                created: None,
            };
            let kept = archive.keep_facts(None, &[new], None, now)?.pop();
            drop(archive);
            // It is kept whatever becomes of this; the next import embeds it then.
            let _ = person.memory.embed_newest();
            kept.ok_or_else(|| ApiError::internal("a fact that was kept isn't there"))
        })
        .await?;
    let mut response = answer(&kept)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// One fact.
#[utoipa::path(
    get, path = "/api/facts/{id}", tag = "memory",
    params(("id" = String, Path, description = "Its id, or a start that only one id has.")),
    responses(
        (status = 200, description = "The fact; its version is the `ETag`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
) -> Result<Response, ApiError> {
    let person = state.people.of(&principal)?;
    let found = state
        .blocking(move || Ok(person.memory.archive()?.fact(&id)?))
        .await?;
    answer(&found)
}

/// A change of a fact; what isn't named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactChangeBody {
    /// The new statement.
    #[schema(pattern = "\\S", max_length = 1000)]
    memory: Option<String>,
    /// The new topics in place of all old ones.
    #[schema(max_items = 8)]
    topics: Option<Vec<String>>,
}

/// Changes a fact; the old text is gone for good.
#[utoipa::path(
    patch, path = "/api/facts/{id}", tag = "memory",
    params(
        ("id" = String, Path, description = "Its id, or a start that only one id has."),
        ("If-Match" = Option<String>, Header, description = "The version of the fact that the caller knows."),
    ),
    request_body = FactChangeBody,
    responses(
        (status = 200, description = "The fact as it is now; its version is the `ETag`.", body = Object),
        (status = 409, description = "It was changed meanwhile.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
    headers: HeaderMap,
    ApiJson(body): ApiJson<FactChangeBody>,
) -> Result<Response, ApiError> {
    let person = state.people.of(&principal)?;
    let change = FactChange {
        text: body.memory,
        topics: body.topics,
        version: version(&headers)?,
    };
    let now = state.options.clock.millis();
    let changed = state
        .blocking(move || {
            let changed = person.memory.archive()?.edit_fact(&id, &change, now)?;
            // It is kept whatever becomes of this; the next import embeds it then.
            let _ = person.memory.embed_newest();
            Ok(changed)
        })
        .await?;
    answer(&changed)
}

/// Forgets a fact for good, with the older ones that it took the place of.
#[utoipa::path(
    delete, path = "/api/facts/{id}", tag = "memory",
    params(("id" = String, Path, description = "Its id, or a start that only one id has.")),
    responses(
        (status = 200, description = "The fact that was forgotten.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn forget(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
) -> Result<Response, ApiError> {
    let person = state.people.of(&principal)?;
    let gone = state
        .blocking(move || Ok(person.memory.archive()?.forget_fact(&id)?))
        .await?;
    answer(&gone)
}

/// A fact as a response, with its version.
fn answer(fact: &PersonFact) -> Result<Response, ApiError> {
    let mut response = JsonResponse::of(&FactDoc::new(fact))?.into_response();
    if let Ok(version) = HeaderValue::from_str(&format!("\"{}\"", fact.version)) {
        response.headers_mut().insert(header::ETAG, version);
    }
    Ok(response)
}
