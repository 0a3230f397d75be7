//! `/api/mcp-servers`: servers of tools, as far as they are known. Which there are is said by a file of whoever runs the
//! server: no route adds or changes one.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// The servers of tools, how they are, and what they offer. Nothing is waited for.
#[utoipa::path(
    get, path = "/api/mcp-servers", tag = "chat",
    responses(
        (status = 200, description = "`servers`, each with `name`, `transport`, `origin`, `state`, `problem`, `hint`, `needs_login` and `tools`.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    JsonResponse::of(&json!({"servers": chat.tool_servers().await?}))
}

/// Forgets that a tool may be called without asking.
#[utoipa::path(
    delete, path = "/api/mcp-servers/{server}/tools/{tool}/approval", tag = "chat",
    params(
        ("server" = String, Path, description = "The server's name."),
        ("tool" = String, Path, description = "The tool's name there."),
    ),
    responses(
        (status = 204, description = "It is asked about again."),
        (status = 404, description = "No such tool was allowed.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn forget_approval(
    State(state): State<AppState>,
    principal: Principal,
    Path((server, tool)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    chat.forget_approval(&server, &tool).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The prompts that a server offers, for a person to pick from.
#[utoipa::path(
    get, path = "/api/mcp-servers/{server}/prompts", tag = "chat",
    params(("server" = String, Path, description = "The server's name.")),
    responses(
        (status = 200, description = "`prompts`, each with `name`, `title`, `description` and `arguments`.", body = Object),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        (status = 409, description = "It can't be asked.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn prompts(
    State(state): State<AppState>,
    principal: Principal,
    Path(server): Path<String>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    JsonResponse::of(&json!({"prompts": chat.prompts(&server).await?}))
}

/// What a prompt is filled in with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromptBody {
    /// Its arguments by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    arguments: Map<String, Value>,
}

/// A prompt with its arguments filled in, as a text that can be said.
#[utoipa::path(
    post, path = "/api/mcp-servers/{server}/prompts/{name}", tag = "chat",
    params(
        ("server" = String, Path, description = "The server's name."),
        ("name" = String, Path, description = "The prompt's name."),
    ),
    request_body = PromptBody,
    responses(
        (status = 200, description = "`text`, and `findings` of guards in it.", body = Object),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        (status = 409, description = "It has no such prompt, or can't be asked.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn prompt(
    State(state): State<AppState>,
    principal: Principal,
    Path((server, name)): Path<(String, String)>,
    ApiJson(body): ApiJson<PromptBody, 262_144>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    JsonResponse::of(&chat.prompt((&server, &name), body.arguments).await?)
}

/// The resources that a server offers; with `uri`, the text of one.
#[utoipa::path(
    get, path = "/api/mcp-servers/{server}/resources", tag = "chat",
    params(
        ("server" = String, Path, description = "The server's name."),
        ("uri" = Option<String>, Query, description = "The resource that is read."),
    ),
    responses(
        (status = 200, description = "`resources`; or `text` and `findings` of guards in it.", body = Object),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        (status = 409, description = "It has no such resource, that has no text, or it can't be asked.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn resources(
    State(state): State<AppState>,
    principal: Principal,
    Path(server): Path<String>,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    let uri = query.text("uri");
    query.finish()?;
    match uri {
        Some(uri) => JsonResponse::of(&chat.resource(&server, &uri).await?),
        None => JsonResponse::of(&json!({"resources": chat.resources(&server).await?})),
    }
}

/// Where a person comes back to after a log-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    /// The address of this server's route for it, as the browser knows it:
    /// `https://…/api/mcp-servers/{server}/login/callback`.
    redirect_uri: String,
}

/// Begins a log-in at a server of tools that wants one.
#[utoipa::path(
    post, path = "/api/mcp-servers/{server}/login", tag = "chat",
    params(("server" = String, Path, description = "The server's name.")),
    request_body = LoginBody,
    responses(
        (status = 200, description = "`url`: where to go to log in.", body = Object),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        (status = 409, description = "It has no log-in that can be used.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn login(
    State(state): State<AppState>,
    principal: Principal,
    Path(server): Path<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<LoginBody, 65_536>,
) -> Result<JsonResponse, ApiError> {
    let chat = state.chat(&principal).await?;
    // Nobody is sent elsewhere with a code.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let path = format!(
        "{}/api/mcp-servers/{server}/login/callback",
        state.options.base_path
    );
    // A browser writes a name with spaces encoded.
    let named = percent_decode_str(&body.redirect_uri).decode_utf8_lossy();
    let is_own = host.is_some_and(|host| {
        ["https", "http"]
            .iter()
            .any(|scheme| named == format!("{scheme}://{host}{path}"))
    });
    if !is_own {
        let why = "isn't the address of this server's own route for it";
        return Err(ApiError::invalid("redirect_uri", why));
    }
    let url = chat.begin_tool_login(&server, &body.redirect_uri).await?;
    JsonResponse::of(&json!({"url": url}))
}

/// Ends a log-in: where the authorization server sends the person's browser.
#[utoipa::path(
    get, path = "/api/mcp-servers/{server}/login/callback", tag = "chat",
    params(
        ("server" = String, Path, description = "The server's name."),
        ("code" = Option<String>, Query, description = "What it is finished with."),
        ("state" = Option<String>, Query, description = "Which log-in it is."),
        ("error" = Option<String>, Query, description = "Why there is no code, such as `access_denied`."),
    ),
    responses(
        (status = 200, description = "The tools of the server can be called.", body = Object),
        (status = 303, description = "So it is, and the client is a browser: it is sent to the page's settings."),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        (status = 409, description = "No such log-in was begun, or the server gives no token.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn login_callback(
    State(state): State<AppState>,
    principal: Principal,
    Path(server): Path<String>,
    headers: HeaderMap,
    mut query: QueryValues,
) -> Result<Response, ApiError> {
    let chat = state.chat(&principal).await?;
    if let Some(error) = query.text("error") {
        let error = wire::markup::cut(&wire::markup::line(&error), 200);
        let what = format!("no log-in at `{server}`: it says `{error}`");
        return Err(ApiError::conflict(what).hint("begin the log-in again"));
    }
    let code = query.text("code").unwrap_or_default();
    let login = query.text("state").unwrap_or_default();
    chat.finish_tool_login(&server, (&code, &login)).await?;
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|accepts| accepts.contains("text/html")) {
        // Relative, for proxies that show the server below a path.
        let place = [(header::LOCATION, "../../../../settings")];
        return Ok((StatusCode::SEE_OTHER, place).into_response());
    }
    Ok(JsonResponse::of(&json!({"server": server, "is_logged_in": true}))?.into_response())
}

/// Forgets the tokens of a server of tools.
#[utoipa::path(
    delete, path = "/api/mcp-servers/{server}/login", tag = "chat",
    params(("server" = String, Path, description = "The server's name.")),
    responses(
        (status = 204, description = "They are forgotten."),
        (status = 404, description = "There is no such server.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn logout(
    State(state): State<AppState>,
    principal: Principal,
    Path(server): Path<String>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    chat.end_tool_login(&server).await?;
    Ok(StatusCode::NO_CONTENT)
}
