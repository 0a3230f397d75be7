//! Numbers of the archive by which what was derived from it is known to be of today or void.

use rusqlite::Connection;

use super::meta::{meta, set_meta};
use crate::Result;

/// The name under which the epoch is kept.
const EPOCH_KEY: &str = "epoch";
/// The name under which erasures are counted.
const ERASURES_KEY: &str = "vectors.erased";

/// The epoch: changes whenever messages move to other projects or vanish.
pub(crate) fn epoch(connection: &Connection) -> Result<i64> {
    number(connection, EPOCH_KEY)
}

/// How often vectors were erased that no file derived from the archive held.
pub(crate) fn erasures(connection: &Connection) -> Result<i64> {
    number(connection, ERASURES_KEY)
}

/// Tells whoever holds vectors in memory that some were erased.
pub(crate) fn note_erasure(connection: &Connection) -> Result<()> {
    let next = erasures(connection)? + 1;
    set_meta(connection, ERASURES_KEY, &next.to_string())
}

fn number(connection: &Connection, key: &str) -> Result<i64> {
    let number = meta(connection, key)?;
    Ok(number.and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Tells whoever groups vectors by project that the groups have changed.
pub(crate) fn regroup(connection: &Connection) -> Result<()> {
    let next = epoch(connection)? + 1;
    set_meta(connection, EPOCH_KEY, &next.to_string())
}
