//! Changing what was said: either side's text, deleting messages and taking that back, forks.

use memory::{ChatChange, ChatMessage, ChatMessageState, NewChat, NewChatMessage, Role};
use serde::Serialize;

use super::core::{Chat, ChatEvent, ChatInner};
use super::undo::MessageUndo;
use crate::detail::Detail;
use crate::settings::ConversationSettings;
use crate::thread::Branches;
use crate::view::ChatView;
use crate::{Error, Result, id};

/// What was deleted, and how it is taken back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Removed {
    /// Takes it back, once, while this process lives: [`Chat::undo`].
    pub undo: String,
    /// How many messages.
    pub messages: usize,
    /// What the conversation is then.
    pub conversation: ChatView,
}

impl Chat {
    /// Gives a message another text, in its place. What a person's message says is judged as what they say
    /// anew; what follows stays. To say something else and have it answered, start a turn beside it instead.
    ///
    /// # Errors
    /// If a guard refuses the text; if it is empty or too long; as [`Chat::change`].
    pub async fn edit(
        &self,
        (conversation, message): (&str, &str),
        version: Option<i64>,
        text: &str,
    ) -> Result<ChatView> {
        let inner = &self.inner;
        let limit = inner.options.limits.message_bytes;
        if text.len() > limit {
            return Err(Error::TooLong {
                field: "text",
                bytes: text.len(),
                limit,
            });
        }
        if text.trim().is_empty() {
            return Err(Error::invalid("text", "is empty"));
        }
        inner.refuse_running(conversation)?;
        let mut changes = inner.expecting(conversation, version)?;
        let (chat, id, text) = (conversation.to_owned(), message.to_owned(), text.to_owned());
        let change = inner
            .read(move |inner| inner.rewritten(&chat, &id, &text))
            .await?;
        changes.push(change);
        inner.change(conversation, changes).await?;
        inner.draw_facts_again(conversation, message).await;
        self.conversation(conversation, false).await
    }

    /// Deletes a message for good, or it and all that follows it. What it was stays in memory for a while, to
    /// take it back.
    ///
    /// # Errors
    /// As [`Chat::change`].
    pub async fn remove(
        &self,
        (conversation, message): (&str, &str),
        version: Option<i64>,
        with_following: bool,
    ) -> Result<Removed> {
        let inner = &self.inner;
        inner.refuse_running(conversation)?;
        let mut changes = inner.expecting(conversation, version)?;
        let (chat, id) = (conversation.to_owned(), message.to_owned());
        let undo = inner
            .read(move |inner| MessageUndo::of(&inner.thread(&chat)?, &id, with_following))
            .await?;
        let ids: Vec<String> = undo
            .messages
            .iter()
            .map(|message| message.message.id.clone())
            .collect();
        let count = ids.len();
        changes.push(ChatChange::Remove {
            chat: conversation.to_owned(),
            messages: ids,
        });
        inner.change(conversation, changes).await?;
        let token = undo.token.clone();
        inner.undo.push(undo);
        Ok(Removed {
            undo: token,
            messages: count,
            conversation: self.conversation(conversation, false).await?,
        })
    }

    /// Takes away the summary of older messages that stands before a message. They stay as they are.
    ///
    /// # Errors
    /// If there is no such message, or no summary before it; as [`Chat::change`].
    pub async fn remove_summary(
        &self,
        (conversation, message): (&str, &str),
        version: Option<i64>,
    ) -> Result<ChatView> {
        let inner = &self.inner;
        inner.refuse_running(conversation)?;
        let mut changes = inner.expecting(conversation, version)?;
        let (chat, id) = (conversation.to_owned(), message.to_owned());
        let change = inner
            .read(move |inner| {
                let thread = inner.thread(&chat)?;
                let branches = Branches::of(&thread);
                let found = branches.get(&id);
                let found = found.ok_or_else(|| Error::not_found("message", &id))?;
                let mut detail = Detail::parse(&found.detail);
                if detail.summary.take().is_none() {
                    return Err(Error::not_found("summary before message", &id));
                }
                Ok(ChatChange::Note {
                    chat,
                    message: id,
                    state: found.state,
                    detail: detail.to_json(),
                })
            })
            .await?;
        changes.push(change);
        inner.change(conversation, changes).await?;
        self.conversation(conversation, false).await
    }

