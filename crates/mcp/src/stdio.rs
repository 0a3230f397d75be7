//! The protocol over standard input and output, a JSON object a line.
//!
//! rmcp has such a transport too; this one says what is wrong with a line that isn't a message,
//! bounds what waits for a client that doesn't read, and answers what was asked before the input
//! ended. Nothing else in the process can write where it writes.

use std::collections::HashSet;
use std::fs::File;
use std::future::Future;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ErrorCode, ErrorData, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::{RoleServer, ServiceExt as _};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use wire::json_without_hidden;

use crate::limits::{MAX_JSON_VALUES, MAX_MESSAGE_BYTES};
use crate::lock::lock;
use crate::session::McpSession;

/// Requests that may be under way, or answered and not read: of more, the rest waits in the pipe.
const MAX_OPEN_REQUESTS: usize = 32;

/// How long answers may take once the input has ended.
const LAST_ANSWERS_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the last answers may take into the pipe once all else is done.
const LAST_WRITES_TIMEOUT: Duration = Duration::from_secs(1);

/// Lines that wait between threads.
const MAX_QUEUED_LINES: usize = 8;

/// What came in.
enum InputLine {
    Whole(Vec<u8>),
    TooLong,
}

/// The protocol over an input and an output pipe, a JSON object of at most 4 MiB a line; a line that is no
/// message is answered with an error. Each pipe has a thread of its own, since not every system can wait
/// for one without. It is made by [`Self::start`] and passed to [`serve_stdio`].
pub struct StdioTransport {
    /// Lines that were read, at most 8 that wait.
    lines: mpsc::Receiver<InputLine>,
    /// Lines to be written; `None` once the transport is closed.
    out: Option<mpsc::Sender<Vec<u8>>>,
    /// Resolves when the thread that writes has written all and ended.
    written: oneshot::Receiver<()>,
    /// Requests without an answer yet; while there are more than 32, no further line is taken.
    under_way: Arc<OpenRequests>,
    /// Cancelled when the input has ended and no answer is waited for any more.
    gone: CancellationToken,
    /// The error that answers a bad line, until it could be queued: receiving may be cancelled wherever it
    /// waits, and the error must not be lost then.
    complaint: Option<Vec<u8>>,
}

/// The client has closed its end of the pipes, or no longer takes answers: nothing more can be sent to it.
#[derive(Debug, thiserror::Error)]
#[error("the client has closed its end")]
pub struct ClientGone;

/// The requests that were read and not answered yet. One that the client cancels gets no answer.
#[derive(Default)]
struct OpenRequests {
    ids: Mutex<HashSet<RequestId>>,
    fewer: Notify,
}

impl OpenRequests {
    fn note(&self, message: &ClientJsonRpcMessage) {
        match message {
            ClientJsonRpcMessage::Request(request) => {
                lock(&self.ids).insert(request.id.clone());
            }
            ClientJsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.done(id);
                }
            }
            _ => {}
        }
    }

    fn done(&self, id: &RequestId) {
        lock(&self.ids).remove(id);
        self.fewer.notify_waiters();
    }

    /// Waits until no more than so many are under way.
    async fn at_most(&self, count: usize) {
        loop {
            let fewer = self.fewer.notified();
            if lock(&self.ids).len() <= count {
                return;
            }
            fewer.await;
        }
    }
}

impl StdioTransport {
    /// Starts a thread that reads lines from `input` until that ends, and one that writes lines to `output`
    /// until this value is dropped or closed.
    ///
    /// # Errors
    /// If a thread can't be started. The first one may be running then; it takes lines from `input` until it
    /// has one that nobody receives.
    pub fn start(input: impl Read + Send + 'static, output: File) -> io::Result<Self> {
        let (line_sender, lines) = mpsc::channel(MAX_QUEUED_LINES);
        let (out, out_receiver) = mpsc::channel(MAX_QUEUED_LINES);
        let (has_written, written) = oneshot::channel();
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        thread("mcp-in").spawn(move || read_lines(input, &line_sender))?;
        thread("mcp-out").spawn(move || {
            write_lines(output, out_receiver);
            // Nobody may wait for it any more.
            let _ = has_written.send(());
        })?;
        Ok(Self {
            lines,
            out: Some(out),
            written,
            under_way: Arc::default(),
            gone: CancellationToken::new(),
            complaint: None,
        })
    }

