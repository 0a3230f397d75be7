//! Which messages a request to forget means, and what goes with them.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Marking, PERSON_FACT, REFLECTION, Relation};

use super::needle::Needle;
use crate::facts;
use crate::guards::Gate;
use crate::projects::{self, Names};
use crate::query::conversation::Conversation;
use crate::reflections;
use crate::store::{
    ConversationId, MessageId, ProjectFilter, ProjectId, Reader, Row, Span, Spans, marks_of,
    relation_number,
};
use crate::{Error, Exclusions, Forget, ForgetReport, Result};

/// The rank of a title that a person gave; others are made of what was said.
const GIVEN_TITLE_RANK: i64 = 3;

/// What is to be forgotten.
#[derive(Default)]
pub(super) struct Chosen {
    /// Messages in ascending order.
    pub(super) messages: Vec<MessageId>,
    /// Conversations of which nothing is left.
    pub(super) emptied: Vec<ConversationRow>,
    /// Conversations that keep other messages.
    pub(super) cut: Vec<ConversationRow>,
    /// Conversations that are kept and whose titles go.
    pub(super) untitled: Vec<ConversationId>,
    /// Conversations that are kept, with the links that they keep.
    pub(super) links: Vec<(ConversationId, Vec<String>)>,
    /// Marks on messages that are kept.
    pub(super) marks: Vec<i64>,
    /// Projects in which nothing is left.
    pub(super) projects: Vec<ProjectId>,
    /// How many links go.
    link_count: u64,
    /// Damaged messages whose text couldn't be looked at.
    unreadable: u64,
}

impl Chosen {
    /// The ids of conversations of a source of which nothing is left.
    pub(super) fn emptied_of(&self, source: &str) -> impl Iterator<Item = &str> {
        let rows = self.emptied.iter().filter(move |row| row.source == source);
        rows.map(|row| row.key.as_str())
    }
}

/// A conversation's own row.
pub(super) struct ConversationRow {
    pub(super) id: ConversationId,
    pub(super) source: String,
    pub(super) key: String,
    pub(super) title: Option<String>,
    rank: i64,
}

impl ConversationRow {
    fn get(connection: &Connection, id: ConversationId) -> Result<Self> {
        let sql = "SELECT source, key, title, title_rank FROM conversation WHERE id = ?1";
        Ok(connection.prepare_cached(sql)?.query_row([id.0], |row| {
            Ok(Self {
                id,
                source: row.get(0)?,
                key: row.get(1)?,
                title: row.get(2)?,
                rank: row.get(3)?,
            })
        })?)
    }
}

