//! Numbers by which copies of the archive's vectors, in files or in memory, are recognised as outdated.

use rusqlite::Connection;

use super::meta::{meta, set_meta};
use crate::Result;

/// The name under which the epoch is kept.
const EPOCH_KEY: &str = "epoch";
/// The name under which erasures are counted.
const ERASURES_KEY: &str = "vectors.erased";

/// The epoch: a number that grows whenever messages move to other projects, or vectors that files hold are
/// removed.
pub(crate) fn epoch(connection: &Connection) -> Result<i64> {
    number(connection, EPOCH_KEY)
}

/// How often vectors were erased that no file held, so that only copies in memory are outdated.
pub(crate) fn erasures(connection: &Connection) -> Result<i64> {
    number(connection, ERASURES_KEY)
}

/// Increases [`erasures`], so that processes read the vectors that they hold in memory anew.
pub(crate) fn note_erasure(connection: &Connection) -> Result<()> {
    let next = erasures(connection)? + 1;
    set_meta(connection, ERASURES_KEY, &next.to_string())
}

fn number(connection: &Connection, key: &str) -> Result<i64> {
    let number = meta(connection, key)?;
    Ok(number.and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Increases the [`epoch`], so that vectors are grouped by project anew and files of them made anew.
pub(crate) fn regroup(connection: &Connection) -> Result<()> {
    let next = epoch(connection)? + 1;
    set_meta(connection, EPOCH_KEY, &next.to_string())
}
