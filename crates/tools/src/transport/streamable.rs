//! Streamable HTTP: `rmcp` has the protocol, and here are the requests, within our limits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, RequestId, ServerJsonRpcMessage};
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use sse_stream::Sse;
use tokio::sync::mpsc;

use super::events::{EventItem, EventStream, Received, read_events};
use super::web::WebServer;
use crate::frame::{FrameFault, answered, decode};
use crate::http::{WebRefusal, is_type, read_body, status_refusal};

const SESSION_HEADER: HeaderName = HeaderName::from_static("mcp-session-id");
const LAST_EVENT_HEADER: HeaderName = HeaderName::from_static("last-event-id");
const ACCEPTED_TYPES: &str = "text/event-stream, application/json";

/// How often a stream that broke off is taken up again, without being needed.
const MAX_STREAM_RETRIES: usize = 8;

type HttpError = StreamableHttpError<WebRefusal>;

/// The transport's settings.
pub(crate) fn transport_config(server: &WebServer) -> StreamableHttpClientTransportConfig {
    let mut config = StreamableHttpClientTransportConfig::with_uri(server.0.url.as_str());
    let mut backoff = ExponentialBackoff::default();
    backoff.max_times = Some(MAX_STREAM_RETRIES);
    config.retry_config = Arc::new(backoff);
    config.max_sse_event_size = server.0.limit;
    config.max_json_response_size = server.0.limit;
    config
}

impl StreamableHttpClient for WebServer {
    type Error = WebRefusal;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        let posted = post(self, &message, session, headers).await;
        if let Err(StreamableHttpError::Client(refusal)) = &posted {
            self.refuse(refusal);
        }
        posted
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        token: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        _: StreamableHttpResponseLimits,
    ) -> Result<StreamableHttpPostResponse, HttpError> {
        self.post_message(uri, message, session, token, headers)
            .await
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        session: Arc<str>,
        _: Option<String>,
        mut headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), HttpError> {
        if !self.0.is_terminated_on_close {
            return Ok(());
        }
        headers.insert(SESSION_HEADER, header(&session)?);
        let request = self.0.client.delete(self.0.url.clone());
        self.send(request, headers)
            .await
            .map_err(StreamableHttpError::Client)?;
        Ok(())
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        session: Option<Arc<str>>,
        last_event: Option<String>,
        _: Option<String>,
        mut headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<EventStream, HttpError> {
        if let Some(session) = session {
            headers.insert(SESSION_HEADER, header(&session)?);
        }
        if let Some(last_event) = last_event {
            headers.insert(LAST_EVENT_HEADER, header(&last_event)?);
        }
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let request = self.0.client.get(self.0.url.clone());
        let response = self
            .send(request, headers)
            .await
            .map_err(StreamableHttpError::Client)?;
        if response.status().is_client_error() || !is_type(&response, "text/event-stream") {
            // Many servers have no such stream, and say so in many ways.
            return Err(StreamableHttpError::ServerDoesNotSupportSse);
        }
        if !response.status().is_success() {
            let refusal = status_refusal(response).await;
            return Err(StreamableHttpError::Client(refusal));
        }
        Ok(checked(read_events(response, self.0.limit), None))
    }
}

fn header(value: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::from_str(value)
        .map_err(|_| unexpected("a header of the session can't be sent back"))
}

fn unexpected(what: &'static str) -> HttpError {
    StreamableHttpError::UnexpectedServerResponse(Cow::Borrowed(what))
}

async fn post(
    server: &WebServer,
    message: &ClientJsonRpcMessage,
    session: Option<Arc<str>>,
    mut headers: HashMap<HeaderName, HeaderValue>,
) -> Result<StreamableHttpPostResponse, HttpError> {
    let has_session = session.is_some();
    if let Some(session) = session {
        headers.insert(SESSION_HEADER, header(&session)?);
    }
    headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED_TYPES));
    let request = server.message(server.0.url.clone(), message);
    let response = server
        .send(request, headers)
        .await
        .map_err(StreamableHttpError::Client)?;
    let status = response.status();
    if status == StatusCode::NOT_FOUND && has_session {
        return Err(StreamableHttpError::SessionExpired);
    }
    let asked = match message {
        ClientJsonRpcMessage::Request(request) => Some(&request.id),
        _ => None,
    };
    let Some(asked) = asked else {
        return match status.is_success() {
            true => Ok(StreamableHttpPostResponse::Accepted),
            false => Err(StreamableHttpError::Client(status_refusal(response).await)),
        };
    };
    let is_start = matches!(message, ClientJsonRpcMessage::Request(request)
        if matches!(request.request, ClientRequest::InitializeRequest(_)));
    let answer = answer(server, response, asked).await?;
    if is_start {
        server.0.sessions.send_modify(|sessions| *sessions += 1);
    }
    Ok(answer)
}

