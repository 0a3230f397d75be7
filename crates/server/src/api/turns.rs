//! `/api/conversations/{id}/turns` and `/api/turns`: starting, following and stopping turns.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use chat::{ApprovalAnswer, ApprovalDecision, Event, TurnAsk, TurnEvents, TurnRequest};
use futures_core::Stream;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::turn_docs::TurnAskDoc;
use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::principal::Principal;
use crate::sse::SseEvent;
use crate::state::AppState;

/// The largest body of a turn, in bytes: a message of the largest length, written as JSON escapes.
const MAX_TURN_BYTES: usize = 8 << 20;

/// What is asked of a turn. One of `text`, `regenerate` and `continue` is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurnBody {
    /// What the person says.
    text: Option<String>,
    /// The id that the message gets, a UUID of the caller's choice: sent again, nothing is said twice.
    id: Option<String>,
    /// Ids of pictures that go with it, as `/api/assets` gives them.
    #[serde(default)]
    attachments: Vec<String>,
    /// The message that it follows; the end of the branch that is shown, unless one is named; `null` for the
    /// very start.
    #[serde(default, deserialize_with = "given")]
    parent: Option<Option<String>>,
    /// An answer, or a person's message, that is answered anew, beside the answers that are there.
    regenerate: Option<String>,
    /// An answer that was cut and goes on.
    #[serde(rename = "continue")]
    go_on: Option<String>,
    /// The model that answers this turn.
    model: Option<String>,
    /// Parameters of the model's API for this turn, over those of the conversation.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// Whether memory is searched for it.
    recall: Option<bool>,
}

/// Tells a field that is `null` from one that isn't there.
#[expect(clippy::option_option, reason = "null and absent mean two things")]
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl TurnBody {
    fn request(self) -> Result<TurnRequest, ApiError> {
        let ask = match (self.text, self.regenerate, self.go_on) {
            (Some(text), None, None) => TurnAsk::Say {
                id: self.id,
                text,
                attachments: self.attachments,
                parent: self.parent,
            },
            (None, Some(message), None) => TurnAsk::Regenerate { message },
            (None, None, Some(message)) => TurnAsk::Continue { message },
            (None, None, None) => return Err(ApiError::invalid("text", "is missing")),
            _ => {
                let why = "only one of `text`, `regenerate` and `continue` is given";
                return Err(ApiError::invalid("", why));
            }
        };
        Ok(TurnRequest {
            ask,
            model: self.model,
            parameters: self.parameters,
            recall: self.recall,
        })
    }
}

