//! `/api/conversations/{id}/messages`: changing and deleting what was said, taking that back, and pictures.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::conversations::{answer, version};
use super::narrow::VersionTag;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse, read_body};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// The largest picture, in bytes.
const MAX_PICTURE_BYTES: usize = 20 << 20;

/// A text in the place of another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageBody {
    /// The text.
    #[schema(min_length = 1, pattern = "\\S")]
    text: String,
}

/// The bytes of a picture, for the document of the API.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct PictureBytes(Vec<u8>);

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

/// Keeps a picture that is to go with a message.
#[utoipa::path(
    post, path = "/api/assets", tag = "chat",
    params(("off_record" = Option<bool>, Query, description = "Whether it is in memory only, for a conversation off the record.")),
    request_body(content = inline(PictureBytes), content_type = "application/octet-stream", description = "PNG, JPEG, GIF or WebP, up to 20 MiB."),
    responses(
        (status = 201, description = "Its `id` and `media_type`.", body = Object),
        (status = 409, description = "There are too many off the record.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn add_asset(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
    request: Request,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let chat = state.chat(&principal).await?;
    let off_record = query.flag("off_record")?.unwrap_or_default();
    query.finish()?;
    let bytes = read_body(request, MAX_PICTURE_BYTES, &state).await?;
    let asset = chat.add_asset(bytes.to_vec(), off_record).await?;
    let document = json!({
        "id": asset.id, "media_type": asset.media_type, "bytes": asset.bytes.len(),
    });
    Ok((StatusCode::CREATED, JsonResponse::of(&document)?))
}

/// A picture.
#[utoipa::path(
    get, path = "/api/assets/{id}", tag = "chat",
    params(("id" = String, Path, description = "Its id.")),
    responses(
        (status = 200, description = "Its bytes.", content((PictureBytes = "image/png"), (PictureBytes = "image/jpeg"), (PictureBytes = "image/gif"), (PictureBytes = "image/webp"))),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn asset(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let asset = chat.asset(&id).await?;
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_static(asset.media_type);
    headers.insert(header::CONTENT_TYPE, media_type);
    // Its name is made of what it holds.
    let forever = HeaderValue::from_static("private, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, forever);
    Ok(response)
}