/// The answer to a request: a JSON document or a stream of events.
async fn answer(
    server: &WebServer,
    response: reqwest::Response,
    asked: &RequestId,
) -> Result<StreamableHttpPostResponse, HttpError> {
    let status = response.status();
    let session = response.headers().get(SESSION_HEADER);
    let session = session
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    if status.is_success() && is_type(&response, "text/event-stream") {
        let events = read_events(response, server.0.limit);
        return Ok(StreamableHttpPostResponse::Sse(
            checked(events, Some(asked.clone())),
            session,
        ));
    }
    if !is_type(&response, "application/json") {
        let refusal = match status.is_success() {
            false => status_refusal(response).await,
            true => WebRefusal::Status(status.as_u16(), "the answer is no MCP message".to_owned()),
        };
        return Err(StreamableHttpError::Client(refusal));
    }
    let body = read_body(response, server.0.limit)
        .await
        .map_err(StreamableHttpError::Client)?;
    let message = match &body {
        None => Err(FrameFault::TooLarge(server.0.limit)),
        Some(body) => decode(body).and_then(|message| check(message, asked)),
    };
    match message {
        Ok(message) => Ok(StreamableHttpPostResponse::Json(message, session)),
        // What isn't a message comes with a status that says more.
        Err(_) if !status.is_success() => {
            let said = body
                .as_deref()
                .map(String::from_utf8_lossy)
                .unwrap_or_default();
            let said = said.chars().take(300).collect();
            Err(StreamableHttpError::Client(WebRefusal::Status(
                status.as_u16(),
                said,
            )))
        }
        Err(fault) => Ok(StreamableHttpPostResponse::Json(
            fault.as_answer(asked.clone()),
            session,
        )),
    }
}

fn check(
    message: Option<ServerJsonRpcMessage>,
    asked: &RequestId,
) -> Result<ServerJsonRpcMessage, FrameFault> {
    let Some(message) = message else {
        return Err(FrameFault::Malformed(
            "the answer is no MCP message".to_owned(),
        ));
    };
    match answered(&message) {
        Some(id) if id == asked => Ok(message),
        _ => Err(FrameFault::Malformed(
            "it answered another request".to_owned(),
        )),
    }
}

/// The events of a response. What is wrong with one becomes the answer to the request, after which nothing comes.
fn checked(mut events: mpsc::Receiver<EventItem>, asked: Option<RequestId>) -> EventStream {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let (event, is_last) = match event.and_then(|event| examine(event, asked.as_ref())) {
                Ok(event) => (event, false),
                Err(fault) => match asked.clone() {
                    Some(id) => (fault_event(&fault, id), true),
                    None => return,
                },
            };
            if sender.send(Ok(event)).await.is_err() || is_last {
                return;
            }
        }
    });
    Box::pin(Received(receiver))
}

fn examine(event: Sse, asked: Option<&RequestId>) -> Result<Sse, FrameFault> {
    let Some(data) = event.data.as_deref() else {
        return Ok(event);
    };
    let Some(message) = decode(data.as_bytes())? else {
        return Ok(Sse {
            data: None,
            ..event
        });
    };
    match (answered(&message), asked) {
        (Some(id), Some(asked)) if id != asked => Err(FrameFault::Malformed(
            "it answered another request".to_owned(),
        )),
        _ => Ok(event),
    }
}

fn fault_event(fault: &FrameFault, id: RequestId) -> Sse {
    let data = serde_json::to_string(&fault.as_answer(id)).ok();
    Sse {
        data,
        ..Sse::default()
    }
}