    /// Takes a deletion back.
    ///
    /// # Errors
    /// If it isn't known any more, or what it followed is gone.
    pub async fn undo(&self, token: &str) -> Result<ChatView> {
        let inner = &self.inner;
        let undo = inner
            .undo
            .take(token)
            .ok_or_else(|| Error::not_found("deletion that could be taken back", token))?;
        let chat = undo.chat.clone();
        let mut changes: Vec<ChatChange> = undo
            .messages
            .iter()
            .map(|message| ChatChange::Append {
                chat: chat.clone(),
                message: Box::new(as_new(message)),
            })
            .collect();
        for (message, parent) in undo.followers {
            changes.push(ChatChange::Move {
                chat: chat.clone(),
                message,
                parent: Some(parent),
            });
        }
        if let Some(head) = undo.head {
            changes.push(ChatChange::Patch {
                chat: chat.clone(),
                patch: memory::ChatPatch {
                    head: Some(head),
                    ..memory::ChatPatch::default()
                },
            });
        }
        inner.change(&chat, changes).await?;
        self.conversation(&chat, false).await
    }

    /// A new conversation that begins as another one does, up to a message of it, or to the end of the branch
    /// that is shown. The other may be of the chat, or of any source in the archive.
    ///
    /// # Errors
    /// If there is no such conversation or message, or it can't be kept.
    pub async fn fork(&self, from: &str, message: Option<&str>) -> Result<ChatView> {
        let inner = &self.inner;
        let (from, message) = (from.to_owned(), message.map(str::to_owned));
        let new_id = id::new_id();
        let id = new_id.clone();
        let off_record = inner.off_record.has(&from);
        let changes = inner
            .read(move |inner| inner.forked(&from, message.as_deref(), &id))
            .await?;
        match off_record {
            true => inner.off_record.change(inner.now(), &changes)?,
            false => inner.writer.write(changes).await?,
        }
        inner.tell(ChatEvent::ConversationChanged { id: new_id.clone() });
        self.conversation(&new_id, false).await
    }
}

impl ChatInner {
    /// What is being answered can't be changed meanwhile.
    fn refuse_running(&self, conversation: &str) -> Result<()> {
        match self.turns.running(conversation).is_empty() {
            true => Ok(()),
            false => Err(Error::Conflict(
                "an answer is under way in this conversation; stop it or wait for its end"
                    .to_owned(),
            )),
        }
    }

    /// A message with another text. Blocks.
    fn rewritten(&self, chat: &str, id: &str, text: &str) -> Result<ChatChange> {
        let thread = self.thread(chat)?;
        let branches = Branches::of(&thread);
        let found = branches
            .get(id)
            .ok_or_else(|| Error::not_found("message", id))?;
        let guards = &self.options.guards;
        let project = thread.head.project.as_deref();
        let policy = match found.message.role {
            Role::User => guards.input_in(project),
            _ => guards.output_in(project),
        };
        let vault = self.vault(chat);
        let checked = guards
            .check(text, policy, (&self.masker, &vault))
            .map_err(|refusal| Error::Refused(Box::new(refusal)))?;
        let mut detail = Detail::parse(&found.detail);
        detail.findings = checked
            .findings
            .iter()
            .map(|found| serde_json::json!(found))
            .collect();
        detail.edited = Some(self.now());
        detail.refusal = None;
        Ok(ChatChange::Rewrite {
            chat: chat.to_owned(),
            message: id.to_owned(),
            text: checked.text,
            state: match found.state {
                ChatMessageState::Hidden | ChatMessageState::Failed => ChatMessageState::Whole,
                state => state,
            },
            detail: Some(detail.to_json()),
        })
    }

