//! A conversation's own row: how it is found by its id, and the title that it is shown under.

use rusqlite::{Connection, params};
use transcript::{MessageKind, REFLECTION, Role};

use crate::guards::{FieldFinding, Gate, Voice};
use crate::store::{ConversationId, MessageId, ProjectFilter, Reader, Row, Spans};
use crate::{Error, Result};

/// Characters of a title that is made up from the first words.
const MADE_UP_TITLE_CHARS: usize = 80;

/// Messages in which the first words of a person are looked for: their rows are small, and only the one
/// that is taken is unpacked.
const MAX_TITLE_MESSAGES: usize = 2_000;

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
    pub(crate) parent: Option<String>,
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
        let sql = "SELECT conversation.source, key, title, title_rank, parent, links, path
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
                })
            })?;
        if conversation.title.is_empty() {
            // Whoever made a reflection, it has no other words.
            let is_any_role = conversation.source == REFLECTION;
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
    /// exist: nothing tells them apart from those that nobody has.
    pub(crate) fn find_within(
        connection: &Connection,
        gate: Gate<'_>,
        id: &str,
        within: ProjectFilter,
    ) -> Result<Self> {
        let sql = "SELECT id, key FROM conversation
             WHERE (key = ?1 OR substr(key, 1, length(?1)) = ?1) AND (?2 IS NULL OR EXISTS (
               SELECT 1 FROM span WHERE span.conversation = conversation.id AND project = ?2
             )) ORDER BY key != ?1, key, source LIMIT 6";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![id, within.parameter()], |row| {
            Ok((ConversationId(row.get(0)?), row.get::<_, String>(1)?))
        })?;
        let found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
        match &found[..] {
            [] => Err(Error::NoConversation(id.to_owned())),
            [only] => Self::within(connection, gate, only.0, within),
            [first, ..] if first.1 == id && !id.is_empty() => {
                Self::within(connection, gate, first.0, within)
            }
            _ => Err(Error::AmbiguousConversation {
                id: id.to_owned(),
                candidates: found.into_iter().map(|(_, key)| key).take(5).collect(),
            }),
        }
    }
}

impl Conversation {
    /// Whose words the text of one of its messages is.
    pub(crate) fn voice(&self, row: &Row) -> Voice {
        match self.source == REFLECTION {
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
    let spans = Spans::of_conversation(connection, conversation.id)?.0;
    let own = spans.iter().filter(|span| within.admits(span.project));
    let messages = own.flat_map(|span| span.first.0..=span.last.0);
    let mut others = None;
    for message in messages.take(MAX_TITLE_MESSAGES) {
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
