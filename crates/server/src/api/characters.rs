//! `/api/characters`: who the chat can speak as.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chat::character::{
    Character, CharacterChange, CharacterChangeError, CharacterFailure, CharacterSettings,
    CharacterSummary, LoreChange,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse, read_body};
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

/// Takes in a character: a card as JSON, PNG or CHARX, or a file in TOML, Markdown or POML.
#[utoipa::path(
    post, path = "/api/characters", tag = "chat",
    params(
        ("replace" = Option<bool>, Query, description = "Whether it takes the place of one of the same name."),
        ("name" = Option<String>, Query, description = "The file's name: what ends in `.toml`, `.md` or `.poml` is read as that."),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The card, up to 20 MiB."),
    responses(
        (status = 201, description = "The character.", body = Object),
        (status = 409, description = "There is another one of its name.", body = crate::ApiErrorDoc),
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
    let name = query.text("name").unwrap_or_else(|| "card".to_owned());
    query.finish()?;
    let bytes = read_body(request, MAX_CARD_BYTES, &state).await?;
    let document = state
        .blocking(move || {
            let imported = chat.characters().take_in(&name, &bytes, replace);
            let id = imported.map_err(|failure| match failure.is_taken {
                true => ApiError::conflict(failure.problem)
                    .at("body")
                    .hint("`replace=true` moves that one's file aside"),
                false => ApiError::invalid("body", failure.problem),
            })?;
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
        "facts": character.facts, "tools": character.tools, "settings": character.settings,
        "nickname": card.nickname, "version": card.version, "lore_entries": lore_entries(character),
        "file_version": character.version, "is_editable": character.is_editable(),
        "file": character.path.file_name().map(|name| name.to_string_lossy()),
        "card": card.to_json(),
    });
    if let (Some(document), Value::Object(texts)) = (document.as_object_mut(), texts) {
        document.extend(texts);
    }
    document
}

/// The entries of a lorebook with their places in the file. One that isn't a list has none that could be changed.
fn lore_entries(character: &Character) -> Vec<Value> {
    let card = character.card.to_json();
    let entries = card.pointer("/data/character_book/entries");
    let entries = entries.and_then(Value::as_array).into_iter().flatten();
    let one = |(index, entry): (usize, &Value)| {
        let of = |names: [&str; 2]| names.iter().find_map(|name| entry.get(*name)).cloned();
        let is_off = entry["enabled"] == false || entry["disable"] == true;
        json!({
            "index": index, "name": of(["name", "comment"]), "keys": of(["keys", "key"]),
            "secondary_keys": of(["secondary_keys", "keysecondary"]), "text": entry["content"],
            "enabled": !is_off, "always": entry["constant"] == true,
            "order": of(["insertion_order", "order"]),
        })
    };
    entries.enumerate().map(one).collect()
}

/// A change of a character; what isn't named stays, in its file byte for byte.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CharacterBody {
    /// Its name.
    #[schema(min_length = 1, max_length = 300)]
    name: Option<String>,
    /// What `{{char}}` stands for, where that isn't the name.
    nickname: Option<String>,
    /// What it is like.
    description: Option<String>,
    /// Its personality in short.
    personality: Option<String>,
    /// Where and how the conversation takes place.
    scenario: Option<String>,
    /// Conversations that show how it talks.
    examples: Option<String>,
    /// Instructions in place of the program's own.
    system: Option<String>,
    /// Instructions behind the conversation.
    after: Option<String>,
    /// What its maker wants people to know.
    notes: Option<String>,
    /// Who made it.
    creator: Option<String>,
    /// Its version.
    version: Option<String>,
    /// All of its greetings, the usual one first.
    greetings: Option<Vec<String>>,
    /// All of its tags.
    tags: Option<Vec<String>>,
    /// All entries of its lorebook, in their order.
    lore: Option<Vec<LoreBody>>,
}

/// An entry of a lorebook: one that was there, with what is to be changed of it, or a new one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoreBody {
    /// Its `index` in `lore_entries`; nothing for a new one.
    #[schema(maximum = 20000)]
    index: Option<usize>,
    /// Its own name.
    name: Option<String>,
    /// What brings it up.
    keys: Option<Vec<String>>,
    /// What must be spoken of too; only in cards.
    secondary_keys: Option<Vec<String>>,
    /// What it says.
    text: Option<String>,
    /// Whether it counts; only in cards.
    enabled: Option<bool>,
    /// Whether it is always brought up.
    always: Option<bool>,
    /// Smaller ones stand first.
    order: Option<i64>,
}

