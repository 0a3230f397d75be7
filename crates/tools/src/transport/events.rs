//! Server-sent events, from bytes: each within a limit.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use reqwest::Response;
use sse_stream::Sse;
use tokio::sync::mpsc;

use crate::frame::FrameFault;

/// A stream of events as `rmcp` takes it.
pub(crate) type EventStream =
    Pin<Box<dyn Stream<Item = Result<Sse, sse_stream::Error>> + Send + 'static>>;

/// Cuts bytes into events.
pub(crate) struct EventParser {
    limit: usize,
    line: Vec<u8>,
    event: Sse,
    data_bytes: usize,
    /// A line ended with a carriage return, whose line feed may still come.
    follows_return: bool,
}

impl EventParser {
    /// A parser of events of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            event: Sse::default(),
            data_bytes: 0,
            follows_return: false,
        }
    }

    /// Reads more bytes and gives the events that they end.
    pub(crate) fn push(&mut self, bytes: &[u8], events: &mut Vec<Sse>) -> Result<(), FrameFault> {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let is_rest_of_end = self.follows_return && at == 0 && rest[0] == b'\n';
            self.follows_return = rest[at] == b'\r';
            if !is_rest_of_end {
                self.extend(&rest[..at])?;
                let line = std::mem::take(&mut self.line);
                self.end_line(&line, events);
            }
            rest = &rest[at + 1..];
        }
        if !rest.is_empty() {
            self.follows_return = false;
        }
        self.extend(rest)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), FrameFault> {
        if self.data_bytes + self.line.len() + bytes.len() > self.limit {
            return Err(FrameFault::TooLarge(self.limit));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, line: &[u8], events: &mut Vec<Sse>) {
        if line.is_empty() {
            self.data_bytes = 0;
            let event = std::mem::take(&mut self.event);
            if event.data.is_some() || event.retry.is_some() {
                events.push(event);
            }
            return;
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                self.data_bytes += value.len() + 1;
                match &mut self.event.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    none => *none = Some(value.to_owned()),
                }
            }
            "event" => self.event.event = Some(value.to_owned()),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            "retry" => self.event.retry = value.parse().ok(),
            _ => {}
        }
    }
}

/// What comes of a stream: an event, or why there are no more.
pub(crate) type EventItem = Result<Sse, FrameFault>;

/// How many events may wait to be read.
const QUEUED_EVENTS: usize = 8;

/// Reads events of a response in the background until it ends, breaks a limit, or nobody listens any more.
pub(crate) fn read_events(mut response: Response, limit: usize) -> mpsc::Receiver<EventItem> {
    let (sender, receiver) = mpsc::channel(QUEUED_EVENTS);
    tokio::spawn(async move {
        let mut parser = EventParser::new(limit);
        let mut events = Vec::new();
        loop {
            let chunk = tokio::select! {
                chunk = response.chunk() => chunk,
                () = sender.closed() => return,
            };
            let Ok(Some(chunk)) = chunk else {
                return;
            };
            let read = parser.push(&chunk, &mut events);
            for event in events.drain(..) {
                if sender.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            if let Err(fault) = read {
                let _ = sender.send(Err(fault)).await;
                return;
            }
        }
    });
    receiver
}

/// A receiver as a stream.
pub(crate) struct Received<T>(pub(crate) mpsc::Receiver<T>);

impl<T> Stream for Received<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_recv(context)
    }
}
