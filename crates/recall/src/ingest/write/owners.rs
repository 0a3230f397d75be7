//! To which of the conversations that have a message it belongs: the one in which it was said first. It is
//! found there, and shown in all of them. What the logs say decides, and never which of them was imported
//! first: so a message may change hands when a log tells more.

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::Millis;

use super::step::Step;
use crate::Result;
use crate::guards::Masked;
use crate::store::{ConversationId, Copy, MessageId, Span, copies_of, copy_in};

/// How far it is looked for the conversation that another came out of in the end: what lies deeper is told
/// apart by its times.
const MAX_DEPTH: u32 = 32;

/// What decides which of the conversations that have a message comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct OwnerRank<'k> {
    /// An export that tells who else repeats a message has it where it was said first.
    is_hearsay: bool,
    /// What was forked comes after what it was forked from.
    depth: u32,
    /// Copies may have the time at which they were made.
    untimed: bool,
    time: Option<Millis>,
    /// A session that was resumed under another id ended before the one that goes on with it. No time comes
    /// first, so that a conversation that grows comes later, and never earlier.
    ended: Option<Millis>,
    key: &'k str,
    log: Option<i64>,
}

/// What of a conversation's own row goes into a [`OwnerRank`].
struct Standing {
    depth: u32,
    ended: Option<Millis>,
    key: String,
}

impl Step<'_> {
    /// Notes when something was said in a conversation.
    pub(super) fn note_time(&mut self, conversation: ConversationId, time: Option<Millis>) {
        if time.is_some() {
            let latest = self.latest.entry(conversation).or_default();
            *latest = (*latest).max(time);
        }
    }

    /// Gives every message of which more is known now to the conversation in which it was said first.
    /// What was read before must be written to blocks.
    pub(super) fn settle_owners(&mut self) -> Result<()> {
        self.flush_span()?;
        let mut all = BTreeSet::new();
        for conversation in self.descendants()? {
            copied(&self.transaction, conversation, &mut all)?;
            shared(&self.transaction, conversation, &mut all)?;
        }
        for (conversation, latest) in std::mem::take(&mut self.latest) {
            let sql = "UPDATE conversation SET ended = ?2
                 WHERE id = ?1 AND (ended IS NULL OR ended < ?2)";
            let moved = self
                .transaction
                .prepare_cached(sql)?
                .execute(params![conversation.0, latest])?;
            // One that ended later than it did comes no earlier: only what it has may go.
            if moved == 1 {
                shared(&self.transaction, conversation, &mut all)?;
            }
        }
        let mut standings = FxHashMap::default();
        for (message, met) in std::mem::take(&mut self.unsettled) {
            if all.contains(&message) {
                continue;
            }
            let mut copies = Vec::with_capacity(met.len());
            for conversation in met {
                copies.extend(copy_in(&self.transaction, conversation, message)?);
            }
            self.settle(message, &copies, &mut standings)?;
        }
        for message in all {
            let copies = copies_of(&self.transaction, message)?;
            self.settle(message, &copies, &mut standings)?;
        }
        self.flush_span()
    }

    /// Whether a conversation has messages.
    pub(super) fn is_known(&mut self, id: ConversationId) -> Result<bool> {
        self.flush_span()?;
        let sql = "SELECT EXISTS (SELECT 1 FROM span WHERE conversation = ?1)
             OR EXISTS (SELECT 1 FROM copy WHERE conversation = ?1)";
        let mut statement = self.transaction.prepare_cached(sql)?;
        Ok(statement.query_row([id.0], |row| row.get(0))?)
    }

    /// Conversations that had messages when their parents became known, and what came out of any whose did.
    fn descendants(&mut self) -> Result<FxHashSet<ConversationId>> {
        let mut open: Vec<ConversationId> = self.reparented.drain().collect();
        let mut found = std::mem::take(&mut self.reranked);
        let mut seen: FxHashSet<ConversationId> = open.iter().copied().collect();
        let sql = "SELECT child.id FROM conversation AS own JOIN conversation AS child
             ON child.parent = own.key AND child.source = own.source WHERE own.id = ?1";
        let mut children = self.transaction.prepare_cached(sql)?;
        while let Some(id) = open.pop() {
            let rows = children.query_map([id.0], |row| row.get(0).map(ConversationId))?;
            for child in rows {
                let child = child?;
                found.insert(child);
                if seen.insert(child) {
                    open.push(child);
                }
            }
        }
        Ok(found)
    }

    /// Gives a message to one of these conversations that have it too, if it comes before the one that has it
    /// now.
    fn settle(
        &mut self,
        message: MessageId,
        copies: &[Copy],
        standings: &mut FxHashMap<ConversationId, Standing>,
    ) -> Result<()> {
        let Some(span) = Span::of_message(&self.transaction, message)? else {
            return Ok(());
        };
        if copies.is_empty() {
            return Ok(());
        }
        let time = self
            .transaction
            .prepare_cached("SELECT time FROM message WHERE id = ?1")?
            .query_row([message.0], |row| row.get(0))
            .optional()?
            .flatten();
        for conversation in copies
            .iter()
            .map(|copy| copy.conversation)
            .chain([span.conversation])
        {
            if let Entry::Vacant(place) = standings.entry(conversation) {
                place.insert(Standing::of(&self.transaction, conversation)?);
            }
        }
        let rank_of = |copy: &Copy| {
            let standing = standings.get(&copy.conversation)?;
            Some(standing.rank(copy.log.is_none(), copy.time, copy.log))
        };
        let own = standings.get(&span.conversation);
        let own = own.map(|own| own.rank(false, time, span.log));
        let first = copies.iter().min_by_key(|copy| rank_of(copy));
        match first {
            Some(first) if rank_of(first) < own => self.hand_over(&span, time, first),
            _ => Ok(()),
        }
    }

    /// Gives a message to another conversation that has it; the one that had it repeats it from then on.
    fn hand_over(&mut self, span: &Span, time: Option<Millis>, to: &Copy) -> Result<()> {
        let change = self.changes.get(&to.message);
        let place = match change.and_then(|change| change.place.clone()) {
            Some(place) => Some(place),
            None => self.kept(to.message)?.map(|message| {
                let mut message = Masked::kept(message);
                message.split_place()
            }),
        };
        let copy = Copy {
            conversation: span.conversation,
            message: to.message,
            project: span.project,
            time,
            log: span.log,
            at: place
                .as_ref()
                .and_then(|place| span.log.map(|_| place.offset.cast_signed())),
        };
        let new_place = to.place(&self.transaction)?;
        to.delete(&self.transaction)?;
        self.move_message(to, new_place)?;
        copy.insert(&self.transaction, place.as_ref())
    }
}