/// Chooses what a request means.
pub(super) fn choose(connection: &Connection, gate: Gate<'_>, request: &Forget) -> Result<Chosen> {
    let (within, _) = projects::of_scope(connection, &request.scope)?;
    let needle = match &request.matching {
        Some(text) => Some(Needle::new(text).ok_or(Error::Empty("the text to forget"))?),
        None => None,
    };
    let (spans, named_conversations) = spans_of(connection, gate, request, within)?;
    let named = match request.messages.is_empty() {
        true => None,
        false => Some(reflections::find_all(
            connection,
            &request.messages,
            within,
        )?),
    };
    let mut chosen = Chosen::default();
    let wanted = |id: &MessageId| named.as_ref().is_none_or(|named| named.contains(id));
    let mut reader = Reader::new()?;
    let mut messages = BTreeSet::new();
    for span in &spans.0 {
        let excluded = match &request.excluded {
            Some(exclusions) => SpanExclusion::of(connection, exclusions, span)?,
            None => SpanExclusion::Whole,
        };
        if excluded == SpanExclusion::Nothing {
            continue;
        }
        for id in (span.first.0..=span.last.0).map(MessageId).filter(wanted) {
            let Some(row) = Row::get(connection, id)? else {
                continue;
            };
            if !is_in_time(request, &row) {
                continue;
            }
            if excluded == SpanExclusion::ByDirectory
                && !is_excluded(connection, &mut reader, request, &row)?
            {
                continue;
            }
            if let Some(needle) = &needle {
                match reader.message(connection, &row) {
                    Ok(message) if needle.is_in_message(&message) => {}
                    Ok(_) => continue,
                    Err(Error::Damaged(_)) => {
                        chosen.unreadable += 1;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            messages.insert(id);
        }
    }
    let all = Spans::all(connection)?;
    let by_conversation = by_conversation(&all);
    with_reflections(connection, &by_conversation, &mut messages)?;
    // A fact goes with the message in which it was said: it is made of its words.
    let facts = facts::said_in(connection, &|said| messages.contains(&said))?;
    messages.extend(facts);
    chosen.messages = messages.into_iter().collect();
    chosen.sort_conversations(connection, &all, &by_conversation)?;
    chosen.add_repeating(connection, request, named_conversations, &by_conversation)?;
    let is_bounded = named.is_some()
        || request.excluded.is_some()
        || request.since.is_some()
        || request.until.is_some();
    if let Some(needle) = needle.filter(|_| !is_bounded) {
        chosen.beside(connection, &spans, &needle)?;
    }
    chosen.projects = emptied_projects(&all, &chosen.messages);
    Ok(chosen)
}

/// What of a span is excluded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SpanExclusion {
    Nothing,
    /// What its messages' directories tell.
    ByDirectory,
    Whole,
}

impl SpanExclusion {
    fn of(connection: &Connection, exclusions: &Exclusions, span: &Span) -> Result<Self> {
        let sql = "SELECT conversation.source, file.path, project.key FROM conversation
             LEFT JOIN file ON file.id = file LEFT JOIN project ON project.id = ?2
             WHERE conversation.id = ?1";
        let (source, path, project): (String, Option<String>, Option<String>) = connection
            .prepare_cached(sql)?
            .query_row([span.conversation.0, span.project.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let is_whole = exclusions.has_source(&source)
            || exclusions.has_place(path.as_deref(), &project.unwrap_or_default());
        Ok(match is_whole {
            true => Self::Whole,
            false if exclusions.asks_for_directories() => Self::ByDirectory,
            false => Self::Nothing,
        })
    }
}

/// Whether the directory of a message is excluded. One that can't be read is kept.
fn is_excluded(
    connection: &Connection,
    reader: &mut Reader,
    request: &Forget,
    row: &Row,
) -> Result<bool> {
    match reader.message(connection, row) {
        Ok(message) => Ok(request.excluded.as_ref().is_some_and(|exclusions| {
            let directory = message.cwd.as_deref();
            directory.is_some_and(|directory| exclusions.has_path(directory))
        })),
        Err(Error::Damaged(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The spans of the conversations that are named, or of all, in the projects; and the named ones.
fn spans_of(
    connection: &Connection,
    gate: Gate<'_>,
    request: &Forget,
    within: ProjectFilter,
) -> Result<(Spans, FxHashSet<ConversationId>)> {
    let spans = Spans::of(connection, within)?;
    if request.conversations.is_empty() {
        return Ok((spans, FxHashSet::default()));
    }
    let mut named = FxHashSet::default();
    for id in &request.conversations {
        named.insert(Conversation::find_within(connection, gate, id, within)?.id);
    }
    add_sub_agents(connection, &mut named)?;
    let own = spans.0.into_iter();
    let own = own.filter(|span| named.contains(&span.conversation));
    Ok((Spans(own.collect()), named))
}

/// Adds the sub-agents of conversations, and theirs: what they did is a part of them.
fn add_sub_agents(connection: &Connection, named: &mut FxHashSet<ConversationId>) -> Result<()> {
    let sql = "SELECT child.id FROM conversation AS child
         JOIN conversation AS own ON own.source = child.source AND own.key = child.parent
         WHERE own.id = ?1 AND child.relation = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut left: Vec<ConversationId> = named.iter().copied().collect();
    while let Some(id) = left.pop() {
        let sub_agent = relation_number(Relation::SubAgent);
        let children =
            statement.query_map([id.0, sub_agent], |row| row.get(0).map(ConversationId))?;
        for child in children {
            let child = child?;
            if named.insert(child) {
                left.push(child);
            }
        }
    }
    Ok(())
}

fn is_in_time(request: &Forget, row: &Row) -> bool {
    if request.since.is_none() && request.until.is_none() {
        return true;
    }
    row.time.is_some_and(|time| {
        request.since.is_none_or(|since| time >= since)
            && request.until.is_none_or(|until| time < until)
    })
}

type ByConversation = FxHashMap<ConversationId, Vec<Span>>;

fn by_conversation(all: &Spans) -> ByConversation {
    let mut found = ByConversation::default();
    for span in &all.0 {
        found.entry(span.conversation).or_default().push(*span);
    }
    found
}

/// Whether all messages of spans are among those that go.
fn is_covered(spans: &[Span], messages: &BTreeSet<MessageId>) -> bool {
    spans.iter().all(|span| {
        let going = messages.range(span.first..=span.last).count() as i64;
        going == span.last.0 - span.first.0 + 1
    })
}

/// Adds the reflections that are about conversations of which nothing is left.
fn with_reflections(
    connection: &Connection,
    conversations: &ByConversation,
    messages: &mut BTreeSet<MessageId>,
) -> Result<()> {
    let sql = "SELECT message, conversation FROM reflection WHERE conversation IS NOT NULL";
    let mut about = connection.prepare_cached(sql)?;
    let mut of_key =
        connection.prepare_cached("SELECT id FROM conversation WHERE key = ?1 AND source != ?2")?;
    let mut rows = about.query([])?;
    let mut more = Vec::new();
    while let Some(row) = rows.next()? {
        let (message, key): (i64, String) = (row.get(0)?, row.get(1)?);
        let found = of_key.query_map(params![key, REFLECTION], |row| {
            row.get(0).map(ConversationId)
        })?;
        let found: Vec<ConversationId> = found.collect::<rusqlite::Result<_>>()?;
        let gone = |id: &ConversationId| {
            let spans = conversations.get(id);
            spans.is_some_and(|spans| is_covered(spans, messages))
        };
        if !found.is_empty() && found.iter().all(gone) {
            more.push(MessageId(message));
        }
    }
    messages.extend(more);
    Ok(())
}

/// Projects that have messages, all of which go.
fn emptied_projects(all: &Spans, messages: &[MessageId]) -> Vec<ProjectId> {
    let going: BTreeSet<MessageId> = messages.iter().copied().collect();
    let mut left: FxHashMap<ProjectId, bool> = FxHashMap::default();
    for span in &all.0 {
        let is_gone = is_covered(std::slice::from_ref(span), &going);
        let gone = left.entry(span.project).or_insert(true);
        *gone &= is_gone;
    }
    let mut gone: Vec<ProjectId> = left
        .into_iter()
        .filter_map(|(project, is_gone)| is_gone.then_some(project))
        .collect();
    gone.sort_unstable();
    gone
}

impl Chosen {
    /// Tells conversations that are emptied from those that keep messages. The latter lose titles that
    /// were made of what was said.
    fn sort_conversations(
        &mut self,
        connection: &Connection,
        all: &Spans,
        conversations: &ByConversation,
    ) -> Result<()> {
        let going: BTreeSet<MessageId> = self.messages.iter().copied().collect();
        let touched: BTreeSet<ConversationId> = self
            .messages
            .iter()
            .filter_map(|id| all.find(*id).map(|span| span.conversation))
            .collect();
        for id in touched {
            let row = ConversationRow::get(connection, id)?;
            let spans = conversations.get(&id).map_or(&[][..], Vec::as_slice);
            if is_covered(spans, &going) {
                self.emptied.push(row);
                continue;
            }
            if row.title.is_some() && row.rank < GIVEN_TITLE_RANK {
                self.untitled.push(id);
            }
            self.cut.push(row);
        }
        Ok(())
    }

    /// Adds conversations that are named whole and only repeat messages of others, which stay there.
    fn add_repeating(
        &mut self,
        connection: &Connection,
        request: &Forget,
        named: FxHashSet<ConversationId>,
        conversations: &ByConversation,
    ) -> Result<()> {
        let is_part = request.matching.is_some()
            || request.excluded.is_some()
            || request.since.is_some()
            || request.until.is_some()
            || !request.messages.is_empty();
        let mut named: Vec<ConversationId> = named.into_iter().collect();
        named.sort_unstable();
        for id in named {
            if !is_part && !conversations.contains_key(&id) {
                self.emptied.push(ConversationRow::get(connection, id)?);
            }
        }
        Ok(())
    }

    /// Adds what holds the text beside messages: titles, links, and marks of messages that are kept.
    fn beside(&mut self, connection: &Connection, spans: &Spans, needle: &Needle) -> Result<()> {
        let emptied: FxHashSet<ConversationId> = self.emptied.iter().map(|row| row.id).collect();
        let kept: BTreeSet<ConversationId> = spans
            .0
            .iter()
            .map(|span| span.conversation)
            .filter(|id| !emptied.contains(id))
            .collect();
        let sql = "SELECT title, links FROM conversation WHERE id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        for id in kept {
            let (title, links): (Option<String>, Option<String>) =
                statement.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let is_held = title.is_some_and(|title| needle.is_in(&title));
            if is_held && !self.untitled.contains(&id) {
                self.untitled.push(id);
            }
            let links = links.unwrap_or_default();
            let (gone, left): (Vec<&str>, Vec<&str>) =
                links.lines().partition(|link| needle.is_in(link));
            if !gone.is_empty() {
                self.link_count += gone.len() as u64;
                self.links
                    .push((id, left.into_iter().map(str::to_owned).collect()));
            }
        }
        self.marks_with(connection, spans, needle)
    }

    fn marks_with(
        &mut self,
        connection: &Connection,
        spans: &Spans,
        needle: &Needle,
    ) -> Result<()> {
        let mut statement =
            connection.prepare_cached("SELECT id, message, evidence, claim FROM mark")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let message = MessageId(row.get(1)?);
            let mark = Marking {
                evidence: row.get(2)?,
                claim: row.get(3)?,
                ..Marking::default()
            };
            let is_kept = self.messages.binary_search(&message).is_err();
            if is_kept && spans.find(message).is_some() && needle.is_in_mark(&mark) {
                self.marks.push(row.get(0)?);
            }
        }
        Ok(())
    }

    /// The receipt for it, before anything is done.
    pub(super) fn report(&self, connection: &Connection) -> Result<ForgetReport> {
        let names = Names::load(connection)?;
        let mut report = ForgetReport {
            messages: self.messages.len() as u64,
            titles: self.untitled.len() as u64,
            marks: self.marks.len() as u64,
            links: self.link_count,
            unreadable: self.unreadable,
            ..ForgetReport::default()
        };
        for row in &self.emptied {
            match row.source.as_str() {
                REFLECTION => report.reflections += 1,
                PERSON_FACT => report.facts += 1,
                _ => report.conversations.push(row.key.clone()),
            }
            report.titles += u64::from(row.title.is_some());
        }
        report.parts = self.cut.iter().map(|row| row.key.clone()).collect();
        let projects = self.projects.iter().map(|id| names.get(*id).to_owned());
        report.projects = projects.collect();
        for id in &self.messages {
            report.marks += marks_of(connection, *id)?.len() as u64;
            if let Some(time) = Row::get(connection, *id)?.and_then(|row| row.time) {
                report.first = Some(report.first.map_or(time, |first| first.min(time)));
                report.last = report.last.max(Some(time));
            }
        }
        Ok(report)
    }
}
