//! Decides which messages a search may find. Every retriever asks here, so that none finds anything outside
//! of the scope.

use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Millis, REFLECTION};

use crate::documents::{self, KNOWLEDGE_SOURCE};
use crate::index::vectors::{MessageRange, VectorFilter};
use crate::project::{comparable_file, is_caseless};
use crate::projects;
use crate::store::{ConversationId, MessageId, ProjectFilter, Row, Span, Spans};
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
    left_out: LeftOut,
}

/// Why messages that were put forward weren't admitted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeftOut {
    /// The latest time of those that only the bounds of time left out.
    pub(super) by_time: Option<Millis>,
    /// Whether the role left any out.
    pub(super) by_role: bool,
    /// Whether the source left any out.
    pub(super) by_source: bool,
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
                ranges: apart_from_documents(connection, spans, request)?,
            },
            source: request.source.clone(),
            without_reflections: request.without_reflections,
            since: request.since,
            until: request.until,
            role: request.role,
            known: FxHashMap::default(),
            left_out: LeftOut::default(),
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
        if row.flags.kind() == transcript::MessageKind::Injected {
            return Ok(None);
        }
        if self.role.is_some_and(|role| role != row.flags.role()) {
            self.left_out.by_role = true;
            return Ok(None);
        }
        if !self.has_source(connection, span.conversation)? {
            self.left_out.by_source = true;
            return Ok(None);
        }
        if self.bounds_time() && !row.time.is_some_and(|time| self.is_in_time(time)) {
            self.left_out.by_time = self.left_out.by_time.max(row.time);
            return Ok(None);
        }
        Ok(Some(row))
    }

    /// Whether no project at all may be looked into.
    pub(super) fn is_closed(&self) -> bool {
        self.vectors.projects == ProjectFilter::None
    }

    /// Whether any message lies near the file or tool that the request names, in the projects of the scope;
    /// `true` where it names none.
    pub(super) fn has_messages(&self) -> bool {
        let Some(ranges) = &self.vectors.ranges else {
            return true;
        };
        let mut messages = ranges.iter().flat_map(|range| range.first.0..=range.last.0);
        messages.any(|message| self.span(MessageId(message)).is_some())
    }

    /// Why messages weren't admitted so far.
    pub(super) fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Whether times are bounded.
    pub(super) fn bounds_time(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    fn is_in_time(&self, time: Millis) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    /// The time of the latest message in the projects of the scope, and whether any lies within the bounds.
    pub(super) fn times(&self, connection: &Connection) -> Result<(Option<Millis>, bool)> {
        let sql = "SELECT time FROM message WHERE id BETWEEN ?1 AND ?2 AND time IS NOT NULL";
        let mut statement = connection.prepare_cached(sql)?;
        let (mut latest, mut is_any_in_time) = (None, false);
        let projects = self.vectors.projects;
        for span in self
            .spans
            .0
            .iter()
            .filter(|span| projects.admits(span.project))
        {
            let mut rows = statement.query([span.first.0, span.last.0])?;
            while let Some(row) = rows.next()? {
                let time = row.get(0)?;
                latest = latest.max(Some(time));
                is_any_in_time |= self.is_in_time(time);
            }
        }
        Ok((latest, is_any_in_time))
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

/// The messages that a request may find, as far as documents and the named file and tool go; `None` for all.
fn apart_from_documents(
    connection: &Connection,
    spans: &Spans,
    request: &SearchRequest,
) -> Result<Option<Vec<MessageRange>>> {
    let near = near(connection, spans, request)?;
    let (listed, are_wanted) = match (&request.documents, request.source.as_deref()) {
        (Some(wanted), _) => (documents::conversations_of(connection, wanted)?, true),
        (None, Some(KNOWLEDGE_SOURCE)) => return Ok(near),
        (None, _) if !documents::is_any(connection)? => return Ok(near),
        (None, _) => (documents::knowledge_conversations(connection)?, false),
    };
    let is_meant = |span: &Span| listed.contains(&span.conversation) == are_wanted;
    if let Some(mut near) = near {
        near.retain(|range| spans.find(range.first).is_some_and(is_meant));
        return Ok(Some(near));
    }
    let mut ranges: Vec<MessageRange> = Vec::new();
    for span in spans.0.iter().filter(|span| is_meant(span)) {
        match ranges.last_mut() {
            Some(range) if range.last.0 + 1 == span.first.0 => range.last = span.last,
            _ => ranges.push(MessageRange {
                first: span.first,
                last: span.last,
            }),
        }
    }
    Ok(Some(ranges))
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
    let suffix = comparable_file(file);
    let suffix = suffix.trim_start_matches("./");
    let lower = suffix.to_lowercase();
    let mut labels =
        connection.prepare_cached("SELECT id, value FROM label WHERE kind IN (1, 2)")?;
    let mut messages =
        connection.prepare_cached("SELECT message FROM labelled WHERE label = ?1")?;
    let mut found = FxHashSet::default();
    let mut rows = labels.query([])?;
    while let Some(row) = rows.next()? {
        let path = comparable_file(row.get_ref(1)?.as_str().unwrap_or_default());
        let suffix = match is_caseless(&path) && !is_caseless(suffix) {
            true => &lower,
            false => suffix,
        };
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
