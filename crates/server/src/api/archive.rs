//! `/api/archive/{conversation}`: reading a conversation back.

use axum::extract::State;
use memory::{MessageView, ReadRequest};
use serde::Serialize;
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

/// Messages that can be skipped.
const MAX_SKIPPED: usize = 10_000_000;

/// Messages of a conversation.
#[derive(Serialize)]
struct ReadDoc<'a> {
    conversation: ConversationDoc<'a>,
    messages: Vec<MessageDoc<'a>>,
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
        (status = 200, description = "The document that `lorekeep show --json` prints, and `next`.", body = Object),
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
                next: has_more.then_some(request.from + limit),
            })
        })
        .await
}