    /// The next line, once the client has read enough of what it asked for; nothing at the end, when
    /// all is answered.
    async fn next_line(&mut self, out: &mpsc::Sender<Vec<u8>>) -> Option<InputLine> {
        let next = async {
            self.under_way.at_most(MAX_OPEN_REQUESTS).await;
            let line = self.lines.recv().await;
            if line.is_none() {
                // A client that takes no answers any more isn't waited for.
                let _ = tokio::time::timeout(LAST_ANSWERS_TIMEOUT, self.under_way.at_most(0)).await;
                self.gone.cancel();
            }
            line
        };
        tokio::select! {
            line = next => line,
            () = out.closed() => None,
        }
    }
}

fn read_lines(input: impl Read, lines: &mpsc::Sender<InputLine>) {
    let mut input = BufReader::with_capacity(64 << 10, input);
    loop {
        let mut line = Vec::new();
        let read = input
            .by_ref()
            .take(MAX_MESSAGE_BYTES as u64 + 1)
            .read_until(b'\n', &mut line);
        // What can't be read any more ends the session like the end of the input.
        if !matches!(read, Ok(1..)) {
            return;
        }
        let is_whole = line.len() <= MAX_MESSAGE_BYTES || line.ends_with(b"\n");
        let line = if is_whole {
            InputLine::Whole(line)
        } else {
            drop(line);
            if skip_line(&mut input).is_err() {
                return;
            }
            InputLine::TooLong
        };
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

/// Reads on to the end of a line and keeps nothing of it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(bytes.len(), |at| at + 1);
        let is_end = length == 0;
        input.consume(length);
        if end.is_some() || is_end {
            return Ok(());
        }
    }
}

fn write_lines(mut output: File, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.blocking_recv() {
        // Dropping the receiver tells the session that nobody reads any more.
        if output.write_all(&line).is_err() {
            return;
        }
    }
}

/// What is wrong with a line, and the request that it was, as far as that can be told.
type LineComplaint = (Option<RequestId>, ErrorData);

/// What a line is: a message, or what is wrong with it.
fn parse(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, LineComplaint> {
    let line = line
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(line)
        .trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let what = format!("this line isn't JSON: {error}");
        (None, ErrorData::new(ErrorCode::PARSE_ERROR, what, None))
    })?;
    let invalid = |id, what: &str| {
        let error = ErrorData::new(ErrorCode::INVALID_REQUEST, what.to_owned(), None);
        Err((id, error))
    };
    let message = match &value {
        Value::Object(message) => message,
        Value::Array(_) => {
            let what = "batches aren't taken: send each request on a line of its own";
            return invalid(None, what);
        }
        _ => return invalid(None, "a message is a JSON object"),
    };
    let id = message.get("id").and_then(id_of);
    if message.get("jsonrpc") != Some(&Value::from("2.0")) {
        return invalid(id, "`jsonrpc` must be \"2.0\"");
    }
    let method = message.get("method");
    if method.is_some_and(|method| !method.is_string()) {
        return invalid(id, "`method` must be a string");
    }
    let is_answer = message.contains_key("result") || message.contains_key("error");
    if method.is_none() && !is_answer {
        return invalid(id, "a message has a `method`, a `result` or an `error`");
    }
    if method.is_some() && message.contains_key("id") && id.is_none() {
        return invalid(None, "`id` must be a string or a whole number");
    }
    let asks = method.is_some() && id.is_some();
    serde_json::from_value(value).map(Some).or_else(|error| {
        // An answer that nobody understands is nobody's loss; a request must be answered.
        if !asks {
            return Ok(None);
        }
        let what = format!("the request doesn't have the expected shape: {error}");
        Err((id, ErrorData::new(ErrorCode::INVALID_PARAMS, what, None)))
    })
}

fn id_of(id: &Value) -> Option<RequestId> {
    serde_json::from_value(id.clone()).ok()
}

/// A message as it is written: nothing in it is hidden from readers, whatever it was made of.
fn encode(message: &ServerJsonRpcMessage) -> Option<Vec<u8>> {
    let mut line = json_without_hidden(serde_json::to_string(message).ok()?).into_bytes();
    line.push(b'\n');
    Some(line)
}

