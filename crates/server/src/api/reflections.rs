//! `/api/reflections`: notes that are stored on purpose.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use memory::{
    MarkStatus, NewReflection, ReflectionChange, ReflectionFilter, ReflectionProject, Role, Scope,
};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::{OneReflectionDoc, ReflectionsDoc};

use super::narrow::{self, StatusChoice, TimeText};
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, ApiPath, JsonResponse};
use crate::people::Person;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Reflections of an answer.
const MAX_LISTED: usize = 1000;

/// Reflections of an answer that isn't asked for more.
const DEFAULT_LISTED: usize = 100;

/// The reflections, the newest first.
#[utoipa::path(
    get, path = "/api/reflections", tag = "memory",
    params(
        ("project" = Option<String>, Query, description = "Only this project's; otherwise all."),
        ("tag" = Option<String>, Query, description = "Only those with this tag."),
        ("status" = inline(Option<StatusChoice>), Query, description = "`open`, `resolved` or `superseded`."),
        ("since" = inline(Option<TimeText>), Query, description = "Only those made from this time on."),
        ("until" = inline(Option<TimeText>), Query, description = "Only those made before this time."),
        ("limit" = Option<u16>, Query, description = "How many, 1 to 1,000; 100 unless given.", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep reflect list --json` prints.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let (since, until) = narrow::span(&state, &mut query)?;
    let statuses = MarkStatus::ALL.map(MarkStatus::name);
    let filter = ReflectionFilter {
        scope: narrow::scope(&mut query),
        tag: query.text("tag"),
        status: query.choice("status", &statuses, MarkStatus::from_name)?,
        since,
        until,
        limit: query
            .number("limit", 1..=MAX_LISTED)?
            .unwrap_or(DEFAULT_LISTED),
    };
    query.finish()?;
    state
        .blocking(move || {
            let found = person.memory.archive()?.reflections(&filter)?;
            JsonResponse::of(&ReflectionsDoc::new(&found))
        })
        .await
}

/// A reflection to be stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReflectionBody {
    /// What it says, up to 64 KiB.
    #[schema(pattern = "\\S")]
    content: String,
    /// Tags to file it under, up to 32 of 64 characters.
    #[serde(default)]
    #[schema(max_items = 32)]
    tags: Vec<String>,
    /// The project that it belongs to; otherwise none.
    project: Option<String>,
    /// Who stores it, up to 128 characters.
    #[schema(max_length = 128)]
    author: Option<String>,
    /// The id of the conversation that it came from, up to 256 characters.
    #[schema(max_length = 256)]
    conversation: Option<String>,
}

/// Stores a reflection.
#[utoipa::path(
    post, path = "/api/reflections", tag = "memory",
    request_body = ReflectionBody,
    responses(
        (status = 201, description = "It is stored; what the guards mask of it is masked.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<ReflectionBody>,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let person = state.people.of(&principal)?;
    let place = body
        .project
        .map_or(ReflectionProject::Nowhere, ReflectionProject::Project);
    let new = NewReflection {
        content: body.content,
        tags: body.tags,
        place,
        role: Role::User,
        author: body.author,
        conversation: body.conversation,
        created: None,
        now: state.options.clock.millis(),
    };
    let stored = state
        .blocking(move || {
            let kept = person.memory.archive()?.reflect(&new)?;
            // It is stored whatever becomes of this; the next import embeds it then.
            let _ = person.memory.embed_newest();
            JsonResponse::of(&OneReflectionDoc::new(&kept))
        })
        .await?;
    Ok((StatusCode::CREATED, stored))
}

/// One reflection.
#[utoipa::path(
    get, path = "/api/reflections/{id}", tag = "memory",
    params(("id" = String, Path, description = "Its id, or a start that only one id has.")),
    responses(
        (status = 200, description = "The reflection.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
) -> Result<JsonResponse, ApiError> {
    one(&state, state.people.of(&principal)?, id).await
}

async fn one(state: &AppState, person: Arc<Person>, id: String) -> Result<JsonResponse, ApiError> {
    state
        .blocking(move || {
            let found = person.memory.archive()?.reflection(&id, &Scope::All)?;
            JsonResponse::of(&OneReflectionDoc::new(&found))
        })
        .await
}

/// A change of a reflection; what isn't named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReflectionChangeBody {
    /// The new text.
    #[schema(pattern = "\\S")]
    content: Option<String>,
    /// The new tags in place of all old ones.
    #[schema(max_items = 32)]
    tags: Option<Vec<String>>,
}

/// Changes the text or the tags of a reflection; the old text is gone for good.
#[utoipa::path(
    patch, path = "/api/reflections/{id}", tag = "memory",
    params(("id" = String, Path, description = "Its id, or a start that only one id has.")),
    request_body = ReflectionChangeBody,
    responses(
        (status = 200, description = "The reflection as it is now.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
    ApiJson(body): ApiJson<ReflectionChangeBody>,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    if body.content.is_none() && body.tags.is_none() {
        return one(&state, person, id).await;
    }
    let change = ReflectionChange {
        content: body.content,
        tags: body.tags,
        now: state.options.clock.millis(),
    };
    state
        .blocking(move || {
            let mut archive = person.memory.archive()?;
            let changed = archive.edit_reflection(&id, &Scope::All, &change)?;
            JsonResponse::of(&OneReflectionDoc::new(&changed))
        })
        .await
}

/// Deletes a reflection for good.
#[utoipa::path(
    delete, path = "/api/reflections/{id}", tag = "memory",
    params(("id" = String, Path, description = "Its id, or a start that only one id has.")),
    responses(
        (status = 200, description = "The reflection that was deleted.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(id): ApiPath,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let mut archive = person.memory.archive()?;
            let gone = archive.delete_reflection(&id, &Scope::All)?;
            JsonResponse::of(&OneReflectionDoc::new(&gone))
        })
        .await
}
