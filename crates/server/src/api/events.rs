//! `/api/events`: one feed for every open page.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use crate::api_error::{ApiError, RequestFailures};
use crate::principal::Principal;
use crate::state::AppState;

/// What happens to what the owner has, as server-sent events: `import`, `forgotten` and those of
/// conversations and turns. Nothing is kept: a client that comes back, or was too slow, gets `reset` and
/// loads anew. `shutdown` says that the server ends.
#[utoipa::path(
    get, path = "/api/events", tag = "server",
    params(("Last-Event-ID" = Option<String>, Header, description = "That the client was connected before.")),
    responses(
        (status = 200, description = "Events until the client or the server ends.", content_type = "text/event-stream", body = String),
        RequestFailures,
    )
)]
pub(crate) async fn listen(
    State(state): State<AppState>,
    principal: Principal,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let is_resumed = headers.contains_key("last-event-id");
    let events = state.feed.listen(&principal.owner, is_resumed);
    Ok(state.sse(events))
}