    /// What makes a fork. Blocks.
    fn forked(&self, from: &str, message: Option<&str>, new: &str) -> Result<Vec<ChatChange>> {
        let thread = match self.thread(from) {
            Ok(thread) => thread,
            Err(Error::NotFound { .. }) => return self.forked_from_archive(from, message, new),
            Err(error) => return Err(error),
        };
        let branches = Branches::of(&thread);
        let end = message.or(thread.head.head.as_deref());
        let path = branches.path(end);
        if let Some(id) = message
            && path.is_empty()
        {
            return Err(Error::not_found("message", id));
        }
        let mut settings = ConversationSettings::parse(&thread.head.settings);
        settings.window_start = None;
        let mut changes = vec![ChatChange::Create(NewChat {
            id: new.to_owned(),
            title: thread
                .head
                .title
                .as_ref()
                .map(|title| format!("{title} (fork)")),
            project: thread.head.project.clone(),
            tags: thread.head.tags.clone(),
            parent: Some(from.to_owned()),
            settings: settings.to_json(),
        })];
        let mut parent = None;
        for message in path {
            let id = id::new_id();
            let copy = NewChatMessage {
                id: id.clone(),
                parent: parent.replace(id.clone()),
                turn: None,
                ..as_new(message)
            };
            changes.push(ChatChange::Append {
                chat: new.to_owned(),
                message: Box::new(copy),
            });
        }
        Ok(changes)
    }

    /// A conversation of another source, as far as people and assistants said something in it. Blocks.
    fn forked_from_archive(
        &self,
        from: &str,
        message: Option<&str>,
        new: &str,
    ) -> Result<Vec<ChatChange>> {
        let archive = self.options.memory.archive()?;
        let mut said: Vec<NewChatMessage> = Vec::new();
        let mut title = None;
        let mut is_there = message.is_none();
        archive.read(
            &memory::ReadRequest {
                conversation: from.to_owned(),
                scope: memory::Scope::All,
                around: None,
                from: 0,
                quarantined: false,
            },
            &mut |view| {
                title = (!view.title.is_empty()).then(|| view.title.clone());
                let is_said = matches!(view.message.role, Role::User | Role::Assistant)
                    && !view.message.text.trim().is_empty();
                if is_said {
                    let id = id::new_id();
                    said.push(NewChatMessage {
                        parent: said.last().map(|last| last.id.clone()),
                        model: view.message.model.as_deref().map(str::to_owned),
                        ..NewChatMessage::said(
                            &id,
                            view.message.role,
                            view.message.time.unwrap_or_else(|| self.now()),
                            &view.message.text,
                        )
                    });
                }
                is_there |= message == Some(view.message.id.as_str());
                message != Some(view.message.id.as_str())
            },
        )?;
        if !is_there {
            return Err(Error::not_found("message", message.unwrap_or_default()));
        }
        let mut changes = vec![ChatChange::Create(NewChat {
            id: new.to_owned(),
            title,
            parent: Some(from.to_owned()),
            ..NewChat::default()
        })];
        changes.extend(said.into_iter().map(|message| ChatChange::Append {
            chat: new.to_owned(),
            message: Box::new(message),
        }));
        Ok(changes)
    }
}

/// A message that is added again, as it was.
fn as_new(message: &ChatMessage) -> NewChatMessage {
    let said = &message.message;
    NewChatMessage {
        parent: message.parent.clone(),
        turn: message.turn.clone(),
        speaker: said.speaker.as_deref().map(str::to_owned),
        thinking: said.thinking.clone(),
        tools: said.tools.clone(),
        results: said.results.clone(),
        model: said.model.as_deref().map(str::to_owned),
        usage: said.usage,
        state: message.state,
        detail: message.detail.clone(),
        ..NewChatMessage::said(
            &said.id,
            said.role,
            said.time.unwrap_or_default(),
            &said.text,
        )
    }
}
