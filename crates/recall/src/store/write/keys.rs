//! Which messages the archive has already, and whose they are.

use rusqlite::{OptionalExtension as _, params};

use super::{Prepared, Step};
use crate::Result;
use crate::import::{MAX_COUNTED, content_hash, repeated_key};
use crate::reflections::REFLECTION;
use crate::store::remove::cut_span;
use crate::store::{MessageId, Reader, Row, Span};

impl Step<'_> {
    /// Takes the key of a message for the next id; `false` if the archive has the message already.
    ///
    /// Ids are the source's own: forks and copies repeat them with what they stand for. Another
    /// message under an id that was used before gets an id of its own (`id~2`).
    pub(super) fn take_key(&mut self, prepared: &mut Prepared) -> Result<bool> {
        if let Some(former) = prepared.former_key
            && let Some(holder) = self.holder(former)?
            && self.content_of(holder)? == Some(prepared.content)
        {
            return Ok(false);
        }
        let own = prepared.message.id.clone();
        for nth in 2..=MAX_COUNTED + 2 {
            let new = self
                .transaction
                .prepare_cached("INSERT OR IGNORE INTO key (hash, message) VALUES (?1, ?2)")?
                .execute(params![prepared.key.cast_signed(), self.next_message])?
                == 1;
            if new {
                return Ok(true);
            }
            // A reflection may have been edited since, and is the same all the same.
            if &*prepared.source == REFLECTION {
                break;
            }
            self.cleaner.in_project(&prepared.project);
            let Some(holder) = self.holder(prepared.key)? else {
                break;
            };
            if self
                .content_of(holder)?
                .is_none_or(|known| known == prepared.content)
            {
                self.give_back(holder, prepared)?;
                break;
            }
            let (id, key) = repeated_key(&prepared.source, &own, nth, &prepared.message);
            prepared.message.rename(id);
            prepared.key = key;
        }
        Ok(false)
    }

    /// Gives a message to the conversation at hand, if the one that has it was forked from this one:
    /// which of the two logs was imported first mustn't matter.
    fn give_back(&mut self, message: MessageId, prepared: &Prepared) -> Result<()> {
        let own = &prepared.message.conversation;
        let sql = "SELECT EXISTS (SELECT 1 FROM conversation WHERE parent = ?1)";
        let has_forks: bool = self
            .transaction
            .prepare_cached(sql)?
            .query_row([own], |row| row.get(0))?;
        if !has_forks {
            return Ok(());
        }
        // The span of a message of this step may still be open.
        self.flush_span()?;
        let Some(span) = Span::of_message(&self.transaction, message)? else {
            return Ok(());
        };
        let sql = "SELECT EXISTS (SELECT 1 FROM conversation
             WHERE id = ?1 AND source = ?2 AND parent = ?3 AND key != ?3)";
        let is_fork: bool = self
            .transaction
            .prepare_cached(sql)?
            .query_row(params![span.conversation.0, prepared.source, own], |row| {
                row.get(0)
            })?;
        if !is_fork {
            return Ok(());
        }
        let conversation = self.conversation(&prepared.source, own, None)?;
        cut_span(&self.transaction, message)?;
        self.span = Some(Span {
            first: message,
            last: message,
            conversation,
            log: prepared.log,
            ..span
        });
        self.flush_span()
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
            return Ok(self.contents.get(&message.0).copied());
        }
        let Some(row) = Row::get(&self.transaction, message)? else {
            return Ok(None);
        };
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(Reader::new()?),
        };
        // Older rules may have missed what today's mask.
        let message = reader.message(&self.transaction, &row)?;
        Ok(Some(content_hash(&self.cleaner.message(message))))
    }
}
