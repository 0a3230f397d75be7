//! Projects of the chat and their instructions.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::changing::Changing;
use super::kinds::ChatProject;
use crate::guards::Cleared;
use crate::{Error, Result};

/// What stands before the name in the key of a project that has only a name.
const NAME_KEY: &str = "name:";

/// Gives a project instructions, or takes them. The row stays, so that its version never names two texts.
pub(super) fn set(
    changing: &mut Changing<'_>,
    name: &str,
    instructions: &str,
    known: Option<i64>,
) -> Result<()> {
    let mut name = name.to_owned();
    changing.cleaner.text(&mut name);
    let mut instructions = instructions.to_owned();
    changing.cleaner.text(&mut instructions);
    let connection = changing.step.connection();
    let now: i64 = connection
        .prepare_cached("SELECT version FROM chat_project WHERE name = ?1")?
        .query_row([&name], |row| row.get(0))
        .optional()?
        .unwrap_or(0);
    if let Some(known) = known
        && known != now
    {
        return Err(Error::ChatChanged { known, now });
    }
    connection
        .prepare_cached(
            "INSERT INTO chat_project (name, instructions, version, updated) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET instructions = ?2, version = ?3, updated = ?4",
        )?
        .execute(params![name, instructions, now + 1, changing.now])?;
    // What it was is gone for good.
    changing.has_removed |= now > 0;
    Ok(())
}

/// The instructions of a project; empty if it has none.
pub(super) fn instructions(connection: &Connection, name: &str) -> Result<String> {
    Ok(connection
        .prepare_cached("SELECT instructions FROM chat_project WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// The projects that conversations are in or that have instructions, by name.
pub(crate) fn projects(connection: &Connection) -> Result<Cleared<Vec<ChatProject>>> {
    let sql =
        "SELECT name, coalesce(p.instructions, ''), coalesce(p.version, 0), coalesce(p.updated, 0),
           (SELECT count(*) FROM chat WHERE chat.project = name)
         FROM (SELECT project AS name FROM chat WHERE project IS NOT NULL
               UNION SELECT name FROM chat_project)
         LEFT JOIN chat_project AS p USING (name)
         ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(ChatProject {
            name: row.get(0)?,
            instructions: row.get(1)?,
            version: row.get(2)?,
            updated: row.get(3)?,
            conversations: row.get::<_, i64>(4)?.cast_unsigned(),
        })
    })?;
    Ok(Cleared::unquoted(rows.collect::<rusqlite::Result<_>>()?))
}

/// Removes the instructions of a project that is forgotten, named by its key.
pub(crate) fn forget_project(connection: &Connection, key: &str) -> Result<()> {
    if let Some(name) = key.strip_prefix(NAME_KEY) {
        connection
            .prepare_cached("DELETE FROM chat_project WHERE name = ?1")?
            .execute([name])?;
    }
    Ok(())
}
