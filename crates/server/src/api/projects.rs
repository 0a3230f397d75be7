//! `/api/chat/projects`: the projects of the chat and their instructions.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chat::ProjectView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversations::version;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// The projects of the chat.
#[derive(Serialize)]
struct ProjectList<'a> {
    projects: &'a [ProjectView],
}

/// The projects that conversations are in or that have instructions, by name.
#[utoipa::path(
    get, path = "/api/chat/projects", tag = "chat",
    responses(
        (status = 200, description = "`projects`: each with name, instructions, version and how many conversations are in it.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let projects = state.chat(&principal).await?.projects().await?;
    JsonResponse::of(&ProjectList {
        projects: &projects,
    })
}

/// One project.
#[utoipa::path(
    get, path = "/api/chat/projects/{name}", tag = "chat",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "The project; the version of its instructions is the `ETag`.", body = Object),
        (status = 404, description = "No conversation is in one of this name, and it has no instructions.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    principal: Principal,
    Path(name): Path<String>,
) -> Result<Response, ApiError> {
    answer(&state.chat(&principal).await?.project(&name).await?)
}

/// What a person wants in every conversation of a project.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectBody {
    /// The instructions; empty for none.
    #[schema(max_length = 262144)]
    instructions: String,
}

/// Gives a project instructions, or takes them. They stand behind those of each conversation in it, from its next
/// turn on. The project need not have conversations yet.
#[utoipa::path(
    put, path = "/api/chat/projects/{name}", tag = "chat",
    params(
        ("name" = String, Path, description = "Its name, at most 100 characters."),
        ("If-Match" = Option<String>, Header, description = "The version of the instructions that the caller knows; 0 if there were none."),
    ),
    request_body = ProjectBody,
    responses(
        (status = 200, description = "The project as it is now.", body = Object),
        (status = 409, description = "They were changed meanwhile.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    principal: Principal,
    Path(name): Path<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<ProjectBody>,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    let changed = chat.set_instructions(&name, version(&headers)?, &body.instructions);
    answer(&changed.await?)
}

/// A project as a response, with its version.
fn answer(project: &ProjectView) -> Result<Response, ApiError> {
    let mut response = JsonResponse::of(project)?.into_response();
    if let Ok(version) = HeaderValue::from_str(&format!("\"{}\"", project.version)) {
        response.headers_mut().insert(header::ETAG, version);
    }
    Ok(response)
}
