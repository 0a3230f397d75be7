//! `/api/conversations`: making, listing, reading, changing, forking and deleting them.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chat::{ChatExportFormat, ChatView, ConversationPatch, ConversationSettings, NewConversation};
use memory::{ChatFilter, Scope, SearchRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::narrow::VersionTag;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Conversations of a page of the list, unless it is asked for others.
const DEFAULT_LISTED: usize = 50;

/// Which messages of a conversation are meant, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
enum BranchesChoice {
    /// Those of all branches.
    All,
}

/// The form of an exported conversation, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
enum ExportFormatChoice {
    /// For people.
    Markdown,
    /// With all that is known.
    Json,
    /// As `lorekeep export` writes it.
    Jsonl,
}

/// A tag: one line of 1 to 100 characters.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 100, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*\\S[^\\x00-\\x1f\\x7f-\\x9f]*$")]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct TagText(String);

/// What may be set for a conversation; what isn't named counts as not set.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsBody {
    /// The model that answers, as `provider/model` or by its name alone.
    model: Option<String>,
    /// The character that the chat speaks as, by its id.
    character: Option<String>,
    /// Instructions that stand before everything else, up to 256 KiB.
    system: Option<String>,
    /// Parameters of the model's API, such as `temperature`, passed on as they are.
    #[serde(default)]
    #[schema(value_type = Object)]
    parameters: Map<String, Value>,
    /// Whether the person's memory is searched for each message.
    recall: Option<bool>,
    /// The tools that may be called, by their names or their servers'; an empty list is none, nothing all.
    #[schema(max_items = 200)]
    tools: Option<Vec<String>>,
    /// Whether facts about the person are drawn from what they say here, and recalled. `false` keeps both from
    /// happening; drawing needs `facts.extract` in the settings too.
    facts: Option<bool>,
}

impl From<SettingsBody> for ConversationSettings {
    fn from(body: SettingsBody) -> Self {
        Self {
            model: body.model,
            character: body.character,
            system: body.system,
            parameters: body.parameters,
            recall: body.recall,
            tools: body.tools,
            facts: body.facts,
            window_start: None,
        }
    }
}

/// A conversation to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConversationBody {
    /// A title; without one the first message gives it.
    #[schema(max_length = 300)]
    title: Option<String>,
    /// A project to put it into.
    #[schema(min_length = 1, max_length = 100, pattern = "\\S")]
    project: Option<String>,
    /// Tags.
    #[serde(default)]
    #[schema(inline, max_items = 50, value_type = Vec<TagText>)]
    tags: Vec<String>,
    /// The model that answers; the same as `settings.model`.
    model: Option<String>,
    /// The character that the chat speaks as; the same as `settings.character`.
    character: Option<String>,
    /// What is set for it.
    #[serde(default)]
    settings: SettingsBody,
    /// Whether nothing of it is kept: it is in memory only, and gone with the process.
    #[serde(default)]
    off_record: bool,
    /// A conversation, of the chat or of any source in the archive, that it begins as.
    from: Option<String>,
    /// The message of that conversation up to which it does; the end, unless one is named.
    from_message: Option<String>,
}

/// A page of the list.
#[derive(Serialize)]
struct ConversationList<'a> {
    conversations: &'a [chat::ConversationSummary],
    /// What the next page begins behind; nothing on the last one.
    next: Option<&'a str>,
}

/// Makes a conversation.
#[utoipa::path(
    post, path = "/api/conversations", tag = "chat",
    request_body = NewConversationBody,
    responses(
        (status = 201, description = "The conversation.", body = Object),
        (status = 404, description = "There is no conversation or message to begin as.", body = crate::ApiErrorDoc),
        (status = 409, description = "There are too many off the record.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<NewConversationBody>,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    if let Some(from) = body.from {
        let made = chat.fork(&from, body.from_message.as_deref()).await?;
        return answer(StatusCode::CREATED, &made);
    }
    let mut settings = ConversationSettings::from(body.settings);
    settings.model = body.model.or(settings.model);
    settings.character = body.character.or(settings.character);
    let made = chat
        .create(NewConversation {
            title: body.title,
            project: body.project,
            tags: body.tags,
            settings,
            off_record: body.off_record,
        })
        .await?;
    answer(StatusCode::CREATED, &made)
}

