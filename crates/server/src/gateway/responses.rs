//! `/v1/responses`: OpenAI's newer protocol, which Codex and others speak, translated to a chat completion and back.
//! Nothing is kept between requests: a request carries its whole conversation.

mod translate;
mod output;
mod events;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use chat::model::{AnswerInfo, ChunkStream};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use super::answer::{AnswerForm, stream_answer};
use super::call_log::CallEnd;
use super::caller::{Caller, is_streaming};
use super::failure::{GatewayFailure, GatewayFailures};
use super::outgoing::Outgoing;
use super::prepare::{PreparedRequest, prepare};
use super::request_docs::ResponseDoc;
use crate::principal::Principal;
use crate::sse::SseEvent;
use crate::state::AppState;
use events::ResponseEvents;
use translate::translate;

/// Asks a model, as OpenAI's `responses` does. Nothing is kept between requests.
#[utoipa::path(
    post, path = "/v1/responses", tag = "gateway",
    request_body(content = inline(ResponseDoc), description = "As OpenAI has it, without what needs answers to be kept."),
    responses(
        (status = 200, description = "The response, or a stream of events if `stream` is true.", body = Object),
        GatewayFailures
    )
)]
pub(super) async fn respond(
    State(state): State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, GatewayFailure> {
    let (mut caller, asked) = Caller::read(state, &principal, request).await?;
    let is_streaming = is_streaming(&asked)?;
    let body = translate(&asked, &mut caller.notices)?;
    let PreparedRequest { handle, body } = prepare(&mut caller, body).await?;
    let now = caller.state.options.clock.millis() / 1_000;
    let chunks = handle.forward(body, CancellationToken::new());
    let events = ResponseEvents::new(&asked, &handle.id(), now);
    match is_streaming {
        true => stream_answer(caller, chunks, events).await,
        false => whole(caller, chunks, events).await,
    }
}

/// The whole answer, out of the same pieces as the stream.
async fn whole(
    mut caller: Caller,
    mut chunks: ChunkStream,
    mut events: ResponseEvents,
) -> Result<Response<Body>, GatewayFailure> {
    let (end, heard) = {
        let mut outgoing = Outgoing::new(&caller.screen);
        let end = loop {
            let taken = match chunks.next().await {
                None => break CallEnd::Whole,
                Some(Err(error)) => break CallEnd::Failed(error),
                Some(Ok(chunk)) => outgoing.take(chunk),
            };
            match taken {
                Err(refusal) => break CallEnd::Refused(refusal),
                Ok(taken) => taken
                    .iter()
                    .for_each(|chunk| events.take(chunk, &mut Vec::new())),
            }
        };
        (end, outgoing.heard())
    };
    let info = chunks.info().clone();
    caller.notices.extend(chunks.take_notices());
    events.finish(info.usage.as_ref(), &mut Vec::new());
    let response = caller.answer(&events.response(), Some(&info));
    caller.end(&info, heard, &end);
    match end {
        CallEnd::Refused(refusal) => Err(refusal.into()),
        CallEnd::Failed(error) => Err(error.into()),
        CallEnd::Whole | CallEnd::Left => Ok(response),
    }
}

impl AnswerForm for ResponseEvents {
    fn begin(&mut self) -> Vec<SseEvent> {
        named(|ready| Self::begin(self, ready))
    }

    fn chunk(&mut self, chunk: Map<String, Value>) -> Vec<SseEvent> {
        named(|ready| self.take(&chunk, ready))
    }

    fn fail(&mut self, error: &Value) -> Vec<SseEvent> {
        named(|ready| Self::fail(self, error, ready))
    }

    fn end(&mut self, info: &AnswerInfo) -> Vec<SseEvent> {
        named(|ready| self.finish(info.usage.as_ref(), ready))
    }
}

/// Events with the names of their types.
fn named(make: impl FnOnce(&mut Vec<Map<String, Value>>)) -> Vec<SseEvent> {
    let mut made = Vec::new();
    make(&mut made);
    let name = |event: &Map<String, Value>| {
        let name = event.get("type").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    made.into_iter()
        .map(|event| SseEvent::new(name(&event), Value::Object(event).to_string()))
        .collect()
}