/// Adds the messages that a conversation repeats.
fn copied(
    connection: &Connection,
    conversation: ConversationId,
    found: &mut BTreeSet<MessageId>,
) -> Result<()> {
    let sql = "SELECT message FROM copy WHERE conversation = ?1";
    add_messages(connection, sql, conversation, found)
}

/// Adds the messages of a conversation that others repeat.
fn shared(
    connection: &Connection,
    conversation: ConversationId,
    found: &mut BTreeSet<MessageId>,
) -> Result<()> {
    let sql = "SELECT DISTINCT message FROM span JOIN copy ON message BETWEEN first AND last
         WHERE span.conversation = ?1";
    add_messages(connection, sql, conversation, found)
}

fn add_messages(
    connection: &Connection,
    sql: &str,
    conversation: ConversationId,
    found: &mut BTreeSet<MessageId>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([conversation.0], |row| row.get(0).map(MessageId))?;
    for message in rows {
        found.insert(message?);
    }
    Ok(())
}

impl Standing {
    fn of(connection: &Connection, conversation: ConversationId) -> Result<Self> {
        let sql = "SELECT source, key, parent, ended FROM conversation WHERE id = ?1";
        let (source, key, parent, ended): (String, String, Option<String>, _) = connection
            .prepare_cached(sql)?
            .query_row([conversation.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        let sql = "SELECT parent FROM conversation WHERE source = ?1 AND key = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let mut depth = 0;
        let mut above = parent;
        // Of a loop each member has the same depth.
        while let Some(at) = above.filter(|at| *at != key && depth < MAX_DEPTH) {
            depth += 1;
            above = statement
                .query_row([&source, &at], |row| row.get(0))
                .optional()?
                .flatten();
        }
        Ok(Self { depth, ended, key })
    }

    fn rank(&self, is_hearsay: bool, time: Option<Millis>, log: Option<i64>) -> OwnerRank<'_> {
        OwnerRank {
            is_hearsay,
            depth: self.depth,
            untimed: time.is_none(),
            time,
            ended: self.ended,
            key: &self.key,
            log,
        }
    }
}
