//! The feed of events that every open page of an owner listens to: conversations, turns, imports.
//!
//! Nothing is kept for pages that come later or are too slow: they are told to load anew.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};

use crate::owner::OwnerId;
use crate::sse::SseEvent;

/// Events that wait for a page that is slow; with more it is told to load anew.
const MAX_WAITING_EVENTS: usize = 256;

/// Something that happened to what an owner has.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// What it is about, such as `import` or `conversation`.
    pub kind: &'static str,
    /// The event as JSON, without text of messages.
    pub data: serde_json::Value,
}

/// The feeds of all owners.
#[derive(Debug, Default)]
pub struct Feed {
    senders: Mutex<HashMap<OwnerId, Sender<FeedEvent>>>,
}

impl Feed {
    /// Tells every open page of an owner.
    pub fn publish(&self, owner: &OwnerId, event: FeedEvent) {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let is_heard = match senders.get(owner) {
            Some(sender) => sender.send(event).is_ok(),
            None => return,
        };
        if !is_heard {
            senders.remove(owner);
        }
    }

    /// What happens from now on, as events. One that begins with `is_resumed` is told first to load anew,
    /// since what happened meanwhile isn't kept.
    pub(crate) fn listen(&self, owner: &OwnerId, is_resumed: bool) -> FeedStream {
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = senders
            .entry(owner.clone())
            .or_insert_with(|| broadcast::channel(MAX_WAITING_EVENTS).0);
        FeedStream {
            next: Box::pin(next(sender.subscribe())),
            is_reset_due: is_resumed,
        }
    }
}

type Next =
    Pin<Box<dyn Future<Output = (Result<FeedEvent, RecvError>, Receiver<FeedEvent>)> + Send>>;

async fn next(
    mut receiver: Receiver<FeedEvent>,
) -> (Result<FeedEvent, RecvError>, Receiver<FeedEvent>) {
    let event = receiver.recv().await;
    (event, receiver)
}

/// The events of a feed, as they come.
pub(crate) struct FeedStream {
    next: Next,
    is_reset_due: bool,
}

impl Stream for FeedStream {
    type Item = SseEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<SseEvent>> {
        if std::mem::take(&mut self.is_reset_due) {
            return Poll::Ready(Some(SseEvent::new("reset", "{}")));
        }
        let Poll::Ready((event, receiver)) = self.next.as_mut().poll(context) else {
            return Poll::Pending;
        };
        let event = match event {
            Ok(event) => SseEvent::new(event.kind, event.data.to_string()),
            Err(RecvError::Lagged(_)) => SseEvent::new("reset", "{}"),
            Err(RecvError::Closed) => return Poll::Ready(None),
        };
        self.next = Box::pin(next(receiver));
        Poll::Ready(Some(event))
    }
}
