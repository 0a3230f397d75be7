//! The chat of whoever sends a request: opened, and told of in the feed.

use std::sync::Arc;

use chat::{Chat, ChatEvent};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::api_error::ApiError;
use crate::feed::FeedEvent;
use crate::knowledge_work;
use crate::owner::OwnerId;
use crate::people::Person;
use crate::principal::Principal;
use crate::state::AppState;

impl AppState {
    /// The chat of whoever sends a request.
    ///
    /// # Errors
    /// If their archive can't be opened.
    pub async fn chat(&self, principal: &Principal) -> Result<Chat, ApiError> {
        self.chat_of(&*self.people.of(principal)?).await
    }

    /// Opens the first owner's chat, so that what an earlier process left half-way is marked as such before
    /// anybody asks.
    pub(crate) async fn open_first_chat(&self) -> Result<(), ApiError> {
        self.chat_of(&*self.people.first()?).await?;
        Ok(())
    }

    /// The chat of a person, opened if it isn't yet.
    ///
    /// # Errors
    /// If their archive can't be opened.
    pub(crate) async fn chat_of(&self, person: &Person) -> Result<Chat, ApiError> {
        let open = async || {
            let options = person.chat.options().clone();
            let chat = self.blocking(move || Ok(Chat::open(options)?)).await?;
            knowledge_work::read_of_characters(self, &chat, Arc::clone(&person.memory));
            tokio::spawn(tell(chat.clone(), self.clone(), person.owner.id.clone()));
            Ok::<_, ApiError>(chat)
        };
        Ok(person.chat.opened().get_or_try_init(open).await?.clone())
    }
}

/// Tells the open pages of an owner what happens in their chat.
async fn tell(chat: Chat, state: AppState, owner: OwnerId) {
    let mut feed = chat.feed();
    loop {
        let event = tokio::select! {
            event = feed.recv() => event,
            () = state.shutdown.cancelled() => return,
        };
        let (kind, data) = match event {
            Ok(ChatEvent::ConversationChanged { id }) => ("conversation", json!({"id": id})),
            Ok(ChatEvent::ConversationDeleted { id }) => {
                ("conversation", json!({"id": id, "deleted": true}))
            }
            Ok(ChatEvent::MemoryUpdate {
                conversation,
                message,
                turn,
                added,
                ended,
            }) => (
                "MemoryUpdate",
                json!({"conversation": conversation, "message": message, "turn": turn, "added": added, "ended": ended}),
            ),
            Ok(ChatEvent::TurnStarted { turn, conversation }) => (
                "turn",
                json!({"turn": turn, "conversation": conversation, "running": true}),
            ),
            Ok(ChatEvent::TurnEnded { turn, conversation }) => (
                "turn",
                json!({"turn": turn, "conversation": conversation, "running": false}),
            ),
            Err(RecvError::Lagged(_)) => ("reset", json!({})),
            Err(RecvError::Closed) => return,
        };
        state.feed.publish(&owner, FeedEvent { kind, data });
    }
}
