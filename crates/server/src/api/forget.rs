//! `/api/forget`: removes from the archive for good, with a receipt.

use std::sync::Arc;

use axum::extract::State;
use memory::{Forget, ForgetReport, NoProgress, Stop};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::ForgetDoc;

use super::narrow::{self, TimeText};
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::feed::FeedEvent;
use crate::principal::Principal;
use crate::state::AppState;

/// What is to be forgotten: what fits everything that is named. With nothing named it is nothing; `"project":
/// "all"` means everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgetBody {
    /// Only messages of these conversations, by ids or unambiguous starts.
    #[serde(default)]
    conversations: Vec<String>,
    /// Only the messages or reflections of these ids.
    #[serde(default)]
    messages: Vec<String>,
    /// Only what lies in this project.
    project: Option<String>,
    /// Only messages from this time on; `7d` and the like are read as well.
    #[schema(value_type = Option<TimeText>, inline)]
    since: Option<String>,
    /// Only messages up to this time.
    #[schema(value_type = Option<TimeText>, inline)]
    until: Option<String>,
    /// Only messages that hold this text.
    #[schema(pattern = "\\S")]
    matching: Option<String>,
    /// Whether to change nothing and only tell what would be forgotten: `true` unless `false` is sent.
    #[serde(default = "is_dry")]
    #[schema(default = true)]
    dry_run: bool,
}

fn is_dry() -> bool {
    true
}

/// Forgets, or tells what would be forgotten.
#[utoipa::path(
    post, path = "/api/forget", tag = "memory",
    request_body = ForgetBody,
    responses(
        (status = 200, description = "The receipt, as `lorekeep forget --json` prints it.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn forget(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<ForgetBody>,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    let (since, until) = narrow::span_of(&state, body.since.as_deref(), body.until.as_deref())?;
    let is_named = !body.conversations.is_empty()
        || !body.messages.is_empty()
        || body.project.is_some()
        || since.is_some()
        || until.is_some()
        || body.matching.is_some();
    if !is_named {
        // Never everything: that is `{"project": "all"}`.
        return JsonResponse::of(&ForgetDoc::new(&ForgetReport::default(), body.dry_run, 0));
    }
    let request = Forget {
        conversations: body.conversations,
        messages: body.messages,
        since,
        until,
        matching: body.matching,
        dry_run: body.dry_run,
        ..Forget::new(narrow::named(body.project.as_deref()))
    };
    let stop = Arc::new(Stop::new());
    let (asked, ended) = (Arc::clone(&stop), state.shutdown.clone());
    let watch = tokio::spawn(async move {
        ended.cancelled().await;
        asked.set();
    });
    let worker = state.clone();
    let receipt = state
        .blocking(move || {
            let report = person
                .memory
                .archive()?
                .forget(&request, &stop, &NoProgress)?;
            if !request.dry_run && !report.is_empty() {
                let data = serde_json::json!({
                    "conversations": report.conversations, "parts": report.parts,
                });
                worker.feed.publish(
                    &person.owner.id,
                    FeedEvent {
                        kind: "forgotten",
                        data,
                    },
                );
            }
            JsonResponse::of(&ForgetDoc::new(&report, request.dry_run, 0))
        })
        .await;
    watch.abort();
    receipt
}
