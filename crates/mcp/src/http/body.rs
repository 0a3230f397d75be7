//! Bodies: what comes in is read within bounds before anything is done about it, and in what goes out
//! nothing is hidden from readers.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{Semaphore, TryAcquireError};
use wire::{ErrorClass, json_without_hidden};

use super::refused::HttpRefusal;
use super::sessions::OpenRequest;
use crate::limits::{MAX_JSON_VALUES, MAX_MESSAGE_BYTES};

/// How long a body may take to come in.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a body that any request may have. The longest arguments that any tool takes fit.
const SMALL_BYTES: usize = 256 << 10;

/// Longer bodies that are read at a time; they are no longer than [`MAX_MESSAGE_BYTES`].
const MAX_LARGE_AT_ONCE: usize = 4;

/// Reads bodies, several at a time, in bounded memory.
pub(super) struct BodyReader {
    large: Semaphore,
}

impl BodyReader {
    pub(super) fn new() -> Self {
        Self {
            large: Semaphore::new(MAX_LARGE_AT_ONCE),
        }
    }

    /// All of a body.
    pub(super) async fn read(&self, body: Body) -> Result<Bytes, HttpRefusal> {
        let read = tokio::time::timeout(READ_TIMEOUT, self.read_all(body));
        read.await.unwrap_or(Err(HttpRefusal {
            status: StatusCode::REQUEST_TIMEOUT,
            why: "the body took too long to come in",
        }))
    }

    async fn read_all(&self, mut body: Body) -> Result<Bytes, HttpRefusal> {
        let mut bytes = Vec::new();
        let mut large = None;
        while let Some(frame) = next_frame(&mut body).await {
            let frame =
                frame.map_err(|_| HttpRefusal::of(ErrorClass::Invalid, "the body ended early"))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let length = bytes.len() + data.len();
            if length > MAX_MESSAGE_BYTES {
                return Err(HttpRefusal {
                    status: StatusCode::PAYLOAD_TOO_LARGE,
                    why: "a body of more than 4 MiB isn't read",
                });
            }
            if length > SMALL_BYTES && large.is_none() {
                large = Some(self.large.try_acquire().map_err(busy)?);
            }
            bytes.extend_from_slice(&data);
        }
        if !wire::has_at_most_values(&bytes, MAX_JSON_VALUES) {
            return Err(HttpRefusal {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                why: "a body of more than 16384 JSON values isn't read",
            });
        }
        Ok(bytes.into())
    }
}

fn busy(_: TryAcquireError) -> HttpRefusal {
    let why = "too many long bodies are being read; try again";
    HttpRefusal::of(ErrorClass::Busy, why)
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

/// A body in which nothing is hidden. Each of its frames is a whole event or document, as rmcp makes
/// them; of others only what isn't escaped is taken out.
pub(super) struct VisibleBody {
    body: Body,
    /// The request that it answers.
    answers: Option<OpenRequest>,
}

impl VisibleBody {
    pub(super) fn new(body: Body, answers: Option<OpenRequest>) -> Self {
        Self { body, answers }
    }

    fn is_taken(&mut self) {
        if let Some(request) = self.answers.take() {
            request.answered();
        }
    }
}

impl Drop for VisibleBody {
    fn drop(&mut self) {
        // An end that is known in advance isn't asked for.
        if self.body.is_end_stream() {
            self.is_taken();
        }
    }
}

impl HttpBody for VisibleBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() {
            self.is_taken();
        }
        Poll::Ready(frame.map(|frame| Ok(frame?.map_data(visible))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    /// Unknown: taking something out makes it shorter.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// Events line by line, of which those with data hold a document, or one document.
fn visible(bytes: Bytes) -> Bytes {
    const DATA_FIELD: &str = "data: ";
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return bytes;
    };
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (document, end) = match line.strip_suffix('\n') {
            Some(document) => (document, "\n"),
            None => (line, ""),
        };
        let (name, document) = match document.strip_prefix(DATA_FIELD) {
            Some(document) => (DATA_FIELD, document),
            None => ("", document),
        };
        out.push_str(name);
        out.push_str(&json_without_hidden(document.to_owned()));
        out.push_str(end);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let seen = visible(Bytes::from(text.to_owned()));
        assert_eq!(seen, expected.as_bytes(), "{text:?}");
    }

    #[test]
    fn nothing_is_hidden_in_events_and_documents() {
        check(
            "id: 0/1\nretry: 3000\ndata:\n\n",
            "id: 0/1\nretry: 3000\ndata:\n\n",
        );
        check(
            "data: {\"a\":\"x\u{202e}\\u001b[2Jy\\u200b\"}\n\n",
            "data: {\"a\":\"xy\"}\n\n",
        );
        check("{\"a\":\"\\ud83d\\ude00\\udb40\\udc41\"}", "{\"a\":\"😀\"}");
        check("no \u{9b}1mJSON", "no JSON");
    }
}
