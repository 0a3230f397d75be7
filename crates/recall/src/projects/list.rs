//! All projects, with what the archive holds of each.

use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};

use super::names::{Names, known};
use crate::store::{ConversationId, MessageId, ProjectId, Spans};
use crate::{ProjectInfo, ProjectSize, Result};

/// How many projects there are.
pub(crate) fn count(connection: &Connection) -> Result<u64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM project")?;
    let count: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

/// The projects to which something was added last, at most `limit`, the latest first, and how many
/// there are in all. Reads no messages, so that it is quick however many there are.
pub(crate) fn sizes(connection: &Connection, limit: usize) -> Result<(Vec<ProjectSize>, u64)> {
    let short = Names::load(connection)?;
    // Counted here: SQLite sorts all spans for that, and takes five times as long.
    let mut found: FxHashMap<ProjectId, (MessageId, FxHashSet<ConversationId>, u64)> =
        FxHashMap::default();
    for span in Spans::all(connection)?.0 {
        let (latest, conversations, messages) = found
            .entry(span.project)
            .or_insert_with(|| (span.last, FxHashSet::default(), 0));
        *latest = span.last.max(*latest);
        conversations.insert(span.conversation);
        *messages += (span.last.0 - span.first.0 + 1).cast_unsigned();
    }
    let all = found.len() as u64;
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, (latest, ..))| std::cmp::Reverse(*latest));
    let size = |(project, (_, conversations, messages)): (_, (_, FxHashSet<_>, u64))| ProjectSize {
        name: short.get(project).to_owned(),
        conversations: conversations.len() as u64,
        messages,
    };
    Ok((found.into_iter().take(limit).map(size).collect(), all))
}

/// All projects with what the archive holds of each, the latest first.
pub(crate) fn list(connection: &Connection) -> Result<Vec<ProjectInfo>> {
    let short = Names::load(connection)?;
    let mut infos = Vec::new();
    for project in known(connection)? {
        let spans = Spans::of_project(connection, project.id)?;
        let mut conversations: Vec<i64> = spans.0.iter().map(|span| span.conversation.0).collect();
        conversations.sort_unstable();
        conversations.dedup();
        let mut last = None;
        let mut latest = connection
            .prepare_cached("SELECT max(time) FROM message WHERE id BETWEEN ?1 AND ?2")?;
        for span in &spans.0 {
            let time: Option<i64> =
                latest.query_row(params![span.first.0, span.last.0], |row| row.get(0))?;
            last = last.max(time);
        }
        infos.push(ProjectInfo {
            name: short.get(project.id).to_owned(),
            key: project.key,
            path: project.path,
            conversations: conversations.len() as u64,
            messages: spans.len(),
            last,
        });
    }
    infos.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.name.cmp(&b.name)));
    Ok(infos)
}
