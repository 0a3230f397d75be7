//! `/api/conversations/{id}/messages`: changing and deleting what was said, and taking that back.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::conversations::{answer, version};
use super::narrow::VersionTag;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// A text in the place of another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageBody {
    /// The text.
    #[schema(min_length = 1, pattern = "\\S")]
    text: String,
}

/// Gives a message another text. What follows it stays; to have something else answered, start a turn with the
/// same `parent`.
#[utoipa::path(
    patch, path = "/api/conversations/{id}/messages/{message}", tag = "chat",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("message" = String, Path, description = "The message."),
        ("If-Match" = inline(Option<VersionTag>), Header, description = "The version that the caller knows."),
    ),
    request_body = MessageBody,
    responses(
        (status = 200, description = "The conversation as it is now.", body = Object),
        (status = 404, description = "There is no such conversation or message.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile, or an answer is under way.", body = crate::ApiErrorDoc),
        (status = 422, description = "A guard refuses the text.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, message)): Path<(String, String)>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<MessageBody>,
) -> Result<axum::response::Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let edited = chat
        .edit((&id, &message), version(&headers)?, &body.text)
        .await?;
    answer(StatusCode::OK, &edited)
}

/// Deletes a message for good. `undo` of the answer takes it back for a while.
#[utoipa::path(
    delete, path = "/api/conversations/{id}/messages/{message}", tag = "chat",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("message" = String, Path, description = "The message."),
        ("following" = Option<bool>, Query, description = "Whether all that follows goes too."),
        ("If-Match" = inline(Option<VersionTag>), Header, description = "The version that the caller knows."),
    ),
    responses(
        (status = 200, description = "How to take it back, and the conversation as it is now.", body = Object),
        (status = 404, description = "There is no such conversation or message.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile, or an answer is under way.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn delete(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, message)): Path<(String, String)>,
    headers: HeaderMap,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    let following = query.flag("following")?.unwrap_or_default();
    query.finish()?;
    let removed = chat
        .remove((&id, &message), version(&headers)?, following)
        .await?;
    JsonResponse::of(&removed)
}

/// Takes away the summary of older messages that stands before a message. They stay as they are.
#[utoipa::path(
    delete, path = "/api/conversations/{id}/messages/{message}/summary", tag = "chat",
    params(
        ("id" = String, Path, description = "The conversation."),
        ("message" = String, Path, description = "The message that has `summary`."),
        ("If-Match" = Option<String>, Header, description = "The version that the caller knows."),
    ),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Object),
        (status = 404, description = "There is no such conversation, message or summary.", body = crate::ApiErrorDoc),
        (status = 409, description = "It was changed meanwhile, or an answer is under way.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn delete_summary(
    State(state): State<AppState>,
    principal: Principal,
    Path((id, message)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<axum::response::Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let place = (id.as_str(), message.as_str());
    answer(
        StatusCode::OK,
        &chat.remove_summary(place, version(&headers)?).await?,
    )
}

/// Takes a deletion of messages back.
#[utoipa::path(
    post, path = "/api/undo/{token}", tag = "chat",
    params(("token" = String, Path, description = "`undo` of the answer to the deletion.")),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Object),
        (status = 404, description = "It can't be taken back any more.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn undo(
    State(state): State<AppState>,
    principal: Principal,
    Path(token): Path<String>,
) -> Result<axum::response::Response, ApiError> {
    let chat = state.chat(&principal).await?;
    answer(StatusCode::OK, &chat.undo(&token).await?)
}
