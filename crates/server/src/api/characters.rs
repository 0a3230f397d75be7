//! `/api/characters`: who the chat can speak as.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use chat::character::{Character, CharacterFailure, CharacterSummary};
use serde::Serialize;
use serde_json::{Value, json};

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{JsonResponse, read_body};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// The largest card that is taken in, in bytes.
const MAX_CARD_BYTES: usize = 20 << 20;

/// The characters, and files that are none.
#[derive(Serialize)]
struct CharacterList {
    characters: Vec<CharacterSummary>,
    failures: Vec<CharacterFailure>,
}

/// The characters by their ids, and files of the directory that can't be read.
#[utoipa::path(
    get, path = "/api/characters", tag = "chat",
    responses(
        (status = 200, description = "`characters` and `failures`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let chat = state.chat(&principal).await?;
    state
        .blocking(move || {
            let (characters, failures) = chat.characters().list();
            JsonResponse::of(&CharacterList {
                characters,
                failures,
            })
        })
        .await
}

/// One character: what lists show, its texts with their macros, and its card.
#[utoipa::path(
    get, path = "/api/characters/{id}", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "The character.", body = Object),
        (status = 404, description = "There is none of this id, or its file can't be read.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    state
        .blocking(move || JsonResponse::of(&document(&*find(&chat, &id)?)))
        .await
}

/// A character's picture.
#[utoipa::path(
    get, path = "/api/characters/{id}/picture", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "A PNG file with the card in it.", content_type = "image/png", body = Vec<u8>),
        (status = 404, description = "There is no such character, or it has no picture.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn picture(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let bytes = state
        .blocking(move || {
            let picture = find(&chat, &id)?.to_png();
            picture.map_err(|_| {
                ApiError::not_found(format!("there is no picture of the character `{id}`"))
            })
        })
        .await?;
    let mut response = Response::new(Body::from(bytes));
    let media_type = HeaderValue::from_static("image/png");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

/// Takes in a character's card: JSON, or a PNG or CHARX file.
#[utoipa::path(
    post, path = "/api/characters", tag = "chat",
    params(("replace" = Option<bool>, Query, description = "Whether it takes the place of one of the same name.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The card, up to 20 MiB."),
    responses(
        (status = 201, description = "The character.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn import(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
    request: Request,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let chat = state.chat(&principal).await?;
    let replace = query.flag("replace")?.unwrap_or_default();
    query.finish()?;
    let bytes = read_body(request, MAX_CARD_BYTES, &state).await?;
    let document = state
        .blocking(move || {
            let imported = chat.characters().take_in("card", &bytes, replace);
            let id = imported.map_err(|failure| ApiError::invalid("body", failure.problem))?;
            JsonResponse::of(&document(&*find(&chat, &id)?))
        })
        .await?;
    Ok((StatusCode::CREATED, document))
}

fn find(chat: &chat::Chat, id: &str) -> Result<std::sync::Arc<Character>, ApiError> {
    let found = chat.characters().get(id).ok().flatten();
    found.ok_or_else(|| ApiError::not_found(format!("there is no character `{id}`")))
}

fn document(character: &Character) -> Value {
    let card = &character.card;
    let mut document = json!(character.summary());
    let texts = json!({
        "description": card.description, "personality": card.personality, "scenario": card.scenario,
        "texts": {"greetings": card.greetings, "examples": card.examples, "system": card.system_prompt,
            "after": card.post_history, "notes": card.creator_notes},
        "model": character.model, "parameters": character.parameters, "recall": character.recall,
        "facts": character.facts,
        "card": card.to_json(),
    });
    if let (Some(document), Value::Object(texts)) = (document.as_object_mut(), texts) {
        document.extend(texts);
    }
    document
}
