//! Who asks, with what of theirs, and the answers that go back to them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response};
use chat::Screen;
use chat::model::{AnswerInfo, ChunkStream, ModelError};
use serde_json::{Map, Value};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::call_log::{CallEnd, CallLog, HeardAnswer};
use super::failure::GatewayFailure;
use super::signatures;
use crate::api_error::ApiError;
use crate::body::{from_json, read_body};
use crate::people::Person;
use crate::principal::Principal;
use crate::sse::{SseChannel, SseEvent};
use crate::state::AppState;

/// Bytes of a request: conversations with pictures in them.
const MAX_REQUEST_BYTES: usize = 32 << 20;

/// How long the head of an answer waits for the model, so that an error can have its status. Then the stream
/// begins, and is kept alive until the model says something.
const HEAD_PATIENCE: Duration = Duration::from_secs(8);

/// Notes for a person about a request that went through.
const NOTICE_HEADER: HeaderName = HeaderName::from_static("x-lorekeep-notice");

/// Whether the person's memory is asked: `on` or `off`.
const MEMORY_HEADER: HeaderName = HeaderName::from_static("x-lorekeep-memory");

/// Whether the call is kept, where calls are: `off` if it isn't to be.
const RECORD_HEADER: HeaderName = HeaderName::from_static("x-lorekeep-record");

/// What asks for memory at the end of a model's name.
const MEMORY_SUFFIX: &str = ":memory";

/// Who asks.
pub(super) struct Caller {
    pub(super) state: AppState,
    pub(super) person: Arc<Person>,
    pub(super) screen: Screen,
    headers: HeaderMap,
    pub(super) notices: Vec<String>,
    pub(super) log: CallLog,
}

impl Caller {
    /// Whoever sent a request, and the JSON object in its body.
    pub(super) async fn read(
        state: AppState,
        principal: &Principal,
        request: Request,
    ) -> Result<(Self, Map<String, Value>), GatewayFailure> {
        let person = state.people.of(principal)?;
        if person.records_calls {
            // Its placeholders are those of the archive.
            state.chat_of(&person).await?;
        }
        let screen = person.chat.screens().map_err(ApiError::internal)?.begin();
        let headers = request.headers().clone();
        // Any content type: simple programs send none.
        let bytes = read_body(request, MAX_REQUEST_BYTES, &state).await?;
        let body: Value = from_json(&bytes)?;
        let Value::Object(body) = body else {
            return Err(GatewayFailure::invalid("", "the body is no JSON object"));
        };
        let is_recorded = switch(&headers, &RECORD_HEADER)?.unwrap_or(true);
        let log = CallLog::new(person.records_calls && is_recorded);
        Ok((
            Self {
                state,
                person,
                screen,
                headers,
                notices: Vec::new(),
                log,
            },
            body,
        ))
    }

    /// The model's name without what asks for memory, and whether something does.
    pub(super) fn model_and_memory(
        &self,
        body: &Map<String, Value>,
    ) -> Result<(String, bool), GatewayFailure> {
        let name = match body.get("model") {
            None | Some(Value::Null) => "",
            Some(Value::String(name)) => name.trim(),
            Some(_) => return Err(GatewayFailure::invalid("model", "`model` is no text")),
        };
        let (name, has_suffix) = match name.strip_suffix(MEMORY_SUFFIX) {
            Some(name) => (name, true),
            None => (name, false),
        };
        let by_header = switch(&self.headers, &MEMORY_HEADER)?;
        Ok((name.to_owned(), by_header.unwrap_or(has_suffix)))
    }

    /// Ends the call: calls of tools are remembered, and what is to be noted of it is.
    pub(super) fn end(self, info: &AnswerInfo, heard: Vec<HeardAnswer>, end: &CallEnd) {
        if matches!(end, CallEnd::Whole) {
            let owner = self.person.owner.id.as_str();
            signatures::remember(owner, &info.provider, &info.raw_tool_calls);
        }
        self.log
            .end((&self.state, &self.person), (info, heard), end);
    }

