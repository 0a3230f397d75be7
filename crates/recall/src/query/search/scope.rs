//! Decides which messages a search may find. Every retriever asks here, so that none finds anything outside
//! of the scope.

use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::REFLECTION;

use crate::index::vectors::{MessageRange, VectorFilter};
use crate::projects;
use crate::store::{ConversationId, MessageId, Row, Span, Spans};
use crate::{Result, SearchRequest};

/// Messages on either side of one that touched a file or called a tool that are meant with it: the
/// words about it stand around the call.
const NEARBY_MESSAGES: i64 = 8;

/// Decides for each message whether it may be found.
pub(super) struct SearchFilter<'a> {
    spans: &'a Spans,
    /// What can be told of a message from its number and project: what a vector index is asked for.
    vectors: VectorFilter,
    source: Option<String>,
    without_reflections: bool,
    since: Option<i64>,
    until: Option<i64>,
    role: Option<transcript::Role>,
    known: FxHashMap<ConversationId, bool>,
}

impl<'a> SearchFilter<'a> {
    /// What a request may find; its project's name too.
    pub(super) fn new(
        connection: &Connection,
        spans: &'a Spans,
        request: &SearchRequest,
    ) -> Result<(Self, Option<String>)> {
        let (projects, name) = projects::of_scope(connection, &request.scope)?;
        let filter = Self {
            spans,
            vectors: VectorFilter {
                projects,
                ranges: near(connection, spans, request)?,
            },
            source: request.source.clone(),
            without_reflections: request.without_reflections,
            since: request.since,
            until: request.until,
            role: request.role,
            known: FxHashMap::default(),
        };
        Ok((filter, name))
    }

    /// The span of a message, if that lies in the projects of the scope, and near the file or tool that the
    /// request names; else `None`.
    pub(super) fn span(&self, message: MessageId) -> Option<&'a Span> {
        let span = self.spans.find(message)?;
        let is_meant =
            self.vectors.projects.admits(span.project) && self.vectors.is_in_range(message);
        is_meant.then_some(span)
    }

    /// What a vector index is asked for: the same as [`Self::span`] asks.
    pub(super) fn of_vectors(&self) -> &VectorFilter {
        &self.vectors
    }

    /// Whether [`Self::admit`] checks more than [`Self::span`]: times, role or source.
    pub(super) fn is_strict(&self) -> bool {
        let asks_source = self.source.is_some() || self.without_reflections;
        asks_source || self.since.is_some() || self.until.is_some() || self.role.is_some()
    }

    /// The row of a message that the whole filter admits; else `None`.
    pub(super) fn admit(&mut self, connection: &Connection, id: MessageId) -> Result<Option<Row>> {
        let Some(span) = self.span(id) else {
            return Ok(None);
        };
        let Some(row) = Row::get(connection, id)? else {
            return Ok(None);
        };
        let is_speaker = self.role.is_none_or(|role| role == row.flags.role());
        let is_bounded = self.since.is_some() || self.until.is_some();
        let in_time = row.time.is_some_and(|time| {
            self.since.is_none_or(|since| time >= since)
                && self.until.is_none_or(|until| time < until)
        });
        let is_searched = row.flags.kind() != transcript::MessageKind::Injected;
        if !is_searched || !is_speaker || is_bounded && !in_time {
            return Ok(None);
        }
        Ok(self
            .has_source(connection, span.conversation)?
            .then_some(row))
    }

    fn has_source(&mut self, connection: &Connection, id: ConversationId) -> Result<bool> {
        if self.source.is_none() && !self.without_reflections {
            return Ok(true);
        }
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let source: String = connection
            .prepare_cached("SELECT source FROM conversation WHERE id = ?1")?
            .query_row(params![id.0], |row| row.get(0))?;
        let is_wanted = self.source.as_ref().is_none_or(|wanted| source == *wanted);
        let has = is_wanted && !(self.without_reflections && source == REFLECTION);
        self.known.insert(id, has);
        Ok(has)
    }
}

/// Where the named file was touched or the named tool was called, with what stands around.
fn near(
    connection: &Connection,
    spans: &Spans,
    request: &SearchRequest,
) -> Result<Option<Vec<MessageRange>>> {
    let mut found: Option<FxHashSet<i64>> = None;
    let mut narrow = |messages: FxHashSet<i64>, reach: i64| {
        let mut wide = FxHashSet::default();
        for message in messages {
            // Not beyond the conversation, or the part of it that lies in one project.
            if let Some(span) = spans.find(MessageId(message)) {
                let (first, last) = (span.first.0, span.last.0);
                wide.extend((message - reach).max(first)..=(message + reach).min(last));
            }
        }
        found = Some(match found.take() {
            Some(before) => before.intersection(&wide).copied().collect(),
            None => wide,
        });
    };
    if let Some(file) = &request.file {
        narrow(touched(connection, file)?, NEARBY_MESSAGES);
    }
    if let Some(tool) = &request.tool {
        let sql = "SELECT message FROM label JOIN labelled ON label = id
             WHERE kind = 0 AND (value = ?1 COLLATE NOCASE OR value LIKE '%\\_\\_' || ?1 ESCAPE '\\')";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([tool], |row| row.get(0))?;
        narrow(rows.collect::<rusqlite::Result<_>>()?, 1);
    }
    Ok(found.map(|messages| {
        let mut sorted: Vec<i64> = messages.into_iter().collect();
        sorted.sort_unstable();
        let mut ranges: Vec<MessageRange> = Vec::new();
        for message in sorted.into_iter().map(MessageId) {
            match ranges.last_mut() {
                Some(range) if range.last.0 + 1 == message.0 => range.last = message,
                _ => ranges.push(MessageRange {
                    first: message,
                    last: message,
                }),
            }
        }
        ranges
    }))
}

/// Messages that touched a file whose path ends with `file`, by whole parts of the path.
fn touched(connection: &Connection, file: &str) -> Result<FxHashSet<i64>> {
    let suffix = file.replace('\\', "/");
    let suffix = suffix.trim_start_matches("./");
    let mut labels =
        connection.prepare_cached("SELECT id, value FROM label WHERE kind IN (1, 2)")?;
    let mut messages =
        connection.prepare_cached("SELECT message FROM labelled WHERE label = ?1")?;
    let mut found = FxHashSet::default();
    let mut rows = labels.query([])?;
    while let Some(row) = rows.next()? {
        let path = row
            .get_ref(1)?
            .as_str()
            .unwrap_or_default()
            .replace('\\', "/");
        let ends = path
            .strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/') || suffix.starts_with('/'));
        if ends {
            let ids = messages.query_map([row.get::<_, i64>(0)?], |row| row.get(0))?;
            for id in ids {
                found.insert(id?);
            }
        }
    }
    Ok(found)
}
