//! `/api/archive/{conversation}`: reading a conversation back.

use axum::extract::State;
use memory::{MessageView, ReadRequest, Role};
use serde::Serialize;
use utoipa::ToSchema;
use wire::{ConversationDoc, MessageDoc};

use super::narrow;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiPath, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// Messages of an answer.
const MAX_MESSAGES: usize = 500;

/// Messages of an answer that isn't asked for more.
const DEFAULT_MESSAGES: usize = 100;

/// Messages before and after the one that is meant.
const MAX_CONTEXT: usize = 100;

/// The same where it isn't said.
const DEFAULT_CONTEXT: usize = 5;

/// Positions of an answer.
const MAX_POSITIONS: usize = 10_000;

/// Positions of an answer that isn't asked for more.
const DEFAULT_POSITIONS: usize = 1000;

/// Messages that can be skipped.
const MAX_SKIPPED: usize = 10_000_000;

/// Messages of a conversation.
#[derive(Serialize)]
struct ReadDoc<'a> {
    conversation: ConversationDoc<'a>,
    messages: Vec<MessageDoc<'a>>,
    /// The position of the first of the messages in the conversation, from 0.
    first: usize,
    /// What to give as `from` for the messages that follow; `null` if there are none.
    next: Option<usize>,
}

/// A conversation's messages, in order.
#[utoipa::path(
    get, path = "/api/archive/{conversation}", tag = "memory",
    params(
        ("conversation" = String, Path, description = "Its id, or a start that only one id has."),
        ("around" = Option<String>, Query, description = "Only the message of this id and those around it."),
        ("context" = Option<u16>, Query, description = "With `around`: how many before and after it, up to 100; 5 unless given.", maximum = 100),
        ("project" = Option<String>, Query, description = "Only what lies in this project."),
        ("from" = Option<u32>, Query, description = "How many messages to skip.", maximum = 10_000_000),
        ("limit" = Option<u16>, Query, description = "How many messages, 1 to 500; 100 unless given.", minimum = 1, maximum = 500),
        ("quarantined" = Option<bool>, Query, description = "Whether to show text that tries to instruct its reader."),
    ),
    responses(
        (status = 200, description = "The document that `lorekeep show --json` prints, `first` (the position of the first of the messages) and `next`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn conversation(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(conversation): ApiPath,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let context = query.number("context", 0..=MAX_CONTEXT)?;
    let around = query.text("around");
    let limit = query
        .number("limit", 1..=MAX_MESSAGES)?
        .unwrap_or(DEFAULT_MESSAGES);
    let request = ReadRequest {
        conversation,
        scope: narrow::scope(&mut query),
        around: around.map(|id| (id, context.unwrap_or(DEFAULT_CONTEXT))),
        from: query.number("from", 0..=MAX_SKIPPED)?.unwrap_or(0),
        quarantined: query.flag("quarantined")?.unwrap_or(false),
    };
    query.finish()?;
    state
        .blocking(move || {
            let mut messages: Vec<MessageView> = Vec::new();
            let mut has_more = false;
            let archive = person.memory.archive()?;
            let first = match &request.around {
                Some((message, context)) => archive
                    .position(&request.conversation, &request.scope, message)?
                    .saturating_sub(*context),
                None => 0,
            };
            let head = archive.read(&request, &mut |message| {
                has_more = messages.len() == limit;
                if !has_more {
                    messages.push(message);
                }
                !has_more
            })?;
            JsonResponse::of(&ReadDoc {
                conversation: ConversationDoc::new(&head),
                messages: messages.iter().map(MessageDoc::new).collect(),
                first: first + request.from,
                next: has_more.then_some(request.from + limit),
            })
        })
        .await
}

/// A conversation from above.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutlineDoc {
    /// Who speaks in each message, a letter each: `u` the user, `a` the assistant, `s` the system, `t` a tool.
    roles: String,
    /// When each was said, in milliseconds since 1970; `null` where nobody knows.
    times: Vec<Option<i64>>,
    /// The positions of messages whose tools edited files.
    edits: Vec<usize>,
    /// The positions of messages that tell of a tool that failed.
    failures: Vec<usize>,
}

/// A conversation without its texts: for maps of it, and for readers that fetch only what they show.
#[utoipa::path(
    get, path = "/api/archive/{conversation}/outline", tag = "memory",
    params(
        ("conversation" = String, Path, description = "Its id, or a start that only one id has."),
        ("project" = Option<String>, Query, description = "Only what lies in this project."),
    ),
    responses(
        (status = 200, description = "Who speaks when, and what stands out.", body = OutlineDoc),
        RequestFailures,
    )
)]
pub(crate) async fn outline(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(conversation): ApiPath,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let scope = narrow::scope(&mut query);
    query.finish()?;
    state
        .blocking(move || {
            let outline = person.memory.archive()?.outline(&conversation, &scope)?;
            let letter = |(role, _): &(Role, _)| match role {
                Role::User => 'u',
                Role::Assistant => 'a',
                Role::System => 's',
                Role::Tool => 't',
            };
            JsonResponse::of(&OutlineDoc {
                roles: outline.messages.iter().map(letter).collect(),
                times: outline.messages.iter().map(|(_, time)| *time).collect(),
                edits: outline.edits,
                failures: outline.failures,
            })
        })
        .await
}

/// Where a text occurs in a conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundPositionsDoc {
    /// The positions of messages that hold it.
    positions: Vec<usize>,
    /// Whether there are more than were asked for.
    has_more: bool,
}

/// Finds a text in one conversation, letter by letter; upper and lower case are the same.
#[utoipa::path(
    get, path = "/api/archive/{conversation}/find", tag = "memory",
    params(
        ("conversation" = String, Path, description = "Its id, or a start that only one id has."),
        ("q" = String, Query, min_length = 1, description = "The text."),
        ("project" = Option<String>, Query, description = "Only what lies in this project."),
        ("limit" = Option<u16>, Query, description = "How many positions, 1 to 10,000; 1,000 unless given.", minimum = 1, maximum = 10000),
    ),
    responses(
        (status = 200, description = "The positions of messages that hold it.", body = FoundPositionsDoc),
        RequestFailures,
    )
)]
pub(crate) async fn find(
    State(state): State<AppState>,
    principal: Principal,
    ApiPath(conversation): ApiPath,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let text = query.required("q")?;
    let scope = narrow::scope(&mut query);
    let limit = query.number("limit", 1..=MAX_POSITIONS)?;
    query.finish()?;
    state
        .blocking(move || {
            let archive = person.memory.archive()?;
            let limit = limit.unwrap_or(DEFAULT_POSITIONS);
            let found = archive.positions_of_text(&conversation, &scope, &text, limit)?;
            JsonResponse::of(&FoundPositionsDoc {
                positions: found.positions,
                has_more: found.has_more,
            })
        })
        .await
}
