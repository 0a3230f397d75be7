//! A conversation's own row: how it is found by its id, and the title that it is shown under.

use rusqlite::{Connection, OptionalExtension as _, params};
use transcript::{MessageKind, PERSON_FACT, REFLECTION, Relation, Role};

use crate::guards::{FieldFinding, Gate, Voice};
use crate::query::origin::{AlikeConversation, repeated_origin, without_sub_agents};
use crate::store::{
    ConversationId, MessageId, ProjectFilter, Reader, Row, Spans, copies_in, relation_of_number,
};
use crate::{Error, Result};

/// Characters of a title that is made up from the first words.
const MADE_UP_TITLE_CHARS: usize = 80;

/// Messages in which the first words of a person are looked for: their rows are small, and only the one
/// that is taken is unpacked.
const MAX_TITLE_MESSAGES: usize = 2_000;

/// Conversations whose ids start alike that are looked at.
const MAX_ALIKE: i64 = 20_000;

/// Conversations that are named where the start of an id fits several.
const MAX_CANDIDATES: usize = 5;

/// A conversation's own row.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) id: ConversationId,
    pub(crate) source: String,
    pub(crate) key: String,
    /// As it may be shown.
    pub(crate) title: String,
    /// What was found in the title.
    pub(crate) findings: Vec<FieldFinding>,
    /// How the title came about; see [`transcript::FactKind::Title`]; −1 where it is made up here.
    pub(crate) title_rank: i64,
    /// The conversation that it came out of, and how.
    pub(crate) parent: Option<String>,
    pub(crate) relation: Option<Relation>,
    pub(crate) links: Vec<String>,
    pub(crate) path: String,
}

impl Conversation {
    /// The conversation of this id, as it may be shown in a project: the words that a title is made
    /// of must be the project's own.
    pub(crate) fn within(
        connection: &Connection,
        gate: Gate<'_>,
        id: ConversationId,
        within: ProjectFilter,
    ) -> Result<Self> {
        let sql = "SELECT conversation.source, key, title, title_rank, parent, links, path,
             relation
             FROM conversation LEFT JOIN file ON file.id = file WHERE conversation.id = ?1";
        let mut conversation = connection
            .prepare_cached(sql)?
            .query_row(params![id.0], |row| {
                Ok(Self {
                    id,
                    source: row.get(0)?,
                    key: row.get(1)?,
                    title: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                    findings: Vec::new(),
                    title_rank: row.get(3)?,
                    parent: row.get(4)?,
                    links: row
                        .get::<_, Option<String>>(5)?
                        .map(|links| in_fixed_order(&links))
                        .unwrap_or_default(),
                    path: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    relation: row.get::<_, Option<i64>>(7)?.and_then(relation_of_number),
                })
            })?;
        if conversation.parent.is_none()
            && let Some((parent, relation)) = repeated_origin(connection, id, within)?
        {
            conversation.parent = Some(parent);
            conversation.relation = relation;
        }
        if conversation.title.is_empty() {
            // Whoever made a reflection or a fact, it has no other words.
            let is_any_role = matches!(conversation.source.as_str(), REFLECTION | PERSON_FACT);
            made_up_title(connection, gate, &mut conversation, within, is_any_role)?;
        } else {
            // Titles are short, and given by the person or the assistant whose conversation it is.
            let gate = gate.for_words_of(Voice::Assistant);
            let mut seen = gate.whole(&conversation.title);
            seen.tell("title", &mut conversation.findings);
            conversation.title = seen.text.into_owned();
        }
        Ok(conversation)
    }

    /// The conversation that goes by this id of its source, or alone starts so.
    pub(crate) fn find(connection: &Connection, gate: Gate<'_>, id: &str) -> Result<Self> {
        Self::find_within(connection, gate, id, ProjectFilter::All)
    }

    /// The conversation that goes by this id, of those that have a part in the projects. Others don't
    /// exist: nothing tells them apart from those that nobody has. Where the ids of a conversation and of its
    /// own sub-agents start alike, the conversation is meant.
    pub(crate) fn find_within(
        connection: &Connection,
        gate: Gate<'_>,
        id: &str,
        within: ProjectFilter,
    ) -> Result<Self> {
        // Every id begins with nothing.
        if id.trim().is_empty() {
            return Err(Error::NoConversation(id.to_owned()));
        }
        let sql = "SELECT id, key, parent, relation FROM conversation
             WHERE (key = ?1 OR substr(key, 1, length(?1)) = ?1) AND (EXISTS (
               SELECT 1 FROM span WHERE span.conversation = conversation.id
               AND (?2 IS NULL OR project = ?2)
             ) OR EXISTS (
               SELECT 1 FROM copy WHERE copy.conversation = conversation.id
               AND (?2 IS NULL OR project = ?2)
             )) ORDER BY key != ?1, key, source LIMIT ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![id, within.parameter(), MAX_ALIKE], |row| {
            Ok(AlikeConversation {
                id: ConversationId(row.get(0)?),
                key: row.get(1)?,
                parent: row.get(2)?,
                relation: row.get::<_, Option<i64>>(3)?.and_then(relation_of_number),
            })
        })?;
        let mut found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        if let ([], Some((whole, part))) = (&found[..], id.split_once('/')) {
            found = sub_agents(connection, (whole, part), within)?;
        }
        match &found[..] {
            [] => return Err(Error::NoConversation(id.to_owned())),
            [first, ..] if first.key == id && !id.is_empty() => {
                return Self::within(connection, gate, first.id, within);
            }
            _ => {}
        }
        match without_sub_agents(&found)[..] {
            [only] => Self::within(connection, gate, only.id, within),
            ref several => {
                let several = several.iter().map(|alike| alike.key.clone());
                Err(Error::AmbiguousConversation {
                    id: id.to_owned(),
                    candidates: several.take(MAX_CANDIDATES).collect(),
                })
            }
        }
    }
}

