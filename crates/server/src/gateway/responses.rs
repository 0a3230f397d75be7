//! `/v1/responses`: OpenAI's newer protocol, which Codex and others speak, translated to a chat completion and back.
//! Nothing is kept between requests: a request carries its whole conversation.

mod translate;
mod output;
mod events;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::response::IntoResponse;
use chat::model::ChunkStream;
use serde_json::{Map, Value};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::caller::{Caller, begin, stream_response};
use super::completions::remember_calls;
use super::failure::{GatewayFailure, GatewayFailures, error_of, error_of_model};
use super::outgoing::Outgoing;
use super::prepare::{PreparedRequest, prepare};
use crate::principal::Principal;
use crate::sse::{SseEvent, channel};
use crate::state::AppState;
use events::ResponseEvents;
use translate::translate;

/// Events that wait for a slow client before the model is slowed down.
const EVENTS_AHEAD: usize = 64;

/// Asks a model, as OpenAI's `responses` does. Nothing is kept between requests.
#[utoipa::path(
    post, path = "/v1/responses", tag = "gateway",
    request_body(content = Object, description = "As OpenAI has it, without what needs answers to be kept."),
    responses(
        (status = 200, description = "The response, or a stream of events if `stream` is true.", body = Object),
        GatewayFailures
    )
)]
pub(super) async fn respond(
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
    let (mut caller, asked) = Caller::read(state, principal, request).await?;
    let is_streaming = asked.get("stream").is_some_and(|stream| *stream == true);
    let body = translate(&asked, &mut caller.notices)?;
    let PreparedRequest { handle, body } = prepare(&mut caller, body).await?;
    let now = caller.state.options.clock.millis() / 1_000;
    let mut chunks = handle.forward(body, CancellationToken::new());
    let mut events = ResponseEvents::new(&asked, &handle.id(), now);
    if !is_streaming {
        return whole(caller, &mut chunks, &mut events).await;
    }
    let (sender, sent) = channel(EVENTS_AHEAD);
    let (told, head) = oneshot::channel();
    let (state, notices) = (caller.state.clone(), caller.notices.clone());
    // A task of its own goes on while the head of the response waits, and ends when the client is gone.
    tokio::spawn(async move {
        let mut ready = Vec::new();
        events.begin(&mut ready);
        match begin(&mut chunks, told, &sender).await {
            Ok(()) => stream(&caller, &mut chunks, (&mut events, ready), &sender).await,
            Err(Some(error)) => {
                events.fail(&error_of_model(&error), &mut ready);
                send(&sender, &mut ready).await;
            }
            Err(None) => {}
        }
    });
    stream_response(&state, (sent, head), &notices).await
}

/// The whole answer, out of the same pieces as the stream.
async fn whole(
    mut caller: Caller,
    chunks: &mut ChunkStream,
    events: &mut ResponseEvents,
) -> Result<Response<Body>, GatewayFailure> {
    {
        let mut outgoing = Outgoing::new(&caller.screen);
        while let Some(chunk) = chunks.next().await {
            for chunk in outgoing.take(chunk?)? {
                events.take(&chunk, &mut Vec::new());
            }
        }
    }
    caller.notices.extend(chunks.take_notices());
    remember_calls(&caller, chunks.info());
    events.finish(chunks.info().usage.as_ref(), &mut Vec::new());
    Ok(caller.answer(&events.response(), Some(chunks.info())))
}

/// Sends the events of an answer until its end, an error, or the client is gone, which ends the call of the model.
async fn stream(
    caller: &Caller,
    chunks: &mut ChunkStream,
    (events, mut ready): (&mut ResponseEvents, Vec<Map<String, Value>>),
    sender: &Sender<SseEvent>,
) {
    let mut outgoing = Outgoing::new(&caller.screen);
    loop {
        if send(sender, &mut ready).await.is_none() {
            return;
        }
        let chunk = tokio::select! {
            chunk = chunks.next() => chunk,
            () = sender.closed() => return,
        };
        let taken = match chunk {
            None => break,
            Some(Err(error)) => Err(error_of_model(&error)),
            Some(Ok(chunk)) => outgoing.take(chunk).map_err(|refusal| error_of(&refusal)),
        };
        match taken {
            Ok(taken) => taken
                .iter()
                .for_each(|chunk| events.take(chunk, &mut ready)),
            Err(error) => {
                events.fail(&error, &mut ready);
                send(sender, &mut ready).await;
                return;
            }
        }
    }
    remember_calls(caller, chunks.info());
    events.finish(chunks.info().usage.as_ref(), &mut ready);
    send(sender, &mut ready).await;
}

async fn send(sender: &Sender<SseEvent>, ready: &mut Vec<Map<String, Value>>) -> Option<()> {
    for event in ready.drain(..) {
        let name = event
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        sender
            .send(SseEvent::new(name, Value::Object(event).to_string()))
            .await
            .ok()?;
    }
    Some(())
}
