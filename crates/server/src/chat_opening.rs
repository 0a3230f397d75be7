//! Opening people's chats, and telling their open pages what happens in them.

use chat::{Chat, ChatEvent, ChatOptions};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::api_error::ApiError;
use crate::feed::FeedEvent;
use crate::owner::OwnerId;
use crate::personal_chat::PersonalChat;
use crate::principal::Principal;
use crate::state::AppState;

impl AppState {
    /// The chat of whoever sends a request.
    ///
    /// # Errors
    /// If their archive can't be opened.
    pub async fn chat(&self, principal: &Principal) -> Result<Chat, ApiError> {
        let person = self.people.of(principal)?;
        let own = &person.chat;
        let opened = own
            .opened
            .get_or_try_init(|| open(own, self, &principal.owner))
            .await?;
        Ok(opened.clone())
    }

    /// Opens the first owner's chat, so that what an earlier process left half-way is marked as such before
    /// anybody asks.
    pub(crate) async fn open_first_chat(&self) -> Result<(), ApiError> {
        let person = self.people.first()?;
        let own = &person.chat;
        own.opened
            .get_or_try_init(|| open(own, self, &person.owner.id))
            .await?;
        Ok(())
    }
}

async fn open(own: &PersonalChat, state: &AppState, owner: &OwnerId) -> Result<Chat, ApiError> {
    let options = own.options.clone();
    let chat = state.blocking(move || Ok(Chat::open(options)?)).await?;
    tokio::spawn(tell(chat.clone(), state.clone(), owner.clone()));
    Ok(chat)
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