/// The request that a message answers.
fn answered(message: &ServerJsonRpcMessage) -> Option<RequestId> {
    match message {
        ServerJsonRpcMessage::Response(response) => Some(response.id.clone()),
        ServerJsonRpcMessage::Error(error) => error.id.clone(),
        _ => None,
    }
}

impl Transport<RoleServer> for StdioTransport {
    type Error = ClientGone;

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), ClientGone>> + Send + 'static {
        let out = self.out.clone();
        let under_way = Arc::clone(&self.under_way);
        let gone = self.gone.clone();
        async move {
            let sent = match (out, encode(&item)) {
                (Some(out), Some(line)) => tokio::select! {
                    sent = out.send(line) => sent.map_err(|_| ClientGone),
                    () = gone.cancelled() => Err(ClientGone),
                },
                _ => Err(ClientGone),
            };
            if let Some(id) = answered(&item) {
                under_way.done(&id);
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        let out = self.out.clone()?;
        loop {
            if self.complaint.is_some() {
                let room = out.reserve().await.ok()?;
                if let Some(line) = self.complaint.take() {
                    room.send(line);
                }
            }
            let parsed = match self.next_line(&out).await? {
                InputLine::Whole(line) if wire::has_at_most_values(&line, MAX_JSON_VALUES) => {
                    parse(&line)
                }
                InputLine::Whole(_) => {
                    let what = format!("a line of more than {MAX_JSON_VALUES} values isn't read");
                    Err((None, ErrorData::new(ErrorCode::INVALID_REQUEST, what, None)))
                }
                InputLine::TooLong => {
                    let what = format!(
                        "a line of more than {} MiB isn't read",
                        MAX_MESSAGE_BYTES >> 20
                    );
                    Err((None, ErrorData::new(ErrorCode::INVALID_REQUEST, what, None)))
                }
            };
            match parsed {
                Ok(None) => {}
                Ok(Some(message)) => {
                    self.under_way.note(&message);
                    return Some(message);
                }
                Err((id, error)) => {
                    self.complaint = encode(&ServerJsonRpcMessage::error(error, id));
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), ClientGone> {
        self.out = None;
        // What was answered last may still be on its way to the pipe, and the process may end now.
        let _ = tokio::time::timeout(LAST_WRITES_TIMEOUT, &mut self.written).await;
        Ok(())
    }
}

/// Serves one client until it closes its end, which is no failure; requests that it sent before are answered
/// first, for at most 5 seconds.
///
/// # Errors
/// If a task of the session panicked or was cancelled, which is a bug.
// Boxed, so that the whole protocol is compiled here, not once more where it is awaited.
pub fn serve_stdio(
    session: McpSession,
    transport: StdioTransport,
) -> Pin<Box<dyn Future<Output = Result<(), JoinError>> + Send>> {
    Box::pin(async {
        // A client that goes away before it said anything is no failure either.
        if let Ok(running) = session.serve(transport).await {
            running.waiting().await?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        let (id, error) = parse(line.as_bytes()).expect_err("is refused");
        format!("{} {:?} {}", error.code.0, id.is_some(), error.message)
    }

    #[test]
    fn lines_that_are_no_messages_are_explained() {
        assert!(refused("{").starts_with("-32700 false this line isn't JSON"));
        assert!(refused("[{}]").starts_with("-32600 false batches"));
        assert!(refused("3").contains("a JSON object"));
        assert!(refused(r#"{"id":1,"method":"ping"}"#).starts_with("-32600 true `jsonrpc`"));
        assert!(refused(r#"{"jsonrpc":"2.0","id":1}"#).contains("a `method`"));
        assert!(refused(r#"{"jsonrpc":"2.0","id":1,"method":5}"#).contains("`method`"));
        assert!(refused(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#).contains("`id`"));
    }

    #[test]
    fn blank_lines_and_byte_order_marks_are_left_out() {
        assert!(parse(b"  \r\n").is_ok_and(|message| message.is_none()));
        let ping = b"\xEF\xBB\xBF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n";
        assert!(parse(ping).is_ok_and(|message| message.is_some()));
    }
}
