//! Which conversations came out of which: forks, resumed sessions and sub-agents.
//!
//! A log may say what its conversation came out of. Of a session that was resumed under another id it often
//! doesn't: then it came out of the conversation whose message it repeats last. What logs say may be a loop,
//! and thousands may come out of one: nothing here goes on without a bound.

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::FxHashSet;

use super::conversation::Conversation;
use super::origin::repeated_origin;
use crate::Result;
use crate::guards::Gate;
use crate::report::{ConversationTree, RelatedConversation, TreeLine};
use crate::store::{ConversationId, ProjectFilter};

/// Conversations that are told of those that came out of one.
pub(crate) const MAX_CHILDREN: usize = 20;

/// Lines of a tree.
const MAX_TREE_LINES: usize = 200;

/// Conversations above the one that is asked for.
const MAX_ANCESTORS: usize = 50;

/// Whether conversation `child` has a part in project `?3`, or any part at all.
const HAS_PART: &str = "(EXISTS (SELECT 1 FROM span WHERE span.conversation = child.id
       AND (?3 IS NULL OR project = ?3))
     OR EXISTS (SELECT 1 FROM copy WHERE copy.conversation = child.id
       AND (?3 IS NULL OR project = ?3)))";

/// The conversations that came out of the one of this id, as far as they have a part in the projects: those
/// that ended first first.
fn children(
    connection: &Connection,
    (source, key): (&str, &str),
    within: ProjectFilter,
) -> Result<Vec<ConversationId>> {
    let sql = format!(
        "SELECT child.id, child.ended, child.key FROM conversation AS child
         WHERE child.parent = ?2 AND child.source = ?1 AND child.key != ?2 AND {HAS_PART}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![source, key, within.parameter()], |row| {
        Ok((row.get(1)?, row.get(2)?, row.get(0).map(ConversationId)?))
    })?;
    let mut found: Vec<(Option<i64>, String, ConversationId)> =
        rows.collect::<rusqlite::Result<_>>()?;
    let sql = "SELECT DISTINCT child.id, child.ended, child.key FROM conversation AS own
         JOIN span ON span.conversation = own.id
         JOIN copy ON copy.message BETWEEN span.first AND span.last
         JOIN conversation AS child ON child.id = copy.conversation
         WHERE own.source = ?1 AND own.key = ?2 AND child.parent IS NULL
           AND (?3 IS NULL OR copy.project = ?3)";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![source, key, within.parameter()], |row| {
        Ok((row.get(1)?, row.get(2)?, row.get(0).map(ConversationId)?))
    })?;
    for row in rows {
        let row: (Option<i64>, String, ConversationId) = row?;
        let origin = repeated_origin(connection, row.2, within)?;
        if origin.is_some_and(|(origin, _)| origin == key) {
            found.push(row);
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, _, id)| id).collect())
}

/// The first of the conversations that came out of one, and how many there are.
pub(super) fn first_children(
    connection: &Connection,
    gate: Gate<'_>,
    conversation: &Conversation,
    within: ProjectFilter,
) -> Result<(Vec<RelatedConversation>, u64)> {
    let of = (conversation.source.as_str(), conversation.key.as_str());
    let all = children(connection, of, within)?;
    let first = all.iter().take(MAX_CHILDREN);
    let first = first.map(|id| related(connection, gate, *id, within));
    Ok((first.collect::<Result<_>>()?, all.len() as u64))
}

