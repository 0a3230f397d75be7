//! `/v1/chat/completions`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use chat::model::{AnswerInfo, WholeAnswer};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::answer::{AnswerForm, stream_answer};
use super::call_log::{CallEnd, HeardAnswer};
use super::caller::{Caller, is_streaming};
use super::failure::{GatewayFailure, GatewayFailures};
use super::prepare::{PreparedRequest, prepare};
use super::request_docs::CompletionDoc;
use crate::principal::Principal;
use crate::sse::SseEvent;
use crate::state::AppState;

/// Asks a model, as OpenAI's `chat/completions` does.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "gateway",
    request_body(content = inline(CompletionDoc), description = "As OpenAI has it; unknown fields go to the provider unchanged."),
    responses(
        (status = 200, description = "The answer, or a stream of chunks if `stream` is true.", body = Object),
        GatewayFailures
    )
)]
pub(super) async fn complete(
    State(state): State<AppState>,
    principal: Principal,
    request: Request,
) -> Result<Response<Body>, GatewayFailure> {
    let (mut caller, body) = Caller::read(state, &principal, request).await?;
    let is_streaming = is_streaming(&body)?;
    let wants_usage = body
        .get("stream_options")
        .is_some_and(|options| options["include_usage"] == true);
    let PreparedRequest { handle, body } = prepare(&mut caller, body).await?;
    let cancel = CancellationToken::new();
    if is_streaming {
        let chunks = handle.forward(body, cancel);
        return stream_answer(caller, chunks, Chunks { wants_usage }).await;
    }
    let _cancels = cancel.clone().drop_guard();
    whole(caller, handle.complete(body, cancel).await?)
}

/// An answer that came whole.
fn whole(mut caller: Caller, whole: WholeAnswer) -> Result<Response<Body>, GatewayFailure> {
    caller.notices.extend(whole.notices);
    let mut answer = whole.answer;
    let mut heard = Vec::new();
    let choices = answer.get_mut("choices").and_then(Value::as_array_mut);
    let screened = choices
        .into_iter()
        .flatten()
        .try_for_each(|choice| screen_message(&caller, choice, &mut heard));
    let response = caller.answer(&Value::Object(answer), Some(&whole.info));
    let end = match &screened {
        Ok(()) => CallEnd::Whole,
        Err(refusal) => CallEnd::Refused(refusal.clone()),
    };
    caller.end(&whole.info, heard, &end);
    screened?;
    Ok(response)
}

/// Judges one answer of several.
fn screen_message(
    caller: &Caller,
    choice: &mut Value,
    heard: &mut Vec<HeardAnswer>,
) -> Result<(), Box<chat::GuardRefusal>> {
    let mut this = HeardAnswer::new(choice["index"].as_u64().unwrap_or(0));
    this.finish_reason = choice["finish_reason"].as_str().map(str::to_owned);
    heard.push(this.clone());
    let Some(message) = choice.get_mut("message").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let mut is_changed = false;
    for (key, text_heard) in [
        ("reasoning_content", &this.reasoning),
        ("content", &this.content),
        ("refusal", &this.content),
    ] {
        if let Some(Value::String(text)) = message.get_mut(key)
            && !text.is_empty()
        {
            let shown = caller.screen.heard(text, text_heard)?;
            is_changed |= shown != *text;
            *text = shown;
        }
    }
    if message.contains_key("reasoning") {
        let shown = message
            .get("reasoning_content")
            .cloned()
            .unwrap_or(Value::Null);
        message.insert("reasoning".to_owned(), shown);
    }
    message.remove("reasoning_details");
    for call in message
        .get_mut("tool_calls")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(Value::String(arguments)) = call.pointer_mut("/function/arguments") {
            let mut listener = caller.screen.listen_to_arguments();
            let mut shown = listener.push(arguments);
            shown.push_str(&listener.finish());
            *arguments = shown;
        }
    }
    // Probabilities tell the tokens themselves.
    if is_changed && choice.get("logprobs").is_some() {
        choice["logprobs"] = Value::Null;
    }
    Ok(())
}

/// An answer as chunks.
struct Chunks {
    wants_usage: bool,
}

impl AnswerForm for Chunks {
    fn begin(&mut self) -> Vec<SseEvent> {
        Vec::new()
    }

    fn chunk(&mut self, chunk: Map<String, Value>) -> Vec<SseEvent> {
        vec![SseEvent::data(Value::Object(chunk).to_string())]
    }

    fn fail(&mut self, error: &Value) -> Vec<SseEvent> {
        vec![SseEvent::data(json!({ "error": error }).to_string())]
    }

    fn end(&mut self, info: &AnswerInfo) -> Vec<SseEvent> {
        let usage = info.usage_chunk.clone().filter(|_| self.wants_usage);
        let mut events: Vec<_> = usage
            .into_iter()
            .flat_map(|usage| self.chunk(usage))
            .collect();
        events.push(SseEvent::data("[DONE]"));
        events
    }
}