/// The conversations: pinned ones first, then those that were changed last; or those in which something is found.
#[utoipa::path(
    get, path = "/api/conversations", tag = "chat",
    params(
        ("q" = Option<String>, Query, description = "Only those in which this is found, best first; the other filters don't count then."),
        ("archived" = Option<bool>, Query, description = "Those that are archived, instead of those that aren't."),
        ("tag" = Option<String>, Query, description = "Only those with this tag."),
        ("project" = Option<String>, Query, description = "Only those of this project."),
        ("after" = Option<String>, Query, description = "Only those behind this one: `next` of the page before."),
        ("limit" = Option<u16>, Query, description = "How many, 1 to 200; 50 unless given.", minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, description = "A page of the list.", body = Object),
        (status = 404, description = "There is no conversation to go on behind.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    let limit = query.number("limit", 1..=200)?.unwrap_or(DEFAULT_LISTED);
    let words = query.text("q");
    let filter = ChatFilter {
        archived: query.flag("archived")?.unwrap_or_default(),
        tag: query.text("tag"),
        project: query.text("project"),
        after: query.text("after"),
        limit,
    };
    query.finish()?;
    if let Some(words) = words {
        return found(&state, &principal, words, limit).await;
    }
    let list = chat.conversations(filter).await?;
    let is_full = list.len() >= limit;
    let next = list.last().filter(|_| is_full).map(|last| last.id.as_str());
    JsonResponse::of(&ConversationList {
        conversations: &list,
        next,
    })
}

/// The conversations in which something is found.
async fn found(
    state: &AppState,
    principal: &Principal,
    words: String,
    limit: usize,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(principal).await?;
    let person = state.people.of(principal)?;
    let request = SearchRequest {
        source: Some(memory::CHAT_SOURCE.to_owned()),
        limit,
        per_conversation: Some(1),
        mode: person.search_mode,
        ..SearchRequest::new(words, Scope::All, state.options.clock.millis())
    };
    let hits = state
        .blocking(move || match person.memory.search_archived(&request) {
            // It has no words: nothing is found by it.
            Err(memory::Error::Archive(memory::ArchiveError::Query(_))) => Ok(Vec::new()),
            searched => Ok(searched?.response.hits),
        })
        .await?;
    let mut list = Vec::with_capacity(hits.len());
    for hit in hits {
        // One that was deleted since isn't found any more.
        if let Ok(view) = chat.conversation(&hit.conversation_id, false).await {
            list.push(view.summary);
        }
    }
    JsonResponse::of(&ConversationList {
        conversations: &list,
        next: None,
    })
}

/// One conversation with the messages of the branch that is shown, or of all branches.
#[utoipa::path(
    get, path = "/api/conversations/{id}", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("branches" = inline(Option<BranchesChoice>), Query, description = "`all` for the messages of all branches."),
    ),
    responses(
        (status = 200, description = "The conversation; its version is the `ETag`.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    mut query: QueryValues,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let all = query.choice("branches", &["all"], |name| (name == "all").then_some(()))?;
    query.finish()?;
    answer(
        StatusCode::OK,
        &chat.conversation(&id, all.is_some()).await?,
    )
}

/// A change of a conversation; what isn't named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConversationPatchBody {
    /// Its title.
    #[schema(max_length = 300)]
    title: Option<String>,
    /// Whether it stands first in lists.
    pinned: Option<bool>,
    /// Whether lists leave it out.
    archived: Option<bool>,
    /// All of its tags.
    #[schema(inline, max_items = 50, value_type = Option<Vec<TagText>>)]
    tags: Option<Vec<String>>,
    /// The project that it is put into with all of its messages; empty for none.
    project: Option<String>,
    /// All that is set for it.
    settings: Option<SettingsBody>,
    /// A message of the branch that is shown from then on.
    head: Option<String>,
}

/// Changes a conversation.
#[utoipa::path(
    patch, path = "/api/conversations/{id}", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = inline(Option<VersionTag>), Header, description = "The version that the caller knows: the change is made to that alone."),
    ),
    request_body = ConversationPatchBody,
    responses(
        (status = 200, description = "The conversation as it is now.", body = Object),
        (status = 404, description = "There is no such conversation or message.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<ConversationPatchBody>,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let patch = ConversationPatch {
        title: body.title,
        pinned: body.pinned,
        archived: body.archived,
        tags: body.tags,
        project: body.project,
        settings: body.settings.map(Into::into),
        head: body.head,
    };
    let changed = chat.change(&id, version(&headers)?, patch).await?;
    answer(StatusCode::OK, &changed)
}

/// Deletes a conversation for good.
#[utoipa::path(
    delete, path = "/api/conversations/{id}", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = inline(Option<VersionTag>), Header, description = "The version that the caller knows."),
    ),
    responses(
        (status = 200, description = "A receipt.", body = Object),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    JsonResponse::of(&chat.delete(&id, version(&headers)?).await?)
}

/// A conversation as a file.
#[utoipa::path(
    get, path = "/api/conversations/{id}/export", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("format" = inline(Option<ExportFormatChoice>), Query, description = "`markdown` (unless given), `json` or `jsonl`."),
    ),
    responses(
        (status = 200, description = "The file. `X-Lorekeep-Masked: true` says that placeholders stand for values that are not kept.", content((String = "text/markdown"), (Object = "application/json"), (String = "application/x-ndjson"))),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    mut query: QueryValues,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let names = ChatExportFormat::ALL.map(ChatExportFormat::name);
    let format = query.choice("format", &names, ChatExportFormat::from_name)?;
    query.finish()?;
    let format = format.unwrap_or(ChatExportFormat::Markdown);
    let (text, is_masked) = chat.export(&id, format).await?;
    let mut response = Response::new(axum::body::Body::from(text));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(format.media_type());
    headers.insert(header::CONTENT_TYPE, media_type);
    let saved = HeaderValue::from_static("attachment");
    headers.insert(header::CONTENT_DISPOSITION, saved);
    let masked = HeaderValue::from_static(if is_masked { "true" } else { "false" });
    headers.insert("x-lorekeep-masked", masked);
    Ok(response)
}

/// A conversation as a response, with its version.
pub(super) fn answer(status: StatusCode, view: &ChatView) -> Result<Response, ApiError> {
    let mut response = (status, JsonResponse::of(view)?).into_response();
    let version = format!("\"{}\"", view.summary.version);
    if let Ok(version) = HeaderValue::from_str(&version) {
        response.headers_mut().insert(header::ETAG, version);
    }
    Ok(response)
}

/// The version that a request names.
pub(super) fn version(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.trim_start_matches("W/").trim_matches('"').parse();
    number
        .map(Some)
        .map_err(|_| ApiError::invalid("If-Match", "isn't a version such as `\"3\"`"))
}
