//! A conversation from above, without its texts: who speaks when, where files were edited and tools failed, at which
//! position a message stands, and at which positions a text occurs. For readers that show a part of a long
//! conversation and have to know the rest of it. Nothing of a text leaves, so no guard need judge it.

use rusqlite::Connection;
use transcript::{FileAction, Message, Millis, Role};

use crate::guards::{Cleared, Gate};
use crate::projects;
use crate::query::conversation::Conversation;
use crate::query::order::{OrderedMessage, in_order};
use crate::query::read::find_message;
use crate::store::{Reader, Row};
use crate::{Error, Result, Scope};

/// A conversation from above. Positions count from 0 in the order of [`Archive::read`](crate::Archive::read).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationOutline {
    /// Who speaks in each message, and when it was said, if that is known.
    pub messages: Vec<(Role, Option<Millis>)>,
    /// The positions of messages whose tools edited files.
    pub edits: Vec<usize>,
    /// The positions of messages that tell of a tool that failed.
    pub failures: Vec<usize>,
}

/// Where a text occurs in a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundPositions {
    /// The positions of messages that hold it, in order.
    pub positions: Vec<usize>,
    /// Whether there are more than were asked for.
    pub has_more: bool,
}

/// A conversation from above, as far as it lies in the scope. Messages that are damaged neither edit nor fail.
pub(crate) fn outline(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &str,
    scope: &Scope,
) -> Result<Cleared<ConversationOutline>> {
    let mut outline = ConversationOutline::default();
    let (_, ids) = ordered(connection, gate, conversation, scope)?;
    each_message(connection, &ids, &mut |position, row, message| {
        outline.messages.push((row.flags.role(), row.time));
        if message.is_some_and(edits_files) {
            outline.edits.push(position);
        }
        if message.is_some_and(|message| message.results.iter().any(|result| result.is_error)) {
            outline.failures.push(position);
        }
        true
    })?;
    Ok(Cleared::unquoted(outline))
}

/// The positions, at most `limit`, of the messages that hold a text in what was said or thought, or in what tools
/// were told and gave back; case doesn't count.
pub(crate) fn positions_of_text(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &str,
    scope: &Scope,
    (text, limit): (&str, usize),
) -> Result<Cleared<FoundPositions>> {
    let wanted = text.to_lowercase();
    let mut found = FoundPositions::default();
    let (_, ids) = ordered(connection, gate, conversation, scope)?;
    each_message(connection, &ids, &mut |position, _, message| {
        if message.is_some_and(|message| holds(message, &wanted)) {
            found.has_more = found.positions.len() == limit;
            if !found.has_more {
                found.positions.push(position);
            }
        }
        !found.has_more
    })?;
    Ok(Cleared::unquoted(found))
}

/// The position of a message in a conversation, as far as that lies in the scope.
pub(crate) fn position(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &str,
    scope: &Scope,
    message: &str,
) -> Result<Cleared<usize>> {
    let (conversation, ids) = ordered(connection, gate, conversation, scope)?;
    let id = find_message(connection, &conversation, message)?;
    let position = ids.iter().position(|ordered| ordered.id == id);
    let missing = || Error::NoMessage(message.to_owned());
    Ok(Cleared::unquoted(position.ok_or_else(missing)?))
}

/// The conversation, and its messages in order.
fn ordered(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &str,
    scope: &Scope,
) -> Result<(Conversation, Vec<OrderedMessage>)> {
    let (within, _) = projects::of_scope(connection, scope)?;
    let conversation = Conversation::find_within(connection, gate, conversation, within)?;
    let ids = in_order(connection, conversation.id, within)?;
    Ok((conversation, ids))
}

/// Hands each message with its position to `each`, until it returns `false`; `None` for one that is damaged.
fn each_message(
    connection: &Connection,
    ids: &[OrderedMessage],
    each: &mut dyn FnMut(usize, &Row, Option<&Message>) -> bool,
) -> Result<()> {
    let mut reader = Reader::new()?;
    for (position, ordered) in ids.iter().enumerate() {
        let Some(row) = Row::get(connection, ordered.id)? else {
            continue;
        };
        let message = match reader.message(connection, &row) {
            Err(Error::Damaged(_)) => None,
            message => Some(message?),
        };
        if !each(position, &row, message.as_ref()) {
            break;
        }
    }
    Ok(())
}

fn edits_files(message: &Message) -> bool {
    let mut touched = message.files.iter();
    touched.any(|touch| touch.action == FileAction::Edited)
}

/// Whether a message has a text in it that is in lower case.
fn holds(message: &Message, wanted: &str) -> bool {
    let said = [&message.text, &message.thinking].into_iter();
    let told = message
        .tools
        .iter()
        .flat_map(|call| [&call.name, &call.input]);
    let given = message.results.iter().map(|result| &result.output);
    let mut texts = said.chain(told).chain(given);
    texts.any(|text| text.to_lowercase().contains(wanted))
}
