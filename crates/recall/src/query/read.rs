//! Conversations and their messages, read back for people, exports and assistants.

use rusqlite::{Connection, OptionalExtension as _, params};
use transcript::{Millis, PERSON_FACT, REFLECTION};

use crate::guards::{Cleared, Gate};
use crate::project::remote_of_key;
use crate::projects::{self, Names};
use crate::query::conversation::Conversation;
use crate::query::order::in_order;
use crate::query::relatives::first_children;
use crate::store::{
    ConversationId, FactRow, MessageId, ProjectFilter, ProjectId, Reader, ReflectionRow, Row, Span,
    Spans, copies_in, marks_of, message_of_id, shown_id,
};
use crate::{ConversationView, Error, ExportFilter, MessageView, ReadRequest, Result, Scope};

/// A message with what the archive adds to it.
pub(crate) fn view(
    connection: &Connection,
    reader: &mut Reader,
    row: &Row,
    conversation: &Conversation,
    project: &str,
) -> Result<MessageView> {
    let reflection = match conversation.source == REFLECTION {
        true => ReflectionRow::of_message(connection, row.id)?.map(ReflectionRow::about),
        false => None,
    };
    let fact = match conversation.source == PERSON_FACT {
        true => FactRow::of_message(connection, row.id)?.map(|row| row.origin),
        false => None,
    };
    let mut message = reader.message(connection, row)?;
    message.conversation = conversation.key.as_str().into();
    message.id = shown_id(row.id, std::mem::take(&mut message.id));
    Ok(MessageView {
        message,
        project: project.to_owned(),
        source: conversation.source.clone(),
        title: conversation.title.clone(),
        title_rank: u8::try_from(conversation.title_rank).ok(),
        parent: conversation.parent.clone(),
        relation: conversation.relation,
        first_in: None,
        also_in: Vec::new(),
        links: conversation.links.clone(),
        reflection,
        fact,
        marks: marks_of(connection, row.id)?,
        findings: Vec::new(),
    })
}

/// The conversation that goes by this id, or alone starts so, in any project.
pub(crate) fn conversation(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
) -> Result<Cleared<ConversationView>> {
    let conversation = Conversation::find(connection, gate, id)?;
    let names = Names::load(connection)?;
    let view = conversation_view(connection, gate, conversation, &names)?;
    Ok(gate.release(view))
}

/// What a conversation is.
fn conversation_view(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: Conversation,
    names: &Names,
) -> Result<ConversationView> {
    view_of(connection, gate, conversation, ProjectFilter::All, names)
}

/// What the part of a conversation is that lies in the projects.
pub(crate) fn conversation_within(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: Conversation,
    within: ProjectFilter,
) -> Result<ConversationView> {
    let names = Names::load(connection)?;
    view_of(connection, gate, conversation, within, &names)
}

