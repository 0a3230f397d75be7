//! What a look around starts from: the spans of a scope, and ways to their messages.

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Millis, PERSON_FACT, REFLECTION};

use crate::documents;
use crate::guards::{Gate, Voice};
use crate::projects::{self, Names};
use crate::query::conversation::Conversation;
use crate::store::{
    ConversationId, Flags, MessageId, ProjectFilter, Reader, Row, Span, Spans, shown_id,
};
use crate::{Error, Result, Scope};

/// Messages at the end of a span whose latest time stands for its end: logs grow at their end, but
/// not quite in the order of time.
const TAIL_MESSAGES: i64 = 16;

/// A scope of the archive, opened for looking around.
pub(super) struct Scene<'a> {
    pub(super) connection: &'a Connection,
    pub(super) gate: Gate<'a>,
    pub(super) names: Names,
    pub(super) within: ProjectFilter,
    pub(super) project_name: Option<String>,
    /// The spans of the scope, ascending.
    pub(super) spans: Spans,
    pub(super) reader: Reader,
    conversations: FxHashMap<ConversationId, Conversation>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(connection: &'a Connection, gate: Gate<'a>, scope: &Scope) -> Result<Self> {
        let (within, project_name) = projects::of_scope(connection, scope)?;
        let mut spans = Spans::of(connection, within)?;
        // What stands in documents is neither work nor said.
        if documents::is_any(connection)? {
            let left_out = documents::knowledge_conversations(connection)?;
            spans
                .0
                .retain(|span| !left_out.contains(&span.conversation));
        }
        let gate = match &project_name {
            Some(name) => gate.of_project(name),
            None => gate,
        };
        Ok(Self {
            connection,
            gate,
            names: Names::load(connection)?,
            within,
            project_name,
            spans,
            reader: Reader::new()?,
            conversations: FxHashMap::default(),
        })
    }

    /// Leaves out what was stored on purpose: that isn't work.
    pub(super) fn leave_out_reflections(&mut self) -> Result<()> {
        let sql = "SELECT id FROM conversation WHERE source IN (?1, ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ids = statement.query_map([REFLECTION, PERSON_FACT], |row| {
            row.get(0).map(ConversationId)
        })?;
        let ids: FxHashSet<ConversationId> = ids.collect::<rusqlite::Result<_>>()?;
        self.spans
            .0
            .retain(|span| !ids.contains(&span.conversation));
        Ok(())
    }

    /// The rows of a span's messages, in order.
    pub(super) fn rows(&self, span: &Span) -> Result<Vec<Row>> {
        self.rows_between(span.first.0, span.last.0)
    }

    /// The rows of the messages from one id to another, both included.
    pub(super) fn rows_between(&self, first: i64, last: i64) -> Result<Vec<Row>> {
        let sql = "SELECT id, time, flags, text, body FROM message WHERE id BETWEEN ?1 AND ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![first, last], |row| {
            Ok(Row {
                id: MessageId(row.get(0)?),
                time: row.get(1)?,
                flags: Flags(row.get(2)?),
                text: row.get(3)?,
                body: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The spans with about when they ended, the latest first; those without a time last.
    pub(super) fn latest_spans(&self) -> Result<Vec<(Option<Millis>, Span)>> {
        let sql = "SELECT max(time) FROM message WHERE id BETWEEN ?1 AND ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut ended = Vec::with_capacity(self.spans.0.len());
        for span in &self.spans.0 {
            let tail = span.first.0.max(span.last.0 - TAIL_MESSAGES + 1);
            let time: Option<Millis> =
                statement.query_row(params![tail, span.last.0], |row| row.get(0))?;
            ended.push((time, *span));
        }
        ended.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.first.cmp(&a.1.first)));
        Ok(ended)
    }

    /// A conversation as it may be shown in the scope.
    pub(super) fn conversation(&mut self, id: ConversationId) -> Result<&Conversation> {
        use std::collections::hash_map::Entry;
        match self.conversations.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(Conversation::within(
                self.connection,
                self.gate,
                id,
                self.within,
            )?)),
        }
    }

    /// Conversations of sub-agents, with those that started them: they are a part of these.
    pub(super) fn parts(&self) -> Result<FxHashMap<ConversationId, ConversationId>> {
        let sql = "SELECT part.id, whole.id FROM conversation AS part
             JOIN conversation AS whole ON whole.source = part.source AND whole.key = part.parent
             WHERE part.parent IS NOT NULL
               AND substr(part.key, 1, length(part.parent) + 1) = part.parent || '/'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((ConversationId(row.get(0)?), ConversationId(row.get(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The id of a message as it is shown, and its text as it is kept; `None` where it has no text, or
    /// where damage keeps it from being read, which must not hide all else.
    pub(super) fn text(&mut self, row: &Row) -> Result<Option<(String, String)>> {
        if row.text.is_none() {
            return Ok(None);
        }
        match self.reader.text(self.connection, row) {
            Ok((id, text)) => Ok(Some((shown_id(row.id, id), text))),
            Err(Error::Damaged(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The gate for the text of a message.
    pub(super) fn gate_of(&self, row: &Row) -> Gate<'a> {
        let voice = Voice::of(row.flags.role(), row.flags.kind());
        self.gate.for_words_of(voice)
    }

    /// The id of a message as it is shown.
    pub(super) fn shown_id(&mut self, row: &Row) -> Result<String> {
        let id = match row.text {
            Some(_) => self.text(row)?.map(|(id, _)| id),
            None => match self.reader.message(self.connection, row) {
                Ok(message) => Some(message.id),
                Err(Error::Damaged(_)) => None,
                Err(error) => return Err(error),
            },
        };
        Ok(shown_id(row.id, id.unwrap_or_default()))
    }

    /// What a label says.
    pub(super) fn label(&self, id: i64) -> Result<String> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT value FROM label WHERE id = ?1")?;
        let value = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok(value.unwrap_or_default())
    }
}