    /// A JSON document as the answer.
    pub(super) fn answer(&self, document: &Value, info: Option<&AnswerInfo>) -> Response<Body> {
        let mut response = Response::new(Body::from(document.to_string()));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let silent = AnswerInfo::default();
        add_headers(&mut response, info.unwrap_or(&silent), &self.notices);
        response
    }
}

/// Whether a request asks for a stream.
pub(super) fn is_streaming(body: &Map<String, Value>) -> Result<bool, GatewayFailure> {
    match body.get("stream") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(false),
        Some(Value::Bool(true)) => Ok(true),
        Some(_) => Err(GatewayFailure::invalid(
            "stream",
            "`stream` is neither true nor false",
        )),
    }
}

/// A header that switches something on or off.
fn switch(headers: &HeaderMap, name: &HeaderName) -> Result<Option<bool>, GatewayFailure> {
    match headers.get(name).map(HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"on" | b"true" | b"1") => Ok(Some(true)),
        Some(b"off" | b"false" | b"0") => Ok(Some(false)),
        Some(_) => {
            let what = format!("`{name}` is neither `on` nor `off`");
            Err(GatewayFailure::invalid(name.as_str(), what))
        }
    }
}

/// Adds what the provider told in headers, and notes.
pub(super) fn add_headers(response: &mut Response<Body>, info: &AnswerInfo, notices: &[String]) {
    let headers = response.headers_mut();
    for (name, value) in &info.headers {
        // The request's id is ours; the provider's helps whoever asks the provider.
        let name = match &**name {
            "x-request-id" => "x-provider-request-id",
            name => name,
        };
        let pair = (HeaderName::try_from(name), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = pair {
            headers.insert(name, value);
        }
    }
    for notice in notices {
        let plain: String = notice.chars().filter(|c| matches!(c, ' '..='~')).collect();
        if let Ok(value) = HeaderValue::from_str(&plain) {
            headers.append(NOTICE_HEADER, value);
        }
    }
}

/// How an answer began: what its head can say.
pub(super) struct AnswerHead {
    /// Why there is none.
    pub(super) failed: Option<ModelError>,
    info: AnswerInfo,
    notices: Vec<String>,
}

/// Waits until an answer begins, and tells how. The error of one that doesn't comes back if nobody waits any more
/// for the head, so that the stream can say it; `Err(None)` if the client is gone or the head says it.
pub(super) async fn begin(
    chunks: &mut ChunkStream,
    head: oneshot::Sender<AnswerHead>,
    sender: &Sender<SseEvent>,
) -> Result<(), Option<ModelError>> {
    let begun = tokio::select! {
        begun = chunks.begin() => begun,
        () = sender.closed() => return Err(None),
    };
    let told = head.send(AnswerHead {
        failed: begun.clone().err(),
        info: chunks.info().clone(),
        notices: chunks.take_notices(),
    });
    match (begun, told) {
        (Ok(()), _) => Ok(()),
        (Err(_), Ok(())) => Err(None),
        (Err(error), Err(_)) => Err(Some(error)),
    }
}

/// The response of a stream: once its answer began, or after a while all the same, so that it is kept alive.
pub(super) async fn stream_response(
    state: &AppState,
    (events, head): (SseChannel, oneshot::Receiver<AnswerHead>),
    notices: &[String],
) -> Result<Response<Body>, GatewayFailure> {
    let head = timeout(HEAD_PATIENCE, head).await.ok().and_then(Result::ok);
    let Some(head) = head else {
        let mut response = state.plain_sse(events);
        add_headers(&mut response, &AnswerInfo::default(), notices);
        return Ok(response);
    };
    if let Some(error) = head.failed {
        return Err(error.into());
    }
    let mut response = state.plain_sse(events);
    let notices: Vec<_> = notices.iter().cloned().chain(head.notices).collect();
    add_headers(&mut response, &head.info, &notices);
    Ok(response)
}
