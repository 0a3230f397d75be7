//! Messages that stand in several logs, such as those of a conversation and of its forks. Each is stored
//! once, and every conversation that has it is told so. In which of them it was said first is decided at
//! the end of a step ([`super::owners`]).

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, params};
use transcript::{Message, Millis};

use super::change::MessageChange;
use super::prepared::PreparedMessage;
use super::step::Step;
use crate::Result;
use crate::guards::Masked;
use crate::ingest::remove::{cut_span, rewrite_messages};
use crate::store::{
    Copy, FORGOTTEN, MessageId, Reader, Row, Span, conversation_hash, is_forgotten, message_of_id,
};

impl Step<'_> {
    /// The change of a message that is collected for the end of the step; made if there is none yet.
    pub(super) fn change(&mut self, message: MessageId) -> &mut MessageChange {
        self.changes.entry(message).or_default()
    }

    /// When a message was said first, in whichever conversation; `None` if none of them tells.
    pub(super) fn earliest(&self, message: MessageId) -> Result<Option<Millis>> {
        let sql = "SELECT min(time) FROM (SELECT time FROM message WHERE id = ?1
             UNION ALL SELECT time FROM copy WHERE message = ?1)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([message.0], |row| row.get(0))?)
    }

    /// When a message was said, as it is kept.
    fn time_of(&self, message: MessageId) -> Result<Option<Millis>> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT time FROM message WHERE id = ?1")?;
        let time = statement
            .query_row([message.0], |row| row.get(0))
            .optional()?;
        Ok(time.flatten())
    }

    /// Takes in a message that the archive has already: it stands in the conversation of `copy`, too. If
    /// that is its own conversation, it is attributed to the log in which it was said first.
    pub(super) fn merge(&mut self, message: MessageId, copy: &mut PreparedMessage) -> Result<()> {
        // The span of a message of this step may still be open, and what follows begins a new one.
        self.flush_span()?;
        let Some(span) = Span::of_message(&self.transaction, message)? else {
            return Ok(());
        };
        let own = Arc::clone(&copy.message.conversation);
        if is_forgotten(&self.transaction, conversation_hash(&copy.source, &own))? {
            return Ok(());
        }
        let conversation = self.conversation(&copy.source, &own, self.file)?;
        let time = self.time_of(message)?;
        let project = self.project(&copy.project)?;
        let copied = Copy {
            conversation,
            message,
            project,
            time: copy.message.time,
            log: copy.log,
            at: copy.log.map(|_| copy.message.offset.cast_signed()),
        };
        let rank = |time: Option<Millis>, log| (time.is_none(), time, log);
        if conversation != span.conversation {
            self.note_time(conversation, copied.time);
            self.met(&copied);
            copied.insert(&self.transaction, Some(&copy.message.split_place()))
        } else if rank(copied.time, copied.log) < rank(time, span.log) {
            self.move_message(&copied, Some(copy.message.split_place()))
        } else {
            Ok(())
        }
    }

    /// A log tells that a conversation repeats a message, and not how.
    pub(super) fn repeat(&mut self, source: &Arc<str>, key: &Arc<str>, id: &str) -> Result<()> {
        self.flush_span()?;
        let message = message_of_id(&self.transaction, source, id)?;
        let Some(message) = message.filter(|message| *message != FORGOTTEN) else {
            return Ok(());
        };
        let Some(span) = Span::of_message(&self.transaction, message)? else {
            return Ok(());
        };
        let conversation = self.conversation(source, key, self.file)?;
        if conversation == span.conversation {
            return Ok(());
        }
        let copied = Copy {
            conversation,
            message,
            project: span.project,
            time: self.time_of(message)?,
            log: None,
            at: None,
        };
        self.note_time(conversation, copied.time);
        self.met(&copied);
        copied.insert(&self.transaction, None)
    }

    /// Notes that a message stands in a further conversation.
    fn met(&mut self, copy: &Copy) {
        let conversations = self.unsettled.entry(copy.message).or_default();
        if conversations.last() != Some(&copy.conversation) {
            conversations.push(copy.conversation);
        }
    }

    /// Attributes a message to another conversation or log. `place` is where and how it was said there, if
    /// that is another.
    pub(super) fn move_message(&mut self, to: &Copy, place: Option<Masked<Message>>) -> Result<()> {
        let (message, time) = (to.message, self.time_of(to.message)?);
        self.flush_span()?;
        let next_at = self.offset_of(MessageId(message.0 + 1))?;
        cut_span(&self.transaction, message, next_at)?;
        self.span = Some(Span {
            first: message,
            last: message,
            conversation: to.conversation,
            project: to.project,
            log: to.log,
            at: to.at,
        });
        self.flush_span()?;
        if to.time != time {
            for sql in [
                "UPDATE message SET time = ?2 WHERE id = ?1 AND time IS ?3",
                "UPDATE pending SET time = coalesce(?2, 0)
                 WHERE message = ?1 AND time = coalesce(?3, 0)",
            ] {
                self.transaction
                    .prepare_cached(sql)?
                    .execute(params![message.0, to.time, time])?;
            }
        }
        if place.is_some() {
            self.change(message).place = place;
        }
        Ok(())
    }

    /// Where in its log a message stands.
    fn offset_of(&mut self, message: MessageId) -> Result<Option<i64>> {
        let change = self.changes.get(&message);
        let offset = match change.and_then(|change| change.place.as_ref()) {
            Some(place) => Some(place.offset),
            None if message.0 >= self.first_message => {
                self.contents.get(&message.0).map(|(_, offset)| *offset)
            }
            None => self.kept(message)?.map(|message| message.offset),
        };
        Ok(offset.map(u64::cast_signed))
    }

    /// Writes the collected changes of messages, block by block.
    pub(super) fn write_changes(&mut self) -> Result<()> {
        let mut reader = Reader::new()?;
        let mut changed: Vec<(Row, Masked<Message>)> = Vec::new();
        for (id, change) in std::mem::take(&mut self.changes) {
            let Some(row) = Row::get(&self.transaction, id)? else {
                continue;
            };
            if changed
                .first()
                .is_some_and(|(first, _)| first.body != row.body)
            {
                rewrite_messages(&self.transaction, &changed)?;
                changed.clear();
                reader.clear();
            }
            let mut message = Masked::kept(reader.message(&self.transaction, &row)?);
            if let Some(place) = change.place {
                message.take_place_of(place);
            }
            if let Some(id) = change.id {
                message.rename(id);
            }
            changed.push((row, message));
        }
        rewrite_messages(&self.transaction, &changed)
    }
}
