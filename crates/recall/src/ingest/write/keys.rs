//! Which messages the archive has already, and which ids they go by.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, params};
use transcript::{Message, PERSON_FACT, REFLECTION};

use super::prepared::PreparedMessage;
use super::step::Step;
use crate::Result;
use crate::store::{
    Copy, FORGOTTEN, MessageId, Reader, Row, Span, content_hash, former_ids, id_key, told_apart_id,
};

impl Step<'_> {
    /// Records the key of a message that is about to be added, under the next number. Returns `false` if
    /// the archive has the message already, or was told to forget it.
    ///
    /// Ids are the source's own: forks and copies repeat a message with its id. If different messages have
    /// one id, the earliest keeps it, and of those of the same time the one whose content has the smallest
    /// hash; each of the others gets an id of its own, made of its content. So it doesn't matter which of
    /// them is imported first.
    pub(super) fn take_key(&mut self, prepared: &mut PreparedMessage) -> Result<bool> {
        if let Some(former) = prepared.former_key
            && let Some(holder) = self.holder(former)?
            && (holder == FORGOTTEN || self.content_of(holder)? == Some(prepared.content))
        {
            return Ok(false);
        }
        if let Some(before) = prepared.replaces
            && let Some(holder) = self.holder(before)?
            && (holder == FORGOTTEN || self.adopt(before, holder, prepared)?)
        {
            return Ok(false);
        }
        let Some(holder) = self.take_or_holder(prepared.key)? else {
            return Ok(true);
        };
        // Of what was forgotten nothing tells whether it said the same.
        if holder == FORGOTTEN {
            return Ok(false);
        }
        // A reflection or fact may have been edited since, and is the same all the same.
        if matches!(&*prepared.source, REFLECTION | PERSON_FACT) {
            return Ok(false);
        }
        self.cleaner.in_project(|| prepared.project.names());
        match self.content_of(holder)? {
            Some(content)
                if content != prepared.content && !self.is_record_of(holder, prepared)? =>
            {
                self.tell_apart(prepared, (holder, content))
            }
            _ => {
                self.merge(holder, prepared)?;
                Ok(false)
            }
        }
    }

    /// Gives a message that was read before its own record was there the id and place that it has by that.
    /// Returns whether it is the same message.
    fn adopt(
        &mut self,
        before: u64,
        holder: MessageId,
        prepared: &mut PreparedMessage,
    ) -> Result<bool> {
        let is_same = self.content_of(holder)? == Some(prepared.content);
        if !is_same || self.holder(prepared.key)?.is_some() {
            return Ok(false);
        }
        self.transaction
            .prepare_cached("DELETE FROM key WHERE hash = ?1")?
            .execute([before.cast_signed()])?;
        self.set_key(prepared.key, holder)?;
        self.change(holder).id = Some(prepared.message.id.clone());
        let (source, key) = (&prepared.source, Arc::clone(&prepared.message.conversation));
        let copy = Copy {
            conversation: self.conversation(source, &key, self.file)?,
            message: holder,
            project: self.project(&prepared.project)?,
            time: prepared.message.time,
            log: prepared.log,
            at: prepared.log.map(|_| prepared.message.offset.cast_signed()),
        };
        self.move_message(&copy, Some(prepared.message.split_place()))?;
        Ok(true)
    }

    /// Whether a message was read from the very record that is at hand: an older program made something
    /// else of it, which stays.
    fn is_record_of(&mut self, holder: MessageId, prepared: &PreparedMessage) -> Result<bool> {
        if holder.0 >= self.first_message {
            return Ok(false);
        }
        let span = Span::of_message(&self.transaction, holder)?;
        let is_same_log = span.is_some_and(|span| span.log.is_some() && span.log == prepared.log);
        let kept = match is_same_log {
            true => self.kept(holder)?,
            false => None,
        };
        Ok(kept.is_some_and(|kept| kept.offset == prepared.message.offset))
    }

    /// Finds ids for two different messages that have the same id. Returns whether the one at hand is new.
    fn tell_apart(
        &mut self,
        prepared: &mut PreparedMessage,
        (holder, content): (MessageId, u64),
    ) -> Result<bool> {
        let copy = self.told_apart(prepared)?;
        if copy == Some(FORGOTTEN) {
            return Ok(false);
        }
        let own = prepared.message.id.clone();
        let key = prepared.key;
        let time = match copy {
            Some(copy) => {
                self.merge(copy, prepared)?;
                self.earliest(copy)?
            }
            None => prepared.message.time,
        };
        let rank = |time: Option<i64>, content| (time.is_none(), time, content);
        let goes_first = rank(time, prepared.content) < rank(self.earliest(holder)?, content);
        let id = MessageId(self.next_message);
        if goes_first {
            let (other, other_key) = self.free_id(&prepared.source, &own, (holder, content))?;
            self.set_key(other_key, holder)?;
            self.change(holder).id = Some(other);
            self.set_key(key, copy.unwrap_or(id))?;
            if let Some(copy) = copy {
                self.change(copy).id = Some(own);
            }
        } else if copy.is_none() {
            let (other, other_key) =
                self.free_id(&prepared.source, &own, (id, prepared.content))?;
            self.set_key(other_key, id)?;
            prepared.message.rename(other);
        }
        Ok(copy.is_none())
    }

    /// The message that says the same under an id that was made to tell it apart; [`FORGOTTEN`] if it was
    /// forgotten.
    fn told_apart(&mut self, prepared: &PreparedMessage) -> Result<Option<MessageId>> {
        let own = &prepared.message.id;
        let today = std::iter::once(told_apart_id(own, prepared.content));
        for (at, id) in today.chain(former_ids(own, &prepared.message)).enumerate() {
            match self.holder(id_key(&prepared.source, &id))? {
                Some(FORGOTTEN) if at == 0 => return Ok(Some(FORGOTTEN)),
                Some(holder) if self.content_of(holder)? == Some(prepared.content) => {
                    return Ok(Some(holder));
                }
                Some(_) => {}
                // Older versions counted without gaps.
                None if at == 1 => break,
                None => {}
            }
        }
        Ok(None)
    }

    /// An id for a message under whose own id there is another one, and its key; where somebody made one
    /// up that is the same, one made of that.
    fn free_id(
        &mut self,
        source: &str,
        own: &str,
        (message, content): (MessageId, u64),
    ) -> Result<(String, u64)> {
        let mut id = told_apart_id(own, content);
        loop {
            let key = id_key(source, &id);
            if self.holder(key)?.is_none_or(|holder| holder == message) {
                return Ok((id, key));
            }
            id = told_apart_id(&id, content);
        }
    }

    /// Takes a key for the next message, or returns who has it.
    fn take_or_holder(&mut self, key: u64) -> Result<Option<MessageId>> {
        let sql = "INSERT OR IGNORE INTO key (hash, message) VALUES (?1, ?2)";
        let taken = self
            .transaction
            .prepare_cached(sql)?
            .execute(params![key.cast_signed(), self.next_message])?;
        match taken {
            0 => self.holder(key),
            _ => Ok(None),
        }
    }

    fn set_key(&self, key: u64, message: MessageId) -> Result<()> {
        self.transaction
            .prepare_cached("INSERT OR REPLACE INTO key (hash, message) VALUES (?1, ?2)")?
            .execute(params![key.cast_signed(), message.0])?;
        Ok(())
    }

    /// The message that holds a key.
    fn holder(&self, key: u64) -> Result<Option<MessageId>> {
        let mut statement = self
            .transaction
            .prepare_cached("SELECT message FROM key WHERE hash = ?1")?;
        let holder = statement.query_row([key.cast_signed()], |row| row.get(0).map(MessageId));
        Ok(holder.optional()?)
    }

    /// The content of a message, as the rules of today would have it kept.
    fn content_of(&mut self, message: MessageId) -> Result<Option<u64>> {
        if message.0 >= self.first_message {
            return Ok(self.contents.get(&message.0).map(|(content, _)| *content));
        }
        // Older rules may have missed what today's mask.
        let message = self.kept(message)?;
        Ok(message.map(|message| content_hash(&self.cleaner.mask(message))))
    }

    /// A message of an earlier step.
    pub(super) fn kept(&mut self, message: MessageId) -> Result<Option<Message>> {
        let Some(row) = Row::get(&self.transaction, message)? else {
            return Ok(None);
        };
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(Reader::new()?),
        };
        reader.message(&self.transaction, &row).map(Some)
    }
}
