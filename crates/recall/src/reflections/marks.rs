//! Marks on messages and reflections: open, resolved or superseded.

use rusqlite::{Connection, TransactionBehavior};
use transcript::{MarkStatus, Marking, Millis};

use super::{kept, limits};
use crate::guards::{ArchiveGuards, Cleaner, Unquoted};
use crate::projects::{self, Names};
use crate::store::{
    MessageId, ProjectFilter, Reader, ReflectionRow, Row, Span, add_mark, message_of_id,
    newest_mark, shown_id,
};
use crate::{Error, Result, Scope};

/// A request to mark messages or reflections, so that searches know whether what they say still holds:
/// resolved ones rank lower, and superseded ones lower still.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The ids of 1 to 1,000 messages, as hits show them (the source's own, or `#` and a number), or of
    /// reflections, whole or an unambiguous start.
    pub ids: Vec<String>,
    /// The projects that the messages are looked for in; a message of another project counts as unknown.
    pub scope: Scope,
    /// What they are marked as: open, resolved or superseded.
    pub status: MarkStatus,
    /// What shows that this is so, in words, such as a commit or a test: at most 16 KiB.
    pub evidence: Option<String>,
    /// The statement that is meant, if the message makes several: at most 16 KiB.
    pub claim: Option<String>,
    /// The name of whoever marks them: at most 128 characters.
    pub who: Option<String>,
    /// The time now, in milliseconds since 1970: the time of the mark. Of several marks the latest counts.
    pub now: Millis,
}

impl Mark {
    /// A request to mark as open in a scope. [`Self::ids`] is empty and [`Self::now`] is 0, and both must
    /// be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            ids: Vec::new(),
            scope,
            status: MarkStatus::Open,
            evidence: None,
            claim: None,
            who: None,
            now: 0,
        }
    }
}

/// A message or reflection that a [`Mark`] was recorded for.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// The message's id, as hits show it: the source's own, or `#` and a number.
    pub id: String,
    /// Short name of its project.
    pub project: String,
    /// Whether it is a reflection (a note stored on purpose).
    pub is_reflection: bool,
    /// The status of the latest mark that it had before; `None` if it had none.
    pub before: Option<MarkStatus>,
    /// The status that was recorded now.
    pub status: MarkStatus,
}

impl Unquoted for Marked {}

/// Marks messages: all of them, or none where one isn't known.
pub(crate) fn mark(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    mark: &Mark,
) -> Result<Vec<Marked>> {
    limits::marked(mark.ids.len())?;
    let marking = Marking {
        status: mark.status,
        evidence: limits::evidence("the evidence", mark.evidence.as_deref())?,
        claim: limits::evidence("the claim", mark.claim.as_deref())?,
        who: limits::name(mark.who.as_deref())?,
        time: mark.now,
    };
    let mut cleaner = Cleaner::new(guards);
    let marking = cleaner.mask(marking);
    kept::refuse_unchecked(&mut cleaner)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (within, _) = projects::of_scope(&transaction, &mark.scope)?;
    let messages = find_all(&transaction, &mark.ids, within)?;
    let names = Names::load(&transaction)?;
    let mut marked = Vec::with_capacity(messages.len());
    for message in messages {
        let before = newest_mark(&transaction, message)?.map(|marking| marking.status);
        add_mark(&transaction, message, &marking)?;
        marked.push(describe(&transaction, message, &names, before, &marking)?);
    }
    transaction.commit()?;
    Ok(marked)
}

fn describe(
    connection: &Connection,
    message: MessageId,
    names: &Names,
    before: Option<MarkStatus>,
    marking: &Marking,
) -> Result<Marked> {
    let row = Row::get(connection, message)?;
    let row = row.ok_or_else(|| Error::NoMessage(format!("#{}", message.0)))?;
    let id = Reader::new()?.message(connection, &row)?.id;
    let span = Span::of_message(connection, message)?;
    Ok(Marked {
        id: shown_id(message, id),
        project: span.map_or(String::new(), |span| names.get(span.project).to_owned()),
        is_reflection: ReflectionRow::of_message(connection, message)?.is_some(),
        before,
        status: marking.status,
    })
}

/// The messages of these ids, each once; an error names all that aren't known in the projects.
pub(crate) fn find_all(
    connection: &Connection,
    ids: &[String],
    within: ProjectFilter,
) -> Result<Vec<MessageId>> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT source FROM conversation")?;
    let sources = statement.query_map([], |row| row.get(0))?;
    let sources: Vec<String> = sources.collect::<rusqlite::Result<_>>()?;
    let (mut messages, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        match find(connection, &sources, id.trim(), within)? {
            Some(message) if messages.contains(&message) => {}
            Some(message) => messages.push(message),
            None => unknown.push(id.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(messages);
    }
    Err(Error::NoMessages(unknown))
}

fn find(
    connection: &Connection,
    sources: &[String],
    id: &str,
    within: ProjectFilter,
) -> Result<Option<MessageId>> {
    if let Some(number) = id.strip_prefix('#')
        && let Ok(number) = number.parse()
    {
        let row = Row::get(connection, MessageId(number))?;
        return match row {
            Some(row) if is_within(connection, row.id, within)? => Ok(Some(row.id)),
            _ => Ok(None),
        };
    }
    // Ids are unique within a source only.
    let mut found = Vec::new();
    for source in sources {
        if let Some(message) = message_of_id(connection, source, id)?
            && is_within(connection, message, within)?
        {
            found.push(message);
        }
    }
    found.sort_unstable();
    match found[..] {
        [] => match kept::find(connection, id, within) {
            Ok(kept) => Ok(Some(kept.message)),
            Err(Error::NoReflection(_)) => Ok(None),
            Err(error) => Err(error),
        },
        [only] => Ok(Some(only)),
        _ => Err(Error::AmbiguousMessage {
            id: id.to_owned(),
            candidates: found.iter().map(|id| format!("#{}", id.0)).collect(),
        }),
    }
}

/// Whether a message belongs to one of the projects.
fn is_within(connection: &Connection, message: MessageId, within: ProjectFilter) -> Result<bool> {
    let span = Span::of_message(connection, message)?;
    Ok(within == ProjectFilter::All || span.is_some_and(|span| within.admits(span.project)))
}
