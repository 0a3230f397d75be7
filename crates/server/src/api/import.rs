//! `/api/import`: imports what assistants wrote to their logs. Which logs these are is in the operator's
//! settings, never in a request.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use memory::{ImportRequest, Progress, Stage, Stop};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use wire::{EmbeddingDoc, ImportDoc};

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::feed::FeedEvent;
use crate::people::Person;
use crate::principal::Principal;
use crate::state::AppState;

/// How an import is to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    /// Whether what is new is embedded, so that it is found by meaning.
    #[serde(default = "embeds")]
    #[schema(default = true)]
    embed: bool,
}

fn embeds() -> bool {
    true
}

/// The import that is under way, or the last one.
#[utoipa::path(
    get, path = "/api/import", tag = "memory",
    responses(
        (status = 200, description = "`state` (`idle`, `running`, `done` or `failed`), and `progress` or `report` (as `lorekeep import --json` prints).", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn state(
    State(state): State<AppState>,
    principal: Principal,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    JsonResponse::of(&person.import.document())
}

/// Starts an import. Its progress and its end are events `import` of `/api/events`.
#[utoipa::path(
    post, path = "/api/import", tag = "memory",
    request_body = ImportBody,
    responses(
        (status = 202, description = "It has started.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn start(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<ImportBody>,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let person = state.people.of(&principal)?;
    if !person.import.begin() {
        return Err(ApiError::conflict("an import is under way"));
    }
    let stop = Arc::new(Stop::new());
    let (asked, ended) = (Arc::clone(&stop), state.shutdown.clone());
    let watch = tokio::spawn(async move {
        ended.cancelled().await;
        asked.set();
    });
    let started = JsonResponse::of(&person.import.document())?;
    tokio::task::spawn_blocking(move || {
        let told = ImportTold {
            state: &state,
            person: &person,
        };
        let end = match import(&told, body.embed, &stop) {
            Ok(report) => json!({"state": "done", "report": report}),
            Err(error) => {
                if let Some(why) = error.internal_text() {
                    state.log_line(&format!("import: {why}"));
                }
                json!({"state": "failed", "error": {"code": error.code(), "message": error.message()}})
            }
        };
        told.person.import.end(end.clone());
        told.tell(end);
        watch.abort();
    });
    Ok((StatusCode::ACCEPTED, started))
}

fn import(told: &ImportTold<'_>, embed: bool, stop: &Stop) -> Result<Value, ApiError> {
    let began = Instant::now();
    let memory = &told.person.memory;
    let mut archive = memory.archive()?;
    let request = ImportRequest {
        roots: told.person.roots.clone(),
        now: told.state.options.clock.millis(),
        ..ImportRequest::default()
    };
    let report = archive.import(&request, stop, told)?;
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut embedding = EmbeddingDoc::default();
    if embed && !stop.is_set() {
        let model = memory.model().load();
        embedding.model = Some(model.embedder().is_some());
        if let Some(model) = model.embedder() {
            embedding.embedded = archive.embed_pending(model, stop, told)?;
        }
    }
    let indexed = archive.indexed()?;
    embedding.left = indexed.embeddable.saturating_sub(indexed.embedded);
    let report = ImportDoc::new(&report, embedding, took_ms);
    serde_json::to_value(&report).map_err(ApiError::internal)
}

/// Who is told how far an import is.
struct ImportTold<'a> {
    state: &'a AppState,
    person: &'a Person,
}

impl ImportTold<'_> {
    fn tell(&self, data: Value) {
        let event = FeedEvent {
            kind: "import",
            data,
        };
        self.state.feed.publish(&self.person.owner.id, event);
    }
}

impl Progress for ImportTold<'_> {
    fn at(&self, stage: Stage, done: u64, total: u64) {
        let stage = match stage {
            Stage::Import => "import",
            Stage::Embed => "embed",
            Stage::Check => "check",
            Stage::Forget => "forget",
        };
        let progress = json!({
            "state": "running", "progress": {"stage": stage, "done": done, "total": total},
        });
        self.person.import.at(progress.clone());
        self.tell(progress);
    }
}
