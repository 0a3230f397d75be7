//! Server-sent events: a stream of events as a response that proxies don't hold back and a shutdown ends.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, Response};
use futures_core::Stream;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::metrics::{Metric, ServerMetrics};

/// How often a comment is sent while there is nothing else: proxies cut streams that are silent for 60 s.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);

/// The comment that is sent at the start and while there is nothing else.
const PING_FRAME: &[u8] = b": ping\n\n";

/// What a stream is told when the server ends.
const SHUTDOWN_FRAME: &[u8] = b"event: shutdown\ndata: {}\n\n";

/// One event.
#[derive(Clone, Debug, Default)]
pub struct SseEvent {
    /// Its id, with which a client resumes; nothing to leave the last one.
    pub id: Option<String>,
    /// Its name; nothing for the default, `message`.
    pub name: Option<Cow<'static, str>>,
    /// Its data; each line becomes one of the event's.
    pub data: String,
}

impl SseEvent {
    /// An event with a name and data, without an id.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>, data: impl Into<String>) -> Self {
        Self {
            id: None,
            name: Some(name.into()),
            data: data.into(),
        }
    }

    /// An event with data alone, as OpenAI's API sends them.
    #[must_use]
    pub fn data(data: impl Into<String>) -> Self {
        Self {
            data: data.into(),
            ..Self::default()
        }
    }

    /// The event with an id. Line breaks and NUL in it would end the field, and are left out.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// As it is sent.
    fn frame(&self) -> Bytes {
        let mut frame = String::with_capacity(self.data.len() + 64);
        let field = |frame: &mut String, name: &str, value: &str| {
            frame.push_str(name);
            frame.push_str(": ");
            frame.extend(value.chars().filter(|c| !matches!(c, '\n' | '\r' | '\0')));
            frame.push('\n');
        };
        if let Some(id) = &self.id {
            field(&mut frame, "id", id);
        }
        if let Some(name) = &self.name {
            field(&mut frame, "event", name);
        }
        let data = self.data.replace("\r\n", "\n");
        for line in data.split(['\n', '\r']) {
            frame.push_str("data: ");
            frame.push_str(line);
            frame.push('\n');
        }
        frame.push('\n');
        frame.into()
    }
}

/// What a stream does when the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtShutdown {
    /// Says so with an event `shutdown` and ends.
    Say,
    /// Ends without an event that clients of another protocol don't know.
    End,
}

/// What makes streams of events: it counts them and ends them when the server ends.
#[derive(Clone)]
pub struct SseStreams {
    metrics: Arc<ServerMetrics>,
    shutdown: CancellationToken,
}

impl SseStreams {
    pub(crate) fn new(metrics: Arc<ServerMetrics>, shutdown: CancellationToken) -> Self {
        Self { metrics, shutdown }
    }

    /// A response that sends these events until there are no more, the client is gone or the server ends. A
    /// client that is gone drops `events`.
    pub fn respond(
        &self,
        events: impl Stream<Item = SseEvent> + Send + 'static,
        at_shutdown: AtShutdown,
    ) -> Response<Body> {
        self.metrics.add(Metric::Streams, &[], 1.0);
        let body = SseBody {
            events: Box::pin(events),
            ping: Box::pin(tokio::time::sleep(PING_INTERVAL)),
            shutdown: Box::pin(self.shutdown.clone().cancelled_owned()),
            at_shutdown,
            state: SsePhase::Start,
            metrics: Arc::clone(&self.metrics),
        };
        let mut response = Response::new(Body::new(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        let no_cache = HeaderValue::from_static("no-cache, no-transform");
        headers.insert(CACHE_CONTROL, no_cache);
        let no_buffering = HeaderName::from_static("x-accel-buffering");
        headers.insert(no_buffering, HeaderValue::from_static("no"));
        response
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SsePhase {
    /// Nothing was sent yet.
    Start,
    Open,
    Ended,
}

struct SseBody {
    events: Pin<Box<dyn Stream<Item = SseEvent> + Send>>,
    ping: Pin<Box<Sleep>>,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    at_shutdown: AtShutdown,
    state: SsePhase,
    metrics: Arc<ServerMetrics>,
}

type SseFrame = Option<Result<Frame<Bytes>, axum::Error>>;

fn sent(bytes: Bytes) -> Poll<SseFrame> {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}

impl HttpBody for SseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<SseFrame> {
        match self.state {
            SsePhase::Ended => return Poll::Ready(None),
            SsePhase::Start => {
                self.state = SsePhase::Open;
                return sent(Bytes::from_static(PING_FRAME));
            }
            SsePhase::Open => {}
        }
        // Before the shutdown: what a turn says last is its end.
        match self.events.as_mut().poll_next(context) {
            Poll::Ready(Some(event)) => {
                let next = Instant::now() + PING_INTERVAL;
                self.ping.as_mut().reset(next);
                return sent(event.frame());
            }
            Poll::Ready(None) => {
                self.state = SsePhase::Ended;
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        if self.shutdown.as_mut().poll(context).is_ready() {
            self.state = SsePhase::Ended;
            return match self.at_shutdown {
                AtShutdown::Say => sent(Bytes::from_static(SHUTDOWN_FRAME)),
                AtShutdown::End => Poll::Ready(None),
            };
        }
        if self.ping.as_mut().poll(context).is_ready() {
            let next = Instant::now() + PING_INTERVAL;
            self.ping.as_mut().reset(next);
            return sent(Bytes::from_static(PING_FRAME));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.state == SsePhase::Ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

impl Drop for SseBody {
    fn drop(&mut self) {
        self.metrics.add(Metric::Streams, &[], -1.0);
    }
}

/// Events that are sent through a channel, as a stream.
pub struct SseChannel(tokio::sync::mpsc::Receiver<SseEvent>);

/// A channel that holds as many events as `capacity` says, for whoever makes events elsewhere. Dropping the
/// sender ends the stream; a client that is gone closes the channel.
#[must_use]
pub fn channel(capacity: usize) -> (tokio::sync::mpsc::Sender<SseEvent>, SseChannel) {
    let (sender, receiver) = tokio::sync::mpsc::channel(capacity.max(1));
    (sender, SseChannel(receiver))
}

impl Stream for SseChannel {
    type Item = SseEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<SseEvent>> {
        self.0.poll_recv(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(event: &SseEvent, expected: &str) {
        assert_eq!(event.frame(), expected.as_bytes());
    }

    #[test]
    fn lines_of_data_stay_in_their_event() {
        check(&SseEvent::data("a"), "data: a\n\n");
        check(
            &SseEvent::new("x\nevent: y", "a\n\nid: 9\r\nb\rc").with_id("1\r\n2"),
            "id: 12\nevent: xevent: y\ndata: a\ndata: \ndata: id: 9\ndata: b\ndata: c\n\n",
        );
        check(&SseEvent::new("end", ""), "event: end\ndata: \n\n");
    }
}