/// A conversation as its relatives tell of it. Its time is that of its own messages: those that it repeats
/// were said before.
fn related(
    connection: &Connection,
    gate: Gate<'_>,
    id: ConversationId,
    within: ProjectFilter,
) -> Result<RelatedConversation> {
    let conversation = Conversation::within(connection, gate, id, within)?;
    let sql = "SELECT min(time), max(time), count(*) FROM span
         JOIN message ON message.id BETWEEN first AND last
         WHERE conversation = ?1 AND (?2 IS NULL OR project = ?2)";
    let (started, ended, messages): (_, _, i64) = connection
        .prepare_cached(sql)?
        .query_row(params![id.0, within.parameter()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let sql = "SELECT count(*) FROM copy WHERE conversation = ?1 AND (?2 IS NULL OR project = ?2)";
    let repeated: i64 = connection
        .prepare_cached(sql)?
        .query_row(params![id.0, within.parameter()], |row| row.get(0))?;
    Ok(RelatedConversation {
        id: conversation.key,
        title: conversation.title,
        relation: conversation.relation,
        started,
        ended,
        messages: (messages + repeated).cast_unsigned(),
    })
}

/// The tree of what a conversation came out of and what came out of it.
pub(crate) fn tree(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
    within: ProjectFilter,
) -> Result<ConversationTree> {
    let asked = Conversation::find_within(connection, gate, id, within)?;
    let (path, is_cut) = ancestors(connection, gate, &asked, within)?;
    let mut growing = GrowingTree {
        connection,
        gate,
        within,
        source: asked.source.clone(),
        path: path.iter().cloned().collect(),
        seen: FxHashSet::default(),
        asked: asked.key.clone(),
        lines: Vec::new(),
    };
    if let Some(root) = path.last() {
        growing.grow(root.clone())?;
    }
    Ok(ConversationTree {
        id: asked.key,
        is_cut_above: is_cut,
        lines: growing.lines,
    })
}

/// The ids of a conversation and of those above it, the nearest first; whether there are more.
fn ancestors(
    connection: &Connection,
    gate: Gate<'_>,
    asked: &Conversation,
    within: ProjectFilter,
) -> Result<(Vec<String>, bool)> {
    let mut path = vec![asked.key.clone()];
    let mut seen: FxHashSet<String> = path.iter().cloned().collect();
    let mut parent = asked.parent.clone();
    while let Some(key) = parent {
        // A loop ends where it began.
        if !seen.insert(key.clone()) {
            break;
        }
        if path.len() > MAX_ANCESTORS {
            return Ok((path, true));
        }
        let above = by_key(connection, gate, (&asked.source, &key), within)?;
        parent = above.and_then(|above| above.parent);
        path.push(key);
    }
    Ok((path, false))
}

fn by_key(
    connection: &Connection,
    gate: Gate<'_>,
    (source, key): (&str, &str),
    within: ProjectFilter,
) -> Result<Option<Conversation>> {
    let sql = format!(
        "SELECT id FROM conversation AS child WHERE source = ?1 AND key = ?2 AND {HAS_PART}"
    );
    let id = connection
        .prepare_cached(&sql)?
        .query_row(params![source, key, within.parameter()], |row| {
            row.get(0).map(ConversationId)
        })
        .optional()?;
    id.map(|id| Conversation::within(connection, gate, id, within))
        .transpose()
}

/// A tree as it grows, line by line.
struct GrowingTree<'a> {
    connection: &'a Connection,
    gate: Gate<'a>,
    within: ProjectFilter,
    source: String,
    /// The conversation that was asked for and those above it, which are never left out.
    path: FxHashSet<String>,
    seen: FxHashSet<String>,
    asked: String,
    lines: Vec<TreeLine>,
}

/// What is still to be put into a tree.
enum Due {
    Conversation(String),
    More(u64),
}

impl GrowingTree<'_> {
    fn grow(&mut self, root: String) -> Result<()> {
        let mut due = vec![(0, Due::Conversation(root))];
        let mut left = 0;
        while let Some((depth, next)) = due.pop() {
            let key = match next {
                Due::More(count) if self.lines.len() < MAX_TREE_LINES => {
                    self.lines.push(TreeLine::More { depth, count });
                    continue;
                }
                Due::More(count) => {
                    left += count;
                    continue;
                }
                Due::Conversation(key) => key,
            };
            let is_wanted = self.path.contains(&key);
            if !is_wanted && self.lines.len() >= MAX_TREE_LINES {
                left += 1;
                continue;
            }
            // What logs say may be a loop.
            if self.seen.insert(key.clone()) {
                self.conversation(depth, &key)?;
                due.extend(self.below(depth + 1, &key)?);
            }
        }
        if left > 0 {
            self.lines.push(TreeLine::More {
                depth: 0,
                count: left,
            });
        }
        Ok(())
    }

    fn conversation(&mut self, depth: usize, key: &str) -> Result<()> {
        let of = (self.source.as_str(), key);
        let found = by_key(self.connection, self.gate, of, self.within)?;
        let (is_archived, conversation) = match found {
            Some(found) => (
                true,
                related(self.connection, self.gate, found.id, self.within)?,
            ),
            None => (false, RelatedConversation::unknown(key)),
        };
        self.lines.push(TreeLine::Conversation {
            depth,
            is_asked: *key == self.asked,
            is_archived,
            conversation,
        });
        Ok(())
    }

    /// What came out of a conversation: the first ones, and those on the path; the last one first.
    fn below(&self, depth: usize, key: &str) -> Result<Vec<(usize, Due)>> {
        let all = children(self.connection, (&self.source, key), self.within)?;
        let mut keys = self
            .connection
            .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?;
        let (mut due, mut left) = (Vec::new(), 0);
        for (nth, id) in all.iter().enumerate() {
            let key: String = keys.query_row([id.0], |row| row.get(0))?;
            if self.seen.contains(&key) {
                continue;
            }
            if nth < MAX_CHILDREN || self.path.contains(&key) {
                due.push((depth, Due::Conversation(key)));
            } else {
                left += 1;
            }
        }
        if left > 0 {
            due.push((depth, Due::More(left)));
        }
        due.reverse();
        Ok(due)
    }
}
