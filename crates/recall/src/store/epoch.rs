//! The epoch of the archive: a number by which everything that is derived from which message belongs to
//! which project is known to be of today or void.

use rusqlite::Connection;

use super::meta::{meta, set_meta};
use crate::Result;

/// The name under which the number is kept.
const EPOCH_KEY: &str = "epoch";

/// The number: changes whenever messages move to other projects or vanish.
pub(crate) fn epoch(connection: &Connection) -> Result<i64> {
    Ok(meta(connection, EPOCH_KEY)?
        .and_then(|epoch| epoch.parse().ok())
        .unwrap_or(0))
}

/// Tells whoever groups vectors by project that the groups have changed.
pub(crate) fn regroup(connection: &Connection) -> Result<()> {
    let next = epoch(connection)? + 1;
    set_meta(connection, EPOCH_KEY, &next.to_string())
}
