//! `/v1/chat/completions`.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::IntoResponse;
use chat::model::ChunkStream;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::caller::{Caller, begin, stream_response};
use super::failure::{GatewayFailure, GatewayFailures, error_of, error_of_model};
use super::outgoing::Outgoing;
use super::prepare::{PreparedRequest, prepare};
use super::signatures;
use crate::principal::Principal;
use crate::sse::{SseEvent, channel};
use crate::state::AppState;

/// Chunks that wait for a slow client before the model is slowed down.
const CHUNKS_AHEAD: usize = 32;

/// Asks a model, as OpenAI's `chat/completions` does.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "gateway",
    request_body(content = Object, description = "As OpenAI has it; unknown fields go to the provider unchanged."),
    responses(
        (status = 200, description = "The answer, or a stream of chunks if `stream` is true.", body = Object),
        GatewayFailures
    )
)]
pub(super) async fn complete(
    State(state): State<AppState>,
    principal: Principal,
    request: Request,
) -> Response<Body> {
    match answer(state, &principal, request).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answer(
    state: AppState,
    principal: &Principal,
    request: Request,
) -> Result<Response<Body>, GatewayFailure> {
    let (mut caller, body) = Caller::read(state, principal, request).await?;
    let is_streaming = match body.get("stream") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => {
            return Err(GatewayFailure::invalid(
                "stream",
                "`stream` is neither true nor false",
            ));
        }
    };
    let wants_usage = body
        .get("stream_options")
        .is_some_and(|options| options["include_usage"] == true);
    let PreparedRequest { handle, body } = prepare(&mut caller, body).await?;
    let cancel = CancellationToken::new();
    if !is_streaming {
        let _cancels = cancel.clone().drop_guard();
        return whole(caller, handle.complete(body, cancel).await?);
    }
    let mut chunks = handle.forward(body, cancel);
    let (sender, events) = channel(CHUNKS_AHEAD);
    let (told, head) = oneshot::channel();
    let (state, notices) = (caller.state.clone(), caller.notices.clone());
    // A task of its own goes on while the head of the response waits, and ends when the client is gone.
    tokio::spawn(async move {
        match begin(&mut chunks, told, &sender).await {
            Ok(()) => stream(&caller, &mut chunks, &sender, wants_usage).await,
            Err(Some(error)) => fail(&sender, &error_of_model(&error)).await,
            Err(None) => {}
        }
    });
    stream_response(&state, (events, head), &notices).await
}

/// An answer that came whole.
fn whole(
    mut caller: Caller,
    whole: chat::model::WholeAnswer,
) -> Result<Response<Body>, GatewayFailure> {
    caller.notices.extend(whole.notices);
    remember_calls(&caller, &whole.info);
    let mut answer = whole.answer;
    for choice in answer
        .get_mut("choices")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        screen_message(&caller, choice)?;
    }
    Ok(caller.answer(&Value::Object(answer), Some(&whole.info)))
}

/// Judges one answer of several.
fn screen_message(caller: &Caller, choice: &mut Value) -> Result<(), GatewayFailure> {
    let Some(message) = choice.get_mut("message").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let mut is_changed = false;
    for key in ["reasoning_content", "content", "refusal"] {
        if let Some(Value::String(text)) = message.get_mut(key)
            && !text.is_empty()
        {
            let shown = caller.screen.heard(text)?;
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

pub(super) fn remember_calls(caller: &Caller, info: &chat::model::AnswerInfo) {
    let owner = caller.person.owner.id.as_str();
    signatures::remember(owner, &info.provider, &info.raw_tool_calls);
}

/// Sends the chunks of an answer until its end, an error, or the client is gone, which ends the call of the model.
async fn stream(
    caller: &Caller,
    chunks: &mut ChunkStream,
    sender: &Sender<SseEvent>,
    wants_usage: bool,
) {
    let mut outgoing = Outgoing::new(&caller.screen);
    loop {
        let chunk = tokio::select! {
            chunk = chunks.next() => chunk,
            () = sender.closed() => return,
        };
        let sent = match chunk {
            None => break,
            Some(Err(error)) => return fail(sender, &error_of_model(&error)).await,
            Some(Ok(chunk)) => outgoing.take(chunk),
        };
        match sent {
            Err(refusal) => return fail(sender, &error_of(&refusal)).await,
            Ok(sent) => {
                for chunk in sent {
                    if send(sender, chunk).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
    remember_calls(caller, chunks.info());
    if wants_usage && let Some(usage) = chunks.info().usage_chunk.clone() {
        send(sender, usage).await;
    }
    let _ = sender.send(SseEvent::data("[DONE]")).await;
}

async fn send(sender: &Sender<SseEvent>, chunk: Map<String, Value>) -> Option<()> {
    sender
        .send(SseEvent::data(Value::Object(chunk).to_string()))
        .await
        .ok()
}

/// Ends a stream that began well with an error, as OpenAI's clients understand it.
async fn fail(sender: &Sender<SseEvent>, error: &Value) {
    let _ = sender
        .send(SseEvent::data(json!({ "error": error }).to_string()))
        .await;
}
