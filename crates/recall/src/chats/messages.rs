//! Messages of the chat's conversations: adding, changing and removing them.

use std::sync::Arc;

use rusqlite::params;
use transcript::{Message, MessageKind};

use super::changing::Changing;
use super::forgetting::forget_messages;
use super::kinds::{ChatMessageState, NewChatMessage};
use super::rows::{ChatRow, find, find_message, parent, set_head, touch};
use super::summaries::forget_summaries;
use crate::facts::forget_said;
use crate::index::vectors::ArchiveState;
use crate::ingest::remove::remove_message;
use crate::ingest::write::PreparedMessage;
use crate::store::{
    CHAT_SOURCE, ConversationId, MessageId, Reader, Row, content_hash, id_key, regroup,
};
use crate::{Error, Result};

impl Changing<'_> {
    pub(super) fn append(&mut self, chat: &str, new: &NewChatMessage) -> Result<()> {
        let row = find(self.step.connection(), chat)?;
        let parent = new
            .parent
            .as_deref()
            .map(|id| find_message(self.step.connection(), row.conversation, id))
            .transpose()?;
        let message = Message {
            id: new.id.clone(),
            conversation: chat.into(),
            role: new.role,
            kind: kind_of(new.state),
            time: Some(new.time),
            text: new.text.clone(),
            thinking: new.thinking.clone(),
            parent: new.parent.clone(),
            turn: new.turn.as_deref().map(Arc::from),
            speaker: new.speaker.as_deref().map(Arc::from),
            model: new.model.as_deref().map(Arc::from),
            usage: new.usage,
            tools: new.tools.clone(),
            results: new.results.clone(),
            project: self.project(row.conversation)?,
            ..Message::default()
        };
        let id = self.add(message)?;
        let detail = self.json(&new.detail);
        self.step
            .connection()
            .prepare_cached(
                "INSERT INTO chat_message (message, conversation, place, parent, turn, state, detail)
                 VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                id.0,
                row.conversation.0,
                parent.map(|parent| parent.0),
                new.turn,
                new.state as i64,
                detail
            ])?;
        set_head(self.step.connection(), row.conversation, Some(id))?;
        touch(self.step.connection(), row.conversation, self.now)
    }

    /// The name of the project that a conversation was put into.
    fn project(&self, id: ConversationId) -> Result<Option<Arc<str>>> {
        let sql = "SELECT project FROM chat WHERE conversation = ?1";
        let project: Option<String> = self
            .step
            .connection()
            .prepare_cached(sql)?
            .query_row([id.0], |row| row.get(0))?;
        Ok(project.map(Into::into))
    }

    /// Puts a conversation with its messages into a project, or out of all.
    pub(super) fn move_to(&mut self, id: ConversationId, name: Option<&str>) -> Result<()> {
        let name = self.masked_if_any(name);
        let connection = self.step.connection();
        connection
            .prepare_cached("UPDATE chat SET project = ?2 WHERE conversation = ?1")?
            .execute(params![id.0, name])?;
        let message = Message {
            project: name.map(Into::into),
            ..Message::default()
        };
        let identity = self.resolver.of_message(&message, false, &mut self.cleaner);
        // What was added a moment ago moves too.
        self.step.flush_span()?;
        let project = self.step.project(&identity)?;
        let connection = self.step.connection();
        connection
            .prepare_cached("UPDATE span SET project = ?2 WHERE conversation = ?1")?
            .execute(params![id.0, project.0])?;
        regroup(connection)
    }

    /// Adds a message as every source's are added.
    fn add(&mut self, message: Message) -> Result<MessageId> {
        let project = self.resolver.of_message(&message, false, &mut self.cleaner);
        let message = self.cleaner.mask(message);
        let id = message.id.clone();
        let mut prepared = PreparedMessage {
            replaces: None,
            key: id_key(CHAT_SOURCE, &id),
            former_key: None,
            log: None,
            content: content_hash(&message),
            source: CHAT_SOURCE.into(),
            project,
            terms: self.terms.terms(&message),
            message,
        };
        match self.step.add(None, &mut prepared)? {
            true => Ok(self.step.last()),
            false => Err(Error::Damaged(format!("there is a message {id} already"))),
        }
    }

    pub(super) fn rewrite(
        &mut self,
        chat: &str,
        id: &str,
        (text, state): (&str, ChatMessageState),
        detail: Option<&str>,
    ) -> Result<()> {
        let row = find(self.step.connection(), chat)?;
        let old = find_message(self.step.connection(), row.conversation, id)?;
        forget_summaries(self.step.connection(), &[old])?;
        let mut message = self.whole(old)?;
        if message.text != text {
            forget_said(self.step.connection(), self.vectors, &[old])?;
        }
        message.text = text.to_owned();
        message.kind = kind_of(state);
        message.conversation = chat.into();
        message.project = self.project(row.conversation)?;
        let detail = detail.map(|detail| self.json(detail));
        let sql = "SELECT parent, turn, detail, place FROM chat_message WHERE message = ?1";
        type Kept = (Option<i64>, Option<String>, String, i64);
        let (parent, turn, kept, place): Kept = self
            .step
            .connection()
            .prepare_cached(sql)?
            .query_row([old.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        self.take_out(old)?;
        let new = self.add(message)?;
        self.step
            .connection()
            .prepare_cached(
                "INSERT INTO chat_message (message, conversation, place, parent, turn, state, detail)
                 VALUES (?1, ?2, ?7, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                new.0,
                row.conversation.0,
                parent,
                turn,
                state as i64,
                detail.unwrap_or(kept),
                place
            ])?;
        for sql in [
            "DELETE FROM chat_message WHERE message = ?1 AND ?2 = ?2 AND ?3 = ?3",
            "UPDATE chat_message SET parent = ?2 WHERE parent = ?1 AND conversation = ?3",
            "UPDATE chat SET head = ?2 WHERE head = ?1 AND conversation = ?3",
            "UPDATE turn SET question = ?2 WHERE question = ?1 AND conversation = ?3",
        ] {
            self.step
                .connection()
                .prepare_cached(sql)?
                .execute(params![old.0, new.0, row.conversation.0])?;
        }
        touch(self.step.connection(), row.conversation, self.now)
    }

    pub(super) fn note(
        &mut self,
        chat: &str,
        id: &str,
        state: ChatMessageState,
        detail: &str,
    ) -> Result<()> {
        let row = find(self.step.connection(), chat)?;
        let message = find_message(self.step.connection(), row.conversation, id)?;
        let detail = self.json(detail);
        self.step
            .connection()
            .prepare_cached("UPDATE chat_message SET state = ?2, detail = ?3 WHERE message = ?1")?
            .execute(params![message.0, state as i64, detail])?;
        touch(self.step.connection(), row.conversation, self.now)
    }

    /// Has a message follow another one. One that would follow itself stays where it is.
    pub(super) fn set_parent(
        &mut self,
        chat: &str,
        id: &str,
        parent_id: Option<&str>,
    ) -> Result<()> {
        let row = find(self.step.connection(), chat)?;
        let connection = self.step.connection();
        let message = find_message(connection, row.conversation, id)?;
        let new = parent_id
            .map(|id| find_message(connection, row.conversation, id))
            .transpose()?;
        let mut above = new;
        while let Some(at) = above {
            if at == message {
                return Ok(());
            }
            above = parent(connection, at)?;
        }
        connection
            .prepare_cached("UPDATE chat_message SET parent = ?2 WHERE message = ?1")?
            .execute(params![message.0, new.map(|new| new.0)])?;
        touch(connection, row.conversation, self.now)
    }

    pub(super) fn remove(&mut self, chat: &str, ids: &[String]) -> Result<()> {
        let row = find(self.step.connection(), chat)?;
        let found = ids
            .iter()
            .map(|id| find_message(self.step.connection(), row.conversation, id));
        let messages = found.collect::<Result<Vec<_>>>()?;
        self.keep_head(row, &messages)?;
        self.remove_all(&messages)?;
        touch(self.step.connection(), row.conversation, self.now)
    }

    /// Moves the end of the branch that is shown before the messages that go.
    fn keep_head(&mut self, row: ChatRow, going: &[MessageId]) -> Result<()> {
        let connection = self.step.connection();
        let mut head = row.head;
        while let Some(at) = head.filter(|at| going.contains(at)) {
            head = parent(connection, at)?;
        }
        if head != row.head {
            set_head(connection, row.conversation, head)?;
        }
        Ok(())
    }

    /// Removes messages for good, with what the chat keeps of them.
    pub(super) fn remove_all(&mut self, messages: &[MessageId]) -> Result<()> {
        forget_said(self.step.connection(), self.vectors, messages)?;
        forget_messages(self.step.connection(), messages)?;
        for message in messages {
            self.take_out(*message)?;
        }
        Ok(())
    }

    /// Removes what every source's messages have.
    fn take_out(&mut self, message: MessageId) -> Result<()> {
        let connection = self.step.connection();
        if let Some(row) = Row::get(connection, message)? {
            self.vectors
                .erase(&ArchiveState::new(connection), &[message])?;
            remove_message(connection, &row)?;
        }
        connection
            .prepare_cached("DELETE FROM mark WHERE message = ?1")?
            .execute([message.0])?;
        self.has_removed = true;
        Ok(())
    }

    fn whole(&self, id: MessageId) -> Result<Message> {
        let connection = self.step.connection();
        let row = Row::get(connection, id)?
            .ok_or_else(|| Error::Damaged(format!("message {} has no row", id.0)))?;
        Reader::new()?.message(connection, &row)
    }
}

/// What is hidden isn't found by searches for what was said.
fn kind_of(state: ChatMessageState) -> MessageKind {
    match state {
        ChatMessageState::Hidden => MessageKind::Injected,
        _ => MessageKind::Said,
    }
}