impl From<LoreBody> for LoreChange {
    fn from(body: LoreBody) -> Self {
        Self {
            index: body.index,
            name: body.name,
            keys: body.keys,
            secondary_keys: body.secondary_keys,
            text: body.text,
            enabled: body.enabled,
            always: body.always,
            order: body.order,
        }
    }
}

impl From<CharacterBody> for CharacterChange {
    fn from(body: CharacterBody) -> Self {
        Self {
            name: body.name,
            nickname: body.nickname,
            description: body.description,
            personality: body.personality,
            scenario: body.scenario,
            examples: body.examples,
            system: body.system,
            after: body.after,
            notes: body.notes,
            creator: body.creator,
            version: body.version,
            greetings: body.greetings,
            tags: body.tags,
            lore: body
                .lore
                .map(|lore| lore.into_iter().map(Into::into).collect()),
        }
    }
}

fn of_change(error: &CharacterChangeError) -> ApiError {
    let message = error.to_string();
    match error {
        CharacterChangeError::Unknown(_) => ApiError::not_found(message),
        CharacterChangeError::Shipped(_) => ApiError::conflict(message)
            .hint("a copy of it under another name can be changed, and it can be set as you like"),
        CharacterChangeError::Outdated => {
            ApiError::conflict(message).hint("load it anew, and change that")
        }
        CharacterChangeError::Refused(_) => ApiError::invalid("", message),
        CharacterChangeError::File(_) => ApiError::conflict(message),
    }
}

/// Changes a character's file, in its own format: unknown fields stay as they are.
#[utoipa::path(
    patch, path = "/api/characters/{id}", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = Option<String>, Header, description = "The `file_version` that the caller knows, in quotation marks."),
    ),
    request_body = CharacterBody,
    responses(
        (status = 200, description = "The character as it is now.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile, or comes with the program.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<CharacterBody, MAX_CARD_BYTES>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    let version = headers.get(header::IF_MATCH).map(|version| {
        let version = version.to_str().unwrap_or_default();
        version.trim_matches('"').to_owned()
    });
    state
        .blocking(move || {
            let changed = chat
                .characters()
                .change(&id, version.as_deref(), &body.into());
            JsonResponse::of(&document(&*changed.map_err(|error| of_change(&error))?))
        })
        .await
}

/// Deletes a character's file and what was set for it. Its documents and conversations stay.
#[utoipa::path(
    delete, path = "/api/characters/{id}", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        (status = 409, description = "It comes with the program.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    let job = move || {
        chat.characters()
            .remove(&id)
            .map_err(|error| of_change(&error))
    };
    state.blocking(job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A character's file as it is, to be saved.
#[utoipa::path(
    get, path = "/api/characters/{id}/file", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        (status = 409, description = "It comes with the program.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn file(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let job = move || {
        chat.characters()
            .file(&id)
            .map_err(|error| of_change(&error))
    };
    let (bytes, kind) = state.blocking(job).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    // Never shown as what it says it is: it is a stranger's.
    let media_type = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, media_type);
    let saved = HeaderValue::from_str(&format!("attachment; filename=\"character.{kind}\""));
    headers.insert(
        header::CONTENT_DISPOSITION,
        saved.map_err(ApiError::internal)?,
    );
    Ok(response)
}

/// What a person wants of a character; what isn't named is as its file says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CharacterSettingsBody {
    /// The model that answers, where a conversation names none.
    #[schema(min_length = 1, max_length = 400)]
    model: Option<String>,
    /// The tools that may be called; an empty list is none.
    #[schema(max_items = 200)]
    tools: Option<Vec<String>>,
    /// Whether the person's memory is searched.
    recall: Option<bool>,
    /// Whether facts about the person are drawn and recalled.
    facts: Option<bool>,
}

/// Sets what a person wants of a character, beside its file. Works for those that come with the program, too.
#[utoipa::path(
    put, path = "/api/characters/{id}/settings", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    request_body = CharacterSettingsBody,
    responses(
        (status = 200, description = "The character as it is now.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<CharacterSettingsBody>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    let settings = CharacterSettings {
        model: body.model.filter(|model| !model.is_empty()),
        tools: body.tools,
        recall: body.recall,
        facts: body.facts,
    };
    state
        .blocking(move || {
            let set = chat.characters().set(&id, &settings);
            JsonResponse::of(&document(&*set.map_err(|error| of_change(&error))?))
        })
        .await
}
