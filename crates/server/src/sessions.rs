//! Sessions of browsers, and the one-time links that begin them.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _};

use crate::owner::OwnerId;
use crate::server_error::ServerError;
use crate::token::{TokenHash, random_token};

/// How long a session lasts after its last use.
const SESSION_DURATION: Duration = Duration::from_secs(30 * 86_400);

/// Sessions that one owner may have; the one that was used longest ago ends when there is one more.
const MAX_SESSIONS: i64 = 100;

/// Links of one owner that can be used at a time.
const MAX_LINKS: i64 = 20;

/// How often the last use of a session is noted.
const USE_INTERVAL: Duration = Duration::from_secs(3600);

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Begins a session; returns its token.
pub(crate) fn begin(
    connection: &Connection,
    owner: &OwnerId,
    now: i64,
) -> Result<String, ServerError> {
    let token = random_token("")?;
    connection.execute(
        "INSERT INTO session (hash, owner, created, expires, used) VALUES (?1, ?2, ?3, ?4, ?3)",
        (
            TokenHash::of(&token).0,
            owner.as_str(),
            now,
            now.saturating_add(millis(SESSION_DURATION)),
        ),
    )?;
    connection.execute("DELETE FROM session WHERE expires <= ?1", [now])?;
    connection.execute(
        "DELETE FROM session WHERE owner = ?1 AND hash NOT IN
         (SELECT hash FROM session WHERE owner = ?1 ORDER BY used DESC LIMIT ?2)",
        (owner.as_str(), MAX_SESSIONS),
    )?;
    Ok(token)
}

/// Whose session has this hash; one that ended is nobody's.
pub(crate) fn find(
    connection: &Connection,
    hash: &TokenHash,
    now: i64,
) -> Result<Option<OwnerId>, ServerError> {
    let mut statement =
        connection.prepare_cached("SELECT owner, expires, used FROM session WHERE hash = ?1")?;
    let found = statement.query_row([hash.0], |row| {
        let times = (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
        Ok((OwnerId::of_row(row.get(0)?), times))
    });
    let Some((owner, (expires, used))) = found.optional()? else {
        return Ok(None);
    };
    if now >= expires {
        return Ok(None);
    }
    if now.saturating_sub(used) > millis(USE_INTERVAL) {
        let expires = now.saturating_add(millis(SESSION_DURATION));
        // Where it can't be written, because the disk is full for instance, the session holds all the same.
        let _ = connection.execute(
            "UPDATE session SET used = ?2, expires = ?3 WHERE hash = ?1",
            (hash.0, now, expires),
        );
    }
    Ok(Some(owner))
}

/// Ends a session.
pub(crate) fn end(connection: &Connection, hash: &TokenHash) -> Result<(), ServerError> {
    connection.execute("DELETE FROM session WHERE hash = ?1", [hash.0])?;
    Ok(())
}

/// Makes the code of a one-time link.
pub(crate) fn make_link(
    connection: &Connection,
    owner: &OwnerId,
    valid: Duration,
    now: i64,
) -> Result<String, ServerError> {
    let code = random_token("")?;
    connection.execute("DELETE FROM link WHERE expires <= ?1", [now])?;
    connection.execute(
        "DELETE FROM link WHERE owner = ?1 AND hash NOT IN
         (SELECT hash FROM link WHERE owner = ?1 ORDER BY expires DESC LIMIT ?2)",
        (owner.as_str(), MAX_LINKS - 1),
    )?;
    connection.execute(
        "INSERT INTO link (hash, owner, expires) VALUES (?1, ?2, ?3)",
        (
            TokenHash::of(&code).0,
            owner.as_str(),
            now.saturating_add(millis(valid)),
        ),
    )?;
    Ok(code)
}

/// Uses up the code of a link; whose it was, if it could still be used.
pub(crate) fn use_link(
    connection: &Connection,
    code: &str,
    now: i64,
) -> Result<Option<OwnerId>, ServerError> {
    let used = connection.query_row(
        "DELETE FROM link WHERE hash = ?1 RETURNING owner, expires",
        [TokenHash::of(code).0],
        |row| Ok((OwnerId::of_row(row.get(0)?), row.get::<_, i64>(1)?)),
    );
    let used = used.optional()?;
    Ok(used.and_then(|(owner, expires)| (now < expires).then_some(owner)))
}
