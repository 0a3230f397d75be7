//! `/api/status`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::JsonResponse;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// How much is archived.
#[derive(Serialize, ToSchema)]
pub(crate) struct ArchiveStatusDoc {
    /// The program's version.
    version: &'static str,
    /// Messages in the archive.
    messages: u64,
    /// Conversations.
    conversations: u64,
    /// Projects.
    projects: u64,
    /// Messages that are found by words.
    indexed: u64,
    /// Messages that are to be found by meaning.
    embeddable: u64,
    /// Of these, those that are.
    embedded: u64,
    /// The archive's size in bytes.
    archive_bytes: u64,
    /// Places in logs that couldn't be understood.
    problems: u64,
    /// When something was imported last.
    last_import: Option<String>,
    /// The embedding model.
    model: String,
}

/// How much is archived, indexed and embedded.
#[utoipa::path(
    get, path = "/api/status", tag = "memory",
    responses(
        (status = 200, description = "Counts.", body = ArchiveStatusDoc),
        RequestFailures,
    )
)]
pub(crate) async fn status(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let status = person.memory.archive()?.status()?;
            JsonResponse::of(&ArchiveStatusDoc {
                version: env!("CARGO_PKG_VERSION"),
                messages: status.messages,
                conversations: status.conversations,
                projects: status.projects,
                indexed: status.indexed.messages,
                embeddable: status.indexed.embeddable,
                embedded: status.indexed.embedded,
                archive_bytes: status.archive_bytes,
                problems: status.problems,
                last_import: status.last_import.and_then(wire::when::rfc3339),
                model: person.memory.model().describe().id.to_string(),
            })
        })
        .await
}
