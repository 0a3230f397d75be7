//! Looking again where directories belong, and giving their messages to the projects found.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::facts::{DirectoryFlags, KnownDirectory, homes, place_in, put_homes, surer, with_homes};
use super::names::{by_key, known};
use super::settle::{note_commit, settle_all};
use crate::guards::{ArchiveGuards, Cleaner};
use crate::project::{Basis, native, of_directory, place_of, remote_of_key, work_tree};
use crate::store::{MessageId, Reader, Row, Spans, meta, set_meta};
use crate::{Error, Result, Stop};

/// The number of the rules by which directories were given to projects, and the name under which it is kept.
const RULES: &str = "1";
const RULES_KEY: &str = "projects.rules";

/// Looks again which project each known directory belongs to; terms and vectors stay as they are.
/// Returns how many directories moved.
pub(crate) fn reattribute(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    stop: &Stop,
) -> Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut cleaner = Cleaner::new(guards);
    let remotes = by_key(&transaction, remote_of_key)?;
    for mut known in KnownDirectory::all(&transaction)? {
        if stop.is_set() {
            // Dropping the transaction leaves everything as it was.
            return Ok(0);
        }
        let identity = cleaner.mask(of_directory(&known.path, None));
        // A directory that is gone says nothing new, nor does one that lost its remote.
        let says_less = remotes.contains_key(&known.project) && !identity.key.starts_with("git:");
        if identity.basis == Basis::Repository && !says_less {
            known.found = Some(identity.key.to_string());
            known.flags = known.flags.with(DirectoryFlags::ON_DISK);
            known.put(&transaction)?;
        }
    }
    let count = settle_all(&transaction)?;
    transaction.commit()?;
    Ok(count)
}

/// Gives the directories of an archive of an older program to projects by the rules of this one, once.
/// Where others hold the archive it is left to the next one to open it.
pub(crate) fn upgrade(connection: &mut Connection, guards: &ArchiveGuards) -> Result<()> {
    if meta(connection, RULES_KEY)?.as_deref() == Some(RULES) {
        return Ok(());
    }
    let upgrade = |connection: &mut Connection| -> Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        learn_what_was_known(&transaction, &mut Cleaner::new(guards))?;
        learn_starts(&transaction)?;
        settle_all(&transaction)?;
        learn_commits(&transaction)?;
        set_meta(&transaction, RULES_KEY, RULES)?;
        Ok(transaction.commit()?)
    };
    match upgrade(connection) {
        Err(Error::Locked) => Ok(()),
        done => done,
    }
}

/// Remembers home directories: assistants keep their logs in hidden directories there. What is known by
/// paths alone follows from them.
pub(crate) fn learn_homes<'a>(
    connection: &mut Connection,
    roots: impl Iterator<Item = &'a Path>,
) -> Result<()> {
    let home = |root: &'a Path| {
        let name = root.file_name()?.to_str()?;
        let is_hidden = name.starts_with('.') && root.is_absolute();
        root.parent().filter(|_| is_hidden)?.to_str()
    };
    let roots: Vec<&str> = roots.filter_map(home).collect();
    // Most often they are known, and others may write meanwhile.
    if with_homes(connection, &roots)?.is_none() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(all) = with_homes(&transaction, &roots)? {
        put_homes(&transaction, &all)?;
        let homes = homes(&transaction)?;
        for mut known in KnownDirectory::all(&transaction)? {
            known.place = place_in(&homes, &known.path);
            known.put(&transaction)?;
        }
        settle_all(&transaction)?;
    }
    Ok(transaction.commit()?)
}

/// Takes what is known of directories from the projects that they were given to.
fn learn_what_was_known(connection: &Connection, cleaner: &mut Cleaner<'_>) -> Result<()> {
    let homes = homes(connection)?;
    let keys = by_key(connection, |key| Some(key.to_owned()))?;
    for mut known in KnownDirectory::all(connection)? {
        let key = keys.get(&known.project).map(|key| key.to_string());
        known.place = place_in(&homes, &known.path);
        let remote = key.filter(|key| key.starts_with("git:"));
        let identity = cleaner.mask(of_directory(&known.path, None));
        let is_on_disk = identity.basis == Basis::Repository;
        let on_disk = is_on_disk.then_some(&*identity.key);
        known.found = surer(remote.as_deref(), on_disk);
        known.flags = known.flags.with(DirectoryFlags::ON_DISK.when(is_on_disk));
        known.put(connection)?;
    }
    Ok(())
}

/// Notes the directories in which sessions started.
fn learn_starts(connection: &Connection) -> Result<()> {
    let mut by_path = rustc_hash::FxHashSet::default();
    for project in known(connection)? {
        if project.key.starts_with("dir:") {
            by_path.insert(project.id);
        }
    }
    let mut spans = Spans::all(connection)?.0;
    spans.sort_by_key(|span| (span.conversation, span.log, span.at, span.first));
    spans.dedup_by_key(|span| (span.conversation, span.log));
    // Messages that lie side by side share their blocks.
    spans.sort_by_key(|span| span.first);
    let mut reader = Reader::new()?;
    for span in spans.iter().filter(|span| by_path.contains(&span.project)) {
        for id in span.first.0..=span.last.0 {
            let row = Row::get(connection, MessageId(id))?;
            let message = row.and_then(|row| reader.message(connection, &row).ok());
            let Some(cwd) = message.as_ref().and_then(|message| message.cwd.as_deref()) else {
                continue;
            };
            let is_start = message
                .as_ref()
                .is_some_and(|message| message.agent.is_none());
            if let Some(mut known) = KnownDirectory::get(connection, cwd)?.filter(|_| is_start) {
                known.flags = known.flags.with(DirectoryFlags::STARTED);
                known.put(connection)?;
            }
            break;
        }
    }
    Ok(())
}

/// Notes the first commits of repositories on disk.
fn learn_commits(connection: &Connection) -> Result<()> {
    for project in known(connection)? {
        let Some(path) = project.path.as_deref() else {
            continue;
        };
        let tree = work_tree(&native(path));
        let is_root = tree.is_some_and(|tree| place_of(&tree.to_string_lossy()) == place_of(path));
        if is_root && of_directory(path, None).basis == Basis::Repository {
            note_commit(connection, project.id, path)?;
        }
    }
    Ok(())
}