/// The sub-agents of a name that belong to conversations whose ids start alike: `3f2a9c1d/agent-7`.
fn sub_agents(
    connection: &Connection,
    (whole, part): (&str, &str),
    within: ProjectFilter,
) -> Result<Vec<AlikeConversation>> {
    let sql = "SELECT id, key FROM conversation
         WHERE substr(key, 1, length(?1)) = ?1 AND instr(key, '/') > length(?1)
           AND substr(key, instr(key, '/') + 1) = ?2 AND EXISTS (
             SELECT 1 FROM span WHERE span.conversation = conversation.id
             AND (?3 IS NULL OR project = ?3)
           ) ORDER BY key LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![whole, part, within.parameter(), MAX_ALIKE], |row| {
        Ok(AlikeConversation {
            id: ConversationId(row.get(0)?),
            key: row.get(1)?,
            parent: None,
            relation: None,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Conversation {
    /// Whose words the text of one of its messages is.
    pub(crate) fn voice(&self, row: &Row) -> Voice {
        match matches!(self.source.as_str(), REFLECTION | PERSON_FACT) {
            true => Voice::of_note(row.flags.role()),
            false => Voice::of(row.flags.role(), row.flags.kind()),
        }
    }
}

/// Links, one a line, in an order that doesn't depend on which log was imported first: by length, so that
/// of two numbered ones the lower number comes first.
fn in_fixed_order(links: &str) -> Vec<String> {
    let mut links: Vec<String> = links.lines().map(str::to_owned).collect();
    links.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    links
}

/// The first words that a person said; of a conversation in which no person said anything, the first words
/// that stand in it. `is_any_role`: the first words, whoever said them.
fn made_up_title(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &mut Conversation,
    within: ProjectFilter,
    is_any_role: bool,
) -> Result<()> {
    let mut reader = Reader::new()?;
    let mut others = None;
    for message in title_messages(connection, conversation.id, within)? {
        let Some(row) = Row::get(connection, MessageId(message))? else {
            continue;
        };
        if row.flags.kind() == MessageKind::Injected || row.text.is_none() {
            continue;
        }
        let is_asked = row.flags.role() == Role::User && row.flags.kind() == MessageKind::Said;
        // Damage must not hide what is found elsewhere in the conversation.
        let is_title = (is_asked || is_any_role)
            && made_of(connection, gate, conversation, &mut reader, &row).is_ok();
        if is_title {
            return Ok(());
        }
        others.get_or_insert(row);
    }
    if let Some(row) = others {
        let _ = made_of(connection, gate, conversation, &mut reader, &row);
    }
    Ok(())
}

/// The messages in which a title is looked for: those of the conversation itself about in the order in which
/// they were said, then those that it repeats of others, by which nothing tells it from these.
fn title_messages(
    connection: &Connection,
    id: ConversationId,
    within: ProjectFilter,
) -> Result<Vec<i64>> {
    let mut time = connection.prepare_cached("SELECT time FROM message WHERE id = ?1")?;
    let mut time = |message: MessageId| -> Result<Option<i64>> {
        let time = time.query_row([message.0], |row| row.get(0)).optional()?;
        Ok(time.flatten())
    };
    let mut own = Vec::new();
    for span in Spans::of_conversation(connection, id)?.within(within).0 {
        own.push((time(span.first)?, span.log, span.at, span));
    }
    own.sort_by_key(|(time, log, at, _)| (*time, *log, *at));
    let own = own.iter();
    let messages = own.flat_map(|(_, _, _, span)| span.first.0..=span.last.0);
    let mut messages: Vec<i64> = messages.take(MAX_TITLE_MESSAGES).collect();
    if messages.len() < MAX_TITLE_MESSAGES {
        let mut copies = copies_in(connection, id, within)?;
        copies.sort_by_key(|copy| (copy.time, copy.log, copy.at, copy.message));
        messages.extend(copies.iter().map(|copy| copy.message.0));
        messages.truncate(MAX_TITLE_MESSAGES);
    }
    Ok(messages)
}

/// Gives a conversation the first words of a message as its title.
fn made_of(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &mut Conversation,
    reader: &mut Reader,
    row: &Row,
) -> Result<()> {
    let (_, text) = reader.text(connection, row)?;
    let gate = gate.for_words_of(conversation.voice(row));
    let mut seen = gate.start(&text, MADE_UP_TITLE_CHARS);
    seen.tell("title", &mut conversation.findings);
    let words = seen.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = words
        .char_indices()
        .nth(MADE_UP_TITLE_CHARS)
        .map_or(words.len(), |(at, _)| at);
    let cut = if end < words.len() { "…" } else { "" };
    conversation.title = format!("{}{cut}", &words[..end]);
    Ok(())
}
