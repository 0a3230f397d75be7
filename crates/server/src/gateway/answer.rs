//! An answer as it streams to a program, in whichever of the protocols it asked.

use axum::body::Body;
use axum::http::Response;
use chat::model::{AnswerInfo, ChunkStream};
use serde_json::{Map, Value};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

use super::call_log::{CallEnd, HeardAnswer};
use super::caller::{Caller, begin, stream_response};
use super::failure::{GatewayFailure, error_of, error_of_model};
use super::outgoing::Outgoing;
use crate::sse::{SseEvent, channel};

/// Events that wait for a slow client before the model is slowed down.
const EVENTS_AHEAD: usize = 64;

/// How a protocol writes an answer.
pub(super) trait AnswerForm: Send + 'static {
    /// The events before anything came.
    fn begin(&mut self) -> Vec<SseEvent>;

    /// The events of a chunk.
    fn chunk(&mut self, chunk: Map<String, Value>) -> Vec<SseEvent>;

    /// The events of an error, after which nothing comes.
    fn fail(&mut self, error: &Value) -> Vec<SseEvent>;

    /// The events of the end.
    fn end(&mut self, info: &AnswerInfo) -> Vec<SseEvent>;
}

/// Sends an answer as events. A task of its own goes on while the head of the response waits; it ends when the
/// client is gone, and with it the call of the model.
pub(super) async fn stream_answer(
    caller: Caller,
    mut chunks: ChunkStream,
    mut form: impl AnswerForm,
) -> Result<Response<Body>, GatewayFailure> {
    let (sender, events) = channel(EVENTS_AHEAD);
    let (told, head) = oneshot::channel();
    let (state, notices) = (caller.state.clone(), caller.notices.clone());
    tokio::spawn(async move {
        let (end, heard) = match begin(&mut chunks, told, &sender).await {
            Ok(()) => send_answer(&caller, &mut chunks, &mut form, &sender).await,
            Err(error) => {
                if let Some(error) = &error {
                    let mut last = form.begin();
                    last.extend(form.fail(&error_of_model(error)));
                    send(&sender, last).await;
                }
                (error.map_or(CallEnd::Left, CallEnd::Failed), Vec::new())
            }
        };
        let info = chunks.info().clone();
        // The connection is closed before anything is written.
        drop(chunks);
        drop(sender);
        caller.end(&info, heard, &end);
    });
    stream_response(&state, (events, head), &notices).await
}

/// Sends the events of an answer until its end, an error, or the client is gone.
async fn send_answer(
    caller: &Caller,
    chunks: &mut ChunkStream,
    form: &mut impl AnswerForm,
    sender: &Sender<SseEvent>,
) -> (CallEnd, Vec<HeardAnswer>) {
    let mut outgoing = Outgoing::new(&caller.screen);
    let mut ready = form.begin();
    let end = loop {
        if send(sender, ready).await.is_none() {
            break CallEnd::Left;
        }
        let chunk = tokio::select! {
            chunk = chunks.next() => chunk,
            () = sender.closed() => break CallEnd::Left,
        };
        let taken = match chunk {
            None => break CallEnd::Whole,
            Some(Err(error)) => break CallEnd::Failed(error),
            Some(Ok(chunk)) => outgoing.take(chunk),
        };
        match taken {
            Err(refusal) => break CallEnd::Refused(refusal),
            Ok(taken) => {
                let events = taken.into_iter().flat_map(|chunk| form.chunk(chunk));
                ready = events.collect();
            }
        }
    };
    let last = match &end {
        CallEnd::Whole => form.end(chunks.info()),
        CallEnd::Failed(error) => form.fail(&error_of_model(error)),
        CallEnd::Refused(refusal) => form.fail(&error_of(refusal)),
        CallEnd::Left => Vec::new(),
    };
    send(sender, last).await;
    (end, outgoing.heard())
}

async fn send(sender: &Sender<SseEvent>, events: Vec<SseEvent>) -> Option<()> {
    for event in events {
        sender.send(event).await.ok()?;
    }
    Some(())
}
