//! Characters in conversations.

use std::sync::Arc;

use memory::{ChatChange, ChatMessage, ChatPatch, ChatThread, NewChatMessage, Role};

use super::core::{Chat, ChatInner};
use crate::character::{Character, CharacterLibrary, CharacterScene, SpeakingCharacter};
use crate::knowledge::KnowledgeBase;
use crate::settings::ConversationSettings;
use crate::{Error, Result, id};

impl Chat {
    /// Who the chat can speak as.
    #[must_use]
    pub fn characters(&self) -> &Arc<CharacterLibrary> {
        &self.inner.options.characters
    }
}

impl Chat {
    /// The person's documents.
    #[must_use]
    pub fn knowledge(&self) -> KnowledgeBase {
        self.inner.knowledge()
    }
}

impl ChatInner {
    /// The character of a new conversation: the one that is named, an empty name for none, else the usual one. Blocks.
    pub(super) fn character_of_new(&self, named: Option<String>) -> Option<String> {
        match named {
            Some(named) => Some(named).filter(|named| !named.is_empty()),
            None => {
                let usual = self.options.character.as_deref()?;
                Some(self.options.characters.find(usual)?.id.clone())
            }
        }
    }

    /// The character of a conversation, if it has one. Blocks.
    pub(super) fn character(
        &self,
        settings: &ConversationSettings,
    ) -> Result<Option<Arc<Character>>> {
        let Some(id) = settings.character.as_deref() else {
            return Ok(None);
        };
        match self.options.characters.get(id) {
            Ok(Some(character)) => Ok(Some(character)),
            Ok(None) => Err(Error::not_found("character", id)),
            Err(failure) => Err(Error::invalid(
                "character",
                format!("can't be read: {failure}"),
            )),
        }
    }

    /// What a character says before anybody else does: its greetings, beside each other, of which the first is shown.
    /// Blocks.
    pub(super) fn greetings(
        &self,
        chat: &str,
        settings: &ConversationSettings,
    ) -> Result<Vec<ChatChange>> {
        let Some(character) = self.character(settings)? else {
            return Ok(Vec::new());
        };
        let began = (self.options.local_time)();
        let scene = CharacterScene {
            speaker: &self.options.speaker,
            original: &self.options.system,
            began: &began,
            conversation: chat,
        };
        let greetings = scene.greetings(&character);
        let mut changes = Vec::new();
        let mut first = None;
        for greeting in greetings {
            let message = id::new_id();
            first.get_or_insert_with(|| message.clone());
            changes.push(ChatChange::Append {
                chat: chat.to_owned(),
                message: Box::new(NewChatMessage {
                    speaker: Some(character.card.called().to_owned()),
                    ..NewChatMessage::said(&message, Role::Assistant, self.now(), &greeting)
                }),
            });
        }
        if let Some(first) = first {
            let patch = ChatPatch {
                head: Some(first),
                ..ChatPatch::default()
            };
            let chat = chat.to_owned();
            changes.push(ChatChange::Patch { chat, patch });
        }
        Ok(changes)
    }

    /// What of a character stands in a request, and what of its lore the newest messages bring up.
    pub(super) fn speaking(
        &self,
        character: &Character,
        thread: &ChatThread,
        path: &[ChatMessage],
    ) -> (SpeakingCharacter, Vec<String>) {
        let began = jiff::Timestamp::from_millisecond(thread.head.created).unwrap_or_default();
        let began = began.to_zoned((self.options.local_time)().time_zone().clone());
        let scene = CharacterScene {
            speaker: &self.options.speaker,
            original: &self.options.system,
            began: &began,
            conversation: &thread.head.id,
        };
        let said: Vec<&str> = path
            .iter()
            .map(|message| message.message.text.as_str())
            .collect();
        (scene.speaking(character), scene.lore(character, &said))
    }
}
