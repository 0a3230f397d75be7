//! Logs that an assistant may delete before they are imported.

use std::path::PathBuf;

use rusqlite::Connection;
use transcript::Millis;

use crate::guards::{ArchiveGuards, Unquoted};
use crate::ingest::import::{KnownFiles, discover};
use crate::{ImportRequest, Result, Roots};

/// A log file that isn't imported, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnimportedLog {
    /// The path of the file, as it is on disk.
    pub path: PathBuf,
    /// When the file last changed, in milliseconds since 1970.
    pub changed: Millis,
    /// The number of bytes that were not imported, more than 0.
    pub bytes: u64,
}

impl Unquoted for UnimportedLog {}

const NANOS_PER_MILLI: i64 = 1_000_000;
const DAY_MILLIS: Millis = 86_400_000;

/// Logs of sources that delete theirs, which have last changed more than `days` ago and are not
/// imported, or not to their end; those that go first come first.
pub(crate) fn unimported(
    (connection, guards): (&Connection, &ArchiveGuards),
    roots: &Roots,
    now: Millis,
    days: u32,
) -> Result<Vec<UnimportedLog>> {
    let deleting = roots.registry().all().iter().copied();
    let deleting = deleting.filter(|source| source.retention().is_some());
    let request = |source| ImportRequest {
        source: Some(source),
        roots: roots.clone(),
        now,
        ..ImportRequest::default()
    };
    let until = now - i64::from(days) * DAY_MILLIS;
    let known = KnownFiles::load(connection, guards, roots.registry())?;
    let mut logs: Vec<UnimportedLog> = deleting
        .flat_map(|source| discover(&request(source), &mut Vec::new()))
        .filter(|found| found.size > 0 && known.unchanged(found, None).is_none())
        .map(|found| UnimportedLog {
            bytes: found.size - known.offset(&found).min(found.size),
            changed: found.mtime / NANOS_PER_MILLI,
            path: found.path,
        })
        .filter(|log| log.bytes > 0 && log.changed <= until)
        .collect();
    logs.sort_by_key(|log| log.changed);
    Ok(logs)
}