/// Starts a turn. It goes on whoever listens. With `Accept: text/event-stream` the answer is its events.
#[utoipa::path(
    post, path = "/api/conversations/{id}/turns", tag = "chat",
    params(("id" = String, Path, description = "The conversation.")),
    request_body = inline(TurnAskDoc),
    responses(
        (status = 202, description = "The turn was taken on: its id, and those of question and answer.", body = Object),
        (status = 200, description = "Its events, or what is known of the turn that said this message before.", content((Object = "application/json"), (String = "text/event-stream"))),
        (status = 404, description = "There is no such conversation.", body = crate::ApiErrorDoc),
        (status = 409, description = "It can't be done in this state.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn start(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<TurnBody, MAX_TURN_BYTES>,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let started = chat.start_turn(&id, body.request()?).await?;
    if wants_events(&headers) {
        let events = chat.events(&started.turn, started.is_new).await?;
        return Ok(state.sse(TurnStream::new(events)));
    }
    let status = match started.is_new {
        true => StatusCode::ACCEPTED,
        false => StatusCode::OK,
    };
    Ok((status, JsonResponse::of(&started)?).into_response())
}

/// The events of a turn: a snapshot of all that it has said, then what follows. `Last-Event-ID: 0` has every
/// event from the first one on, where the turn is still known here.
#[utoipa::path(
    get, path = "/api/turns/{id}/events", tag = "chat",
    params(
        ("id" = String, Path, description = "The turn."),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen."),
    ),
    responses(
        (status = 200, description = "Events until the turn, the client or the server ends.", content_type = "text/event-stream", body = String),
        (status = 404, description = "There is no such turn.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let from_start = headers
        .get("last-event-id")
        .is_some_and(|last| last.as_bytes() == b"0");
    let events = chat.events(&id, from_start).await?;
    Ok(state.sse(TurnStream::new(events)))
}

/// Stops a turn; what it has said is kept.
#[utoipa::path(
    post, path = "/api/turns/{id}/cancel", tag = "chat",
    params(("id" = String, Path, description = "The turn.")),
    responses(
        (status = 202, description = "It is being stopped, or had ended."),
        (status = 404, description = "There is no such turn.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    chat.cancel(&id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What a person decides of a call that waits for them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalBody {
    /// The call, as `ApprovalRequested` names it in `id`.
    call: String,
    /// `allow` this call (and, where a tool is asked about once, others of the conversation), `allow_always`
    /// as long as the tool describes itself as it does now, or `deny`.
    decision: DecisionName,
}

/// A decision.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DecisionName {
    /// This call may be made.
    Allow,
    /// This tool may always be called.
    AllowAlways,
    /// It may not be made.
    Deny,
}

impl From<DecisionName> for ApprovalDecision {
    fn from(name: DecisionName) -> Self {
        match name {
            DecisionName::Allow => Self::Allow,
            DecisionName::AllowAlways => Self::AllowAlways,
            DecisionName::Deny => Self::Deny,
        }
    }
}

/// Allows or denies a call that a turn waits with.
#[utoipa::path(
    post, path = "/api/turns/{id}/approve", tag = "chat",
    params(("id" = String, Path, description = "The turn.")),
    request_body = ApprovalBody,
    responses(
        (status = 204, description = "The turn goes on."),
        (status = 404, description = "There is no such turn under way, or no such call waits.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn approve(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<ApprovalBody, 65_536>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    let decision = ApprovalAnswer::Decision(body.decision.into());
    chat.answer(&id, &body.call, decision)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a person answers to a question of a tool.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerBody {
    /// The question, as `InputRequested` names it in `id`.
    question: String,
    /// What was filled in, as its `schema` says; without it, nothing is told.
    #[schema(value_type = Option<Object>)]
    values: Option<Map<String, Value>>,
}

/// Answers what a tool asks, or declines to.
#[utoipa::path(
    post, path = "/api/turns/{id}/answer", tag = "chat",
    params(("id" = String, Path, description = "The turn.")),
    request_body = AnswerBody,
    responses(
        (status = 204, description = "The turn goes on."),
        (status = 404, description = "There is no such turn under way, or no such question waits.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn answer(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    ApiJson(body): ApiJson<AnswerBody, 262_144>,
) -> Result<StatusCode, ApiError> {
    let chat = state.chat(&principal).await?;
    let values = ApprovalAnswer::Form(body.values.map(Value::Object));
    chat.answer(&id, &body.question, values)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a turn sent to the model.
#[utoipa::path(
    get, path = "/api/turns/{id}/request", tag = "chat",
    params(("id" = String, Path, description = "The turn.")),
    responses(
        (status = 200, description = "The body of the request, as it was sent.", body = Object),
        (status = 404, description = "There is no such turn, or nothing was sent, or it is gone since something was forgotten.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn request(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let sent = chat.request_of(&id).await?;
    let sent = sent.ok_or_else(|| {
        ApiError::not_found("nothing is known of what this turn sent")
            .hint("what was sent goes when anything is forgotten")
    })?;
    let mut response = Response::new(Body::from(sent));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/event-stream"))
}

type NextEvent = Pin<Box<dyn Future<Output = (Option<Event>, TurnEvents)> + Send>>;

/// A turn's events as a response sends them.
struct TurnStream(Option<NextEvent>);

impl TurnStream {
    fn new(events: TurnEvents) -> Self {
        Self(Some(Box::pin(next(events))))
    }
}

async fn next(mut events: TurnEvents) -> (Option<Event>, TurnEvents) {
    let event = events.next().await;
    (event, events)
}

impl Stream for TurnStream {
    type Item = SseEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<SseEvent>> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let Poll::Ready((event, events)) = future.as_mut().poll(context) else {
            return Poll::Pending;
        };
        match event {
            None => {
                self.0 = None;
                Poll::Ready(None)
            }
            Some(event) => {
                self.0 = Some(Box::pin(next(events)));
                let sent = SseEvent::new(event.name, event.data.as_ref());
                Poll::Ready(Some(sent.with_id(event.id.to_string())))
            }
        }
    }
}