fn view_of(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: Conversation,
    within: ProjectFilter,
    names: &Names,
) -> Result<ConversationView> {
    let spans = Spans::of_conversation(connection, conversation.id)?.within(within);
    let copies = copies_in(connection, conversation.id, within)?;
    let (mut started, mut ended) = (None, None);
    let sql = "SELECT min(time), max(time) FROM message WHERE id BETWEEN ?1 AND ?2";
    let mut times = connection.prepare_cached(sql)?;
    let own = spans.0.iter().map(|span| (span.first.0, span.last.0));
    let repeated = copies.iter().map(|copy| (copy.message.0, copy.message.0));
    for (first, last) in own.chain(repeated) {
        let (first, last): (Option<Millis>, Option<Millis>) =
            times.query_row([first, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        started = [started, first].into_iter().flatten().min();
        ended = ended.max(last);
    }
    let project = most_of(&spans).or(copies.first().map(|copy| copy.project));
    let project = project.map_or("", |project| names.get(project));
    let (children, child_count) = first_children(connection, gate, &conversation, within)?;
    Ok(ConversationView {
        id: conversation.key,
        source: conversation.source,
        project: project.to_owned(),
        title: conversation.title,
        parent: conversation.parent,
        relation: conversation.relation,
        children,
        child_count,
        path: conversation.path,
        started,
        ended,
        messages: spans.len() + copies.len() as u64,
        repeated: copies.len() as u64,
        links: conversation.links,
    })
}

/// The project with most of the messages; of several, the one that came last.
fn most_of(spans: &Spans) -> Option<ProjectId> {
    let mut counts: Vec<(ProjectId, i64)> = Vec::new();
    for span in &spans.0 {
        let length = span.last.0 - span.first.0 + 1;
        match counts
            .iter_mut()
            .find(|(project, _)| *project == span.project)
        {
            Some((_, count)) => *count += length,
            None => counts.push((span.project, length)),
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(project, _)| project)
}

/// The message of a conversation that goes by this id.
pub(crate) fn find_message(
    connection: &Connection,
    conversation: &Conversation,
    id: &str,
) -> Result<MessageId> {
    let missing = || Error::NoMessage(id.to_owned());
    if let Some(number) = id.strip_prefix('#') {
        return number.parse().map(MessageId).map_err(|_| missing());
    }
    message_of_id(connection, &conversation.source, id)?.ok_or_else(missing)
}

/// Which messages of a conversation are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConversationPart<'a> {
    /// Only those of these projects.
    pub(crate) within: ProjectFilter,
    /// Only those up to so many steps around one.
    pub(crate) around: Option<(&'a str, usize)>,
    /// How many to leave out first.
    pub(crate) from: usize,
    /// Without those that it repeats of other conversations, and with the ids of those that repeat it.
    pub(crate) own: bool,
}

impl ConversationPart<'_> {
    /// All messages of the projects.
    pub(crate) fn of(within: ProjectFilter) -> Self {
        Self {
            within,
            around: None,
            from: 0,
            own: false,
        }
    }
}

/// Reads what a request means of a conversation; returns what the conversation is, as its project
/// may see it.
pub(crate) fn read(
    connection: &Connection,
    gate: Gate<'_>,
    request: &ReadRequest,
    each: &mut dyn FnMut(Cleared<MessageView>) -> bool,
) -> Result<Cleared<ConversationView>> {
    let (within, _) = projects::of_scope(connection, &request.scope)?;
    let conversation = Conversation::find_within(connection, gate, &request.conversation, within)?;
    let view = conversation_within(connection, gate, conversation.clone(), within)?;
    let part = ConversationPart {
        within,
        around: request
            .around
            .as_ref()
            .map(|(message, reach)| (message.as_str(), *reach)),
        from: request.from,
        own: false,
    };
    messages(connection, gate, &conversation, part, each)?;
    Ok(gate.release(view))
}

/// The messages of a conversation of any project: all, or those up to a number of steps around one.
pub(crate) fn messages_around(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &str,
    around: Option<(&str, usize)>,
    each: &mut dyn FnMut(Cleared<MessageView>) -> bool,
) -> Result<Cleared<()>> {
    let conversation = Conversation::find(connection, gate, conversation)?;
    let part = ConversationPart {
        around,
        ..ConversationPart::of(ProjectFilter::All)
    };
    messages(connection, gate, &conversation, part, each)?;
    Ok(gate.release(()))
}

/// Messages of a conversation in order. What can't be read is left out and makes it fail in the end,
/// when all else is out.
pub(crate) fn messages(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &Conversation,
    part: ConversationPart<'_>,
    each: &mut dyn FnMut(Cleared<MessageView>) -> bool,
) -> Result<()> {
    let names = Names::load(connection)?;
    let mut ids = in_order(connection, conversation.id, part.within)?;
    if part.own {
        ids.retain(|ordered| !ordered.is_repeated);
    }
    if let Some((message, reach)) = part.around {
        let message = find_message(connection, conversation, message)?;
        let at = ids
            .iter()
            .position(|ordered| ordered.id == message)
            .ok_or_else(|| Error::NoMessage(part.around.map_or("", |(id, _)| id).to_owned()))?;
        ids.truncate(at.saturating_add(reach).saturating_add(1));
        ids.drain(..at.saturating_sub(reach));
    }
    ids.drain(..part.from.min(ids.len()));
    let mut reader = Reader::new()?;
    // Where a repository told its remote, an export tells it too: elsewhere the directory is gone.
    let remotes = projects::by_key(connection, remote_of_key)?;
    let mut damage = None;
    for ordered in ids {
        let Some(row) = Row::get(connection, ordered.id)? else {
            continue;
        };
        let project = names.get(ordered.project);
        let mut view = match view(connection, &mut reader, &row, conversation, project) {
            Err(error @ Error::Damaged(_)) => {
                damage.get_or_insert(error);
                continue;
            }
            view => view?,
        };
        if view.message.remote.is_none() {
            view.message.remote = remotes.get(&ordered.project).cloned();
        }
        if ordered.is_repeated {
            view.first_in = owner(connection, ordered.id)?;
        } else if part.own {
            view.also_in = repeating(connection, ordered.id, part.within)?;
        }
        if !each(gate.release(view)) {
            break;
        }
    }
    damage.map_or(Ok(()), Err)
}

/// The id of the conversation that a message belongs to.
fn owner(connection: &Connection, message: MessageId) -> Result<Option<String>> {
    let Some(span) = Span::of_message(connection, message)? else {
        return Ok(None);
    };
    let sql = "SELECT key FROM conversation WHERE id = ?1";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([span.conversation.0], |row| row.get(0))
        .optional()?)
}

/// The ids of the conversations that repeat a message.
fn repeating(
    connection: &Connection,
    message: MessageId,
    within: ProjectFilter,
) -> Result<Vec<String>> {
    let sql = "SELECT key FROM copy JOIN conversation ON conversation.id = conversation
         WHERE message = ?1 AND (?2 IS NULL OR project = ?2) ORDER BY key";
    let mut statement = connection.prepare_cached(sql)?;
    let keys = statement.query_map(params![message.0, within.parameter()], |row| row.get(0))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// The conversations that a filter means, those first that began first.
pub(crate) fn conversations(
    connection: &Connection,
    gate: Gate<'_>,
    filter: &ExportFilter,
) -> Result<Vec<Conversation>> {
    let (within, _) = projects::of_scope(connection, &filter.scope)?;
    if let Some(id) = &filter.conversation {
        return Ok(vec![Conversation::find_within(
            connection, gate, id, within,
        )?]);
    }
    // In the order in which they began; those of one log that began at one time, or at a time that
    // nobody knows, as they stand in it. None of this depends on when which log was imported.
    let sql = "SELECT id FROM (
           SELECT id, (
             SELECT min(time) FROM span JOIN message ON message.id BETWEEN first AND last
             WHERE span.conversation = conversation.id
           ) AS start, (SELECT min(log) FROM span WHERE span.conversation = conversation.id) AS log
           FROM conversation WHERE ?1 IS NULL OR EXISTS (
             SELECT 1 FROM span WHERE span.conversation = conversation.id AND project = ?1
           )
         ) AS c ORDER BY start, log, (
           SELECT min(at) FROM span WHERE span.conversation = c.id AND span.log IS c.log
         ), (
           SELECT min(first) FROM span WHERE span.conversation = c.id AND span.log IS c.log
         ), id";
    let mut statement = connection.prepare_cached(sql)?;
    let ids = statement.query_map([within.parameter()], |row| row.get(0).map(ConversationId))?;
    ids.map(|id| Conversation::within(connection, gate, id?, within))
        .collect()
}

/// The conversations of a scope to which something was added last, at most `limit`, the latest
/// first; each as its project may see it.
pub(crate) fn latest(
    connection: &Connection,
    gate: Gate<'_>,
    scope: &Scope,
    limit: usize,
) -> Result<Cleared<Vec<ConversationView>>> {
    let (within, _) = projects::of_scope(connection, scope)?;
    // By the time of the last message of each span: an import stores the newest logs first.
    let sql = "SELECT conversation FROM span WHERE ?1 IS NULL OR project = ?1
         GROUP BY conversation
         ORDER BY max((SELECT time FROM message WHERE id = last)) DESC, max(last) DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids = statement.query_map(params![within.parameter(), limit], |row| {
        row.get(0).map(ConversationId)
    })?;
    let views = ids.map(|id| {
        let conversation = Conversation::within(connection, gate, id?, within)?;
        conversation_within(connection, gate, conversation, within)
    });
    Ok(gate.release(views.collect::<Result<Vec<_>>>()?))
}

/// Every kept message that a filter means, conversation by conversation; damage as in [`messages`].
pub(crate) fn export(
    connection: &Connection,
    gate: Gate<'_>,
    filter: &ExportFilter,
    each: &mut dyn FnMut(Cleared<MessageView>) -> bool,
) -> Result<Cleared<()>> {
    let (within, _) = projects::of_scope(connection, &filter.scope)?;
    // A conversation may have parts in other projects.
    let part = ConversationPart {
        own: filter.conversation.is_none(),
        ..ConversationPart::of(within)
    };
    let (mut goes_on, mut damage) = (true, None);
    for conversation in conversations(connection, gate, filter)? {
        let read = messages(connection, gate, &conversation, part, &mut |view| {
            goes_on = each(view);
            goes_on
        });
        match read {
            Err(error @ Error::Damaged(_)) => {
                damage.get_or_insert(error);
            }
            read => read?,
        }
        if !goes_on {
            break;
        }
    }
    damage.map_or_else(|| Ok(gate.release(())), Err)
}
