//! Messages that stand in several logs, such as those of a conversation and of its forks. To which of them
//! such a message is attributed must not depend on which log was imported first.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, params};
use transcript::{Message, Millis};

use super::change::MessageChange;
use super::prepared::PreparedMessage;
use super::step::Step;
use crate::Result;
use crate::guards::Masked;
use crate::ingest::remove::{cut_span, rewrite_messages};
use crate::store::{MessageId, Reader, Row, Span};

/// How far it is looked for the conversation that another was forked from.
const MAX_FORKS: usize = 32;

impl Step<'_> {
    /// The change of a message that is collected for the end of the step; made if there is none yet.
    pub(super) fn change(&mut self, message: MessageId) -> &mut MessageChange {
        self.changes.entry(message).or_default()
    }

    /// When a message was said, as it is kept.
    pub(super) fn time_of(&self, message: MessageId) -> Result<Option<Millis>> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT time FROM message WHERE id = ?1")?;
        let time = statement
            .query_row([message.0], |row| row.get(0))
            .optional()?;
        Ok(time.flatten())
    }

    /// Attributes a message to the conversation and log of `copy`, if it was said there first: in the
    /// conversation from which the other one was forked, else in the one with the earlier time. Where
    /// neither decides, a fixed order does.
    pub(super) fn merge(&mut self, message: MessageId, copy: &mut PreparedMessage) -> Result<()> {
        // The span of a message of this step may still be open.
        if self.span.as_ref().is_some_and(|span| span.first <= message) {
            self.flush_span()?;
        }
        let Some(span) = Span::of_message(&self.transaction, message)? else {
            return Ok(());
        };
        let held: String = self
            .transaction
            .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
            .query_row([span.conversation.0], |row| row.get(0))?;
        let (source, own) = (&copy.source, &copy.message.conversation);
        let rank =
            |time: Option<Millis>, key: &str, log| (time.is_none(), time, key.to_owned(), log);
        let time = self.time_of(message)?;
        let is_first = match () {
            () if *held != **own && self.is_forked(source, &held, own)? => true,
            () if *held != **own && self.is_forked(source, own, &held)? => false,
            () => rank(copy.message.time, own, copy.log) < rank(time, &held, span.log),
        };
        if is_first {
            self.move_message(message, time, copy)?;
        }
        Ok(())
    }

    /// Whether a conversation was forked from another, or from one that was.
    fn is_forked(&self, source: &str, conversation: &str, from: &str) -> Result<bool> {
        let sql = "SELECT parent FROM conversation WHERE source = ?1 AND key = ?2";
        let mut statement = self.transaction.prepare_cached(sql)?;
        let mut at = conversation.to_owned();
        for _ in 0..MAX_FORKS {
            let parent: Option<Option<String>> = statement
                .query_row([source, &at], |row| row.get(0))
                .optional()?;
            match parent.flatten() {
                Some(parent) if parent == from => return Ok(true),
                Some(parent) => at = parent,
                None => break,
            }
        }
        Ok(false)
    }

    fn move_message(
        &mut self,
        message: MessageId,
        time: Option<Millis>,
        copy: &mut PreparedMessage,
    ) -> Result<()> {
        let own = Arc::clone(&copy.message.conversation);
        let conversation = self.conversation(&copy.source, &own, None)?;
        let project = self.project(&copy.project)?;
        self.flush_span()?;
        let next_at = self.offset_of(MessageId(message.0 + 1))?;
        cut_span(&self.transaction, message, next_at)?;
        self.span = Some(Span {
            first: message,
            last: message,
            conversation,
            project,
            log: copy.log,
            at: copy.log.map(|_| copy.message.offset.cast_signed()),
        });
        self.flush_span()?;
        if copy.message.time != time {
            for sql in [
                "UPDATE message SET time = ?2 WHERE id = ?1 AND time IS ?3",
                "UPDATE pending SET time = coalesce(?2, 0)
                 WHERE message = ?1 AND time = coalesce(?3, 0)",
            ] {
                self.transaction.prepare_cached(sql)?.execute(params![
                    message.0,
                    copy.message.time,
                    time
                ])?;
            }
        }
        self.change(message).place = Some(copy.message.split_place());
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
